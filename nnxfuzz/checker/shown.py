"""What a transform returns that is a function or an error, in a form that can be compared."""

from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np

from nnxfuzz.checker.checked import says
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.worlds import differences, walk, world_of
from nnxfuzz.oracle.verdict import Entry


def shown(transform: str, value: Any) -> Any:
    """What a transform returned: of the function that `nnx.vjp` returns, what it makes of some
    numbers, and, if that is not just the negative, what it makes of their negatives when it is
    called again; of the error that `nnx.checkify` returns, what it says.
    """
    if value is None:  # the transform was only to be made
        return None
    if transform == "checkify":
        error, out = value
        return says(error), out
    if transform != "vjp":
        return value
    out, back, *aux = value
    cotangent = jax.tree.map(_cotangent, out)
    once, again = _pulled(back, cotangent), _pulled(back, jax.tree.map(_negative, cotangent))
    return (out, once, *aux, *([] if _are_opposite(once, again) else [again]))


def _are_opposite(one: Any, other: Any) -> bool:
    """Whether what a pullback makes of a cotangent is just the negative of what it makes of the
    negative one: so it is of what is linear.
    """
    once, again = (world_of(walk(None, result=made), Tolerance()) for made in (one, other))
    return not differences({path: _turned(entry) for path, entry in once.items()}, again)


def _turned(entry: Entry) -> Entry:
    """What a world has at a place, with the negatives of floats."""
    array = entry.array
    if array is None or not jnp.issubdtype(array.dtype, jnp.inexact):
        return entry
    return msgspec.structs.replace(entry, array=-array)


def _negative(cotangent: Any) -> Any:
    return -cotangent if jnp.issubdtype(cotangent.dtype, jnp.inexact) else cotangent


def _pulled(back: Any, cotangent: Any) -> Any:
    """The cotangents of the arguments, or the name of the exception in their place."""
    try:
        return back(cotangent)
    except Exception as error:
        return type(error).__name__


def _cotangent(array: Any) -> Any:
    """A cotangent of an array of floats: small numbers, no two neighbours alike, and none that
    leaves what it is multiplied with as it is; of any other array its only one.
    """
    if jnp.issubdtype(jnp.result_type(array), jnp.inexact):
        numbers = jnp.arange(jnp.size(array)) % 3 * 0.75 + 0.5
        return numbers.reshape(jnp.shape(array)).astype(jnp.result_type(array))
    return np.zeros(jnp.shape(array), jax.dtypes.float0)
