"""Numbers of a carry that jax promotes before the first trip of a loop, as they are weakly typed.

A trip shows it by itself: `c * 0.5` of the number 1 is a float.  Where a loop makes no trip, the
body has to be tried.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import jax

from nnxfuzz.plain.modes import Mode, as_arrays, keeps_numpy
from nnxfuzz.plain.objects import is_array, is_object
from nnxfuzz.plain.observations import observing
from nnxfuzz.plain.trying import tried
from nnxfuzz.plain.unwatched import Unwatched


def left_by(body: Callable[[Any], Any], given: Any, carry: Any, mode: Mode | None) -> Any:
    """The carry after a trial of the body, which changes nothing; None where no number of it can be
    promoted, or where the body raises, as it does when Flax traces it.
    """
    if not _promotes(given, mode):
        return None
    with observing(), contextlib.suppress(Exception), tried(body, carry):
        return as_arrays(body(carry))
    return None


def promoted(given: Any, carry: Any, after: Any, mode: Mode | None, seen: Unwatched) -> Any:
    """The carry of a loop that has made no trip: its numbers have the dtype that they have `after`
    a trial of the body.  `given` is the carry as the caller gave it.
    """
    if not _promotes(given, mode) or _structure(after) != _structure(carry):
        return carry

    def one(path: Any, number: Any, held: Any, new: Any) -> Any:
        alike = _is_weak(number) and is_array(new) and new.shape == held.shape
        if not alike or new.dtype == held.dtype:
            return held
        seen.promoted("carry" + jax.tree_util.keystr(path))
        return held.astype(new.dtype)

    return jax.tree_util.tree_map_with_path(one, given, carry, after, is_leaf=is_object)


def _promotes(given: Any, mode: Mode | None) -> bool:
    """Whether some number of a carry may be promoted; in plain Python none is."""
    numbers = jax.tree.leaves(given, is_leaf=is_object)
    return mode is not None and not keeps_numpy() and any(map(_is_weak, numbers))


def _is_weak(leaf: Any) -> bool:
    return isinstance(leaf, int | float | complex) or getattr(leaf, "weak_type", False) is True


def _structure(carry: Any) -> Any:
    return jax.tree.structure(carry, is_leaf=is_object)
