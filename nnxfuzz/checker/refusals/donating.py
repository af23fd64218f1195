"""Arrays that a call is to donate and that it is given at another place as well."""

from typing import Any

import jax

from nnxfuzz.checker.refusals.base import Evidence, Reason, words
from nnxfuzz.checker.worlds import CallWalk, name_of

#: What XLA says of such a call.
TWICE = tuple(
    words(kind, "Attempt to (use a buffer that was previously donated|donate (the same|a) buffer)")
    for kind in ("JaxRuntimeError", "XlaRuntimeError", "ValueError")
)


def held_twice(e: Evidence) -> tuple[str, ...] | None:
    """Two places of the arguments at which one array is, one of them to be donated."""
    walked = e.before
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
)
