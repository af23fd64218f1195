"""The ways: each transform, called as people call it, with a function and its arguments.

Every array of a construct has a leading axis of three numbers, so the same objects can be carried,
mapped, scanned over and broadcast.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

Body = Callable[..., Any]
Way = Callable[[Body, tuple[Any, ...]], Any]

#: How many trips a loop makes.
TRIPS = 3


def loss_of(body: Body) -> Body:
    """The function as a loss: the sum of all floats that it returns."""

    def loss(*args: Any) -> Any:
        leaves = jax.tree.leaves(body(*args))
        return sum((jnp.sum(x) for x in leaves if jnp.issubdtype(x.dtype, jnp.floating)), 0.0)

    return loss


def _jit(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.jit(body)(*args)


def _remat(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.remat(body)(*args)


def _cond(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.cond(jnp.array(True), body, body, *args)


def _switch(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.switch(jnp.array(1), [body, body], *args)


def _eval_shape(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.eval_shape(body, *args)


def _grad(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.grad(loss_of(body))(*args)


def _value_and_grad(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.value_and_grad(loss_of(body))(*args)


def _fori_loop(body: Body, args: tuple[Any, ...]) -> Any:
    def trip(_: Any, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        body(*carry)
        return carry

    return nnx.fori_loop(0, TRIPS, trip, args)


def _while_loop(body: Body, args: tuple[Any, ...]) -> Any:
    def more(carry: tuple[Any, ...]) -> Any:
        return carry[0] < TRIPS

    def trip(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        body(*carry[1:])
        return carry[0] + 1, *carry[1:]

    return nnx.while_loop(more, trip, (jnp.array(0), *args))


def _scan_carry(body: Body, args: tuple[Any, ...]) -> Any:
    def trip(carry: tuple[Any, ...], _: Any) -> tuple[Any, Any]:
        return carry, body(*carry)

    axes = (nnx.Carry, 0)
    return nnx.scan(trip, in_axes=axes, out_axes=axes)(args, jnp.zeros(TRIPS))


def _scan_slices(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.scan(body, in_axes=(0,) * len(args), out_axes=0)(*args)


def _scan_broadcast(body: Body, args: tuple[Any, ...]) -> Any:
    def trip(_: Any, *given: Any) -> Any:
        return body(*given)

    axes = (0, *(None,) * len(args))
    return nnx.scan(trip, in_axes=axes, out_axes=0)(jnp.zeros(TRIPS), *args)


def _vmap(body: Body, args: tuple[Any, ...]) -> Any:
    return nnx.vmap(body, in_axes=(0,) * len(args), out_axes=0)(*args)


def _vmap_broadcast(body: Body, args: tuple[Any, ...]) -> Any:
    def lane(_: Any, *given: Any) -> Any:
        return body(*given)

    axes = (0, *(None,) * len(args))
    return nnx.vmap(lane, in_axes=axes, out_axes=0)(jnp.zeros(TRIPS), *args)


#: By name, in the order of the page.  The name of the transform comes first.
WAYS: dict[str, Way] = {
    "jit": _jit,
    "remat": _remat,
    "cond": _cond,
    "switch": _switch,
    "eval_shape": _eval_shape,
    "grad": _grad,
    "value_and_grad": _value_and_grad,
    "fori_loop": _fori_loop,
    "while_loop": _while_loop,
    "scan, carry": _scan_carry,
    "scan, slices": _scan_slices,
    "scan, broadcast": _scan_broadcast,
    "vmap, lanes": _vmap,
    "vmap, broadcast": _vmap_broadcast,
}

#: The ways that run the function once.
ONCE = ("jit", "remat", "cond", "switch", "eval_shape", "grad", "value_and_grad")
#: The ways that differentiate the function.
GRADIENTS = ("grad", "value_and_grad")
#: The ways that carry the arguments.
CARRIES = ("fori_loop", "while_loop", "scan, carry")
#: The ways that hand each lane or trip its slice.
LANES = ("scan, slices", "vmap, lanes")


def without(*left_out: str) -> tuple[str, ...]:
    """All ways but these."""
    return tuple(way for way in WAYS if way not in left_out)
