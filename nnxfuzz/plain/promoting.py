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


def promoted(
    given: Any,
    carry: Any,
    body: Callable[[Any], Any],
    reached: Any,
    mode: Mode | None,
    seen: Unwatched,
) -> Any:
    """The carry of a loop that has made no trip: its numbers have the dtype that the body gives
    them.  `given` is the carry as the caller gave it; `reached` has what else the body may change.
    """
    numbers = jax.tree.leaves(given, is_leaf=is_object)
    if mode is None or keeps_numpy() or not any(map(_is_weak, numbers)):
        return carry
    after = None
    with observing(), contextlib.suppress(Exception), tried(reached, carry):
        after = as_arrays(body(carry))  # what it raises, Flax raises as it traces it
    if _structure(after) != _structure(carry):
        return carry

    def one(path: Any, number: Any, held: Any, new: Any) -> Any:
        alike = _is_weak(number) and is_array(new) and new.shape == held.shape
        if not alike or new.dtype == held.dtype:
            return held
        seen.promoted("carry" + jax.tree_util.keystr(path))
        return held.astype(new.dtype)

    return jax.tree_util.tree_map_with_path(one, given, carry, after, is_leaf=is_object)


def _is_weak(leaf: Any) -> bool:
    return isinstance(leaf, int | float | complex) or getattr(leaf, "weak_type", False) is True


def _structure(carry: Any) -> Any:
    return jax.tree.structure(carry, is_leaf=is_object)
