"""READ FIRST.  This file is the definition of "right": an ordinary Python loop.

`run_python` builds a case's objects from numpy arrays and runs the body in a `for`.  No transform,
no split, merge or clone of Flax is used.  What comes out is the world as Python leaves it, and the
facts about the program by which the contract decides what a transform may refuse.

Two documented deviations are applied here, in `seen_by_the_loop`, because they say what "right"
is in a mode.  Their source is Flax's FLIP 5310, "Tree Mode NNX": without graph updates there are
"automatic state updates only for Variables", modules are "treated as stateless pytrees"; in tree
mode "tree structure [is] assumed and enforced on all APIs (no sharing)".
"""

from typing import Any

import numpy as np

from nnxfuzz import compat
from nnxfuzz.arithmetic import NumpyMachine, Unfit
from nnxfuzz.body import Body, BodyRaised
from nnxfuzz.build import Objects
from nnxfuzz.case import Case, Mode, Read
from nnxfuzz.facts import (
    Changes,
    Facts,
    changes,
    number_changes_dtype,
    reaches_itself,
    variables_aliased,
)
from nnxfuzz.failures import failure_of
from nnxfuzz.numbers import number
from nnxfuzz.verdict import World
from nnxfuzz.world import filled, roots


class Expected:
    """What Python did: the world before, the world after (None if it raised), the facts.

    One run serves every transform.  Only a while_loop hands its counter back, so the root
    `counter` of `after` is compared for that one alone.
    """

    def __init__(self, before: World, after: World | None, facts: Facts) -> None:
        self.before = before
        self.after = after
        self.facts = facts


def run_python(case: Case, mode: Mode) -> Expected:
    """Run `case` as a Python loop, under what `mode` documents; raises Unfit."""
    run = PythonRun(case, mode)
    before = run.world()
    raised = run.attempt(run.loop)
    if run.trips > 0:
        return Expected(before, None if raised else run.world(), run.facts(raised))
    trial = PythonRun(case, mode)
    raised = trial.attempt(lambda: trial.trip(case.loop.lower))
    run.emitted_shapes = trial.emitted
    return Expected(before, run.world(), trial.facts(raised))


class PythonRun:
    """One build of the case's objects, and the loop over them."""

    def __init__(self, case: Case, mode: Mode) -> None:
        self.case = case
        self.mode = mode
        self.machine = NumpyMachine()
        objects = Objects(case, np.asarray)
        self.given, self.closure, self.xs = objects.carry, objects.closure, objects.xs
        self.at_first = roots(caller=self.given, closure=self.closure)
        self.carry = seen_by_the_loop(self.given, mode)
        self.aliased = variables_aliased(roots(carry=self.carry))
        self.closure_objects = {id(o) for o in roots(c=self.closure).objects.values()}
        self.counter = case.loop.lower
        self.trips = 0
        self.emitted: dict[int, tuple[Any, ...]] = {}
        self.emitted_shapes: dict[int, tuple[Any, ...]] = {}
        self.changed = Changes()
        self.closure_written = False
        self.closure_returned = False

    def loop(self) -> None:
        """The loop."""
        order = range(self.case.loop.lower, self.case.loop.upper)
        for i in reversed(order) if self.case.loop.reverse else order:
            if self.stops():
                break
            self.trip(i)
            self.counter = i + 1

    def stops(self) -> bool:
        """Whether the `until` of a while_loop is reached."""
        until = self.case.loop.until
        if until is None:
            return False
        total = self._body(0, ()).operand(Read(until.at, total=True))
        bound = self.machine.bounds.of(total)
        if bound and not abs(float(total) - until.limit) > bound:
            raise Unfit("a rounded float decides when the loop stops")
        return not bool(total < until.limit)

    def trip(self, i: int) -> None:
        """One trip: run the body, keep the carry it returns, note what it did to the carry."""
        self.trips += 1
        position = i - self.case.loop.lower
        before = roots(carry=self.carry)
        body = self._body(i, tuple(_slice(x, position) for x in self.xs))
        try:
            self.carry, self.emitted[position] = body.run()
        finally:
            written = {id(touched) for touched in body.touched}
            self.closure_written |= bool(written & self.closure_objects)
            self.closure_returned |= body.captured
        after = roots(carry=self.carry)
        self.changed |= changes(before, after)
        if number_changes_dtype(before, after):
            raise Unfit("a Python number in the carry changes its dtype")
        if self.mode == "tree" and reaches_itself(self.carry):
            raise Unfit("the body makes a module that reaches itself, which poisons tree mode")
        self.carry = seen_by_the_loop(self.carry, self.mode)

    def _body(self, i: int, inputs: tuple[Any, ...]) -> Body:
        index = np.asarray(i, np.int32)
        return Body(self.case, self.machine, self.closure, index, inputs, self.carry)

    def attempt(self, work: Any) -> str | None:
        """Do `work`; the error's type if the program raises.

        What Flax itself refuses in the plain loop gives no right answer to compare with.
        """
        try:
            work()
        except BodyRaised as error:
            return type(error).__name__
        except Exception as error:
            if failure_of(error).function and not isinstance(error, Unfit):
                raise Unfit(f"Flax refuses the Python loop itself: {error}") from error
            raise
        return None

    def world(self) -> World:
        """The world now."""
        named: dict[str, Any] = {
            "caller": self.given,
            "closure": self.closure,
            "result": self.carry,
            "counter": self.counter,
        }
        if self.case.ys:
            named["ys"] = self._stacked()
        walk = roots(self.at_first, **named)
        return filled(walk, walk.arrays, self.machine.bounds.of)

    def _stacked(self) -> tuple[Any, ...]:
        """What was emitted, stacked along a leading axis by position (not by time)."""
        if not self.emitted:
            like = next(iter(self.emitted_shapes.values()), ())
            return tuple(np.zeros((0, *np.shape(y)), number(y).dtype) for y in like)
        rows = [self.emitted[position] for position in sorted(self.emitted)]
        return tuple(self._stack([number(y) for y in column]) for column in zip(*rows, strict=True))

    def _stack(self, rows: list[np.ndarray]) -> Any:
        """The rows as one array; as they are where the trips emit unlike ones (no scan can)."""
        if len({(row.shape, row.dtype) for row in rows}) > 1:
            return tuple(rows)
        bounds = self.machine.bounds
        return bounds.keep(np.stack(rows), max(bounds.of(row) for row in rows))

    def facts(self, raised: str | None) -> Facts:
        """What was seen."""
        loop = self.case.loop
        return Facts(
            changed=self.changed,
            variables_aliased=self.aliased,
            closure_written=self.closure_written,
            closure_returned=self.closure_returned,
            raised=raised,
            unrolls_traced_bounds=loop.unroll is not None and loop.bounds == "traced",
        )


def seen_by_the_loop(carry: Any, mode: Mode) -> Any:
    """The carry as a trip gets it, and as the last one hands it back.

    In graph mode itself; otherwise new nodes that hold the same Variables, in tree mode one for
    each place.
    """
    if mode == "graph":
        return carry
    copies: dict[int, Any] = {}

    def copy(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return type(value)(copy(item) for item in value)
        if isinstance(value, dict):
            return {name: copy(item) for name, item in value.items()}
        if not compat.is_node(value):
            return value
        if mode == "gnu" and id(value) in copies:
            return copies[id(value)]
        copies[id(value)] = new = compat.shallow_copy(value)
        for name, held in compat.attributes(value).items():
            compat.set_copied(new, name, copy(held))
        return new

    return copy(carry)


def _slice(array: np.ndarray, position: int) -> np.ndarray:
    """The slice of one trip; of zeros where the loop makes none and is only tried."""
    return array[position] if len(array) else np.zeros(array.shape[1:], array.dtype)
