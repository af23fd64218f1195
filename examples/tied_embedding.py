"""A language model whose decoder is its encoder, trained in `nnx.fori_loop` and in `nnx.scan`.

The model has BatchNorm, Dropout and an optimizer.  Before Flax's defaults change, ask what each
call of a transform would come to then:

    nnxfuzz check --modes all examples/tied_embedding.py
"""

from typing import Any

import jax
import optax
from flax import nnx

TOKENS = jax.random.randint(jax.random.key(0), (3, 8, 6), 0, 5)


class Tied(nnx.Module):  # type: ignore[misc]
    """Embeds tokens, and reads the next ones off with the same weights."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.embed = nnx.Embed(5, 4, rngs=rngs)
        self.hidden = nnx.Linear(4, 4, rngs=rngs)
        self.norm = nnx.BatchNorm(4, use_running_average=False, rngs=rngs)
        self.dropout = nnx.Dropout(0.1, deterministic=False, rngs=rngs)
        self.readout = self.embed

    def __call__(self, tokens: jax.Array) -> jax.Array:
        x = self.norm(nnx.relu(self.hidden(self.embed(tokens))))
        return self.readout.attend(self.dropout(x))


def train_step(model: Tied, optimizer: Any, tokens: jax.Array) -> None:
    """One step of training; writes to the model and the optimizer."""
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)

    def loss(params: Any) -> Any:
        copy = nnx.merge(graphdef, params, rest, copy=True)
        wanted = tokens[:, 1:]
        losses = optax.softmax_cross_entropy_with_integer_labels(copy(tokens[:, :-1]), wanted)
        return losses.mean(), nnx.state(copy, nnx.Not(nnx.Param))

    grads, state = jax.grad(loss, has_aux=True)(params)
    nnx.update(model, state)
    optimizer.update(model, grads)


def make() -> tuple[Tied, Any]:
    """A model and its optimizer."""
    model = Tied(nnx.Rngs(0))
    return model, nnx.Optimizer(model, optax.sgd(0.5), wrt=nnx.Param)


def in_fori_loop() -> None:
    """Three steps, the batch by its index."""

    def body(i: jax.Array, carry: tuple[Tied, Any]) -> Any:
        train_step(*carry, TOKENS[i])
        return carry

    nnx.fori_loop(0, 3, body, make())


def in_scan() -> None:
    """Three steps, one for each batch."""

    def body(carry: tuple[Tied, Any], tokens: jax.Array) -> Any:
        train_step(*carry, tokens)
        return carry

    nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(make(), TOKENS)


if __name__ == "__main__":
    in_fori_loop()
    in_scan()
