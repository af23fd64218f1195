"""Arrays that a call is to donate and is given at another place, too, or that are gone already."""

from typing import Any

import jax

from nnxfuzz.checker.refusals.base import Evidence, Reason, words
from nnxfuzz.checker.worlds import DELETED, CallWalk, name_of
from nnxfuzz.oracle.world import Walk

#: What XLA says of such a call.
TWICE = tuple(
    words(kind, "Attempt to (use a buffer that was previously donated|donate (the same|a) buffer)")
    for kind in ("JaxRuntimeError", "XlaRuntimeError", "ValueError")
)


def held_twice(e: Evidence) -> tuple[str, ...] | None:
    """Two places of the arguments at which one array is, one of them to be donated; or of those of
    a call in the function.
    """
    inner = (e.paths_of(o) for o in e.seen.of("donated-twice") if o.depth)
    return _given_twice(e.before) or next(inner, None)


def _given_twice(walked: Walk) -> tuple[str, ...] | None:
    if not isinstance(walked, CallWalk):
        return None
    first: dict[Any, tuple[Any, ...]] = {}
    for path, array in walked.arrays.items():
        if path[0] != "caller" or not isinstance(array, jax.Array):
            continue
        other = first.setdefault(_buffer(array), path)
        if other != path and (walked.may_go(path) or walked.may_go(other)):
            return name_of(other), name_of(path)
    return None


def _buffer(array: jax.Array) -> Any:
    """What two arrays have in common that are one to XLA."""
    if (
        array.is_deleted()
        or len(array.devices()) > 1
        or jax.dtypes.issubdtype(array.dtype, jax.dtypes.extended)
    ):
        return id(array)
    return array.unsafe_buffer_pointer()


#: What jax says of an array that was deleted, and XLA where it meets one first.
GONE = (
    words("RuntimeError", "^Array has been deleted"),
    *(
        words(kind, "Buffer has been deleted or donated")
        for kind in ("JaxRuntimeError", "XlaRuntimeError", "ValueError")
    ),
)


def deleted_before(e: Evidence) -> tuple[str, ...] | None:
    """The first place at which the call was given, or reaches, an array that nobody can read."""
    held = (path for path, entry in e.before.entries.items() if entry.detail.endswith(DELETED))
    found = next(held, None)
    return None if found is None else (name_of(found),)


REASONS: tuple[Reason, ...] = (
    Reason(
        "donated-twice",
        "the call donates an array that stands at two places: {}",
        TWICE,
        held_twice,
        'XLA\'s own text: "Toy example for this bug: `f(donate(a), a)`"; `nnx.clone` and a State '
        "share the arrays of their module",
        "put a copy at one of them (`jax.tree.map(jnp.copy, ...)`)",
    ),
    Reason(
        "deleted-before",
        "{} holds an array that was deleted before the call",
        GONE,
        deleted_before,
        'docs.jax.dev, "Buffer donation": a donated buffer can no longer be used; `nnx.clone` and '
        "a State share the arrays of their module",
        "do not donate it in an earlier call, or keep a copy (`jax.tree.map(jnp.copy, ...)`)",
    ),
)
