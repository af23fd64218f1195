"""`shard_map` of a user's own module, on one device and on four: Flax leaves what plain leaves."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.sharding import PartitionSpec as P
from sides import MODES, differences

import nnxfuzz
from nnxfuzz import plain

pytestmark = pytest.mark.skipif(
    not hasattr(nnx, "shard_map"), reason="this release has no nnx.shard_map"
)

WHOLE, ROWS = P(), P("d")


class Scaled(nnx.Module):  # type: ignore[misc]
    """A weight, a sum of what it is given, and a count."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(4.0))
        self.seen = nnx.BatchStat(jnp.zeros(4))
        self.calls = nnx.BatchStat(jnp.zeros(()))

    def __call__(self, x: Any) -> Any:
        self.seen.value = self.seen.value + x
        return self.w.value * x


def mesh(size: int) -> Any:
    """A mesh of one device, or of two by two."""
    devices = np.array(jax.devices()[:size]).reshape((-1, min(size, 2)))
    return jax.sharding.Mesh(devices, ("e", "d"))


def make() -> tuple[Any, ...]:
    return Scaled(), jnp.array([3.0, 5.0, 7.0, 9.0])


def by_filter(nnx: Any, model: Any, x: Any, size: int) -> Any:
    """The same by a StateSharding, for graph mode."""
    specs = nnx.StateSharding({nnx.PathContains("calls"): WHOLE, ...: ROWS})
    f = nnx.shard_map(lambda m, x: m(x), mesh=mesh(size), in_specs=(specs, ROWS), out_specs=ROWS)
    return f(model, x)


def replicated(nnx: Any, model: Any, x: Any, size: int) -> Any:
    """All devices have the whole model and a part of the batch; the mean is over all of it."""

    def f(m: Any, x: Any) -> Any:
        m.calls.value = m.calls.value + jax.lax.psum(jnp.sum(x), "d")
        return jax.lax.pmean(m.w.value[:1] * x, "d")

    return nnx.shard_map(f, mesh=mesh(size), in_specs=(WHOLE, ROWS), out_specs=WHOLE)(model, x)


def trained(nnx: Any, model: Any, x: Any, size: int) -> Any:
    """A gradient by replicated Params, which jax sums over the devices."""

    def f(m: Any, x: Any) -> Any:
        return nnx.grad(lambda m: jnp.sum(m.w.value) * jnp.sum(x))(m)

    return nnx.shard_map(f, mesh=mesh(size), in_specs=(WHOLE, ROWS), out_specs=WHOLE)(model, x)


def made(nnx: Any, model: Any, x: Any, size: int) -> Any:
    """The function makes a Param on the model, and returns another."""

    def f(m: Any, x: Any) -> Any:
        m.bias = nnx.Param(m.w.value + 1)
        return nnx.Param(x * 2)

    return nnx.shard_map(f, mesh=mesh(size), in_specs=(WHOLE, ROWS), out_specs=ROWS)(model, x)


#: The four are two by two: a spec names an axis of two, and is silent about another.
sizes = pytest.mark.parametrize("size", [1, pytest.param(2, marks=pytest.mark.slow), 4])


@sizes
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", [replicated, trained, made])
def test_flax_leaves_what_plain_leaves(program: Any, mode: plain.Mode, size: int) -> None:
    assert differences(functools.partial(program, size=size), make, mode) == []


@sizes
def test_parts_of_a_module_have_specs_of_their_own(size: int) -> None:
    assert differences(functools.partial(by_filter, size=size), make, "graph") == []


@pytest.mark.skipif(not hasattr(nnx, "prefix"), reason="this release has no nnx.prefix")
@pytest.mark.parametrize("graph", [True, False])
@sizes
def test_a_prefix_says_so_without_graph_updates(size: int, graph: bool) -> None:
    def run(nnx: Any, model: Any, x: Any) -> Any:
        specs = nnx.prefix(model, {nnx.PathContains("calls"): WHOLE, ...: ROWS}, graph=graph)
        in_specs = (specs, ROWS)
        f = nnx.shard_map(lambda m, x: m(x), mesh=mesh(size), in_specs=in_specs, out_specs=ROWS)
        return f(model, x)

    assert differences(run, make, "graph-frozen" if graph else "tree") == []


@sizes
def test_what_plain_leaves_is_what_the_specs_say(size: int) -> None:
    model, x = make()
    mean = replicated(plain, model, x, size)
    parts = 1 if size == 1 else 2
    assert np.asarray(mean).tolist() == [0.0] * (4 // parts)  # w[0] is 0
    assert float(model.calls.value) == 24.0
    y = by_filter(plain, model, x, size)
    assert np.asarray(y).tolist() == [0.0, 5.0, 14.0, 27.0]
    assert np.asarray(model.seen.value).tolist() == [3.0, 5.0, 7.0, 9.0]


def test_replicas_that_end_up_unequal_are_refused_by_both() -> None:
    def f(m: Any, x: Any) -> None:
        m.calls.value = jnp.sum(x)

    options: Any = {"mesh": mesh(2), "in_specs": (WHOLE, ROWS), "out_specs": None}
    for nnx_ in (plain, nnx):
        with pytest.raises(ValueError, match="replication"):
            nnx_.shard_map(f, **options)(*make())


def test_a_spec_that_does_not_fit_is_refused_by_both() -> None:
    for nnx_ in (plain, nnx):
        with pytest.raises(ValueError, match="in_specs"):  # the count has no axis
            nnx_.shard_map(lambda m: None, mesh=mesh(2), in_specs=(ROWS,), out_specs=None)(Scaled())


@sizes
def test_the_check_judges_it(size: int) -> None:
    with nnxfuzz.checking() as report:
        model, x = make()
        replicated(nnx, model, x, size)
    assert report.counts() == {"same": 1}
