"""What a check warns of beside its verdicts: replicas that are not equal."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from jax.sharding import Mesh, PartitionSpec
from live import held, write

import nnxfuzz

pytestmark = pytest.mark.skipif(
    not hasattr(nnx, "shard_map") or jax.device_count() < 2, reason="needs nnx.shard_map"
)

#: The option that has jax check nothing, by its name in this release.
UNCHECKED = next(
    (p for p in inspect.signature(getattr(nnx, "shard_map", nnx.jit)).parameters if "check_" in p),
    "check_vma",
)


def warned(average: bool) -> list[dict[str, str]]:
    """The warnings at two calls of a step of data parallel training."""

    def step(weight: Any, x: Any) -> Any:
        by = jax.lax.pmean(x, "data") if average else x
        write(weight, held(weight) - by)
        return x

    data, whole = PartitionSpec("data"), PartitionSpec()
    options: dict[str, Any] = {UNCHECKED: False}
    mesh = Mesh(jax.devices()[:2], ("data",))
    weight = nnx.Param(jnp.zeros(1))
    with nnxfuzz.checking() as report:
        mapped = nnx.shard_map(step, mesh=mesh, in_specs=(whole, data), out_specs=data, **options)
        mapped(weight, jnp.arange(2.0))
        nnx.jit(lambda weight: held(weight) * 2)(weight)
    assert report.failures == []
    return [row.warnings() for row in report.rows.values()]


def test_replicas_that_are_not_equal_are_named_where_they_arise() -> None:
    first, second = warned(average=False)
    told = "each device holds other numbers of `weight`, which is one array to jax"
    assert first == {"unequal-replicas": told}
    assert second == {}


def test_nothing_is_said_of_equal_replicas() -> None:
    assert warned(average=True) == [{}, {}]


def test_a_difference_is_told_with_the_replicas_behind_it() -> None:
    weight = nnx.Param(jnp.zeros(1))
    data, whole = PartitionSpec("data"), PartitionSpec()
    options: dict[str, Any] = {UNCHECKED: False}
    mesh = Mesh(jax.devices()[:2], ("data",))
    tear = nnx.shard_map(write, mesh=mesh, in_specs=(whole, data), out_specs=whole, **options)
    tear(weight, jnp.arange(2.0))
    with nnxfuzz.checking() as report:
        lanes = nnx.pmap(lambda weight, x: held(weight) * x, in_axes=(None, 0))
        lanes(weight, jnp.ones((2, 1)))
    assert report.failures == []
    ((verdict,),) = [[v for _, v in row.used] for row in report.rows.values()]
    assert verdict.kind == "different"
    assert verdict.told.startswith("each device holds other numbers of `weight` before the call: ")
