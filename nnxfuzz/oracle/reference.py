"""A case as a program of `plain`: what its loop leaves is right.

`run_python` builds a case's objects from numpy arrays and runs its body in a loop of
`nnxfuzz.plain`, which says what the loop means in a mode.  What comes out is the world as that
leaves it, and the observations by which the contract decides what a transform may refuse.

Arrays are numpy's, with their shadows (`slicer`).  What a body asks of Flax beside loops (a layer,
a stream, an optimizer) is called eagerly, by `python_backend`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import jax
import numpy as np

from nnxfuzz import nnx_api, plain
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.by_itself import called_by_itself
from nnxfuzz.oracle.failures import failure_of
from nnxfuzz.oracle.observations import (
    Evidence,
    aliases,
    changes,
    entered,
    number_changes_dtype,
    observation,
    variables_in,
    variables_of,
)
from nnxfuzz.oracle.python_backend import PythonBackend
from nnxfuzz.oracle.slicer import NumpySlicer
from nnxfuzz.oracle.verdict import Entry, Failure, World
from nnxfuzz.oracle.world import Walk, filled, roots
from nnxfuzz.plain.hosts import hosted_by
from nnxfuzz.plain.modes import seen_by_body
from nnxfuzz.plain.observations import Observation
from nnxfuzz.plain.picture import loops_of
from nnxfuzz.plain.slices import Slices
from nnxfuzz.plain.unwatched import Host
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import only_trains, reads_objects_only, trips
from nnxfuzz.programs.case.queries import scans
from nnxfuzz.programs.live.axes import entry
from nnxfuzz.programs.live.body import Body, BodyRaised
from nnxfuzz.programs.live.build import Objects, shifted
from nnxfuzz.programs.numbers import aval

#: A mode with its documented deviations, or Python's own meaning without any.
Meaning = c.Mode | Literal["python"]


@dataclass(eq=False)
class Expected:
    """What Python did: the world before, the world after (None if it raised), what was seen.

    One run serves every transform.  Only a while_loop hands its counter back, so the root
    `counter` of `after` is compared for that one alone.  `shares_nodes`: the loop was handed one
    node at two places, for which alone graph-frozen and tree mode have different meanings.
    `unmarked`: the attributes of `after` that the body made an array for, and did not mark.
    `between`: the world between two calls, of which the second raises.
    """

    before: World
    after: World | None
    seen: Evidence
    shares_nodes: bool = False
    unmarked: frozenset[c.TreePath] = frozenset()
    between: World | None = None


def run_python(case: c.Case, meaning: Meaning, rounds: int = 1, more: int = 0) -> Expected:
    """Run `case` as a Python loop under what a mode documents; raises Inconclusive.

    `rounds=2` runs the loop a second time on what the first has left; `more` is added to every
    number that it starts with (of the carry's own arrays alone, if the body only reads objects).
    """
    run = PythonRun(case, meaning, more)
    before = run.world()
    if case.form.wrong is not None:  # no loop at all
        return Expected(before, None, run.evidence(None))
    raised, between = run.attempt(run.loop), None
    for _ in range(rounds - 1):
        if raised is None:
            between = run.world()
            raised = run.attempt(run.loop)
    real = run.trips > 0 and trips(case.loop) > 0
    if not run.trips:
        raised = run.attempt(run.tried)
    after = None if raised and real else run.world(before)
    seen = run.evidence(raised)
    return Expected(before, after, seen, run.shares_nodes, run.unmarked, between)


class PythonRun(Host):
    """One build of the case's objects, and the loop over them."""

    def __init__(self, case: c.Case, meaning: Meaning, more: int = 0) -> None:
        self.case = case
        self.meaning = meaning
        self.backend = PythonBackend(self._seen, self._inner, self._differ)
        self.arrays = NumpySlicer(self.backend.shadows)
        self.shares_nodes = False
        with called_by_itself():
            objects = Objects(
                case,
                lambda array: shifted(array, 0 if reads_objects_only(case) else more),
                to_slot=lambda array: shifted(array, more),
            )
        self.given, self.closure, self.inputs = objects.carry, objects.closure, objects.inputs
        self.reached = self.closure
        self.at_first = roots(caller=self.given, inputs=self.inputs, closure=self.closure)
        #: Every node and attribute that got an array that is not marked.
        self.made: list[tuple[Any, str]] = []
        #: The body of the trip that runs.
        self.body: Body | None = None
        self.carry = self._seen(self.given)
        #: What the loop is handed, before a body drops any of it.
        self.carried = self._carried()
        self._seen(self.inputs)  # to note a node that stands at two places of them
        self.entered = list(entered(case.inputs, self.inputs))
        self.first = {id(at.variable): at for at in reversed(self.entered)}
        self.seen: set[Observation] = set()
        self.meaningless = self._note_given()
        partition = case.form.partition
        self.partition_missing = any(not at.has_partition(partition) for at in self.entered)
        self.at_first.references.update(map(id, objects.references))
        self.closure_objects = {
            id(held): (path, held) for path, held in roots(closure=self.closure).objects.items()
        }
        self.counter = case.loop.lower
        self.trips = 0
        #: A walk over the carry as the last trip has left it, if the next one is handed just that.
        self.left: tuple[Any, Walk] | None = None
        #: What a scan has emitted, stacked.
        self.ys: tuple[Any, ...] = ()
        #: Where those attributes stand in the last world.
        self.unmarked: frozenset[c.TreePath] = frozenset()

    def _carried(self) -> list[tuple[c.TreePath, Any]]:
        """The Variables of the carry by their paths; the first walk has met them at `caller`."""
        if self.carry is not self.given:
            return variables_of("carry", self.carry)
        met = variables_in(self.at_first)
        return [(("carry", *path[1:]), held) for path, held in met if path[0] == "caller"]

    def loop(self) -> None:
        """The loop, as `plain` has it."""
        self.left = None
        loop = self.case.loop
        with hosted_by(self), plain.meaning(self.meaning):
            if loop.until is not None:
                start = loop.lower, self.carry
                self.counter, self.carry = plain.while_loop(self._holds, self._counted, start)
                return
            if scans(self.case) or not trips(loop):
                self._scan(trips(loop))
            else:
                self.carry = plain.fori_loop(loop.lower, loop.upper, self._nth, self.carry)
            self.counter = loop.lower + trips(loop)

    def tried(self) -> None:
        """A trip of a loop that has made none, and is as if it had not been."""
        with hosted_by(self), plain.meaning(self.meaning):
            self._scan(0)

    def _scan(self, length: int) -> None:
        case, first = self.case, self.case.loop.lower
        partition = case.form.partition if self.meaning == "graph" else None
        scanned = plain.scan(
            self._scanned,
            length=length,
            reverse=case.loop.reverse,
            in_axes=(plain.Carry, 0, *(entry(row.axis) for row in case.inputs)),
            out_axes=(plain.Carry, *(entry(y.axis) for y in case.ys)),
            transform_metadata=partition and {plain.PARTITION_NAME: partition},
        )
        index = np.arange(first, first + length, dtype=np.int32)
        made = list(self.made)
        self.carry, *ys = scanned(self.carry, index, *self.inputs)
        self.ys = tuple(ys)
        self.made = self.made if length else made  # what a trial makes is gone

    def _nth(self, i: Any, carry: Any) -> Any:
        return self._step(i, carry, [])[0]

    def _counted(self, value: tuple[int, Any]) -> tuple[int, Any]:
        i, carry = value
        return i + 1, self._step(np.asarray(i, np.int32), carry, [])[0]

    def _holds(self, value: tuple[int, Any]) -> bool:
        return value[0] < self.case.loop.upper and self._goes_on(value[1])

    def _scanned(self, carry: Any, index: Any, *inputs: Any) -> tuple[Any, ...]:
        carry, ys = self._step(index, carry, list(inputs))
        return (carry, *ys)

    def sliced(self, slices: Slices) -> None:
        """What has no meaning is an observation, and is run nevertheless."""

    def _goes_on(self, carry: Any) -> bool:
        """Whether the `until` of a while_loop is not yet reached."""
        until = self.case.loop.until
        assert until is not None
        total = self._body(0, [], carry).operand(c.Read(until.at, total=True))
        self.backend.decide(total, until.limit)
        return bool(total < until.limit)

    def _step(self, index: Any, carry: Any, inputs: list[Any]) -> tuple[Any, tuple[Any, ...]]:
        """One trip: run the body, note what it did to the carry that it was given."""
        self.trips += 1
        known = self.left is not None and self.left[0] is carry
        before = self.left[1] if known and self.left else roots(carry=carry)
        self.body = body = self._body(index, inputs, carry)
        try:
            carry, ys = body.run()
        finally:
            self._note(body)
        self.made += body.made
        self._note_inputs()
        after = roots(carry=carry)
        # in tree mode what a body returns at two places stands for two trees
        left = variables_in(after, again=self.meaning == "tree")
        self.seen.update(changes(before, after), aliases(left))
        if number_changes_dtype(before, after):
            raise Inconclusive("a Python number changes its dtype")
        if self.meaning == "tree" and loops_of(carry, "carry"):
            raise Inconclusive("a module reaches itself in tree mode")
        self.left = carry, after
        return carry, ys

    def _note_inputs(self) -> None:
        """Note what a trip did to what it was given beside the carry."""
        if self.meaning != "graph":
            for at in self.entered:
                raw, kind = nnx_api.get_raw(at.variable), type(at.variable).__name__
                if self.first[id(at.variable)].axis is None and raw is not at.whole:
                    self.seen.add(observation("broadcast-written", kind, at.path))
                    if jax.tree.map(aval, raw) != jax.tree.map(aval, at.whole):
                        self.seen.add(observation("aval-changed", kind, at.path))
        if not trips(self.case.loop):
            for at in entered(self.case.inputs, self.inputs):
                if isinstance(at.axis, int) and id(at.variable) not in self.first:
                    raise Inconclusive("a loop of no trips adds Variables", "with no rows")

    def _note(self, body: Body) -> None:
        """Note what a trip did to what it reaches by closure, and to States."""
        written = {id(touched) for touched in body.touched} & self.closure_objects.keys()
        for path, held in (self.closure_objects[key] for key in written):
            body.noted.append(("captured-written", path, held, ""))
        for kind, path, held, by in body.noted:
            whole = kind in ("captured", "captured-returned")
            for one in nnx_api.below(held) if whole else [held]:
                # What holds a reference is there to be written in place.
                if whole or id(one) not in self.at_first.references:
                    self.seen.add(observation(kind, type(one).__name__, path, by=by))

    def _seen(self, value: Any) -> Any:
        """What a transform of the mode hands to its function in place of `value`."""
        with hosted_by(self):
            return seen_by_body(value, None if self.meaning == "python" else self.meaning)

    def copied(self, node: Any, copy: Any, again: bool) -> None:
        """What is not marked of a node is not marked of its copy."""
        self.shares_nodes |= again
        made = [*self.made, *self.backend.made, *(self.body.made if self.body else ())]
        self.made += [(copy, name) for held, name in made if held is node]

    def _inner(self, how: str, given: tuple[Any, ...]) -> None:
        """Note which Variables an inner transform takes twice: of the carry, and of its arguments,
        which have their numbers among them as inputs have.
        """
        carry, *arguments = self._seen(given)
        handed = variables_of("carry", carry)
        for k, value in enumerate(arguments):
            handed += [(("inputs", k, *p[1:]), v) for p, v in variables_of("inputs", value)]
        self.seen.update(aliases(handed, by=how))

    def _differ(self, how: str) -> None:
        """Note that the branches of an inner transform leave other shapes or dtypes."""
        self.seen.add(observation("aval-changed", "", by=how))

    def _body(self, index: Any, inputs: list[Any], carry: Any) -> Body:
        return Body(self.case, self.backend, self.closure, index, inputs, carry)

    def attempt(self, work: Callable[[], None]) -> Failure | None:
        """Do `work`; the failure if the program raises."""
        try:
            with called_by_itself(fit=only_trains(self.case)):
                work()
        except BodyRaised as error:
            return failure_of(error)
        return None

    def world(self, before: World | None = None) -> World:
        """The world now; `before` is the one before the loop."""
        earlier = before or {}
        named: dict[str, Any] = {
            "caller": self.given,
            "inputs": self.inputs,
            "closure": self.closure,
            "result": self.carry,
            "counter": self.counter,
        }
        if self.case.ys:
            named["ys"] = self.ys
        walk = roots(self.at_first, **named)
        made = [*self.made, *self.backend.made]
        self.unmarked = frozenset(
            (*path, name)
            for node, name in made
            for path, held in walk.objects.items()
            if held is node
        )
        return filled(walk, walk.arrays, lambda path, raw: self._measured(raw, earlier.get(path)))

    def _measured(self, raw: Any, before: Entry | None) -> tuple[float, float]:
        """The tolerance and the reach of what an array holds now."""
        return self.backend.shadows.tolerance(raw, None if before is None else before.array)

    def _note_given(self) -> bool:
        """Note what stands at several places of what the loop is given; whether something of it
        would be a slice and a whole at once.
        """
        handed = [*self.carried, *((at.path, at.variable) for at in self.entered)]
        axes: dict[int, set[str]] = {}
        for at in self.entered:
            axes.setdefault(id(at.variable), set()).add(str(at.axis))
        both = {id(variable) for _, variable in self.carried} & axes.keys()
        mixed = both | {key for key, several in axes.items() if len(several) > 1}
        several = ((path, held) for path, held in handed if id(held) in mixed)
        self.seen.update(aliases(handed), aliases(several, "inconsistent-axes"))
        nodes = [
            (("carry", *path[1:]) if path[0] == "caller" else path, held)
            for path, held in self.at_first.objects.items()
            if path[0] != "closure" and nnx_api.is_node(held)
        ]
        apart = {id(held) for path, held in nodes if path[0] == "inputs"}
        twice = ((path, held) for path, held in nodes if id(held) in apart)
        self.seen.update(aliases(twice, "inconsistent-node"))
        scanned = {id(at.variable) for at in self.entered if isinstance(at.axis, int)}
        return bool(mixed & scanned) or (self.meaning == "graph" and bool(both))

    def evidence(self, raised: Failure | None) -> Evidence:
        """What was seen."""
        return Evidence(self.case, self.seen, raised, self.meaningless, self.partition_missing)
