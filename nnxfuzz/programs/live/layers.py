"""What a body asks of Flax beside loops: how each real layer is made and called, keys, sowing.

All are small and of one size.  A layer takes an input of its own shape that counts up from a given
number, so that any number of a program can be fed to any layer.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz.programs.case import LayerKind

#: Length of the decode cache of the attention layer: more than a loop has trips, else it is full.
CACHE = 64

#: What some layers are told, because an enum member is a static attribute like no other.
HIGHEST = jax.lax.Precision.HIGHEST

#: A layer's input counts up from the given number, kept within this magnitude, where sums of
#: squares in float32 lose nothing that matters.
REACH = 8


class LiveLayer:
    """One kind: its constructor, the shape and dtype of its input, and how it is called."""

    def __init__(
        self,
        make: Callable[[Any], Any],
        shape: tuple[int, ...],
        call: Callable[[Any, Any], Any] = lambda layer, x: layer(x),
        dtype: str = "float32",
        plainly: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.make = make
        self.shape = shape
        self.dtype = np.dtype(dtype)
        #: The call as a program writes it.
        self.call = call
        #: The same without any transform of Flax, for the reference.
        self.plainly = plainly or call

    @property
    def transforms(self) -> bool:
        """Whether the call runs a transform of Flax."""
        return self.plainly is not self.call


def _attention(rngs: Any) -> Any:
    layer = nnx.MultiHeadAttention(
        num_heads=1, in_features=2, qkv_features=2, decode=True, precision=HIGHEST, rngs=rngs
    )
    layer.init_cache((1, CACHE, 2))
    return layer


def _lstm(cell: Any, x: Any) -> Any:
    zeros = jnp.zeros((1, 2))
    return cell((zeros, zeros), x)[1]


def _gru(cell: Any, x: Any) -> Any:
    return cell(jnp.zeros((1, 2)), x)[1]


def _rnn(layer: Any, x: Any) -> Any:
    return layer(x, initial_carry=jnp.zeros((1, 2)))


def _rnn_plainly(layer: Any, x: Any) -> Any:
    carry, rows = jnp.zeros((1, 2)), []
    for time in range(x.shape[1]):
        carry, y = layer.cell(carry, x[:, time])
        rows.append(y)
    return jnp.stack(rows, axis=1)


def _metric(metric: Any, x: Any) -> Any:
    metric.update(loss=x)
    return metric.compute()["loss"]


RECIPES: dict[LayerKind, LiveLayer] = {
    "Embed": LiveLayer(
        lambda rngs: nnx.Embed(4, 2, rngs=rngs),
        (2,),
        lambda layer, x: layer(x % 4),
        dtype="int32",
    ),
    "Conv": LiveLayer(
        lambda rngs: nnx.Conv(1, 2, kernel_size=(2,), precision=HIGHEST, rngs=rngs),
        (1, 3, 1),
    ),
    "BatchNorm": LiveLayer(lambda rngs: nnx.BatchNorm(2, rngs=rngs), (2, 2)),
    "LayerNorm": LiveLayer(lambda rngs: nnx.LayerNorm(2, rngs=rngs), (1, 2)),
    "Dropout": LiveLayer(lambda rngs: nnx.Dropout(0.5, rngs=rngs), (2, 2)),
    "LSTMCell": LiveLayer(lambda rngs: nnx.LSTMCell(2, 2, rngs=rngs), (1, 2), _lstm),
    "GRUCell": LiveLayer(lambda rngs: nnx.GRUCell(2, 2, rngs=rngs), (1, 2), _gru),
    "RNN": LiveLayer(
        lambda rngs: nnx.RNN(nnx.GRUCell(2, 2, rngs=rngs)),
        (1, 3, 2),
        _rnn,
        plainly=_rnn_plainly,
    ),
    "MultiHeadAttention": LiveLayer(_attention, (1, 1, 2)),
    "LoRA": LiveLayer(lambda rngs: nnx.LoRA(2, 1, 2, rngs=rngs), (1, 2)),
    "Sequential": LiveLayer(
        lambda rngs: nnx.Sequential(
            nnx.Linear(2, 2, precision=HIGHEST, rngs=rngs), nnx.Linear(2, 1, rngs=rngs)
        ),
        (1, 2),
    ),
    "MultiMetric": LiveLayer(
        lambda rngs: nnx.MultiMetric(loss=nnx.metrics.Average("loss")), (), _metric
    ),
}

_TYPES: dict[str, LayerKind] = {kind: kind for kind in RECIPES}


def recipe_of(layer: object) -> LiveLayer | None:
    """The recipe of a live layer; None for what is none (or is an `nnx.Linear`)."""
    kind = _TYPES.get(type(layer).__name__)
    return None if kind is None else RECIPES[kind]


def counting(start: Any, recipe: LiveLayer, xp: Any) -> Any:
    """A layer's input: it counts up from `start`, which is kept within `REACH`."""
    return xp.clip(start, -REACH, REACH) + _ramp(recipe.shape, start.dtype)


def counting_row(start: Any, model: Any, xp: Any) -> Any:
    """The same for the one row that a Linear is trained on."""
    return xp.clip(start, -REACH, REACH) + _ramp((1, model.in_features), start.dtype)


@functools.cache
def _ramp(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """0, 1, 2, ... in this shape."""
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


def key_number(key: Any) -> Any:
    """A number below 2**16 (int32, shape ()) made of a random key."""
    return jnp.sum((jax.random.key_data(key) & 0x7FFF).astype(jnp.int32), dtype=jnp.int32)


def sow(module: Any, name: str, value: Any, total: bool) -> None:
    """`module.sow`, gathering into a tuple or into a sum."""
    if total:
        zero = jnp.zeros(jnp.shape(value), value.dtype)
        module.sow(nnx.Intermediate, name, value, reduce_fn=_added, init_fn=lambda: zero)
    else:
        module.sow(nnx.Intermediate, name, value)


def _added(old: Any, new: Any) -> Any:
    return jnp.asarray(old) + jnp.asarray(new)
