"""Mistakes of transforms that leave every number right, or almost, and calls that show them."""

import collections
import copy
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from excused_calls import Fault, Net, Options, around
from flax import nnx

from nnxfuzz import nnx_api


@functools.partial(
    jax.tree_util.register_dataclass, data_fields=["numbers", "scale"], meta_fields=[]
)
@dataclasses.dataclass(frozen=True)
class Quantized:
    """What a Variable may hold besides an array."""

    numbers: Any
    scale: Any


class Tagged:
    """A container that jax knows, with a tag."""

    def __init__(self, held: Any, tag: str) -> None:
        self.held, self.tag = held, tag


jax.tree_util.register_pytree_node(
    Tagged, lambda t: ((t.held,), t.tag), lambda tag, held: Tagged(next(iter(held)), tag)
)


class Settings:
    """An object that equals nothing but itself."""


class Held(nnx.Module):  # type: ignore[misc]
    """A module with what is no Variable, and a Variable with what is no array."""

    def __init__(self) -> None:
        self.n = nnx.BatchStat(jnp.ones(2))
        self.q = nnx.Param(Quantized(jnp.arange(3), jnp.ones(1)))
        self.items = nnx.List([nnx.Param(jnp.ones(1)), nnx.Param(jnp.ones(1))])
        self.settings = nnx.static(Settings())
        self.shape = nnx.static((2, 3))
        self.x = nnx.data(jnp.ones(2))


# --- mistakes -------------------------------------------------------------------------------


def then(change: Callable[..., Any]) -> Fault:
    """What comes back is `change(what Flax returns, the arguments)`; if that is None, it stays."""

    def fault(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        out = call(*args, **kwargs)
        changed = change(out, *args)
        return out if changed is None else changed

    return around(fault)


def without(*options: str, **others: Any) -> Fault:
    """A transform that does not hand on some options, or hands on others."""

    def fault(real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def transform(f: Any, **given: Any) -> Any:
            left = {name: value for name, value in given.items() if name not in options}
            return real(f, **left, **others)

        return transform

    return fault


def cut_to_the_shortest(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    size = min(len(x) for x in args if x.ndim)
    return call(*(x[:size] if x.ndim else x for x in args), **kwargs)


def struct_kept(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """A Variable that holds a struct keeps it."""
    was = nnx_api.get_raw(args[0].q)
    out = call(*args, **kwargs)
    nnx_api.set_raw(args[0].q, was)
    return out


def number_becomes_an_array(out: Any, net: Any) -> None:
    del net.k
    net.k = nnx.data(jnp.asarray(3))


def array_becomes_static(out: Any, net: Any) -> None:
    object.__setattr__(net, "_pytree__nodes", net._pytree__nodes.update({"x": False}))


def settings_copied(out: Any, net: Any) -> None:
    net.settings = nnx.static(copy.copy(net.settings))


def shorter(out: Any, net: Any) -> None:
    net.items._length = 2


def right_once(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """A pullback that gives zeros when it is called again."""
    out, back = call(*args, **kwargs)
    calls = []

    def pullback(cotangent: Any) -> Any:
        calls.append(cotangent)
        return jax.tree.map(lambda x: x * (len(calls) == 1), back(cotangent))

    return out, pullback


def shape_traced(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """A static tuple of a module becomes one of arrays."""
    net = args[0]
    shape = net.shape
    del net.shape
    net.shape = nnx.data(tuple(map(jnp.asarray, shape)))
    try:
        return call(*args, **kwargs)
    finally:
        del net.shape
        net.shape = nnx.static(shape)


def partial_taken_apart(real: Callable[..., Any]) -> Callable[..., Any]:
    """A transform that traces the arguments of a `functools.partial`."""

    @functools.wraps(real)
    def transform(f: Any, **options: Any) -> Any:
        made = real(f.func, **options)
        return lambda *args: made(*f.args, *args, **f.keywords)

    return transform


def made_in_a_trace(call: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
    """What the function makes is of a trace that is over."""
    states = []
    jax.jit(lambda x: states.append(nnx.Param(x)._trace_state))(jnp.ones(1))
    real = nnx.BatchStat.__init__

    def init(self: Any, *given: Any, **options: Any) -> None:
        real(self, *given, **options)
        object.__setattr__(self, "_trace_state", states[0])

    nnx.BatchStat.__init__ = init
    try:
        return call(*args, **kwargs)
    finally:
        nnx.BatchStat.__init__ = real


# --- calls ----------------------------------------------------------------------------------


def on_held(change: Callable[[Any], Any]) -> Callable[[Options], None]:
    """`nnx.jit` of a function of a module."""

    def program(mode: Options) -> None:
        nnx.jit(change, **mode)(Held())

    return program


def of(function: Callable[..., Any], *args: Any) -> Callable[[Options], None]:
    """`nnx.jit` of a function of arrays."""

    def program(mode: Options) -> None:
        nnx.jit(function, **mode)(*map(jnp.asarray, args))

    return program


def counts(net: Any) -> None:
    net.n[...] += 1


def sets_and_counts(net: Any) -> None:
    net.z = 3
    net.n[...] += 1


def grows(net: Any) -> None:
    net.items.append(nnx.Param(jnp.ones(1)))


def quantizes(net: Any) -> None:
    held = nnx_api.read(net.q)
    nnx_api.assign(net.q, Quantized(held.numbers + 1, held.scale * 2))


def makes_zeros(net: Any) -> Any:
    return jnp.zeros(net.shape)


def masked(x: Any) -> Any:
    return jnp.where(jnp.arange(3) > 1, jnp.finfo(x.dtype).min, x * 3)


def backwards_by_order(x: Any) -> Any:
    return collections.OrderedDict(b=x, a=x * 2)


def tagged(x: Any) -> Any:
    return Tagged(x, "a tag")


def steps_by_number(k: int, net: Any) -> None:
    for _ in range(k):
        net.n[...] += 1


def of_a_partial(mode: Options) -> None:
    nnx.jit(functools.partial(steps_by_number, 3), **mode)(Net())


def scans_too_long(mode: Options) -> None:
    nnx.scan(lambda c, x: (c + x, x), length=4, **mode)(jnp.zeros(()), jnp.ones(3))


def maps_two_sizes(mode: Options) -> None:
    nnx.vmap(lambda x, y: x + y, **mode)(jnp.zeros(3), jnp.ones(4))


def donates_one(mode: Options) -> None:
    nnx.jit(lambda x, y: (x * 2, y * 3), donate_argnums=1, **mode)(jnp.ones(2), jnp.ones(2))


def small_gradient(mode: Options) -> None:
    nnx.grad(lambda x: (x * jnp.asarray([1e5, 0.3])).sum(), **mode)(jnp.ones(2))


def loop_in_a_jit(mode: Options) -> None:
    def function(x: Any) -> Any:
        return nnx.while_loop(lambda x: x.sum() < 9, lambda x: x + 1, x, **mode)

    nnx.jit(function, **mode)(jnp.ones(2))


def maps_a_reference(mode: Options) -> None:
    total = nnx.Variable(jnp.zeros(3), ref=True)
    nnx.vmap(lambda total, x: total.set_value(total[...] + x), **mode)(total, jnp.ones(3))


def writes_what_it_makes(mode: Options) -> None:
    other = nnx.BatchStat(jnp.ones(2))

    def function(x: Any) -> Any:
        made = nnx.BatchStat(x)
        made[...] += other[...]
        return made[...]

    nnx.jit(function, **mode)(jnp.ones(2))


def placed(mode: Options) -> None:
    """One result is to be on all devices, the other is to be split."""
    mesh = jax.make_mesh((2,), ("x",))
    split, whole = (
        jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*names)) for names in ("x", ())
    )
    double = nnx.jit(lambda x: (x * 2, x.sum()), out_shardings=(split, whole), **mode)
    double(jnp.ones(4))
