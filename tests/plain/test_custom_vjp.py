"""`custom_vjp` of a user's own module: Flax leaves what plain leaves, in each mode."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from sides import MODES, Program, differences

import nnxfuzz
from nnxfuzz import nnx_api, plain
from nnxfuzz.plain.objects import Unsupported
from nnxfuzz.programs.versions import version


class Wave(nnx.Module):  # type: ignore[misc]
    """Two weights, and a number that each call doubles: the example of `nnx.custom_vjp`."""

    def __init__(self) -> None:
        self.x = nnx.Param(jnp.array(1.0))
        self.y = nnx.Param(jnp.array(2.0))
        self.z = nnx.BatchStat(jnp.array(3.0))


def wave(nnx: Any, states: bool, **options: Any) -> Any:
    """The function, whose derivative is ten times the right one; `states`: as graph mode has it.

    Of the options `nondiff_argnums` says that `x` alone has a derivative.
    """

    def f(m: Any, a: Any) -> Any:
        m.z.value = m.z.value * 2
        return jnp.sin(m.x.value) * m.y.value * a

    def fwd(m: Any, a: Any) -> Any:
        return custom(m, a), (jnp.cos(m.x.value), jnp.sin(m.x.value), m, a)

    def bwd_states(residual: Any, g: Any) -> Any:
        (changed, none), out = g
        assert none is None
        cos, sin, m, a = residual
        told = jax.tree.map(lambda leaf: leaf * 1, changed)
        told["x"].value = 10 * cos * out * m.y.value * a
        told["y"].value = 10 * sin * out * a
        return told.filter(_is_x) if options else told, 10 * out

    def bwd(residual: Any, g: Any, *, updates_g: Any) -> Any:
        cos, sin, m, a = residual
        told = jax.tree.map(jnp.zeros_like, m)
        told.x.value = 10 * cos * g * m.y.value * a + updates_g[0].z.value
        told.y.value = 10 * sin * g * a
        return told, 10 * g

    custom = nnx.custom_vjp(f, **options)
    custom.defvjp(fwd, bwd_states if states else bwd)
    return custom


def _is_x(path: Any, value: Any) -> bool:
    return "x" in path


def called(nnx: Any, states: bool, model: Any) -> Any:
    return wave(nnx, states)(model, jnp.array(2.0))


def differentiated(nnx: Any, states: bool, model: Any) -> Any:
    return nnx.value_and_grad(wave(nnx, states), argnums=(0, 1))(model, jnp.array(2.0))


def compiled(nnx: Any, states: bool, model: Any) -> Any:
    custom = wave(nnx, states)
    gradient = nnx.jit(nnx.grad(lambda m: custom(m, jnp.array(2.0)) ** 2))
    return gradient(model), gradient(model)


def by_some(nnx: Any, states: bool, model: Any) -> Any:
    if not states:
        pytest.skip("the modes without graph updates have no DiffState")
    chosen = plain.DiffState(0, _is_x)
    custom = wave(nnx, states, nondiff_argnums=(chosen,))
    return nnx.grad(custom, argnums=chosen)(model, jnp.array(2.0))


PROGRAMS: tuple[Program, ...] = (called, differentiated, compiled, by_some)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_flax_leaves_what_plain_leaves(program: Program, mode: plain.Mode) -> None:
    def run(nnx: Any, model: Any) -> Any:
        return program(nnx, mode == "graph", model)

    assert differences(run, lambda: (Wave(),), mode) == []


def test_the_derivative_is_the_users() -> None:
    custom = plain.custom_vjp(lambda x: x * x)
    custom.defvjp(lambda x: (custom(x), None), lambda _, g: (g * 7,))
    with plain.meaning("tree"):
        assert plain.grad(custom)(jnp.array(3.0)) == 7
    assert custom(3) == 9


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(Unsupported, match="no symbolic_zeros"):
        plain.custom_vjp(jnp.sin).defvjp(None, None, symbolic_zeros=True)
    with pytest.raises(ValueError, match="define it with defvjp"):
        plain.custom_vjp(jnp.sin)(1.0)


@pytest.mark.parametrize(
    "wrong",
    [lambda g: ((g,), g), lambda g: g, lambda g: (g,), lambda g: (g, {"a": g})],
    ids=["in a tuple", "no tuple", "one of two", "in a dictionary"],
)
def test_a_cotangent_has_the_structure_of_the_argument(wrong: Callable[[Any], Any]) -> None:
    """In graph mode `bwd` is given a pair: who takes it for the cotangent gets jax's error."""

    def loss(nnx: Any) -> None:
        custom = nnx.custom_vjp(lambda x, y: x * y)
        custom.defvjp(lambda x, y: (custom(x, y), None), lambda _, g: wrong(g[1]))
        nnx.grad(lambda x: jnp.sum(custom(x, x)))(jnp.ones((2, 2)))

    with pytest.raises(TypeError):
        loss(plain)
    with pytest.raises((TypeError, ValueError)), nnxfuzz.checking() as report:
        loss(nnx)
    assert report.counts().keys() <= {"same", "refused"}


def test_the_check_judges_it() -> None:
    with nnxfuzz.checking() as report:
        custom = wave(nnx, states=True)
        custom(Wave(), jnp.array(2.0))
        nnx.grad(custom)(Wave(), jnp.array(2.0))
    assert report.counts() == {"same": 2}


def test_a_number_under_a_gradient_is_observed() -> None:
    """jax hands a number that is differentiated by on as a `TypedFloat`, which has no shape."""
    function = plain.custom_vjp(lambda x: x)
    function.defvjp(lambda x: (function(x), x), lambda x, g: (g[1],))
    with plain.observing():
        assert plain.grad(lambda x: jnp.sum(function(x)))(1.5) == 1


def test_a_dictionary_that_the_function_reaches_may_have_names_of_several_types() -> None:
    scales = {1: 2.0, "two": 3.0}
    function = plain.custom_vjp(lambda x: x * scales[1])
    function.defvjp(lambda x: (function(x), None), lambda residual, g: (g[-1],))
    with plain.observing() as seen:
        assert plain.grad(lambda x: function(x))(jnp.array(1.0)) == 1
        y = jnp.array(3.0)
        plain.grad(lambda y: plain_product(y)(jnp.array(1.0)))(y)
    assert [path for o in seen.of("captured-traced") for path in o.paths] == ["y"]


def plain_product(y: Any) -> Any:
    """A function whose derivative is defined, and which reaches `y`."""
    function = plain.custom_vjp(lambda x: x * y)
    function.defvjp(lambda x: (function(x), None), lambda residual, g: (g[-1],))
    return function


@pytest.mark.skipif(nnx_api.release() < version("0.12.3"), reason="it has no references")
@pytest.mark.parametrize("outer", ["jit", "checkify"])
def test_a_captured_reference_is_written_in_a_trace_too(outer: str) -> None:
    v = nnx.Param(jnp.array(0.0), ref=True)

    def writes(x: Any) -> Any:
        v[...] = v[...] + 1
        return x

    def body(x: Any) -> Any:
        custom = plain.custom_vjp(writes)
        custom.defvjp(lambda x: (custom(x), ()), lambda kept, g: (g,))
        return custom(x + 1)

    getattr(plain, outer)(body)(jnp.array(1.0))
    assert v[...] == 1
