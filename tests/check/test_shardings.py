"""Shardings that do not fit what a call is given, and what the report says of them."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from inner_refusals import Scale
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from live import held

import nnxfuzz
from nnxfuzz import nnx_api

pytestmark = pytest.mark.skipif(jax.device_count() < 2, reason="needs two devices")

Program = Callable[[dict[str, Any]], Any]


def step(m: Any, x: Any) -> Any:
    return x * held(m.w)


def over(*axes: str | None) -> NamedSharding:
    return NamedSharding(Mesh(jax.devices()[:2], ("d",)), PartitionSpec(*axes))


def called(rows: int, **options: Any) -> Any:
    return nnx.jit(step, **options)(Scale(jnp.array(1.0)), jnp.ones((rows, 2)))


def an_argument_that_is_elsewhere(mode: dict[str, Any]) -> Any:
    x = jax.device_put(jnp.ones((4, 2)), over())
    return nnx.jit(step, in_shardings=(None, over("d")), **mode)(Scale(jnp.array(1.0)), x)


def an_odd_batch(mode: dict[str, Any]) -> Any:
    return called(5, in_shardings=(None, over("d")), **mode)


def an_odd_result(mode: dict[str, Any]) -> Any:
    return called(5, out_shardings=over("d"), **mode)


def more_axes_than_there_are(mode: dict[str, Any]) -> Any:
    return called(4, in_shardings=(None, over("d", None, None)), **mode)


def no_mesh(mode: dict[str, Any]) -> Any:
    return called(4, out_shardings=PartitionSpec("d"), **mode)


def one_for_too_few(mode: dict[str, Any]) -> Any:
    return called(4, in_shardings=(over("d"),), **mode)


def two_for_one_result(mode: dict[str, Any]) -> Any:
    return called(4, out_shardings=(over("d"), None), **mode)


def an_argument_that_is_not_there(mode: dict[str, Any]) -> Any:
    return called(4, donate_argnums=(7,), **mode)


def a_scalar_of_a_module(mode: dict[str, Any]) -> Any:
    one = Mesh(jax.devices()[:1], ("d",))
    specs = PartitionSpec("d"), PartitionSpec("d")
    f = nnx.shard_map(step, mesh=one, in_specs=specs, out_specs=specs[0], **mode)
    return f(Scale(jnp.array(1.0)), jnp.ones((4, 2)))


#: The record of each, and the path.
TOLD: dict[Program, tuple[str, str]] = {
    an_argument_that_is_elsewhere: ("sharded-otherwise", "x"),
    an_odd_batch: ("sharding-uneven", "x"),
    an_odd_result: ("sharding-uneven", "result"),
    more_axes_than_there_are: ("sharding-uneven", "x"),
    a_scalar_of_a_module: ("sharding-uneven", "m.w"),
    no_mesh: ("sharding-without-mesh", "out_shardings"),
    one_for_too_few: ("sharding-no-prefix", "in_shardings"),
    two_for_one_result: ("sharding-no-prefix", "out_shardings"),
    an_argument_that_is_not_there: ("unknown-parameter", "7"),
}


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("program", TOLD, ids=lambda program: program.__name__)
def test_what_does_not_fit_is_told(program: Program, mode: nnx_api.Mode) -> None:
    with nnxfuzz.checking() as report, pytest.raises((ValueError, RuntimeError)):
        program(nnx_api.mode_arguments(mode))
    assert report.failures == []
    (row,) = report.rows.values()
    verdict = row.worst(mode)
    assert verdict is not None
    assert (verdict.kind, verdict.record) == ("refused", TOLD[program][0]), verdict.told
    assert verdict.paths == (TOLD[program][1],)
    assert verdict.way_out


def test_lanes_need_devices() -> None:
    with nnxfuzz.checking() as report, pytest.raises(ValueError):
        nnx.pmap(step, in_axes=(None, 0))(
            Scale(jnp.array(1.0)), jnp.ones((jax.device_count() + 1, 2))
        )
    (row,) = report.rows.values()
    verdict = row.worst("graph")
    assert verdict is not None and report.failures == []
    assert verdict.kind == "refused", verdict.told


def test_a_sharding_that_fits_explains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A jit that refuses in the words of jax what there is no reason to refuse."""
    real = nnx.jit

    def refusing(f: Any, **options: Any) -> Any:
        return real(f, **{**options, "in_shardings": (None, over("d", None, None))})

    refusing.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    monkeypatch.setattr(nnx, "jit", refusing)
    with nnxfuzz.checking() as report, pytest.raises(ValueError):
        called(4, in_shardings=(None, over("d")))
    ((_, verdict),) = report.findings
    assert verdict.kind == "unexplained refusal"
