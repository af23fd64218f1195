"""Programs as users write them: each is a function without arguments that makes one call of a
transform which is judged.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import nnx


class Tied(nnx.Module):  # type: ignore[misc]
    """A language model whose decoder is its encoder."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.embed = nnx.Embed(5, 4, rngs=rngs)
        self.hidden = nnx.Linear(4, 4, rngs=rngs)
        self.readout = self.embed

    def __call__(self, tokens: jax.Array) -> jax.Array:
        return self.readout.attend(nnx.relu(self.hidden(self.embed(tokens))))


class Block(nnx.Module):  # type: ignore[misc]
    """A layer with statistics, a stream and a counter."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.linear = nnx.Linear(3, 3, rngs=rngs)
        self.norm = nnx.BatchNorm(3, use_running_average=False, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, deterministic=False, rngs=rngs)
        self.calls = nnx.Variable(jnp.array(0))

    def __call__(self, x: jax.Array) -> jax.Array:
        self.calls[...] = self.calls[...] + 1
        return self.dropout(self.norm(self.linear(x)))


class Layer(nnx.Module):  # type: ignore[misc]
    """A layer of a stack, with a weight and a counter."""

    def __init__(self, weight: Any) -> None:
        self.w = nnx.Param(jnp.asarray(weight))
        self.n = nnx.Variable(jnp.zeros_like(self.w[...]))

    def __call__(self, x: jax.Array) -> jax.Array:
        self.n[...] = self.n[...] + 1
        return x * self.w[...]


TOKENS = jnp.array([[0, 1, 2, 3]])


def tied_embedding() -> Any:
    """Three steps of training in a fori_loop."""
    model = Tied(nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.sgd(0.5), wrt=nnx.Param)

    def loss(model: Tied) -> Any:
        logits, wanted = model(TOKENS[:, :-1]), TOKENS[:, 1:]
        return optax.softmax_cross_entropy_with_integer_labels(logits, wanted).mean()

    def step(i: Any, carry: Any) -> Any:
        model, optimizer = carry
        graphdef, params, rest = nnx.split(model, nnx.Param, ...)
        grads = jax.grad(lambda p: loss(nnx.merge(graphdef, p, rest)))(params)
        optimizer.update(model, grads)
        return model, optimizer

    return nnx.fori_loop(0, 3, step, (model, optimizer))


def best_parameters() -> Any:
    """The best parameters so far, which are the model's own Variables: each step writes to both."""
    layer = Layer(2.0)

    def step(i: Any, carry: Any) -> Any:
        layer, best = carry
        layer(1.0)
        return layer, best

    return nnx.fori_loop(0, 3, step, (layer, nnx.state(layer)))


def params_made_in_scan() -> Any:
    """Each layer of a stack gets a Param in the body."""
    stack = Layer(jnp.arange(1.0, 4.0))

    def body(x: Any, layer: Layer) -> Any:
        layer.adapter = nnx.Param(x * 10)
        return layer(x) + layer.adapter[...]

    return nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(jnp.array(1.0), stack)


def params_made_in_vmap() -> Any:
    """The same with lanes."""
    stack = Layer(jnp.arange(1.0, 4.0))

    def body(layer: Layer, x: Any) -> Any:
        layer.adapter = nnx.Param(x * 10)
        return layer(x)

    return nnx.vmap(body)(stack, jnp.ones(3))


def state_axes() -> Any:
    """A stack whose axes are an nnx.StateAxes."""
    stack = Layer(jnp.arange(1.0, 4.0))
    axes = (nnx.Carry, nnx.StateAxes({...: 0}))
    body = nnx.scan(lambda x, layer: layer(x), in_axes=axes, out_axes=nnx.Carry)
    return body(jnp.array(1.0), stack)


def broadcast_counter() -> Any:
    """A body that counts in a module which is broadcast."""
    layer = Layer(2.0)
    body = nnx.scan(
        lambda x, layer: layer(x), in_axes=(nnx.Carry, None), out_axes=nnx.Carry, length=3
    )
    return body(jnp.array(1.0), layer)


def closure_read() -> Any:
    """A body that reads a module which it reaches by closure."""
    layer = Layer(2.0)
    return nnx.jit(lambda x: x * layer.w[...])(jnp.array(1.0))


def closure_written() -> Any:
    """A body that writes to a module which it reaches by closure."""
    layer = Layer(2.0)
    return nnx.jit(lambda x: layer(x))(jnp.array(1.0))


def module_returned() -> Any:
    """A function that returns the module which it was given."""

    def step(layer: Layer, x: Any) -> Any:
        layer(x)
        return layer

    return nnx.jit(step)(Layer(2.0), jnp.array(1.0))


def one_module_twice() -> Any:
    """One module as two arguments."""
    layer = Layer(2.0)
    return nnx.jit(lambda a, b, x: a(b(x)))(layer, layer, jnp.array(1.0))


def branch_adds_a_param() -> Any:
    """A branch of cond replaces a Variable of a module."""

    def more(layer: Layer) -> None:
        layer.n = nnx.Variable(layer.n[...] + 1)

    return nnx.cond(jnp.array(True), more, lambda layer: None, Layer(2.0))


def changed_shape() -> Any:
    """A body that changes the dtype of its carry."""
    return nnx.fori_loop(0, 2, lambda i, x: x * 1.5, jnp.zeros(2, jnp.int32))


def python_branch() -> Any:
    """A body that branches on a traced number."""
    return nnx.jit(lambda x: x if x > 0 else -x)(jnp.array(1.0))


def block_in_scan() -> Any:
    """Statistics, a stream and a counter, carried."""

    def body(block: Block, x: Any) -> Any:
        return block, block(x)

    scanned = nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
    return scanned(Block(nnx.Rngs(0)), jnp.ones((2, 4, 3)))


def loss_of_block() -> Any:
    """The gradient of a loss whose model has statistics and a stream."""
    return nnx.value_and_grad(lambda block: block(jnp.ones((4, 3))).sum())(Block(nnx.Rngs(0)))


#: What each program comes to: in all modes, or in graph, graph-frozen and tree.
VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    tied_embedding: ("same", "same", "different"),
    best_parameters: ("same", "same", "different"),
    params_made_in_scan: ("same", "deviates", "deviates"),
    params_made_in_vmap: ("same", "deviates", "deviates"),
    state_axes: ("same", "refused", "refused"),
    broadcast_counter: ("deviates", "same", "same"),
    closure_read: ("same", "same", "same"),
    closure_written: ("refused", "refused", "refused"),
    module_returned: ("same", "refused", "refused"),
    one_module_twice: ("same", "same", "refused"),
    branch_adds_a_param: ("refused", "deviates", "deviates"),
    changed_shape: ("refused", "refused", "refused"),
    python_branch: ("refused", "refused", "refused"),
    block_in_scan: ("same", "same", "same"),
    loss_of_block: ("same", "refused", "refused"),
}

#: What the report says, in the mode in which it says most.
SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    tied_embedding: ("tree", "`carry[0].embed` and `carry[0].readout` are one Embed"),
    best_parameters: ("tree", "`carry[0].n` and `carry[1].n` are one Variable, which tree mode"),
    params_made_in_scan: ("tree", "drops the new `layer.adapter`"),
    broadcast_counter: ("graph", "drops the update of `layer.n`"),
    closure_written: ("graph", "the function writes to `layer.n`, which it reaches by closure"),
    module_returned: ("tree", "the function returns what it was given: `layer"),
    one_module_twice: ("tree", "`Duplicate` because `a` and `b` are one object"),
    changed_shape: ("graph", "the body changes the shape or dtype of what it carries at `carry`"),
    python_branch: ("graph", "the function needs the number of a traced array"),
    branch_adds_a_param: ("graph", "one branch changes what the other does not at `layer.n`"),
    state_axes: ("tree", "`in_axes` has what only works with graph updates"),
}
