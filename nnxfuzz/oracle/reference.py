"""READ FIRST.  This file is the definition of "right": an ordinary Python loop.

`run_python` builds a case's objects from numpy arrays and runs the body in a `for`.  No transform,
no split, merge or clone of Flax is used.  What comes out is the world as Python leaves it, and the
observations by which the contract decides what a transform may refuse.

What a scan runs over is handed to a trip by `slices`.  What a body asks of Flax beside loops (a
layer, a stream, an optimizer) is called eagerly, by `python_backend`.

Documented deviations are applied here, because they say what "right" is in a mode; `contract` has
their sources.  Without graph updates modules are "stateless pytrees": `seen_by_the_loop`.  With
them, what a trip writes to a broadcast argument of scan is dropped (`Slices`), and partition names
follow the axes (`slices.emitted`).
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.by_itself import called_by_itself
from nnxfuzz.oracle.failures import failure_of
from nnxfuzz.oracle.observations import (
    BELOW,
    Alias,
    Changes,
    Observations,
    Places,
    Seen,
    aliases,
    changes,
    number_changes_dtype,
    places_below,
    reaches_itself,
    variables_in,
    variables_of,
)
from nnxfuzz.oracle.python_backend import PythonBackend
from nnxfuzz.oracle.slices import NumpySlicer, Slices, emitted
from nnxfuzz.oracle.verdict import Entry, Failure, World
from nnxfuzz.oracle.world import Walk, filled, roots
from nnxfuzz.programs.case import (
    Case,
    Mode,
    Read,
    TreePath,
    Within,
    only_trains,
    reads_objects_only,
    trips,
)
from nnxfuzz.programs.case.ill_formed import has_parts
from nnxfuzz.programs.containers import entries, is_record, remade
from nnxfuzz.programs.live.body import Body, BodyRaised
from nnxfuzz.programs.live.build import Objects, shifted

#: A mode with its documented deviations, or Python's own meaning without any.
Meaning = Mode | Literal["python"]


class Expected:
    """What Python did: the world before, the world after (None if it raised), the observations.

    One run serves every transform.  Only a while_loop hands its counter back, so the root
    `counter` of `after` is compared for that one alone.  `shares_nodes`: the loop was handed one
    node at two places, for which alone graph-frozen and tree mode have different meanings.
    `unmarked`: the attributes of `after` that the body made an array for, and did not mark.
    `between`: the world between two calls, of which the second raises.
    """

    def __init__(
        self,
        before: World,
        after: World | None,
        seen: Observations,
        shares_nodes: bool = False,
        unmarked: frozenset[TreePath] = frozenset(),
        between: World | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self.seen = seen
        self.shares_nodes = shares_nodes
        self.unmarked = unmarked
        self.between = between


def run_python(case: Case, meaning: Meaning, rounds: int = 1, more: int = 0) -> Expected:
    """Run `case` as a Python loop under what a mode documents; raises Inconclusive.

    `rounds=2` runs the loop a second time on what the first has left; `more` is added to every
    number that it starts with (of the carry's own arrays alone, if the body only reads objects).
    """
    run = PythonRun(case, meaning, more)
    before = run.world()
    if case.form.wrong is not None:  # no loop at all
        return Expected(before, None, run.observations(None))
    raised, between = run.attempt(run.loop), None
    for _ in range(rounds - 1):
        if raised is None:
            between = run.world()
            raised = run.attempt(run.loop)
    if run.trips > 0:
        after = None if raised else run.world(before)
        seen = run.observations(raised)
        return Expected(before, after, seen, run.shares_nodes, run.unmarked, between)
    trial = PythonRun(case, meaning, more)
    raised = trial.attempt(lambda: trial.trip(case.loop.lower))
    if trial.slices.added:
        raise Inconclusive("a loop of no trips adds Variables", "with no rows")
    run.like, run.backend.made = trial.emitted, trial.backend.made
    shares_nodes = run.shares_nodes or trial.shares_nodes
    after = run.world(before)
    return Expected(before, after, trial.observations(raised), shares_nodes, run.unmarked)


class PythonRun:
    """One build of the case's objects, and the loop over them."""

    def __init__(self, case: Case, meaning: Meaning, more: int = 0) -> None:
        self.case = case
        self.meaning = meaning
        self.backend = PythonBackend(self._seen, self._inner)
        self.shares_nodes = False
        with called_by_itself():
            objects = Objects(
                case,
                lambda array: shifted(array, 0 if reads_objects_only(case) else more),
                to_slot=lambda array: shifted(array, more),
            )
        self.given, self.closure, self.inputs = objects.carry, objects.closure, objects.inputs
        self.at_first = roots(caller=self.given, inputs=self.inputs, closure=self.closure)
        #: Every node and attribute that got an array that is not marked.
        self.made: list[tuple[Any, str]] = []
        #: The body of the trip that runs.
        self.body: Body | None = None
        self.carry = self._seen(self.given)
        #: What the loop is handed, before a body drops any of it.
        self.carried = self._carried()
        self._seen(self.inputs)  # to note a node that stands at two places of them
        self.slicer = NumpySlicer(self.backend.shadows)
        self.slices = self._slices()
        self.entered = self.slices.places
        self.aliased: frozenset[Alias] = aliases([*self.carried, *self.entered])
        self.at_first.references.update(map(id, objects.references))
        self.closure_objects = {
            id(held): Seen(path, type(held).__name__)
            for path, held in roots(closure=self.closure).objects.items()
            if id(held) not in self.at_first.references  # to be written in place
        }
        self.counter = case.loop.lower
        self.trips = 0
        #: A walk over the carry as the last trip has left it, if the next one is handed just that.
        self.left: Walk | None = None
        self.emitted: dict[int, tuple[Any, ...]] = {}
        #: What a trip emits, where there is none.
        self.like: dict[int, tuple[Any, ...]] = {}
        self.changed = Changes()
        self.closure_written: Places = frozenset()
        self.closure_returned: Places = frozenset()
        self.closure_nested: Places = frozenset()
        self.state_rebuilt: Places = frozenset()
        #: Where those attributes stand in the last world.
        self.unmarked: frozenset[TreePath] = frozenset()

    def _carried(self) -> list[tuple[TreePath, Any]]:
        """The Variables of the carry by their paths; the first walk has met them at `caller`."""
        if self.carry is not self.given:
            return variables_of("carry", self.carry)
        met = variables_in(self.at_first)
        return [(("carry", *path[1:]), held) for path, held in met if path[0] == "caller"]

    def _slices(self) -> Slices:
        drops, partition = self.meaning == "graph", self.case.form.partition
        rows, carried = self.case.inputs, self.carry
        return Slices(rows, self.inputs, self.slicer, drops, partition, carried)

    def loop(self) -> None:
        """The loop."""
        self.emitted, self.counter, self.slices = {}, self.case.loop.lower, self._slices()
        self.left = None
        order = range(self.case.loop.lower, self.case.loop.upper)
        for i in reversed(order) if self.case.loop.reverse else order:
            if self.stops():
                break
            self.trip(i)
            self.counter = i + 1
        self.slices.close()

    def stops(self) -> bool:
        """Whether the `until` of a while_loop is reached."""
        until = self.case.loop.until
        if until is None:
            return False
        total = self._body(0, []).operand(Read(until.at, total=True))
        self.backend.decide(total, until.limit)
        return not bool(total < until.limit)

    def trip(self, i: int) -> None:
        """One trip: run the body, keep the carry it returns, note what it did to the carry."""
        self.trips += 1
        position = i - self.case.loop.lower
        before = self.left or roots(carry=self.carry)
        view = self._seen(self.slices.enter(position))
        self.body = body = self._body(i, view)
        try:
            self.carry, self.emitted[position] = body.run()
        finally:
            self._note(body)
        self.made += body.made
        self.slices.leave(position)
        after = roots(carry=self.carry)
        self.changed |= changes(before, after)
        if number_changes_dtype(before, after):
            raise Inconclusive("a Python number changes its dtype")
        if self.meaning == "tree" and reaches_itself(self.carry):
            raise Inconclusive("a module reaches itself in tree mode")
        given, self.carry = self.carry, self._seen(self.carry)
        self.left = after if given is self.carry else None

    def _note(self, body: Body) -> None:
        """Note what a trip did to what it reaches by closure, and to States."""
        written = {id(touched) for touched in body.touched} & self.closure_objects.keys()
        self.closure_written |= {self.closure_objects[key] for key in written}
        self.closure_written |= {
            Seen(path, type(held).__name__)
            for path, held in body.crossed
            if id(held) not in self.at_first.references
        }
        self.closure_returned |= {s for at, held in body.captured for s in places_below(at, held)}
        self.closure_nested |= {s for at, held in body.nested for s in places_below(at, held)}
        self.state_rebuilt |= {Seen(at, "State", how) for at, how in body.rebuilt}

    def _seen(self, carry: Any) -> Any:
        return seen_by_the_loop(carry, self.meaning, self._met_again, self._copied)

    def _inner(self, how: str, given: tuple[Any, ...]) -> None:
        """Note which Variables an inner transform takes twice: of the carry, and of its arguments,
        which have their numbers among them as inputs have.
        """
        carry, *arguments = self._seen(given)
        handed = variables_of("carry", carry)
        for k, value in enumerate(arguments):
            handed += [(("inputs", k, *p[1:]), v) for p, v in variables_of("inputs", value)]
        self.aliased |= aliases(handed, how)

    def _met_again(self) -> None:
        self.shares_nodes = True

    def _copied(self, node: Any, copy: Any) -> None:
        """What is not marked of a node is not marked of its copy."""
        made = [*self.made, *self.backend.made, *(self.body.made if self.body else ())]
        self.made += [(copy, name) for held, name in made if held is node]

    def _body(self, i: int, inputs: list[Any]) -> Body:
        index = np.asarray(i, np.int32)
        return Body(self.case, self.backend, self.closure, index, inputs, self.carry)

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
            named["ys"] = self._stacked()
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

    def _stacked(self) -> tuple[Any, ...]:
        """What was emitted, stacked by position (not by time)."""
        rows = [self.emitted[position] for position in sorted(self.emitted)]
        like = next(iter(self.like.values()), None)
        partition = self.case.form.partition if self.meaning == "graph" else None
        return tuple(
            emitted(
                [row[k] for row in rows],
                None if like is None else like[k],
                output.axis,
                partition,
                self.slicer,
            )
            for k, output in enumerate(self.case.ys)
            if rows or like is not None
        )

    def _modules_twice(self) -> frozenset[Alias]:
        """The modules that are carried and an input, or several inputs, of the scan."""
        if not self.case.inputs:
            return frozenset()
        handed = [
            (("carry", *path[1:]) if path[0] == "caller" else path, held)
            for path, held in self.at_first.objects.items()
            if path[0] != "closure" and nnx_api.is_node(held)
        ]
        apart = {id(held) for path, held in handed if path[0] == "inputs"}
        return aliases(((path, held) for path, held in handed if id(held) in apart), BELOW)

    def _axes(self) -> list[object]:
        """The entries of `in_axes` and `out_axes`."""
        return [*(row.axis for row in self.case.inputs), *(y.axis for y in self.case.ys)]

    def observations(self, raised: Failure | None) -> Observations:
        """What was seen."""
        loop, form, slices = self.case.loop, self.case.form, self.slices
        carried = {id(variable) for _, variable in self.carried}
        both = [v for _, v in self.entered if id(v) in carried]
        retyped = _of(slices.retyped, slices.places)
        mixed = slices.inconsistent | {id(variable) for variable in both}
        handed = [*self.carried, *slices.places]
        return Observations(
            changed=self.changed | Changes(avals=retyped) if retyped else self.changed,
            aliased=self.aliased,
            state_rebuilt=self.state_rebuilt,
            inconsistent=aliases((p, v) for p, v in handed if id(v) in mixed)
            | self._modules_twice(),
            inputs_meaningless=slices.meaningless
            or any(self.meaning == "graph" or slices.scanned_over(v) for v in both),
            broadcast_written=_of(slices.written, slices.places),
            state_axes=has_parts(form.wrong)
            or (form.parts != "prefix" and any(isinstance(a, tuple) for a in self._axes())),
            partition_missing=_of(slices.partition_missing, slices.places),
            length_contradicts=form.length is not None and form.length != trips(loop),
            axes_wrong=form.wrong,
            closure_written=self.closure_written,
            closure_returned=self.closure_returned,
            closure_nested=self.closure_nested,
            scans_within=any(isinstance(s, Within) and s.how == "scan" for s in self.case.body),
            raised=raised,
            unrolls_traced_bounds=loop.unroll is not None and loop.bounds == "traced",
        )


def _of(keys: set[int], places: list[tuple[TreePath, Any]]) -> Places:
    """The places of the Variables with these ids."""
    return frozenset(Seen(p, type(v).__name__) for p, v in places if id(v) in keys)


def seen_by_the_loop(
    carry: Any,
    meaning: Meaning,
    met_again: Callable[[], None] = lambda: None,
    copied: Callable[[Any, Any], None] = lambda node, copy: None,
) -> Any:
    """The carry as a trip gets it, and as the last one hands it back.

    In graph mode itself, as in Python; otherwise new nodes that hold the same Variables, in tree
    mode one for each place.  `met_again` is called for a node that stands at a second one, `copied`
    with each node and its copy.
    """
    if meaning in ("graph", "python"):
        return carry
    copies: dict[int, Any] = {}

    def copy(value: Any) -> Any:
        if is_record(value):
            return remade(type(value), {n: copy(item) for n, item in entries(value).items()})
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(copy, value))
        if isinstance(value, tuple | list):
            return type(value)(copy(item) for item in value)
        if isinstance(value, dict):
            return {name: copy(item) for name, item in value.items()}
        if not nnx_api.is_node(value):
            return value
        if id(value) in copies:
            met_again()
            if meaning == "graph-frozen":
                return copies[id(value)]
        copies[id(value)] = new = nnx_api.shallow_copy(value)
        copied(value, new)
        for name, held in nnx_api.attributes(value).items():
            nnx_api.set_copied(new, name, copy(held))
        return new

    return copy(carry)
