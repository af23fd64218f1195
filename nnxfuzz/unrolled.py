"""The gradient that a loop should have: jax's own, of the same body in an unrolled Python loop.

No transform of Flax is in it.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np

from nnxfuzz.body import Body
from nnxfuzz.build import Objects
from nnxfuzz.case import Case
from nnxfuzz.gradient import gradients, total_of
from nnxfuzz.machine import JaxMachine
from nnxfuzz.numbers import number
from nnxfuzz.verdict import Entry, World

#: Gradients are sums in an order of their own, and bfloat16 has few digits for those.
_TOLERANCE = {"float32": 1e-3, "bfloat16": 0.25}


def expected_gradient(case: Case) -> World:
    """The gradient of the unrolled loop, as a world with the root `grad`."""
    asked: list[np.ndarray] = []

    def record(array: np.ndarray) -> np.ndarray:
        asked.append(array)
        return array

    Objects(case, record)

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
