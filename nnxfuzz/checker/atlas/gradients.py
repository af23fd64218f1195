"""What is asked of a gradient: which arguments, which Variables, what else is returned."""

from typing import Any

import jax.numpy as jnp
from flax import nnx

from nnxfuzz.checker.atlas.base import Box, Counter, call_of, ones


def _product(a: Counter, b: Counter) -> Any:
    return jnp.sum(a.w[...] * 2 + b.w[...] * 3)


@call_of("grad")
def two_argnums_of_two_modules() -> None:
    """The gradient is of two arguments, two distinct modules."""
    nnx.grad(_product, argnums=(0, 1))(Counter(), Counter())


@call_of("grad")
def two_argnums_of_one_module() -> None:
    """The gradient is of two arguments that are one module."""
    m = Counter()
    nnx.grad(_product, argnums=(0, 1))(m, m)


@call_of("grad")
def one_argnum_of_one_module_twice() -> None:
    """The gradient is of one of two arguments that are one module."""
    m = Counter()
    nnx.grad(_product, argnums=0)(m, m)


@call_of("grad")
def the_second_argument() -> None:
    """The gradient is of the second argument alone."""
    nnx.grad(_product, argnums=1)(Counter(), Counter())


@call_of("grad")
def a_filter_picks_the_params() -> None:
    """`nnx.DiffState` picks the Params of the argument."""
    wanted = nnx.DiffState(0, nnx.Param)
    nnx.grad(_product, argnums=wanted)(Counter(), Counter())


@call_of("value_and_grad")
def the_loss_returns_aux() -> None:
    """The loss returns numbers beside its value, and writes to the module."""

    def loss(m: Counter) -> Any:
        m.count[...] += 1
        return jnp.sum(m.w[...]), m.w[...] * 2

    nnx.value_and_grad(loss, has_aux=True)(Counter())


@call_of("value_and_grad")
def the_loss_returns_the_module() -> None:
    """The loss returns its own module beside its value."""

    def loss(m: Counter) -> Any:
        return jnp.sum(m.w[...]), m

    nnx.value_and_grad(loss, has_aux=True)(Counter())


@call_of("grad")
def the_gradient_of_tied_weights() -> None:
    """The gradient is of a module that holds one Param under two names."""
    tied = nnx.Param(ones())
    nnx.grad(lambda m: jnp.sum(m.a[...] * 2 + m.b[...] * 3))(Box(a=tied, b=tied))


@call_of("grad")
def the_gradient_of_raw_arrays() -> None:
    """The gradient is of a module whose arrays are in no Variable."""
    nnx.grad(lambda m: jnp.sum(m.a * 2))(Box(a=ones()))


@call_of("grad")
def the_gradient_of_a_rematerialized_function() -> None:
    """The gradient is of a function under `nnx.remat` that counts its calls."""

    def loss(m: Counter) -> Any:
        m.count[...] += 1
        return jnp.sum(m.w[...] * 2)

    nnx.grad(nnx.remat(loss))(Counter())


@call_of("grad")
def the_gradient_of_a_scan() -> None:
    """The gradient is of a function that carries its module through a scan."""

    def loss(m: Counter) -> Any:
        def trip(m: Counter, x: Any) -> Any:
            m.count[...] += 1
            return m, jnp.sum(m.w[...] * x)

        axes = (nnx.Carry, 0)
        _, ys = nnx.scan(trip, in_axes=axes, out_axes=axes)(m, ones())
        return jnp.sum(ys)

    nnx.grad(loss)(Counter())


@call_of("vjp")
def a_pullback() -> None:
    """`nnx.vjp` of a function of a module, and one call of its pullback."""
    _, pullback = nnx.vjp(lambda m: jnp.sum(m.w[...] * 2), Box(w=nnx.Param(ones())))
    pullback(jnp.array(1.0))


@call_of("jvp")
def a_directional_derivative() -> None:
    """`nnx.jvp` of a function of a module, in the direction of another module."""
    m, tangent = Box(w=nnx.Param(ones())), Box(w=nnx.Param(ones()))
    nnx.jvp(lambda m: jnp.sum(m.w[...] * 2), (m,), (tangent,))
