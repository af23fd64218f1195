"""How the loops of `plain` handle the arrays of a case: numpy's, with their shadows."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from nnxfuzz.oracle.arithmetic import Shadow, Shadows
from nnxfuzz.plain.axes import Arrays
from nnxfuzz.programs.numbers import is_key, number


class NumpySlicer(Arrays):
    """numpy arrays with the shadows of the reference, and random keys."""

    def __init__(self, shadows: Shadows) -> None:
        self.shadows = shadows

    def take(self, leaf: Any, position: int, axis: int) -> Any:
        if is_key(leaf):
            return jnp.moveaxis(leaf, axis, 0)[position]
        leaf = number(leaf)
        rows = np.moveaxis(leaf, axis, 0)
        if rows.shape[0] == 0:
            return np.zeros(rows.shape[1:], rows.dtype)
        shadow = self.shadows.of(leaf)
        if shadow is not None:
            shadow = Shadow(np.moveaxis(shadow.values, axis, 0)[position], shadow.grain)
        return self.shadows.keep(np.asarray(rows[position]), shadow)

    def stack(self, leaves: list[Any], axis: int) -> Any:
        """The slices as one array; as they are, in a tuple, if they are unlike (no scan can)."""
        if is_key(leaves[0]):
            return jnp.stack(leaves, axis=axis)
        arrays = [leaf if isinstance(leaf, np.ndarray) else number(leaf) for leaf in leaves]
        if len({array.shape for array in arrays}) > 1 or not _fits(axis, arrays[0].ndim):
            return tuple(arrays)
        dtype = jnp.result_type(*{array.dtype for array in arrays})  # as `jnp.stack` promotes
        whole, shadow = np.stack([array.astype(dtype) for array in arrays], axis=axis), None
        if self.shadows.rounded(*leaves):
            values = np.stack([self.shadows.wide(leaf) for leaf in leaves], axis=axis)
            shadow = Shadow(values, self.shadows.grain(*leaves))
        return self.shadows.keep(whole, shadow)


def _fits(axis: int, rank: int) -> bool:
    """Whether rows of this rank have a place for a new axis.

    An input that is scanned over and broadcast under one name is a slice where a program may have
    meant the whole.
    """
    return -rank - 1 <= axis <= rank
