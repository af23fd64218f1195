"""How near numbers are to what is wanted, and what tolerances may hide."""

from collections.abc import Iterator

import jax.numpy as jnp
import msgspec
import numpy as np

from nnxfuzz.checker.tolerance import RTOL, distance, largest
from nnxfuzz.oracle.verdict import Difference, Entry, World
from nnxfuzz.programs.case import TreePath
from nnxfuzz.programs.numbers import widest

#: How much further from the plain run than its shadow in float64 a right computation may be, and
#: how many roundings of the largest number of the array besides.
FACTOR, GRAIN = 4.0, 8.0

#: The kinds of dtypes whose numbers are exact.
_EXACT = "iub"

#: The factor of a number that was not there before: it may be nothing but what rounding leaves.
#: How far runs are apart is asked of that very number, since others may be much larger; what
#: `FACTOR` makes of the whole array holds as well.
FACTOR_OF_NEW = 64.0


def undecided(before: World, expected: World, got: World) -> Iterator[TreePath]:
    """The paths at which the program's own change is within the tolerance and did not show.

    There a lost update and a rounded one look alike.
    """
    for path, was, want, seen in _alike(before, expected, got):
        if _same_bits(was, seen) and not _same_bits(was, want):
            yield path


def slightly_off(before: World, expected: World, got: World) -> Iterator[TreePath]:
    """The paths with a number that is right within the tolerance, and off by more than an eighth of
    what the program changes it by, and by more than `GRAIN` roundings of the array: there an update
    of some of the numbers may be lost, or a part of each.  What was not there before was zero.
    """
    for path, was, want, seen in _alike(before, expected, got, of_zeros=True):
        if _same_bits(want, seen):
            continue
        wide, other, old = map(widest, (want, seen, was))
        off, change = distance(wide, other), distance(wide, old)
        grain = GRAIN * float(jnp.finfo(want.dtype).eps) * largest(wide)
        if bool(np.any((off > change / 8) & (off > grain) & (change > 0))):
            yield path


def _alike(
    before: World, expected: World, got: World, of_zeros: bool = False
) -> Iterator[tuple[TreePath, np.ndarray, np.ndarray, np.ndarray]]:
    """The arrays that have a tolerance, and one shape and dtype in all three worlds, by path;
    `of_zeros`: also those that were not there before, or were others, as if they had been zeros.
    """
    for path, entry in expected.items():
        first, last = before.get(path), got.get(path)
        if last is None or not np.any(entry.tolerance):
            continue
        want, seen = entry.array, last.array
        if want is None or seen is None or not _of_a_kind(want, seen):
            continue
        was = None if first is None else first.array
        if was is not None and _of_a_kind(was, want):
            yield path, was, want, seen
        elif of_zeros:
            yield path, np.zeros_like(want), want, seen


def _of_a_kind(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype


def _same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return one.tobytes() == other.tobytes()


def widened(world: World, others: list[World], factor: float) -> World:
    """The world with a tolerance of at least `factor` times what `others` differ from it."""
    return {
        path: _wider(entry, [o.get(path) for o in others], factor) for path, entry in world.items()
    }


def _wider(entry: Entry, others: list[Entry | None], factor: float) -> Entry:
    if entry.array is None or not np.any(entry.tolerance):
        return entry
    off, wanted = entry.tolerance, widest(entry.array)
    for other in others:
        if other is None or other.array is None or other.array.shape != entry.array.shape:
            continue
        wide = distance(wanted, widest(other.array))
        off = np.maximum(off, factor * _noise(wide, wanted, factor))
    return msgspec.structs.replace(entry, tolerance=off, reach=off)


def _noise(off: np.ndarray, array: np.ndarray, factor: float) -> float | np.ndarray:
    most = _most(off, array)
    if factor == FACTOR_OF_NEW:
        return np.maximum(np.where(np.isfinite(off), off, 0.0), most * (FACTOR / factor))
    return most


def _most(off: np.ndarray, array: np.ndarray) -> float | np.ndarray:
    """The largest of some distances; where the array has the large numbers of a mask, for each
    number that of those like it.
    """
    scales = largest(array)
    if not isinstance(scales, np.ndarray):
        return _largest(off)
    found = np.zeros(array.shape)
    for scale in np.unique(scales):
        alike = scales == scale
        found[alike] = _largest(off[alike])
    return found


def is_unsure(
    d: Difference, expected: World, others: list[World], got: World, factor: float
) -> bool:
    """Whether a difference is of integers that some other run has otherwise, each by at least as
    much as it is off, but for `factor`: what is the largest where two are nearly alike, the trips
    of a loop that ends where an error is small enough.
    """
    want, seen = expected.get(d.path), got.get(d.path)
    if d.aspect != "value" or want is None or seen is None:
        return False
    if want.array is None or seen.array is None or want.array.dtype.kind not in _EXACT:
        return False
    wide, unsure = widest(want.array), np.zeros(want.array.shape)
    for other in (world.get(d.path) for world in others):
        if other is not None and other.array is not None and _of_a_kind(other.array, want.array):
            unsure = np.maximum(unsure, distance(wide, widest(other.array)))
    off = distance(wide, widest(seen.array))
    return bool(np.all((off == 0) | ((unsure > 0) & (off <= factor * np.maximum(unsure, 1)))))


def is_small(d: Difference, expected: World, got: World, before: World) -> bool:
    """Whether no lost update is behind a difference of numbers: it is at most an eighth of the
    program's own change of the array.  Of an array that was not there, it is at most what the table
    allows in bfloat16.  Of integers none is small.
    """
    want, seen, was = (arrays.get(d.path) for arrays in (expected, got, before))
    if want is None or seen is None or want.array is None or seen.array is None:
        return False
    if want.array.dtype.kind in _EXACT:
        return False
    wide = widest(want.array)
    off = _largest(distance(wide, widest(seen.array)))
    if was is None or was.array is None or was.array.shape != wide.shape:
        return off <= RTOL["bfloat16"] * _largest(wide)
    return off <= _largest(distance(wide, widest(was.array))) / 8


def _largest(array: np.ndarray) -> float:
    return float(np.abs(array)[np.isfinite(array)].max(initial=0.0))


def sharpened(world: World, shadow: World, factor: float = FACTOR) -> World:
    """The world with the tolerance that its shadow, the same run in float64, gives each number:
    `factor` times how far the two are apart, and `GRAIN` roundings of the largest number.  Where
    the shadow has no float64 the tolerance stays.
    """
    return {path: _sharper(entry, shadow.get(path), factor) for path, entry in world.items()}


def _sharper(entry: Entry, shadow: Entry | None, factor: float) -> Entry:
    if entry.array is None or shadow is None or shadow.array is None or not np.any(entry.tolerance):
        return entry
    array, wide = entry.array, shadow.array
    narrow = widest(array)
    if wide.dtype != narrow.dtype or array.dtype == wide.dtype or wide.shape != array.shape:
        return entry
    with np.errstate(invalid="ignore"):
        apart = _noise(np.abs(narrow - wide), wide, factor)
    off = factor * apart + GRAIN * float(jnp.finfo(array.dtype).eps) * largest(wide)
    return msgspec.structs.replace(entry, tolerance=off, reach=off)


def like(world: World, other: World) -> World:
    """The world with the tolerances of another, where that has the same place."""
    return {
        path: msgspec.structs.replace(e, tolerance=other[path].tolerance, reach=other[path].reach)
        if path in other and e.array is not None
        else e
        for path, e in world.items()
    }
