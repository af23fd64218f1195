"""How a body computes in the reference: numpy, one rounding at a time.

Every operation is done in float64 or int64 and then rounded or wrapped once to the dtype that the
operation states.  So it is known which programs are exact (and must agree bit for bit) and how
large the numbers of the others became (which scales their tolerance).
"""

from typing import Any

import numpy as np

from nnxfuzz import compat
from nnxfuzz.body import common_shape
from nnxfuzz.build import Builder
from nnxfuzz.case import Attribute, Case
from nnxfuzz.numbers import DTYPES, is_float, number


class Unfit(Exception):
    """The case allows no comparison, for a reason that only running it shows.

    A rounded or non-finite float became an int; a Python number in the carry changed its dtype;
    or a trip made a cycle in tree mode, which would damage the process (see `case.fits`).
    """


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
        value = number(value)
        wide = np.float64 if is_float(value.dtype) else np.int64
        return self._stored(np.sum(value.astype(wide)), value.dtype)

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        current, operand = number(current), number(operand)
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
        old = number(compat.get_raw(variable))
        if style == "setitem":
            common_shape("set", old.shape, value.shape)
            if compat.setitem_keeps_dtype():
                value = self._cast(value, old.dtype)
        compat.set_raw(variable, value)

    def call(self, layer: Any, value: Any) -> Any:
        result = np.asarray(layer(number(value)))
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
