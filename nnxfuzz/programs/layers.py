"""The real layers that a program may have, as source: how each kind is made and called, and what it
takes.  `live.layers` runs this text, and scripts print it.

All are small and of one size.  A layer takes an input of its own shape that counts up from a given
number, so that any number of a program can be fed to any layer.
"""

from nnxfuzz.programs.case import Data, LayerKind

Shape = tuple[int, ...]


class LayerCode(Data, frozen=True):
    """One kind.  In `make`, `rngs` stands for its `nnx.Rngs`; in `call`, `layer` and `x` too."""

    stem: str
    make: str
    shape: Shape
    call: str = "{layer}({x})"
    dtype: str = "float32"


LAYERS: dict[LayerKind, LayerCode] = {
    "Embed": LayerCode(
        "embed", "nnx.Embed(4, 2, rngs={rngs})", (2,), call="{layer}({x} % 4)", dtype="int32"
    ),
    "Conv": LayerCode("conv", "convolution({rngs})", (1, 3, 1)),
    "BatchNorm": LayerCode("norm", "nnx.BatchNorm(2, rngs={rngs})", (2, 2)),
    "LayerNorm": LayerCode("norm", "nnx.LayerNorm(2, rngs={rngs})", (1, 2)),
    "Dropout": LayerCode("dropout", "nnx.Dropout(0.5, rngs={rngs})", (2, 2)),
    "LSTMCell": LayerCode(
        "cell",
        "nnx.LSTMCell(2, 2, rngs={rngs})",
        (1, 2),
        call="{layer}((jnp.zeros((1, 2)), jnp.zeros((1, 2))), {x})[1]",
    ),
    "GRUCell": LayerCode(
        "cell",
        "nnx.GRUCell(2, 2, rngs={rngs})",
        (1, 2),
        call="{layer}(jnp.zeros((1, 2)), {x})[1]",
    ),
    "RNN": LayerCode(
        "rnn",
        "nnx.RNN(nnx.GRUCell(2, 2, rngs={rngs}))",
        (1, 3, 2),
        call="{layer}({x}, initial_carry=jnp.zeros((1, 2)))",
    ),
    "MultiHeadAttention": LayerCode("attention", "decoding_attention({rngs})", (1, 1, 2)),
    "LoRA": LayerCode("lora", "nnx.LoRA(2, 1, 2, rngs={rngs})", (1, 2)),
    "Sequential": LayerCode("net", "two_layers({rngs})", (1, 2)),
    "MultiMetric": LayerCode(
        "metric",
        'nnx.MultiMetric(loss=nnx.metrics.Average("loss"))',
        (),
        call="measured({layer}, {x})",
    ),
}

#: The functions that these name.  A precision is an enum member, a static attribute like no other.
#: The decode cache is longer than a loop has trips, else it is full.
FUNCTIONS: dict[str, list[str]] = {
    "decoding_attention": [
        "def decoding_attention(rngs):",
        "    layer = nnx.MultiHeadAttention(",
        "        num_heads=1, in_features=2, qkv_features=2, decode=True,",
        "        precision=jax.lax.Precision.HIGHEST, rngs=rngs,",
        "    )",
        "    layer.init_cache((1, 64, 2))",
        "    return layer",
    ],
    "convolution": [
        "def convolution(rngs):",
        "    precision = jax.lax.Precision.HIGHEST",
        "    return nnx.Conv(1, 2, kernel_size=(2,), precision=precision, rngs=rngs)",
    ],
    "two_layers": [
        "def two_layers(rngs):",
        "    first = nnx.Linear(2, 2, precision=jax.lax.Precision.HIGHEST, rngs=rngs)",
        "    return nnx.Sequential(first, nnx.Linear(2, 1, rngs=rngs))",
    ],
    "measured": [
        "def measured(metric, x):",
        "    metric.update(loss=x)",
        '    return metric.compute()["loss"]',
    ],
}
