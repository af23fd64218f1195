"""What a report says can be done about a finding: another mode, if that is right."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from live import bump, held, write

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.verdicts import Verdict

pytestmark = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")


class Cell(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.n = nnx.Variable(jnp.array(0.0))


def losing(*modes: tuple[bool | None, bool | None]) -> Any:
    """A jit that loses the update in some modes."""
    real = nnx.jit

    def jit(f: Any, **options: Any) -> Any:
        made = real(f, **options)

        def call(cell: Any) -> Any:
            before = held(cell.n)
            out = made(cell)
            if (options.get("graph"), options.get("graph_updates")) in modes:
                write(cell.n, before)
            return out

        return call

    jit.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    return jit


def step(cell: Any) -> None:
    bump(cell.n)


def finding(monkeypatch: pytest.MonkeyPatch, jit: Any, modes: Any = "used") -> Verdict:
    monkeypatch.setattr(nnx, "jit", jit)
    with nnxfuzz.checking(modes) as report:
        nnx.jit(step)(Cell())
    assert report.failures == []
    assert report.modes == (["graph"] if modes == "used" else list(nnx_api.modes()))
    ((_, found),) = report.findings
    assert found.kind == "different"
    return found


@pytest.mark.parametrize("modes", ["used", "all"])
def test_another_mode_is_the_way_out(monkeypatch: pytest.MonkeyPatch, modes: str) -> None:
    found = finding(monkeypatch, losing((None, None)), modes)
    assert found.way_out == (
        "call it with graph=True, graph_updates=False, which does as plain Python here"
    )


def test_only_a_mode_that_is_right_is_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = finding(monkeypatch, losing((None, None), (True, False)))
    assert found.way_out == (
        "call it with graph=False, graph_updates=False, which does as plain Python here"
    )


def test_no_mode_is_the_way_out_if_none_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not finding(monkeypatch, losing((None, None), (True, False), (False, False))).way_out


def test_tree_mode_is_not_tried_where_an_object_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that holds itself ends in a RecursionError there, and jax is of no use after it."""
    tried = []
    real = losing((None, None), (True, False))

    def jit(f: Any, **options: Any) -> Any:
        tried.append(options.get("graph"))
        return real(f, **options)

    jit.__signature__ = inspect.signature(nnx.jit)  # type: ignore[attr-defined]
    monkeypatch.setattr(nnx, "jit", jit)
    cell = Cell()
    cell.itself = cell
    with nnxfuzz.checking() as report:
        nnx.jit(step)(cell)
    ((_, found),) = report.findings
    assert not found.way_out
    assert True in tried and False not in tried


class Noisy(Cell):
    """Draws from a stream, and counts if it is asked to."""

    def __init__(self, counts: bool) -> None:
        super().__init__()
        self.rngs, self.counts = nnx.Rngs(noise=0), counts

    def __call__(self, x: Any) -> Any:
        if self.counts:
            bump(self.n)
        return x + jax.random.normal(self.rngs.noise())


OWN_STREAMS = "nnx.split_rngs, or with `fork(split=...)`"


@pytest.mark.parametrize("counts, told", [(False, OWN_STREAMS), (True, "return the value")])
def test_lanes_that_share_a_stream_are_to_have_their_own(counts: bool, told: str) -> None:
    with nnxfuzz.checking("all") as report:
        nnx.vmap(lambda noisy, x: noisy(x), in_axes=(None, 0))(Noisy(counts), jnp.ones(3))
    (row,) = report.rows.values()
    for mode in nnx_api.modes():
        verdict = row.worst(mode)
        assert verdict is not None
        assert verdict.record == "broadcast-one-lane"
        assert told in verdict.way_out


def test_trips_that_share_a_stream_are_to_have_their_own() -> None:
    with nnxfuzz.checking() as report:
        axes = {"in_axes": (nnx.Carry, None, 0), "out_axes": nnx.Carry}
        loop = nnx.scan(lambda total, noisy, x: noisy(total + x), **axes)
        loop(jnp.array(0.0), Noisy(counts=False), jnp.ones(3))
    (row,) = report.rows.values()
    verdict = row.worst("graph")
    assert verdict is not None
    assert verdict.record == "broadcast-dropped"
    assert OWN_STREAMS in verdict.way_out
