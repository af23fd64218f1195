"""Other numbers to start a run from, to learn what depends on roundings."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.checker.checkpoint import Checkpoint
from nnxfuzz.plain.objects import is_object


class Inputs:
    """Other numbers to start a run from, in place of those that are there."""

    def variables(self, value: Any) -> None:
        """Change what the Variables at and below `value` hold."""
        for variable in nnx_api.variables_below(value):
            if not nnx_api.holds_reference(variable):
                nnx_api.set_raw(variable, self.arrays(nnx_api.get_raw(variable)))

    def arrays(self, value: Any) -> Any:
        """`value` with each array of floats or complex numbers in its containers changed."""
        return jax.tree.map(self._array, value, is_leaf=is_object)

    def _array(self, leaf: Any) -> Any:
        if not isinstance(leaf, jax.Array) or not jnp.issubdtype(leaf.dtype, jnp.inexact):
            return leaf
        return self.changed(leaf)

    def changed(self, array: Any) -> Any:
        """Another array of floats, or of complex numbers, for one."""
        raise NotImplementedError


def roundings(random: np.random.Generator, array: Any) -> np.ndarray:
    """What share of each number, of floats or complex ones, rounding may make up."""
    by: np.ndarray = random.uniform(-1, 1, array.shape)
    if jnp.issubdtype(array.dtype, jnp.complexfloating):
        by = by + 1j * random.uniform(-1, 1, array.shape)
    return by * float(jnp.finfo(array.dtype).eps)


class Nudge(Inputs):
    """Moves numbers by up to one rounding, up or down, the same way for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def changed(self, array: Any) -> Any:
        by = roundings(self._random, array)
        return (array * (1 + jnp.asarray(by, array.dtype))).astype(array.dtype)


class Widened(Inputs):
    """Makes float64 of floats, and complex128 of complex numbers."""

    def changed(self, array: Any) -> Any:
        of_complex = jnp.issubdtype(array.dtype, jnp.complexfloating)
        return array.astype(jnp.complex128 if of_complex else jnp.float64)


class Drawn(Inputs):
    """Has been drawn from each random generator that the call reaches; all else is as it is."""

    def __init__(self, start: Checkpoint) -> None:
        self._start = start

    def variables(self, value: Any) -> None:
        """Draw from the generators."""
        self._start.draw()

    def arrays(self, value: Any) -> Any:
        """`value` as it is."""
        return value
