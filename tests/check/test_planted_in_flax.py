"""Bugs planted in Flax's transforms are reported at the line of the user's call."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from live import bump, held, write

import nnxfuzz
from nnxfuzz.checker.report import Report


class Layer(nnx.Module):  # type: ignore[misc]
    """A weight, a counter and a stream."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.ones(3))
        self.n = nnx.Variable(jnp.zeros(3))
        self.rngs = nnx.Rngs(0)


def forgets_updates(real: Callable[..., Any]) -> Callable[..., Any]:
    """A vmap that loses what the body writes to the first argument."""

    def vmap(f: Any, **options: Any) -> Any:
        mapped = real(f, **options)

        def call(first: Layer, *rest: Any) -> Any:
            before = held(first.n)
            out = mapped(first, *rest)
            write(first.n, before)
            return out

        return call

    vmap.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    return vmap


def hands_a_key_out_twice(real: Callable[..., Any]) -> Callable[..., Any]:
    """A scan in whose trips a stream starts where it started in the first."""

    def scan(f: Any, **options: Any) -> Any:
        def body(layer: Layer, x: Any) -> Any:
            count = held(layer.rngs.default.count)
            out = f(layer, x)
            write(layer.rngs.default.count, count)
            return out

        return real(body, **options)

    scan.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    return scan


def parts_what_is_shared(real: Callable[..., Any]) -> Callable[..., Any]:
    """A cond that gives a branch a copy of its second operand."""

    def cond(pred: Any, true_fun: Any, false_fun: Any, first: Layer, second: Layer) -> Any:
        return real(pred, true_fun, false_fun, first, nnx.clone(second))

    cond.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
    return cond


def uses_vmap() -> None:
    """Counts in each lane."""

    def body(layer: Layer, x: Any) -> Any:
        bump(layer.n)
        return x * held(layer.w)

    layer = Layer()
    del layer.rngs
    nnx.vmap(body)(layer, jnp.ones(3))  # the call


def uses_scan() -> None:
    """Draws in each trip."""

    def body(layer: Layer, x: Any) -> Any:
        return layer, jax.random.uniform(layer.rngs()) + x

    scanned = nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
    scanned(Layer(), jnp.ones(3))  # the call


def uses_cond() -> None:
    """Writes by one name what it reads by the other."""

    def more(one: Layer, other: Layer) -> Any:
        bump(one.n)
        return held(other.n)

    layer = Layer()
    nnx.cond(jnp.array(True), more, lambda one, other: held(other.n), layer, layer)  # the call


PLANTED = {
    "vmap": (forgets_updates, uses_vmap, "layer.n is off by up to 1"),
    "scan": (hands_a_key_out_twice, uses_scan, "default.count is 3 in Python, 0 with Flax"),
    "cond": (parts_what_is_shared, uses_cond, "result is off by up to 1"),
}


def report_on(program: Callable[[], None]) -> Report:
    with nnxfuzz.checking() as report:
        program()
    assert report.failures == []
    return report


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_reported_at_its_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug, program, told = PLANTED[name]
    assert report_on(program).ok, "without the bug all is well"
    monkeypatch.setattr(nnx, name, bug(getattr(nnx, name)))
    report = report_on(program)
    assert not report.ok
    ((row, verdict),) = report.findings
    lines, first = inspect.getsourcelines(program)
    at = next(k for k, line in enumerate(lines) if "# the call" in line)
    assert (row.site.file, row.site.line) == (__file__, first + at)
    assert (row.transform, verdict.kind) == (name, "different")
    assert told in " ".join(verdict.lines)
