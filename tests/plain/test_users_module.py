"""A user's own module in every transform and mode: plain leaves what Flax leaves, or the record
that says otherwise is named.
"""

import jax.numpy as jnp
from flax import nnx

from nnxfuzz import compat, plain


class Block(nnx.Module):  # type: ignore[misc]
    """Linear, batch statistics, dropout, and a counter of its calls."""

    def __init__(self, seed: int) -> None:
        rngs = nnx.Rngs(seed)
        self.linear = nnx.Linear(3, 3, rngs=rngs)
        self.norm = nnx.BatchNorm(3, use_running_average=False, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, deterministic=False, rngs=rngs)
        self.calls = nnx.Variable(jnp.array(0))

    def __call__(self, x):  # type: ignore[no-untyped-def]
        self.calls.value = self.calls.value + 1
        return self.dropout(self.norm(self.linear(x)))


X = jnp.arange(6.0).reshape(2, 3) ** 2
XS = jnp.stack([X, X[::-1] + 1, X * 0.5])


def one() -> tuple[Block]:
    return (Block(0),)


def stacked() -> tuple[Block]:
    """A module whose Variables have a leading axis of three, made without Flax's transforms."""
    return (plain.vmap(Block, in_axes=0)(jnp.arange(3)),)


def carried_by_scan(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.scan(lambda m, x: (m, m(x)), in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))(
        model, XS
    )


def carried_by_fori_loop(nnx, model):  # type: ignore[no-untyped-def]
    def body(i, carry):  # type: ignore[no-untyped-def]
        m, x = carry
        return m, m(x) + i

    return nnx.fori_loop(1, 4, body, (model, X))


def carried_by_while_loop(nnx, model):  # type: ignore[no-untyped-def]
    def body(carry):  # type: ignore[no-untyped-def]
        m, x, n = carry
        return m, m(x), n - 1

    return nnx.while_loop(lambda carry: carry[2] > 0, body, (model, X, 3))


def twice_through_jit(nnx, model):  # type: ignore[no-untyped-def]
    call = nnx.jit(lambda m, x: m(x))
    return call(model, call(model, X))


def one_module_twice_in_jit(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.jit(lambda m, again, x: again(m(x)))(model, model, X)


def taken_by_cond(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.cond(jnp.array(True), lambda m, x: m(x), lambda m, x: m(x + 1), model, X)


def not_taken_by_cond(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.cond(jnp.array(False), lambda m, x: m(x), lambda m, x: x, model, X)


def taken_by_switch(nnx, model):  # type: ignore[no-untyped-def]
    branches = [lambda m, x: x, lambda m, x: m(x), lambda m, x: m(m(x))]
    return nnx.switch(jnp.array(7), branches, model, X)


def mapped_over_its_axis(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.vmap(lambda m, x: m(x), in_axes=(0, None))(model, X)


def made_by_vmap(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.vmap(lambda m, seed: Block(0), in_axes=(None, 0))(model, jnp.arange(3))


def broadcast_by_vmap(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.vmap(lambda m, x: m.linear(x), in_axes=(None, 0))(model, XS)


def written_broadcast_by_vmap(nnx, model):  # type: ignore[no-untyped-def]
    def count(m, x):  # type: ignore[no-untyped-def]
        m.calls.value = m.calls.value + 1
        return m.linear(x)

    return nnx.vmap(count, in_axes=(None, 0))(model, XS)


def vmap_in_scan(nnx, model):  # type: ignore[no-untyped-def]
    def trip(m, x):  # type: ignore[no-untyped-def]
        return m, nnx.vmap(lambda m, x: m(x), in_axes=(0, None))(m, x)

    return nnx.scan(trip, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))(model, XS)


def scanned_over(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.scan(lambda x, m: m(x), in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(X, model)


def loss_of(m, x):  # type: ignore[no-untyped-def]
    return jnp.mean((m(x) - 1.0) ** 2)


def value_and_gradient(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.value_and_grad(loss_of, allow_int=True)(model, X)


def rematted_gradient(nnx, model):  # type: ignore[no-untyped-def]
    return nnx.grad(lambda m, x: jnp.sum(nnx.remat(Block.__call__)(m, x)))(model, X)


def trained_in_scan(nnx, model, optimizer):  # type: ignore[no-untyped-def]
    def step(carry, x):  # type: ignore[no-untyped-def]
        m, o = carry
        loss, grads = nnx.value_and_grad(loss_of)(m, x)
        compat.update_optimizer(o, m, grads)
        return carry, loss

    return nnx.scan(step, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))((model, optimizer), XS)
