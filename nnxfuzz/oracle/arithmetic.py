"""How a body computes in the plain loop: numpy, one rounding at a time, and a shadow run beside it.

Every operation is done in float64 or int64 and then rounded or wrapped once to the dtype that the
operation states.  Where nothing was rounded the numbers are exact.  From the first rounding on, an
array has a *shadow*: what the same program holds at that place in float64.  A shadow is never
rounded to the program's dtype; where the program rounds, a pseudo-random error of that size is
added to it, so that it is one more right way to compute the same thing.  How far an array and its
shadow are apart tells how far any right computation may come out: XLA fuses, reorders, and keeps
excess precision.  No worst case is summed up.  Two errors may cancel by chance, so a shadow also
keeps the size of the largest single one.
"""

import functools
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from nnxfuzz.programs.live.body import common_shape
from nnxfuzz.programs.numbers import DTYPES, is_float, number

#: Why a program allows no comparison, or one of its arrays.
Cause = Literal[
    "a rounded float decides",
    "a non-finite float becomes an int",
    "the tolerance is as large as the change",
    "a Python number changes its dtype",
    "Flax refuses the Python loop itself",
    "a module reaches itself in tree mode",
    "a loop of no trips adds Variables",
    "the body raises inside of the wrapper",
    "the examples of vmap are unlike",
    "a block writes an argument that it reaches by closure",
    "a gradient is not a number",
    "a gradient is taken by a reference",
    "a reference is written before an exception",
    "a Variable of hijax is written before an exception",
    "an array is donated before an exception",
    "a gradient is taken for what the function reaches by closure too",
    "a function returns what it reaches by closure",
    "a function gives on what it is given and reaches by closure too",
    "a function that is not traced writes what it reaches by closure",
    "a cotangent is refused after the call",
    "Flax traces a function that Python does not run",
]


class Inconclusive(Exception):
    """The numbers of a case allow no comparison: no finding, and no agreement either.

    `cause` is what it is counted by; the text has more where there is more to say.
    """

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause: Cause = cause


#: A right computation lies no further from the plain loop than this many times the distance of the
#: shadow, and the grain of the array (see `Shadow`).
FACTOR = 4.0

#: How many roundings a grain is.  float32 has digits to spare: 32 roundings are 2e-6 of the number.
#: Of bfloat16, 3 are 1.2 %.
_GRAIN = {"float32": 32.0, "bfloat16": 3.0}

#: A rounding goes down or up.
_SIGNS = np.array((-1.0, 1.0))

#: A difference below this share of the change that the program makes is no lost update.
SHARE = 1 / 8

#: Sums of whole numbers up to here are exact in float32, in any order; so are, up to a `_PARTS`th
#: of it, those of multiples of one `_PARTS`th.
_EXACT_SUM, _PARTS = 2.0**24, 2.0**10


class Shadow:
    """What the shadow run holds in place of an array.

    `values` are float64, of the array's shape.  `grain` is a few times the largest rounding that
    went into them, in their own units: of a sum that cancels it is that of its terms.
    """

    def __init__(self, values: np.ndarray, grain: float) -> None:
        self.values = values
        self.grain = grain if np.isfinite(grain) else 0.0  # what is infinite has no rounding


class Shadows:
    """The shadow of each array that has one, by the identity of the array (which is kept alive)."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[np.ndarray, Shadow]] = {}

    def of(self, array: Any) -> Shadow | None:
        """The shadow of an array, None if the array is exact."""
        known = self._known.get(id(array))
        return None if known is None else known[1]

    def wide(self, array: Any) -> np.ndarray:
        """What the shadow run holds there: the array itself if it is exact."""
        shadow = self.of(array)
        return wide(number(array)) if shadow is None else shadow.values

    def grain(self, *arrays: Any) -> float:
        """The grain of the coarsest of the arrays; 0 if all are exact."""
        return max((s.grain for a in arrays if (s := self.of(a)) is not None), default=0.0)

    def rounded(self, *arrays: Any) -> bool:
        """Whether one of the arrays has a shadow."""
        return any(self.of(array) is not None for array in arrays)

    def keep(self, array: np.ndarray, shadow: Shadow | None) -> np.ndarray:
        """A new array object with the shadow; the array itself if there is none."""
        if shadow is None:
            return array
        own = np.array(array)
        self._known[id(own)] = own, shadow
        return own

    def reach(self, array: Any) -> float:
        """How far another right computation of the array may come out; 0 if it is exact, infinite
        if the shadow tells nothing.
        """
        shadow = self.of(array)
        return 0.0 if shadow is None else reach(array, shadow)

    def tolerance(self, array: Any, before: np.ndarray | None) -> tuple[float, float]:
        """How far another array may be off and be equal to this one, and its `reach`.

        The first is the reach, but no more than a `SHARE` of the change from `before` (None: there
        was no such array), which a lost update would undo.
        """
        off = self.reach(array)
        return (min(off, SHARE * change(array, before)), off) if off else (0.0, 0.0)


def change(array: np.ndarray, before: np.ndarray | None) -> float:
    """The largest change of a finite number from `before`, or from 0."""
    value = wide(array)
    old = np.zeros_like(value) if before is None or before.shape != array.shape else wide(before)
    finite = np.isfinite(value) & np.isfinite(old)
    return largest(value[finite] - old[finite])


def reach(array: np.ndarray, shadow: Shadow) -> float:
    """How far another right computation may come out, in the units of the array's numbers.

    Infinite where the two do not agree on which numbers are finite.
    """
    value = wide(array)
    finite = np.isfinite(value)
    other = shadow.values
    if not finite.all():
        if not np.array_equal(value[~finite], other[~finite], equal_nan=True):
            return np.inf
        value, other = value[finite], other[finite]
    distance = largest(value - other)
    found = FACTOR * distance + shadow.grain
    return found if np.isfinite(found) else np.inf


class Arithmetic:
    """How a body computes in the reference; what it does to objects is `PythonBackend`."""

    def __init__(self) -> None:
        self.shadows = Shadows()

    @functools.cached_property
    def _random(self) -> np.random.Generator:
        """Made with the first rounding; most programs have none."""
        return np.random.default_rng(0)

    def constant(self, value: int) -> Any:
        return np.asarray(value, np.int32)

    def total(self, value: Any) -> Any:
        value = number(value)
        exact, shadow = wide(value), None
        with np.errstate(all="ignore"):
            if is_float(value.dtype) and (self.shadows.rounded(value) or not _sums_exactly(exact)):
                terms = self.shadows.wide(value)
                # XLA sums in float32, in an order of its own.
                magnitude = np.sqrt(exact.size) * float(np.sum(np.abs(terms)))
                grain = self.shadows.grain(value)
                shadow = self.stirred(np.sum(terms), DTYPES["float32"], grain, magnitude)
            return self.stored(np.sum(exact), value.dtype, shadow)

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        current, operand = number(current), number(operand)
        target = DTYPES[dtype] if dtype else current.dtype
        a, b = self.cast(current, target), self.cast(operand, target)
        shape = common_shape(op, a.shape, b.shape)
        shadow = None
        with np.errstate(all="ignore"):
            result = _combined(op, wide(a), wide(b), shape)
            if self.shadows.rounded(*((b,) if op == "set" else (a, b))):
                values = _combined(op, self.shadows.wide(a), self.shadows.wide(b), shape)
                shadow = Shadow(values, self._grain(op, a, b))
        return self.stored(result, target, shadow)

    def _grain(self, op: str, a: np.ndarray, b: np.ndarray) -> float:
        """The grain of `op(a, b)`, before it is rounded."""
        match op:
            case "set":
                return self.shadows.grain(b)
            case "add":
                return self.shadows.grain(a, b)
            case _:
                of_a, of_b = self.shadows.grain(a), self.shadows.grain(b)
                return max(_times(of_a, largest(b)), _times(of_b, largest(a)))

    def cast(self, value: np.ndarray, target: np.dtype) -> np.ndarray:
        """`value` in another dtype; raises Inconclusive where the two sides need not agree."""
        if value.dtype == target:
            return value
        shadow = self.shadows.of(value)
        if is_float(target):
            return self.stored(wide(value), target, shadow)
        if target == np.bool_:
            result = value.astype(bool)
            if shadow is not None and not np.array_equal(result, shadow.values != 0):
                raise Inconclusive("a rounded float decides", "it becomes a bool")
            return result
        if is_float(value.dtype):
            self._becomes_int(value)
        return wide(value).astype(target)

    def _becomes_int(self, value: np.ndarray) -> None:
        """Raise Inconclusive unless each right computation comes to the same ints."""
        exact, off = wide(value), self.shadows.reach(value)
        if not np.all(np.abs(exact) < 2**31):
            raise Inconclusive("a non-finite float becomes an int", "or one that is too large")
        if off and not np.array_equal(np.trunc(exact - off), np.trunc(exact + off)):
            raise Inconclusive("a rounded float decides", "it becomes an int")

    def stored(self, exact: Any, dtype: np.dtype, shadow: Shadow | None) -> np.ndarray:
        """`exact` rounded or wrapped to `dtype`; with a shadow if it has one or was rounded."""
        with np.errstate(all="ignore"):
            narrow = np.asarray(exact).astype(dtype)
        if not is_float(dtype):
            return narrow
        if shadow is None:
            again = wide(narrow)
            if np.all(again == exact) or np.array_equal(again, exact, equal_nan=True):
                return narrow
            shadow = Shadow(np.asarray(exact, np.float64), 0.0)
        return self.shadows.keep(narrow, self.stirred(shadow.values, dtype, shadow.grain))

    def stirred(
        self, values: Any, dtype: np.dtype, grain: float = 0.0, magnitude: Any = None
    ) -> Shadow:
        """A shadow with one more rounding to `dtype` in each number, up or down, as of numbers of
        this `magnitude` (default: their own); what is too large for the dtype is infinite.
        """
        values = np.asarray(values, np.float64)
        signs = _SIGNS[self._random.integers(0, 2, values.shape)]
        with np.errstate(all="ignore"):
            size = np.abs(values if magnitude is None else magnitude)
            size = np.where(np.isfinite(size), size, 0.0)
            moved = values + signs * epsilon(dtype) / 2 * size
            too_large = np.abs(moved) > _most(dtype)
            moved = np.where(too_large, np.sign(moved) * np.inf, moved)
        return Shadow(moved, max(grain, grain_of(size, dtype)))

    def decide(self, value: Any, limit: float) -> None:
        """Raise Inconclusive where another right computation of a number of shape () may lie on
        the other side of `limit`.
        """
        off = self.shadows.reach(value)
        if off and not abs(float(value) - limit) > off:
            raise Inconclusive("a rounded float decides", f"{float(value)} is near {limit}")


def _combined(op: str, a: np.ndarray, b: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    match op:
        case "set":
            return np.broadcast_to(b, shape)
        case "add":
            return np.asarray(a + b)
        case _:
            return np.asarray(a * b)


def _sums_exactly(array: np.ndarray) -> bool:
    """Whether float32 makes no rounding error in any sum of these numbers."""
    magnitude = float(np.sum(np.abs(array)))
    if array.size < 2 or not np.isfinite(magnitude):  # then it is infinite or not a number anyway
        return True
    if magnitude < _EXACT_SUM and _whole(array):
        return True
    return magnitude < _EXACT_SUM / _PARTS and _whole(array * _PARTS)


def _whole(array: np.ndarray) -> bool:
    return np.array_equal(np.round(array), array)


def wide(array: np.ndarray) -> np.ndarray:
    """The array in the widest dtype of its kind."""
    return array.astype(np.float64 if is_float(array.dtype) else np.int64)


@functools.cache
def epsilon(dtype: np.dtype) -> float:
    """The distance between neighbouring floats of `dtype` just above 1; a rounding is off by at
    most half of it, relative to the number.
    """
    return float(jnp.finfo(dtype).eps)


@functools.cache
def _most(dtype: np.dtype) -> float:
    """The largest finite number of a dtype."""
    return float(jnp.finfo(dtype).max)


def grain_of(array: np.ndarray, dtype: np.dtype) -> float:
    """The grain that a rounding of these numbers to `dtype` leaves."""
    value = wide(array)
    return _relative_grain(dtype) * largest(value[np.isfinite(value)])


@functools.cache
def _relative_grain(dtype: np.dtype) -> float:
    """The grain of a number of `dtype` that is 1."""
    return _GRAIN.get(str(dtype), 32.0) * epsilon(dtype) / 2


def largest(array: Any) -> float:
    """The largest magnitude (infinite or not a number, if some entry is)."""
    return float(np.max(np.abs(np.asarray(array).astype(np.float64)), initial=0.0))


def _times(grain: float, factor: float) -> float:
    """A product in which an exact array adds nothing, be the other as large as it may."""
    return grain * factor if grain else 0.0
