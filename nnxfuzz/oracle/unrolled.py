"""The gradient that a loop should have: jax's own, of the same body in a loop of `plain`.

No transform of Flax is in it.  The same gradient in float64 tells how far a right one may come out.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api, plain
from nnxfuzz.oracle.arithmetic import Inconclusive, Shadow, Shadows, grain_of
from nnxfuzz.oracle.verdict import Entry, World
from nnxfuzz.programs.case import Case, trips
from nnxfuzz.programs.live.body import Body
from nnxfuzz.programs.live.build import Objects
from nnxfuzz.programs.live.gradient import gradients, total_of
from nnxfuzz.programs.live.jax_backend import JaxBackend
from nnxfuzz.programs.numbers import DTYPES, is_float, number


class WideBackend(JaxBackend):
    """How a body computes under a transform, in float64 where the program says another float."""

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        target = jnp.asarray(current).dtype if dtype is None else DTYPES[dtype]
        if is_float(target):
            current, dtype = jnp.asarray(current, jnp.float64), None
        return super().combine(op, current, operand, dtype)


def expected_gradient(case: Case) -> World:
    """The gradient of the unrolled loop, as a world with the root `grad`."""
    asked: list[np.ndarray] = []

    def record(array: np.ndarray) -> np.ndarray:
        asked.append(array)
        return array

    Objects(case, record)
    arrays = _gradients(case, JaxBackend("graph", {}), [jnp.asarray(array) for array in asked])
    with nnx_api.x64():
        widened = [jnp.asarray(array, _widest(array.dtype)) for array in asked]
        exact = _gradients(case, WideBackend("graph", {}), widened)
    world: World = {("grad",): Entry("container", "tuple", detail=f"of {len(arrays)}")}
    shadows = Shadows()
    for k, (array, values) in enumerate(zip(arrays, exact, strict=True)):
        if is_float(array.dtype) and np.isnan(np.asarray(values, np.float64)).any():
            # Whether inf times a gradient of zero is 0 or NaN depends on which zeros jax knows.
            raise Inconclusive("a gradient is not a number")
        kept = shadows.keep(array, Shadow(values, grain_of(array, array.dtype)))
        measured = shadows.tolerance(kept, None)
        world["grad", k] = Entry("array", "array", None, "", array, False, *measured)
    return world


def _widest(dtype: np.dtype) -> np.dtype:
    return np.dtype(np.float64) if is_float(dtype) else dtype


def _gradients(case: Case, backend: JaxBackend, given: list[Any]) -> list[np.ndarray]:
    def total(arrays: list[Any]) -> Any:
        left = iter(arrays)
        objects = Objects(case, lambda _: next(left), explicit=True)
        carry, rows = _unrolled(case, objects, backend)
        return total_of([objects.carry, objects.inputs], carry, rows)

    return [number(gradient) for gradient in gradients(total, given)]


def _unrolled(case: Case, objects: Objects, backend: JaxBackend) -> tuple[Any, list[Any]]:
    """The loop of `plain`, on traced arrays."""
    loop = case.loop

    def trip(carry: Any, index: Any, *inputs: Any) -> tuple[Any, ...]:
        carry, ys = Body(case, backend, objects.closure, index, inputs, carry).run()
        return (carry, *ys)

    scanned = plain.scan(
        trip,
        length=trips(loop),
        reverse=loop.reverse,
        in_axes=(plain.Carry, 0, *(0 for _ in objects.inputs)),
        out_axes=(plain.Carry, *(0 for _ in case.ys)),
    )
    index = jnp.arange(loop.lower, loop.lower + trips(loop), dtype=jnp.int32)
    carry, *ys = scanned(objects.carry, index, *objects.inputs)
    return carry, ys
