"""Python numbers in attributes that are data: an array of the same number is no difference."""

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

import nnxfuzz
from nnxfuzz import nnx_api

pytestmark = pytest.mark.skipif(
    not nnx_api.MARKED_NUMBERS_ARE_LEAVES, reason="in this release such a number is static"
)


class Counting(nnx.Module):  # type: ignore[misc]
    """A weight, and a number that is data."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.ones(()))
        self.n = nnx.data(1)


def kept(module: Any) -> Any:
    return module


def counted(module: Any) -> Any:
    module.n = module.n + 1
    return module


def numbered(module: Any) -> Any:
    module.n = 2
    return module


Step = Callable[[Any], Any]

#: Each calls a transform, whose function does a step.
CALLS: dict[str, Callable[[Any, Step], Any]] = {
    "fori_loop": lambda m, step: nnx.fori_loop(0, 2, lambda i, c: step(c), m),
    "while_loop": lambda m, step: nnx.while_loop(
        lambda c: c[0] < 2, lambda c: (c[0] + 1, step(c[1])), (jnp.array(0), m)
    ),
    "scan": lambda m, step: nnx.scan(lambda c, x: (step(c), x))(m, jnp.ones(2)),
    "scan, broadcast": lambda m, step: nnx.scan(
        lambda m, x: (step(m), x)[1], in_axes=(None, 0), out_axes=0
    )(m, jnp.ones(2)),
    "vmap, broadcast": lambda m, step: nnx.vmap(lambda m, x: (step(m), x)[1], in_axes=(None, 0))(
        m, jnp.ones(2)
    ),
    "grad": lambda m, step: nnx.grad(lambda m: step(m).w[...] * 1.0)(m),
    "switch": lambda m, step: nnx.switch(jnp.array(0), [lambda m: step(m).w[...]], m),
    "cond": lambda m, step: nnx.cond(
        jnp.array(True), lambda m: step(m).w[...], lambda m: step(m).w[...], m
    ),
    "remat": lambda m, step: nnx.remat(lambda m: step(m).w[...])(m),
    "jit": lambda m, step: nnx.jit(lambda m: step(m).w[...])(m),
}


@pytest.mark.parametrize("step", [kept, counted, numbered])
@pytest.mark.parametrize("name", CALLS)
def test_whether_it_comes_back_as_an_array_is_no_difference(name: str, step: Step) -> None:
    with nnxfuzz.checking() as report:
        CALLS[name](Counting(), step)
    dropped = step is not kept and "broadcast" in name  # which is documented
    allowed = {"same", "deviates"} if dropped else {"same"}
    assert report.ok and set(report.counts()) <= allowed, str(report)


def test_another_number_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    real = nnx.fori_loop

    def fori_loop(*args: Any) -> Any:
        out = real(*args)
        out.n = 5
        return out

    fori_loop.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    monkeypatch.setattr(nnx, "fori_loop", fori_loop)
    with nnxfuzz.checking() as report:
        CALLS["fori_loop"](Counting(), kept)
    assert not report.ok and "in Python, static int with Flax" in str(report), str(report)
