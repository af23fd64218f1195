"""Mistakes of transforms, and calls to which an excuse would almost apply."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from nnxfuzz import nnx_api

Options = Mapping[str, Any]
Fault = Callable[[Callable[..., Any]], Callable[..., Any]]


class Net(nnx.Module):  # type: ignore[misc]
    """Two Params, a counter and a static number."""

    def __init__(self) -> None:
        self.a = nnx.Param(jnp.arange(1.0, 3.0))
        self.n = nnx.BatchStat(jnp.ones(2))
        self.b = nnx.Param(jnp.arange(3.0, 5.0))
        self.k = 3


# --- mistakes -------------------------------------------------------------------------------


def refuse(error: type[Exception], words: str) -> None:
    """Raise it from a module that is taken for Flax's."""
    names = {"__name__": "flax.nnx.transforms.iteration", "error": error, "words": words}
    exec("def refuse():\n    raise error(words)\n", names)
    names["refuse"]()  # type: ignore[operator]


def around(change: Callable[[Callable[..., Any], tuple[Any, ...], Any], Any]) -> Fault:
    """A transform with `change(the call, its arguments, those by name)` in the place of a call."""

    def fault(real: Callable[..., Any]) -> Callable[..., Any]:
        at_once = real.__name__ in ("fori_loop", "while_loop", "cond", "vjp")

        @functools.wraps(real)
        def transform(*given: Any, **options: Any) -> Any:
            if at_once:
                return change(real, given, options)
            made = real(*given, **options)

            @functools.wraps(made)
            def call(*args: Any, **kwargs: Any) -> Any:
                return change(made, args, kwargs)

            return call

        return transform

    return fault


def refusing(error: type[Exception], words: str) -> Fault:
    """A transform that refuses every call."""
    return around(lambda call, args, kwargs: refuse(error, words))


def statics_ignored(real: Callable[..., Any]) -> Callable[..., Any]:
    """A transform that traces its static arguments."""

    @functools.wraps(real)
    def transform(f: Any, **options: Any) -> Any:
        left = {k: v for k, v in options.items() if not k.startswith("static")}
        return real(f, **left)

    return transform


def number_traced(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """A static number of a module becomes an array."""
    module = next(x for x in args if isinstance(x, Net))
    module.k = nnx.data(jnp.asarray(3))
    try:
        return call(*args, **kwargs)
    finally:
        del module.k
        module.k = nnx.static(3)


def counted(change: Callable[[Any, Any], Any]) -> Fault:
    """The counter of the first argument is `change(what it was, what the call left)`."""

    def fault(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        was = nnx_api.get_raw(args[0].n)
        out = call(*args, **kwargs)
        nnx_api.set_raw(args[0].n, change(was, nnx_api.get_raw(args[0].n)))
        return out

    return around(fault)


def left_in_a_trace(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """The counter is left in a trace that is over."""
    states = []

    def traced(x: Any) -> Any:
        states.append(nnx.Param(x)._trace_state)
        return x

    out = call(*args, **kwargs)
    jax.jit(traced)(jnp.ones(1))
    object.__setattr__(args[0].n, "_trace_state", states[0])
    return out


def another_reference(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """The first argument holds a reference of its own, which holds the same."""
    out = call(*args, **kwargs)
    object.__setattr__(args[0], "_raw_value", nnx_api.reference_to(nnx_api.get_raw(args[0])))
    return out


def of_ones(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """A pullback that does not look at what it is given."""
    out, back = call(*args, **kwargs)
    return out, lambda cotangent: back(jax.tree.map(jnp.ones_like, cotangent))


# --- calls ----------------------------------------------------------------------------------


def branches_by_number(net: Any, k: int) -> Any:
    if k > 2:
        net.n[...] += 1
    return net.a[...]


def steps_by_attribute(net: Any) -> None:
    for _ in range(net.k):
        net.n[...] += 1


def adds(step: float, also: bool = False) -> Callable[[Any], None]:
    def function(net: Any) -> None:
        net.n[...] += step
        if also:
            net.z = 3

    return function


def makes(number: float) -> Callable[[Any], None]:
    def function(net: Any) -> None:
        net.new = nnx.Param(jnp.full(2, number))

    return function


def casts(net: Any) -> None:
    net.a[...] = net.a[...].astype(jnp.float16)


def of_two(p: Any, q: Any) -> Any:
    return (p.a[...] + q.a[...]).sum()


def twice(transform: str, **options: Any) -> Callable[[Options], None]:
    """One module is given twice."""

    def program(mode: Options) -> None:
        net = Net()
        getattr(nnx, transform)(of_two, **options, **mode)(net, net)

    return program


def of_reference(mode: Options) -> None:
    total = nnx.Variable(jnp.zeros(2), ref=True)

    def body(i: Any, carry: Any) -> Any:
        total[...] += 1
        return carry

    nnx.fori_loop(0, 3, body, jnp.zeros(()), **mode)


def writes_to_a_reference(mode: Options) -> None:
    total = nnx.Variable(jnp.zeros(2), ref=True)
    nnx.jit(lambda total: total.set_value(total[...] + 1), **mode)(total)


def returns_another(mode: Options) -> None:
    total = nnx.Variable(jnp.zeros(2), ref=True)
    nnx.jit(lambda total, net: net, **mode)(total, Net())


def donates_another(mode: Options) -> None:
    net = Net()
    nnx.jit(lambda p, q: p.a[...] + net.a[...], donate_argnums=1, **mode)(net, Net())


def counter_of(*numbers: float) -> Net:
    net = Net()
    net.n[...] = jnp.asarray(numbers)
    return net


def inner_mode(mode: Options) -> None:
    def function(x: Any) -> Any:
        v = nnx.Param(x)
        return nnx.jit(of_one_twice, graph=True, graph_updates=True)(v, v)

    nnx.vmap(function, **mode)(jnp.ones(3))


def of_one_twice(p: Any, q: Any) -> Any:
    return p[...] + q[...]


def inner_jvp(mode: Options) -> None:
    def function(x: Any) -> Any:
        return nnx.jvp(jnp.sin, (x,), (x,), graph=False)[0]

    nnx.jit(function, **mode)(jnp.ones(2))


def twice_as_much(**mode: Any) -> Any:
    """A custom_vjp of a product."""
    double = nnx.custom_vjp(lambda x: x * 2, **mode)
    double.defvjp(lambda x: (double(x), None), lambda residual, g: (g * 2,))
    return double


def custom_vjp_forwards(mode: Options) -> None:
    double = twice_as_much(graph=False)
    nnx.jit(lambda x: nnx.jvp(double, (x,), (x,), graph=False)[1], **mode)(jnp.ones(2))


def custom_vjp_before_jvp(mode: Options) -> None:
    def function(x: Any) -> Any:
        y = twice_as_much(graph=False)(x)
        return nnx.jvp(jnp.sin, (y,), (x,), graph=False)[1]

    nnx.jit(function, **mode)(jnp.ones(2))


def loop_in_a_gradient(mode: Options) -> None:
    def loss(net: Any) -> Any:
        return nnx.fori_loop(0, 3, lambda i, total: total * 2, net.a[...].sum(), **mode)

    nnx.grad(loss, **mode)(Net())


def writes_what_is_broadcast(mode: Options) -> None:
    def body(carry: Any, net: Any, x: Any) -> Any:
        net.n[...] += 1
        return carry, x

    axes: Any = (nnx.Carry, None, 0)
    nnx.scan(body, in_axes=axes, **mode)(jnp.zeros(()), Net(), jnp.ones(3))


def hands_on(mode: Options) -> None:
    net = Net()
    double = nnx.remat(lambda net: net.a[...] * 2, **mode)
    nnx.jit(lambda x: double(net) * x, **mode)(jnp.ones(2))


def writes_and_reads(mode: Options) -> None:
    net = Net()
    nnx.jit(lambda p: p.b.set_value(p.b[...] + net.a[...]), **mode)(net)


def captured_in_graph_mode(mode: Options) -> None:
    net = Net()
    inner = nnx.vmap(lambda net: net.a[...], graph=True, graph_updates=True)
    nnx.jit(lambda x: inner(net) * x, **mode)(jnp.ones(2))


def shared_in_a_gradient(mode: Options) -> None:
    inner = nnx.grad(of_two, graph=True, graph_updates=True)
    nnx.jit(lambda net: jax.tree.leaves(inner(net, net)), **mode)(Net())
