"""Whether arrays that come back are placed as `out_shardings` of `nnx.jit` asks.

No world shows where an array is: numbers are the same on any device.
"""

from collections.abc import Iterator
from typing import Any

import jax

from nnxfuzz import nnx_api
from nnxfuzz.checker.reach import is_holder
from nnxfuzz.programs.case import TreePath


def misplaced(asked: Any, value: Any) -> tuple[TreePath, ...]:
    """The places in a result at which arrays have another sharding than the one that is asked for:
    for all of it, or item by item; what else is asked is not looked at.
    """
    return tuple(dict.fromkeys(_misplaced(asked, value, ("result",))))


def _misplaced(asked: Any, value: Any, path: TreePath) -> Iterator[TreePath]:
    if isinstance(asked, jax.sharding.Sharding):
        if not all(_is_placed(array, asked) for array in _arrays(value)):
            yield path
    elif (
        isinstance(asked, tuple | list) and type(asked) is type(value) and len(asked) == len(value)
    ):
        for k, (one, item) in enumerate(zip(asked, value, strict=True)):
            yield from _misplaced(one, item, (*path, k))
    elif type(asked) is dict and type(value) is dict and asked.keys() == value.keys():
        for name, one in asked.items():
            yield from _misplaced(one, value[name], (*path, name))


def _arrays(value: Any) -> Iterator[jax.Array]:
    """The arrays of a result, and of the Variables in it."""
    held = [nnx_api.get_raw(variable) for variable in nnx_api.variables_below(value)]
    leaves = jax.tree.leaves([value, held], is_leaf=is_holder)
    yield from (leaf for leaf in leaves if isinstance(leaf, jax.Array))


def _is_placed(array: jax.Array, asked: jax.sharding.Sharding) -> bool:
    if isinstance(array, jax.core.Tracer) or array.is_deleted():
        return True
    if not isinstance(getattr(asked, "mesh", None), jax.sharding.Mesh | None):
        return True  # an abstract mesh has no devices
    return bool(array.sharding.is_equivalent_to(asked, array.ndim))
