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
from nnxfuzz.body import Body, BodyRaised, common_shape
from nnxfuzz.build import Builder, Objects
from nnxfuzz.case import Attribute, Case, Mode, Read, has_cycle
from nnxfuzz.facts import Changes, Facts
from nnxfuzz.failures import failure_of
from nnxfuzz.numbers import DTYPES, from_scalar, is_float
from nnxfuzz.verdict import World
from nnxfuzz.world import Walk, filled, roots


class Unfit(Exception):
    """The case allows no comparison, for a reason that only running it shows.

    A rounded or non-finite float became an int; or a trip made a cycle in tree mode, which would
    damage the process (see `case.fits`).
    """


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
    return Expected(before, run.world(), trial.facts(raised, no_trip=True))


class PythonRun:
    """One build of the case's objects, and the loop over them."""

    def __init__(self, case: Case, mode: Mode) -> None:
        self.case = case
        self.mode = mode
        self.machine = NumpyMachine()
        objects = Objects(case, np.asarray)
        self.given, self.closure, self.xs = objects.carry, objects.closure, objects.xs
        self.carry = seen_by_the_loop(self.given, mode)
        self.passed_in = roots(carry=self.carry)
        self.closure_objects = {id(o) for o in roots(c=self.closure).objects.values()}
        self.counter = case.loop.lower
        self.trips = 0
        self.emitted: dict[int, tuple[Any, ...]] = {}
        self.emitted_shapes: dict[int, tuple[Any, ...]] = {}
        self.changed = Changes()
        self.closure_written = False

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
        self.changed |= _changes(before, roots(carry=self.carry))
        if self.mode == "tree" and _reaches_itself(self.carry, ()):
            raise Unfit("the body makes a module that reaches itself, which poisons tree mode")

    def _body(self, i: int, inputs: tuple[Any, ...]) -> Body:
        index = np.asarray(i, np.int32)
        return Body(self.case, self.machine, self.closure, index, inputs, self.carry)

    def attempt(self, work: Any) -> str | None:
        """Do `work`; if the program (or an eager Variable of Flax) raises, the error's type."""
        try:
            work()
        except BodyRaised as error:
            return type(error).__name__
        except Exception as error:
            if failure_of(error).function and not isinstance(error, Unfit):
                return type(error).__name__
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
        walk = roots(**named)
        return filled(walk, {path: _number(v) for path, v in walk.arrays.items()})

    def _stacked(self) -> tuple[Any, ...]:
        """What was emitted, stacked along a leading axis by position (not by time)."""
        if not self.emitted:
            like = next(iter(self.emitted_shapes.values()), ())
            return tuple(np.zeros((0, *np.shape(y)), _number(y).dtype) for y in like)
        rows = [self.emitted[position] for position in sorted(self.emitted)]
        return tuple(np.stack([_number(y) for y in column]) for column in zip(*rows, strict=True))

    def facts(self, raised: str | None, no_trip: bool = False) -> Facts:
        """What was seen."""
        objects = self.passed_in.objects
        arrays = self.passed_in.arrays
        entries = self.passed_in.entries
        loop = self.case.loop
        return Facts(
            changed=self.changed,
            variables_aliased=_repeats([o for o in objects.values() if compat.is_variable(o)]),
            nodes_aliased=_repeats([o for o in objects.values() if compat.is_node(o)]),
            bare_variables=any(
                compat.is_variable(o) and not _inside_node(path, objects)
                for path, o in objects.items()
            ),
            raw_arrays=any(
                entries[path].role == "array" and _inside_node(path, objects) for path in arrays
            ),
            cyclic=has_cycle(self.case),
            closure_written=self.closure_written,
            no_trip=no_trip,
            raised=raised,
            unrolls_traced_bounds=loop.unroll is not None and loop.bounds == "traced",
            rounded=self.machine.rounded,
            scale=self.machine.scale,
        )


def seen_by_the_loop(carry: Any, mode: Mode) -> Any:
    """The carry as the body gets it: itself, or new nodes that hold the same Variables."""
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


class NumpyMachine:
    """How a body computes in the reference: in float64 or int64, then rounded or wrapped once.

    It notes when a float had to be rounded, and how large floats became.
    """

    def __init__(self) -> None:
        self.rounded = False
        self.scale = 1.0

    def constant(self, value: int) -> Any:
        return np.asarray(value, np.int32)

    def total(self, value: Any) -> Any:
        value = _number(value)
        wide = np.float64 if is_float(value.dtype) else np.int64
        return self._stored(np.sum(value.astype(wide)), value.dtype)

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        current, operand = _number(current), _number(operand)
        target = DTYPES[dtype] if dtype else current.dtype
        a, b = self._cast(current, target), self._cast(operand, target)
        shape = common_shape(op, a.shape, b.shape)
        wide = np.float64 if is_float(target) else np.int64
        a, b = a.astype(wide), b.astype(wide)
        with np.errstate(all="ignore"):
            match op:
                case "set":
                    result = np.broadcast_to(b, shape)
                case "add":
                    result = a + b
                case _:
                    result = a * b
        return self._stored(result, target)

    def read(self, variable: Any) -> Any:
        return compat.get_raw(variable)

    def write(self, variable: Any, value: Any, style: str) -> None:
        old = _number(compat.get_raw(variable))
        if style == "setitem":
            common_shape("set", old.shape, value.shape)
            if compat.setitem_keeps_dtype():
                value = self._cast(value, old.dtype)
        compat.set_raw(variable, value)

    def call(self, layer: Any, value: Any) -> Any:
        result = np.asarray(layer(_number(value)))
        self.rounded = True
        return self._stored(result.astype(np.float64), result.dtype)

    def make(self, case: Case, what: Attribute) -> Any:
        return Builder(case, np.asarray).attribute(what)

    def _cast(self, value: np.ndarray, target: np.dtype) -> np.ndarray:
        if is_float(value.dtype) and not is_float(target):
            if self.rounded or not np.all(np.abs(value.astype(np.float64)) < 2**31):
                raise Unfit("a rounded or non-finite float became an int")
            return value.astype(np.float64).astype(target)
        return self._stored(value.astype(np.float64), target) if is_float(target) else value

    def _stored(self, wide: Any, dtype: np.dtype) -> np.ndarray:
        with np.errstate(all="ignore"):
            narrow = np.asarray(wide).astype(dtype)
        if is_float(dtype):
            back = narrow.astype(np.float64)
            self.rounded |= not np.array_equal(back, wide, equal_nan=True)
            finite = np.abs(back[np.isfinite(back)])
            self.scale = max(self.scale, float(finite.max(initial=0.0)))
        return narrow


def _number(value: Any) -> np.ndarray:
    return from_scalar(value) if isinstance(value, bool | int | float) else np.asarray(value)


def _slice(array: np.ndarray, position: int) -> np.ndarray:
    """The slice of one trip; of zeros where the loop makes none and is only tried."""
    return array[position] if len(array) else np.zeros(array.shape[1:], array.dtype)


def _reaches_itself(value: Any, above: tuple[Any, ...]) -> bool:
    """Whether some node below `value` is one of the nodes above it."""
    if isinstance(value, tuple | list):
        return any(_reaches_itself(item, above) for item in value)
    if isinstance(value, dict):
        return any(_reaches_itself(item, above) for item in value.values())
    if not compat.is_node(value):
        return False
    if any(value is node for node in above):
        return True
    held = compat.attributes(value).values()
    return any(_reaches_itself(item, (*above, value)) for item in held)


def _repeats(objects: list[Any]) -> bool:
    return len({id(o) for o in objects}) < len(objects)


def _inside_node(path: tuple[Any, ...], objects: dict[Any, Any]) -> bool:
    return any(compat.is_node(objects.get(path[:end])) for end in range(1, len(path)))


def _changes(before: Walk, after: Walk) -> Changes:
    """How the carry differs: structure, avals, and which objects stand where."""

    def structure(walk: Walk) -> dict[Any, Any]:
        return {path: (e.role, e.kind, e.detail) for path, e in walk.entries.items()}

    def avals(walk: Walk, path: Any) -> Any:
        number = _number(walk.arrays[path])
        return number.shape, number.dtype

    moved = [p for p, o in before.objects.items() if after.objects.get(p, o) is not o]
    return Changes(
        structure=structure(before) != structure(after),
        avals=any(
            avals(before, path) != avals(after, path)
            for path in before.arrays
            if path in after.arrays
        ),
        variables=any(compat.is_variable(before.objects[path]) for path in moved),
        nodes=any(compat.is_node(before.objects[path]) for path in moved),
    )
