"""`shard_map` of a user's own module on one device: Flax leaves what plain leaves, in each mode."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.sharding import Mesh, PartitionSpec
from sides import MODES, differences

import nnxfuzz
from nnxfuzz import plain
from nnxfuzz.plain.objects import Unsupported

pytestmark = pytest.mark.skipif(
    not hasattr(nnx, "shard_map"), reason="this release has no nnx.shard_map"
)


class Scaled(nnx.Module):  # type: ignore[misc]
    """A weight, and a sum of what it is given."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(2.0))
        self.seen = nnx.BatchStat(jnp.zeros(2))

    def __call__(self, x: Any) -> Any:
        self.seen.value = self.seen.value + x
        return self.w.value * x


def run(nnx: Any, model: Any) -> Any:
    mesh, spec = Mesh(np.array(jax.devices()[:1]), ("d",)), PartitionSpec("d")
    f = nnx.shard_map(lambda m, x: m(x), mesh=mesh, in_specs=(spec, spec), out_specs=spec)
    return f(model, jnp.array([3.0, 5.0]))


@pytest.mark.parametrize("mode", MODES)
def test_flax_leaves_what_plain_leaves(mode: plain.Mode) -> None:
    assert differences(run, lambda: (Scaled(),), mode) == []


def test_several_devices_are_unsupported() -> None:
    mesh = jax.sharding.AbstractMesh((2,), ("d",))
    with pytest.raises(Unsupported, match="one device, and the mesh has 2"):
        plain.shard_map(lambda x: x, mesh=mesh, in_specs=None, out_specs=None)


def test_a_collective_is_unsupported() -> None:
    mesh = Mesh(np.array(jax.devices()[:1]), ("d",))
    f = plain.shard_map(lambda x: jax.lax.psum(x, "d"), mesh=mesh, in_specs=None, out_specs=None)
    with pytest.raises(Unsupported, match="no collectives"):
        f(jnp.ones(2))


def test_the_check_judges_it() -> None:
    with nnxfuzz.checking() as report:
        run(nnx, Scaled())
    assert report.counts() == {"same": 1}
