"""How a body computes in the reference: numpy, one rounding at a time.

Every operation is done in float64 or int64 and then rounded or wrapped once to the dtype that the
operation states.  A result that had to be rounded, and all that is computed from it, carries a
bound on how far another right way of computing it (XLA fuses, reorders, and keeps excess precision)
may come out.  So each array has a tolerance of its own: none where everything was exact.
"""

from typing import Any

import numpy as np

from nnxfuzz.body import common_shape
from nnxfuzz.numbers import DTYPES, is_float, number


class Unfit(Exception):
    """The case allows no comparison, for a reason that only running it shows.

    A rounded or non-finite float became an int or decided an `until`; a Python number in the carry
    changed its dtype; Flax refuses the Python loop itself; or a trip made a cycle in tree mode,
    which would damage the process (see `case.fits`).
    """


#: The distance between neighbouring floats near 1, by dtype.
ULP = {"float32": 2.0**-23, "bfloat16": 2.0**-8}

#: Sums of whole numbers up to here are exact in float32, in any order; so are, up to a `_PARTS`th
#: of it, those of multiples of one `_PARTS`th.
_EXACT_SUM, _PARTS = 2.0**24, 2.0**10


class Bounds:
    """How far each array may be off, by the identity of the array (which is kept alive)."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[np.ndarray, float]] = {}

    def of(self, array: Any) -> float:
        """The bound of an array, 0 if it is exact."""
        known = self._known.get(id(array))
        return 0.0 if known is None else known[1]

    def keep(self, array: np.ndarray, bound: float) -> np.ndarray:
        """A new array object with the bound; the array itself if it is exact."""
        if bound == 0.0:
            return array
        own = np.array(array)
        self._known[id(own)] = own, bound if np.isfinite(bound) else np.inf
        return own


class Arithmetic:
    """How a body computes in the reference; what it does to objects is `library.PythonMachine`."""

    def __init__(self) -> None:
        self.bounds = Bounds()

    def constant(self, value: int) -> Any:
        return np.asarray(value, np.int32)

    def total(self, value: Any) -> Any:
        value = number(value)
        exact = wide(value)
        bound = self.bounds.of(value) * exact.size
        with np.errstate(all="ignore"):
            magnitude = float(np.sum(np.abs(exact)))
            if is_float(value.dtype) and not _sums_exactly(exact, magnitude):
                bound += ULP["float32"] * exact.size * magnitude
            return self.stored(np.sum(exact), value.dtype, bound)

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        current, operand = number(current), number(operand)
        target = DTYPES[dtype] if dtype else current.dtype
        a, b = self.cast(current, target), self.cast(operand, target)
        shape = common_shape(op, a.shape, b.shape)
        bound_a, bound_b = self.bounds.of(a), self.bounds.of(b)
        wide_a, wide_b = wide(a), wide(b)
        with np.errstate(all="ignore"):
            match op:
                case "set":
                    result, bound = np.broadcast_to(wide_b, shape), bound_b
                case "add":
                    result, bound = wide_a + wide_b, bound_a + bound_b
                case _:
                    result = wide_a * wide_b
                    bound = _times(bound_a, largest(b)) + _times(bound_b, largest(a))
                    bound += _times(bound_a, bound_b)
        return self.stored(result, target, bound)

    def cast(self, value: np.ndarray, target: np.dtype) -> np.ndarray:
        """`value` in another dtype; raises Unfit where the two sides need not agree."""
        if value.dtype == target:
            return value
        if target == np.bool_:
            return value.astype(bool)
        if is_float(target):
            return self.stored(wide(value), target, self.bounds.of(value))
        if is_float(value.dtype) and not (
            self.bounds.of(value) == 0.0 and np.all(np.abs(wide(value)) < 2**31)
        ):
            raise Unfit("a rounded or non-finite float became an int")
        return wide(value).astype(target)

    def stored(self, exact: Any, dtype: np.dtype, bound: float) -> np.ndarray:
        """`exact` rounded or wrapped to `dtype`, with the bound that this leaves it with."""
        with np.errstate(all="ignore"):
            narrow = np.asarray(exact).astype(dtype)
        if not is_float(dtype):
            return narrow
        if bound or not np.array_equal(wide(narrow), exact, equal_nan=True):
            bound += ULP[str(dtype)] * _largest_finite(np.asarray(exact, np.float64))
        return self.bounds.keep(narrow, bound)


def _sums_exactly(array: np.ndarray, magnitude: float) -> bool:
    """Whether float32 makes no rounding error in any sum of the numbers of this magnitude."""
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


def largest(array: Any) -> float:
    """The largest magnitude (infinite or not a number, if some entry is)."""
    return float(np.max(np.abs(np.asarray(array).astype(np.float64)), initial=0.0))


def _largest_finite(array: np.ndarray) -> float:
    """The largest magnitude of what is finite: infinities are not rounded."""
    return float(np.max(np.abs(array), initial=0.0, where=np.isfinite(array)))


def _times(bound: float, factor: float) -> float:
    """A product in which an exact array adds nothing, be the other as large as it may."""
    return bound * factor if bound else 0.0
