"""The gradient of what a loop comes to: the sum that it is taken of."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.programs.live.boxes import without_objects
from nnxfuzz.programs.numbers import is_float


def floats_of(arrays: list[Any]) -> list[int]:
    """Which of the arrays a gradient is taken for."""
    return [k for k, array in enumerate(arrays) if is_float(np.dtype(array.dtype))]


def gradients(
    total: Callable[[list[Any]], Any], arrays: list[Any], grad: Callable[..., Any] = jax.grad
) -> list[Any]:
    """The gradients of a function of arrays, for those that are floats."""
    which = floats_of(arrays)

    def of_floats(floats: list[Any]) -> Any:
        given = list(arrays)
        for k, value in zip(which, floats, strict=True):
            given[k] = value
        return total(given)

    return list(grad(of_floats)([arrays[k] for k in which]))


def total_of(objects: Any, carry: Any, ys: Any) -> Any:
    """The sum of all floats: in Variables below `objects`, in the carry, and emitted."""
    held = [nnx_api.get_raw(variable) for variable in nnx_api.variables_below(objects)]
    loose = jax.tree.leaves(without_objects(carry)) + jax.tree.leaves(ys)
    sums = [jnp.sum(_at_least_float32(a)) for a in [*held, *loose] if _is_float(a)]
    return sum(sums, jnp.zeros(()))


def _at_least_float32(value: Any) -> Any:
    array = jnp.asarray(value)
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))


def _is_float(value: Any) -> bool:
    return hasattr(value, "dtype") and is_float(value.dtype)
