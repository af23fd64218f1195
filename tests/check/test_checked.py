"""The error of `nnx.checkify`, where a compiled function returns it."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx
from jax.experimental import checkify

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.worlds import differences, walk, world_of
from nnxfuzz.oracle.verdict import World

pytestmark = pytest.mark.skipif(not hasattr(nnx, "checkify"), reason="this flax has no checkify")


def step(model: Any, x: Any) -> Any:
    loss = model(x).mean()
    checkify.check(jnp.isfinite(loss), "the loss is {loss}, not finite", loss=loss)
    checkify.check(loss < 1.0, "the loss is {loss}", loss=loss)
    return loss


@pytest.mark.parametrize("size", [0.1, 100.0, jnp.inf], ids=["right", "large", "not finite"])
def test_the_error_is_that_of_python(size: float) -> None:
    """Whatever number jax gives a check in a trace."""
    model = nnx.Linear(2, 1, rngs=nnx.Rngs(0), kernel_init=nnx.initializers.ones)
    safe = nnx.jit(nnx.checkify(step))

    def program() -> None:
        for _ in range(2):
            safe(model, jnp.ones((3, 2)) * size)

    report = nnxfuzz.check(program, modes="all", times=1)
    assert report.failures == []
    (row,) = report.rows.values()
    for mode in nnx_api.modes():
        verdict = row.worst(mode)
        assert verdict is not None
        assert verdict.kind == "same", verdict.told


def test_another_message_is_another_result() -> None:
    """A float in it may be off by a rounding, as any float; and which check failed may not."""
    one, alike, other, none = (world_with(x) for x in (100.0, 100.00001, jnp.inf, 0.1))
    assert not differences(one, alike)
    assert differences(one, other)
    assert differences(one, none)


def world_with(size: float) -> World:
    model = nnx.Linear(2, 1, rngs=nnx.Rngs(0), kernel_init=nnx.initializers.ones)
    error, _ = nnx.checkify(step)(model, jnp.ones((3, 2)) * size)
    return world_of(walk(None, result=error), Tolerance())
