"""Random streams: drawn from, reseeded, forked and split."""

from typing import Any

import jax
from flax import nnx

from nnxfuzz.checker.atlas.base import Box, Program, call_of, construct, ones
from nnxfuzz.checker.atlas.ways import LANES, without

#: A stream has one key, and so no axis for lanes or slices.
WAYS = without(*LANES)


@construct(ways=WAYS)
def a_stream_is_drawn_from() -> Program:
    """The function draws a key from an `nnx.Rngs` that is an argument."""

    def body(w: nnx.Param, rngs: nnx.Rngs) -> Any:
        return w[...] * jax.random.uniform(rngs.params())

    return body, (nnx.Param(ones()), nnx.Rngs(params=0))


@construct(ways=WAYS)
def a_captured_stream_is_drawn_from() -> Program:
    """The function draws a key from an `nnx.Rngs` that it captures."""

    rngs = nnx.Rngs(params=0)

    def body(w: nnx.Param) -> Any:
        return w[...] * jax.random.uniform(rngs.params())

    return body, (nnx.Param(ones()),)


@construct(ways=WAYS)
def dropout_is_called() -> Program:
    """The function calls a Dropout layer that holds its own stream."""

    def body(m: Box) -> Any:
        return m.dropout(m.w[...])

    return body, (Box(dropout=nnx.Dropout(0.5, rngs=nnx.Rngs(0)), w=nnx.Param(ones())),)


@construct(ways=WAYS)
def a_stream_is_made_in_the_function() -> Program:
    """The function makes an `nnx.Rngs` out of a key that it draws."""

    def body(w: nnx.Param, rngs: nnx.Rngs) -> Any:
        made = nnx.Rngs(params=rngs.params())
        return w[...] * jax.random.uniform(made.params())

    return body, (nnx.Param(ones()), nnx.Rngs(params=0))


@construct(ways=WAYS)
def a_stream_is_forked() -> Program:
    """The function forks the streams that it is given, and draws from both."""

    def body(w: nnx.Param, rngs: nnx.Rngs) -> Any:
        forked = rngs.fork()
        return w[...] * jax.random.uniform(forked.params()) + jax.random.uniform(rngs.params())

    return body, (nnx.Param(ones()), nnx.Rngs(params=0))


@construct(ways=WAYS)
def a_layer_is_made_in_the_function() -> Program:
    """The function makes an `nnx.Linear` from a stream, and calls it."""

    def body(w: nnx.Param, rngs: nnx.Rngs) -> Any:
        return nnx.Linear(3, 2, rngs=rngs)(w[...])

    return body, (nnx.Param(ones()), nnx.Rngs(0))


@call_of("cond")
def one_branch_draws() -> None:
    """One branch of a `cond` draws from a stream, and the other does not."""

    def draws(w: nnx.Param, rngs: nnx.Rngs) -> Any:
        return w[...] * jax.random.uniform(rngs.params())

    def rests(w: nnx.Param, rngs: nnx.Rngs) -> Any:
        return w[...]

    nnx.cond(jax.numpy.array(True), draws, rests, nnx.Param(ones()), nnx.Rngs(params=0))


@call_of("vmap")
def layers_are_stacked() -> None:
    """A constructor is mapped over split streams, as people stack layers."""

    @nnx.split_rngs(splits=3)  # type: ignore[untyped-decorator]
    @nnx.vmap(in_axes=(0,), out_axes=0)  # type: ignore[untyped-decorator]
    def make(rngs: nnx.Rngs) -> nnx.Linear:
        return nnx.Linear(2, 2, rngs=rngs)

    make(nnx.Rngs(0))


@call_of("scan")
def a_stack_of_layers_is_scanned() -> None:
    """A stack of layers is scanned over, the usual way to run a deep model."""

    layers = nnx.vmap(lambda key: nnx.Linear(2, 2, rngs=nnx.Rngs(key)))(
        jax.random.split(jax.random.key(0), 3)
    )
    axes = (nnx.Carry, 0)
    nnx.scan(lambda x, layer: (layer(x), None), in_axes=axes, out_axes=axes)(
        jax.numpy.ones((1, 2)), layers
    )
