"""How far two right computations of one array may lie apart: a stated table by dtype.

Where a change is smaller than the table's tolerance, a run in float64 gives a sharper one
(`closeness.sharpened`).

Eager and compiled code round differently, and sum in other orders.  The table is wider than what
was measured (docs/check.md), and a change that is within it is never taken for right: see
`closeness.undecided`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnxfuzz.programs.case import Data

#: By dtype: the relative tolerance, against the largest number of the array.
RTOL: Mapping[str, float] = {
    "float64": 1e-9,
    "float32": 1e-5,
    "float16": 2e-2,
    "bfloat16": 2e-2,
    "complex64": 1e-5,
    "complex128": 1e-9,
}

#: Of a dtype of eight bits or less, and of any that the table lacks.
RTOL_OF_OTHERS = 0.1

#: The absolute tolerance is this share of the relative one: so much of 1.
SHARE_OF_ONE = 0.1


class Tolerance(Data, frozen=True):
    """The tolerance in use; `rtol` and `atol` override the table, for all dtypes of floats."""

    rtol: float | None = None
    atol: float | None = None

    def of(self, array: Any) -> float | np.ndarray:
        """How far each number of `array` may be off, as an absolute number; 0 of integers.

        `rtol` times the largest finite magnitude in the array, plus `atol` (see `largest`).
        """
        values = np.asarray(array)
        relative = self.relative(str(values.dtype))
        if relative is None:
            return 0.0
        wide = values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)
        return relative * largest(wide) + self.absolute(str(values.dtype))

    def relative(self, dtype: str) -> float | None:
        """The relative tolerance of a dtype; None for one whose numbers are exact."""
        if not dtype.startswith(("float", "bfloat", "complex")):
            return None
        return RTOL.get(dtype, RTOL_OF_OTHERS) if self.rtol is None else self.rtol

    def absolute(self, dtype: str) -> float:
        """The absolute tolerance of a dtype."""
        if self.atol is not None:
            return self.atol
        return SHARE_OF_ONE * RTOL.get(dtype, RTOL_OF_OTHERS)

    def told(self) -> str:
        """In words, for a report."""
        table = ", ".join(f"{name} {self.relative(name):g}" for name in RTOL)
        atol = f"{SHARE_OF_ONE:g} of it" if self.atol is None else f"{self.atol:g}"
        return (
            f"rtol {table}; of the largest number of an array; atol {atol}; integers exact; "
            "where a change is smaller than that, from a run in float64"
        )


#: Numbers of this size stand for an infinity, as masks do, if all others are so much smaller.
_MASKED, _GAP = 1e8, 1e6


def largest(array: np.ndarray) -> float | np.ndarray:
    """The largest finite magnitude in an array; of one with the large numbers of a mask, such as
    -1e9, for each number that of those like it.
    """
    sizes = np.abs(array)
    finite = sizes[np.isfinite(sizes)]
    top = float(finite.max(initial=0.0))
    if top < _MASKED:
        return top
    masked, others = finite[finite >= _MASKED], finite[finite < _MASKED]
    rest = float(others.max(initial=0.0))
    if not others.size or rest * _GAP > float(masked.min()):
        return top
    return np.where(sizes >= _MASKED, top, rest)


def distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far numbers of float64 are off each other: none where both are NaN, or one infinity."""
    alike = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        return np.where(alike, 0.0, np.abs(one - other))
