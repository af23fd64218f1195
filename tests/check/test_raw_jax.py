"""Functions of jax that make two Variables of one are reported; those that do not are not."""

import copy
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

import nnxfuzz


class Tied(nnx.Module):  # type: ignore[misc]
    """One Variable by two names."""

    def __init__(self) -> None:
        self.embed = nnx.Param(jnp.array(1.0))
        self.readout = self.embed


class Untied(nnx.Module):  # type: ignore[misc]
    """Two Variables."""

    def __init__(self) -> None:
        self.embed = nnx.Param(jnp.array(1.0))
        self.readout = nnx.Param(jnp.array(1.0))


def by_tree_map(model: Any) -> Any:
    return jax.tree.map(lambda x: x, model)


def by_jit(model: Any) -> Any:
    return jax.jit(lambda model: model)(model)


def by_device_put(model: Any) -> Any:
    return jax.device_put(model)


def by_loop(model: Any) -> Any:
    return jax.lax.fori_loop(0, 1, lambda i, carry: carry, (model, jnp.array(0)))


def by_grad(model: Any) -> Any:
    return jax.grad(lambda model: model.embed[...] * model.readout[...])(model)


RAW = {f.__name__: f for f in (by_tree_map, by_jit, by_device_put, by_loop, by_grad)}

pytestmark = pytest.mark.skipif(
    isinstance(jax.tree.leaves(Tied())[0], Tied),
    reason="to this release's jax a module is one leaf",
)


@pytest.mark.parametrize("name", RAW)
def test_a_shared_variable_that_becomes_two_is_reported(name: str) -> None:
    with nnxfuzz.checking() as report:
        RAW[name](Tied())
    ((_, verdict),) = [(row, v) for row in report.rows.values() for _, v in row.used]
    assert verdict.kind == "deviates"
    assert "embed` and `" in verdict.told
    assert verdict.told.startswith("makes two Variables of the one at `args[")
    assert verdict.way_out.startswith("use nnx.")


@pytest.mark.parametrize("name", RAW)
def test_nothing_is_said_where_nothing_is_shared(name: str) -> None:
    with nnxfuzz.checking() as report:
        RAW[name](Untied())
    assert report.calls == 0


def test_deepcopy_of_several_modules_is_reported_if_it_parts_them() -> None:
    shared = nnx.Param(jnp.array(1.0))

    class Holder(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.w = shared

    with nnxfuzz.checking() as report:
        one, other = copy.deepcopy((Holder(), Holder()))
    assert report.calls == (one.w is not other.w)


def test_the_functions_are_jaxs_own_afterwards() -> None:
    before: list[Callable[..., Any]] = [jax.jit, jax.tree.map, copy.deepcopy]
    with nnxfuzz.checking():
        jitted = jax.jit(lambda x: x + 1)
        assert jitted.lower(jnp.array(1)).compile() is not None
    assert [jax.jit, jax.tree.map, copy.deepcopy] == before
