"""Layers, optimizers and metrics, as people train with them."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.atlas.base import Box, Program, call_of, construct, ones
from nnxfuzz.checker.atlas.ways import CARRIES, GRADIENTS, LANES, ONCE, without

#: The ways that run a step on whole objects and ask no gradient of it.
STEPS = tuple(way for way in (*ONCE, *CARRIES) if way not in GRADIENTS)


def _trained(rule: Any) -> Program:
    """A training step of a Linear layer, and its arguments."""

    def body(model: nnx.Linear, optimizer: nnx.Optimizer, x: Any) -> Any:
        loss, grads = nnx.value_and_grad(lambda model: jnp.sum(model(x) ** 2))(model)
        nnx_api.update_optimizer(optimizer, model, grads)
        return loss

    model = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
    return body, (model, nnx.Optimizer(model, rule, wrt=nnx.Param), ones())


@construct(ways=STEPS)
def a_training_step_with_sgd() -> Program:
    """A model and its optimizer are arguments of a training step; plain SGD."""
    return _trained(optax.sgd(0.125))


@construct(ways=STEPS)
def a_training_step_with_adam() -> Program:
    """A model and its optimizer are arguments of a training step; Adam with its moments."""
    return _trained(optax.adam(0.125))


@construct(ways=STEPS)
def the_optimizer_is_captured() -> Program:
    """The training step captures the optimizer and has the model as its argument."""
    step, (model, optimizer, x) = _trained(optax.sgd(0.125))
    return lambda model: step(model, optimizer, x), (model,)


@construct(ways=without(*LANES))
def batch_norm_is_called() -> Program:
    """The function calls a BatchNorm layer, which updates its statistics."""

    def body(m: Box) -> Any:
        return m.norm(m.w[...][None])

    return body, (Box(norm=nnx.BatchNorm(3, rngs=nnx.Rngs(0)), w=nnx.Param(ones())),)


@construct(ways=without(*GRADIENTS, *LANES))
def a_metric_is_updated() -> Program:
    """The function updates an average that is an argument."""

    def body(metric: nnx.metrics.Average, x: Any) -> None:
        metric.update(values=x)

    return body, (nnx.metrics.Average(), ones())


@construct(ways=without(*LANES))
def a_cell_is_stepped() -> Program:
    """The function steps an LSTM cell from its initial state."""

    def body(cell: nnx.LSTMCell) -> Any:
        carry = cell.initialize_carry((1, 3), nnx.Rngs(0))
        return cell(carry, jnp.ones((1, 3)))[1]

    return body, (nnx.LSTMCell(3, 2, rngs=nnx.Rngs(0)),)


@construct(ways=without(*LANES))
def a_recurrent_layer_loops_inside() -> Program:
    """The function calls an RNN, whose own scan runs in the mode of the configuration."""

    def body(rnn: nnx.RNN) -> Any:
        return rnn(jnp.ones((1, 3, 3)), rngs=nnx.Rngs(0))

    return body, (nnx.RNN(nnx.SimpleCell(3, 2, rngs=nnx.Rngs(0))),)


@construct(ways=without(*GRADIENTS, *LANES))
def attention_decodes_with_its_cache() -> Program:
    """The function decodes one token with an attention layer, which writes its cache."""

    def body(layer: nnx.MultiHeadAttention) -> Any:
        return layer(jnp.ones((1, 1, 4)), decode=True)

    layer = nnx.MultiHeadAttention(num_heads=2, in_features=4, decode=False, rngs=nnx.Rngs(0))
    layer.init_cache((1, 8, 4))
    return body, (layer,)


@call_of("vmap")
def an_ensemble_is_trained() -> None:
    """A stacked ensemble has a training step under `vmap`."""

    models = nnx.vmap(lambda key: nnx.Linear(3, 1, rngs=nnx.Rngs(key)))(
        jax.random.split(jax.random.key(0), 3)
    )

    def step(model: nnx.Linear) -> Any:
        grads = nnx.grad(lambda model: jnp.sum(model(ones()) ** 2))(model)
        return jax.tree.leaves(grads)[0]

    nnx.vmap(step)(models)
