"""`vjp` and `jvp` of a user's own module: Flax leaves what plain leaves, in each mode."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx
from sides import MODES, Program, differences

import nnxfuzz
from nnxfuzz import nnx_api, plain

pytestmark = pytest.mark.skipif(not hasattr(nnx, "vjp"), reason="this release has no nnx.vjp")

FROZEN = [mode for mode in MODES if mode != "graph"]


class Layer(nnx.Module):  # type: ignore[misc]
    """A layer with a weight, a counter of integers, a raw array and a stream."""

    def __init__(self, seed: int = 0) -> None:
        rngs = nnx.Rngs(seed)
        self.linear = nnx.Linear(2, 2, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, deterministic=False, rngs=rngs)
        self.calls = nnx.Variable(jnp.array(0.0))
        self.scale = nnx_api.as_data(jnp.array(3.0))

    def __call__(self, x: Any) -> Any:
        self.calls.value = self.calls.value + 1
        return self.dropout(self.linear(x)) * self.scale


class Smooth(nnx.Module):  # type: ignore[misc]
    """A weight and statistics, all of floats."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.array([1.0, 2.0]))
        self.mean = nnx.BatchStat(jnp.zeros(2))

    def __call__(self, x: Any) -> Any:
        self.mean.value = 0.5 * self.mean.value + x
        return {"y": (x * self.w.value) ** 2}


X = jnp.array([1.0, 3.0])


def pulled_back(nnx: Any, model: Any) -> Any:
    out, back = nnx.vjp(lambda m, x: m(x).sum(), model, X)
    return out, back(2.0 * jnp.ones_like(out))


def pulled_back_with_more(nnx: Any, model: Any) -> Any:
    @nnx.vjp(has_aux=True)  # type: ignore[untyped-decorator]
    def f(m: Any, x: Any) -> Any:
        y = m(x)
        return y["y"], {"sum": y["y"].sum()}

    out, back, aux = f(model, X)
    return out, back(jnp.ones_like(out)), aux


def pushed_forward(nnx: Any, model: Any, tangent: Any) -> Any:
    return nnx.jvp(lambda m, x: m(x), (model, X), (tangent, jnp.ones(2)))


def pushed_forward_with_more(nnx: Any, model: Any, tangent: Any) -> Any:
    taken = nnx.jvp(lambda m, x: (m(x), m.w.value), has_aux=True)
    return taken((model, X), (tangent, jnp.ones(2)))


PROGRAMS: dict[Program, Any] = {
    pulled_back: lambda: (Layer(),),
    pulled_back_with_more: lambda: (Smooth(),),
    pushed_forward: lambda: (Smooth(), Smooth()),
    pushed_forward_with_more: lambda: (Smooth(), Smooth()),
}


@pytest.mark.parametrize("mode", FROZEN)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_flax_leaves_what_plain_leaves(program: Program, mode: plain.Mode) -> None:
    assert differences(program, PROGRAMS[program], mode) == []


def test_the_body_runs_once_and_its_updates_stay() -> None:
    model = Smooth()
    plain.vjp(lambda m, x: m(x)["y"].sum(), model, X)
    assert model.mean.value.tolist() == [1.0, 3.0]


def test_an_exception_undoes_in_a_mode() -> None:
    model = Smooth()

    def fails(m: Any) -> Any:
        m(X)
        raise RuntimeError("no")

    with plain.meaning("tree"), pytest.raises(RuntimeError, match="no"):
        plain.vjp(fails, model)
    assert model.mean.value.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("mode", FROZEN)
def test_a_module_as_the_result(mode: plain.Mode) -> None:
    """A product with the Hessian is the derivative of a gradient, which is a module."""
    options = {"graph": mode == "graph-frozen", "graph_updates": False}

    def gradient(m: Any) -> Any:
        return nnx.grad(lambda m: m(X)["y"].sum(), **options)(m)

    with nnxfuzz.checking() as report:
        out, tangent = nnx.jvp(gradient, (Smooth(),), (Smooth(),), **options)
    assert isinstance(out, Smooth) and isinstance(tangent, Smooth)
    assert report.counts() == {"same": 1}
    with nnxfuzz.checking() as report, pytest.raises(ValueError, match="Duplicate"):
        nnx.jvp(lambda m: m, (Smooth(),), (Smooth(),), **options)
    assert report.counts() == {"refused": 1}


@pytest.mark.parametrize("mode", FROZEN)
def test_a_module_as_the_cotangent(mode: plain.Mode) -> None:
    """In graph mode without updates, the function that Flax returns refuses what has the form of
    the result, though the docstring of `nnx.vjp` asks for that (0.12.8 and 0.12.12).
    """

    def double(m: Any) -> Any:
        made = Smooth()
        made.w.value = m.w.value * 2
        return made

    with nnxfuzz.checking() as report:
        nnx.vjp(double, Smooth(), graph=mode == "graph-frozen", graph_updates=False)
    assert report.failures == []
    assert report.counts() == {"same" if mode == "tree" else "different": 1}


@pytest.mark.parametrize("mode", FROZEN)
def test_the_check_judges_them(mode: plain.Mode) -> None:
    options = {"graph": mode == "graph-frozen", "graph_updates": False}
    with nnxfuzz.checking() as report:
        out, back = nnx.vjp(lambda m, x: m(x).sum(), Layer(), X, **options)
        assert back(jnp.ones_like(out))[1].shape == (2,)
        nnx.jvp(graph=False)(lambda m: m(X)["y"])((Smooth(),), (Smooth(),))
    assert report.counts() == {"same": 2}


def test_graph_updates_are_a_documented_refusal() -> None:
    with nnxfuzz.checking("all") as report, pytest.raises(NotImplementedError):
        nnx.vjp(lambda m, x: m(x).sum(), Layer(), X)
    (row,) = report.rows.values()
    kinds = [row.worst(mode).kind for mode in report.modes]  # type: ignore[union-attr]
    assert kinds == ["refused", "same", "same"]
