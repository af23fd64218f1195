"""Collectives over the lanes of `vmap` and `pmap`: Flax leaves what plain leaves, in each mode."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from sides import MODES, Program, differences

from nnxfuzz import plain

LANES = [name for name in ("vmap", "pmap") if hasattr(nnx, name)]


class Model(nnx.Module):  # type: ignore[misc]
    """A weight that lanes share, and one that each has."""

    def __init__(self) -> None:
        self.shared = nnx.Param(jnp.ones(()))
        self.own = nnx.BatchStat(jnp.arange(2.0))


def make() -> tuple[Any, ...]:
    return Model(), nnx.Variable(jnp.arange(2.0)), jnp.array([3.0, 5.0])


def lanes(name: str, in_axes: Any, body: Any) -> Program:
    def program(nnx: Any, model: Any, v: Any, x: Any) -> Any:
        transform = getattr(nnx, name)
        return transform(lambda *args: body(nnx, *args), in_axes=in_axes, axis_name="i")(
            model.own, v, x
        )

    return program


def summed(nnx: Any, own: Any, v: Any, x: Any) -> Any:
    v.value = v.value + jax.lax.psum(x, "i")
    own.value = own.value * x
    return jax.lax.pmean(own.value, "i"), nnx.Param(x)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", LANES)
def test_lanes_that_meet_leave_what_flax_leaves(name: str, mode: plain.Mode) -> None:
    assert differences(lanes(name, (0, 0, 0), summed), make, mode) == []
    assert differences(lanes(name, (0, None, 0), broadcast), make, mode) == []


def broadcast(nnx: Any, own: Any, v: Any, x: Any) -> Any:
    v.value = v.value + jax.lax.psum(x, "i")
    return own.value + v.value[0]


@pytest.mark.parametrize("name", LANES)
def test_what_the_lanes_come_to(name: str) -> None:
    model, v, x = make()
    mean, made = lanes(name, (0, 0, 0), summed)(plain, model, v, x)
    np.testing.assert_array_equal(v.value, [8.0, 9.0])
    np.testing.assert_array_equal(model.own.value, [0.0, 5.0])
    np.testing.assert_array_equal(mean, [2.5, 2.5])
    np.testing.assert_array_equal(made.value, x)


def test_lanes_that_do_not_meet_run_one_after_the_other() -> None:
    seen: list[float] = []

    def f(x: Any) -> Any:
        seen.append(float(x))
        return x

    plain.vmap(f, axis_name="i")(jnp.arange(3.0))
    assert seen == [0.0, 1.0, 2.0]


def test_an_axis_that_nothing_has_is_an_error_of_the_program() -> None:
    with pytest.raises(NameError, match="unbound axis name"):
        plain.vmap(lambda x: jax.lax.psum(x, "j"), axis_name="i")(jnp.ones(3))


def test_partition_names_and_a_collective_are_unsupported() -> None:
    metadata = {nnx.PARTITION_NAME: "layers"}
    f = plain.vmap(lambda x: jax.lax.psum(x, "i"), axis_name="i", transform_metadata=metadata)
    with pytest.raises(plain.Unsupported, match="transform_metadata"):
        f(jnp.ones(2))
