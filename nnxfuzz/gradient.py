"""The gradient of what a loop comes to: the sum it is taken of, and what it should be.

The right one is jax's gradient of the same body in a Python loop, unrolled, with no transform of
Flax in it.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import compat
from nnxfuzz.body import Body
from nnxfuzz.boxes import without_objects
from nnxfuzz.build import Objects
from nnxfuzz.case import Case
from nnxfuzz.machine import JaxMachine
from nnxfuzz.numbers import is_float, number
from nnxfuzz.verdict import Entry, World

#: Gradients are sums in an order of their own; bfloat16 has too few digits to compare those.
_TOLERANCE = {"float32": 1e-3, "bfloat16": np.inf}


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
    held = [compat.get_raw(variable) for variable in compat.variables_below(objects)]
    loose = jax.tree.leaves(without_objects(carry)) + jax.tree.leaves(ys)
    sums = [jnp.sum(jnp.asarray(a, jnp.float32)) for a in [*held, *loose] if _is_float(a)]
    return sum(sums, jnp.zeros(()))


def _is_float(value: Any) -> bool:
    return hasattr(value, "dtype") and is_float(value.dtype)


def expected_gradient(case: Case) -> World:
    """The gradient of the unrolled loop, as a world with the root `grad`."""
    asked: list[np.ndarray] = []
    Objects(case, lambda array: asked.append(array) or array)

    def total(arrays: list[Any]) -> Any:
        left = iter(arrays)
        objects = Objects(case, lambda _: next(left), explicit=True)
        carry, rows = _unrolled(case, objects)
        return total_of([objects.carry, objects.inputs], carry, rows)

    found = gradients(total, [jnp.asarray(array) for array in asked])
    arrays = [number(gradient) for gradient in found]
    world: World = {("grad",): Entry("container", "tuple", detail=f"of {len(arrays)}")}
    for k, array in enumerate(arrays):
        slack = _TOLERANCE[str(array.dtype)] * float(1 + np.max(np.abs(array), initial=0.0))
        world["grad", k] = Entry("array", "array", array=array, slack=slack)
    return world


def _unrolled(case: Case, objects: Objects) -> tuple[Any, list[Any]]:
    """The loop in Python, on traced arrays."""
    machine, carry, rows = JaxMachine("graph", {}), objects.carry, []
    order = range(case.loop.lower, case.loop.upper)
    for i in reversed(order) if case.loop.reverse else order:
        inputs = [x[i - case.loop.lower] for x in objects.inputs]
        index = jnp.asarray(i, jnp.int32)
        carry, ys = Body(case, machine, objects.closure, index, inputs, carry).run()
        rows.append(ys)
    return carry, rows
