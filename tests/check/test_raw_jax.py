"""Functions of jax that make two Variables of one are reported; those that do not are not."""

import copy
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from flax.nnx import fori_loop as imported_loop
from jax.tree import map as tree_map

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


def by_vmap(model: Any) -> Any:
    return jax.vmap(lambda model: model, axis_size=1, in_axes=None)(model)


def by_path(model: Any) -> Any:
    return jax.tree_util.tree_map_with_path(lambda path, x: x, model)


def by_switch(model: Any) -> Any:
    return jax.lax.switch(0, [lambda model: model] * 2, model)


def by_remat(model: Any) -> Any:
    return jax.checkpoint(lambda model: model)(model)


def by_grad(model: Any) -> Any:
    return jax.grad(lambda model: model.embed[...] * model.readout[...])(model)


RAW = {
    f.__name__: f
    for f in (
        by_tree_map,
        by_jit,
        by_device_put,
        by_loop,
        by_grad,
        by_vmap,
        by_path,
        by_switch,
        by_remat,
    )
}

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
    with nnxfuzz.checking() as report:
        one, other = copy.deepcopy((Holder(shared), Holder(shared)))
    assert report.calls == (one.w is not other.w)


class Holder(nnx.Module):  # type: ignore[misc]
    """Holds a Variable that another module may hold, too."""

    def __init__(self, w: Any) -> None:
        self.w = w


def test_what_two_arguments_share_is_reported() -> None:
    shared = nnx.Param(jnp.array(1.0))
    with nnxfuzz.checking() as report:
        jax.jit(lambda one, other: (one, other))(Holder(shared), Holder(shared))
    (row,) = report.rows.values()
    assert row.transform == "jax.jit"
    told = next(verdict.told for _, verdict in row.used)
    assert told == "makes two Variables of the one at `args[0].w` and `args[1].w`"


def test_a_function_that_was_imported_by_name_is_watched() -> None:
    with nnxfuzz.checking() as report:
        tree_map(lambda x: x, Tied())
        imported_loop(0, 1, lambda i, x: x, jnp.array(0))
    assert [row.transform for row in report.rows.values()] == ["jax.tree.map", "fori_loop"]
    assert imported_loop is nnx.fori_loop
    assert tree_map is jax.tree.map


def test_the_functions_are_jaxs_own_afterwards() -> None:
    before: list[Callable[..., Any]] = [jax.jit, jax.tree.map, copy.deepcopy]
    with nnxfuzz.checking():
        jitted = jax.jit(lambda x: x + 1)
        assert jitted.lower(jnp.array(1)).compile() is not None
    assert [jax.jit, jax.tree.map, copy.deepcopy] == before
