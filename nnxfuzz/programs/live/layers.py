"""What a body asks of Flax beside loops: real layers, keys, sowing."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz.programs.case import LayerKind
from nnxfuzz.programs.layers import FUNCTIONS, LAYERS, LayerCode

#: A layer's input counts up from the given number, kept within this magnitude, where sums of
#: squares in float32 lose nothing that matters.
REACH = 8


def _rnn_plainly(layer: Any, x: Any) -> Any:
    carry, rows = jnp.zeros((1, 2)), []
    for time in range(x.shape[1]):
        carry, y = layer.cell(carry, x[:, time])
        rows.append(y)
    return jnp.stack(rows, axis=1)


#: What the text of the layers names, and the text run.
_NAMES: dict[str, Any] = {"jax": jax, "jnp": jnp, "nnx": nnx}
for _lines in FUNCTIONS.values():
    exec(compile("\n".join(_lines), __file__, "exec"), _NAMES)

#: Calls without any transform of Flax, for the reference.
_PLAINLY = {"RNN": _rnn_plainly}


class LiveLayer:
    """One kind: its constructor, the shape and dtype of its input, and how it is called."""

    def __init__(self, kind: LayerKind, code: LayerCode) -> None:
        self.make = _run(f"lambda rngs: {code.make.format(rngs='rngs')}")
        self.shape = code.shape
        self.dtype = np.dtype(code.dtype)
        #: The call as a program writes it.
        self.call = _run(f"lambda layer, x: {code.call.format(layer='layer', x='x')}")
        #: The same without any transform of Flax.
        self.plainly = _PLAINLY.get(kind, self.call)

    @property
    def transforms(self) -> bool:
        """Whether the call runs a transform of Flax."""
        return self.plainly is not self.call


def _run(text: str) -> Callable[..., Any]:
    function: Callable[..., Any] = eval(compile(text, __file__, "eval"), _NAMES)
    return function


LIVE_LAYERS = {kind: LiveLayer(kind, code) for kind, code in LAYERS.items()}

_TYPES: dict[str, LayerKind] = {kind: kind for kind in LAYERS}


def live_layer(layer: object) -> LiveLayer | None:
    """The kind of a layer; None for what is none (or is an `nnx.Linear`)."""
    kind = _TYPES.get(type(layer).__name__)
    return None if kind is None else LIVE_LAYERS[kind]


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
