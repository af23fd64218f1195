"""The real layers as source: how each kind is made, what it takes, how it is called.

The kinds and sizes are those of `nnxfuzz.programs.live.layers`.
"""

from nnxfuzz.programs.case import Data, Layer, LayerKind, Linear, LinearConfig

#: The widest input that counts up from a number, in features.
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


def made(node: Linear | Layer) -> str:
    """The constructor's call; of a stack, that of the helper `stacked`."""
    text = linear(node.config) if isinstance(node, Linear) else LAYERS[node.kind].make
    if node.stack is None:
        return text.format(rngs=f"nnx.Rngs({node.seed})")
    return f"stacked(lambda rngs: {text.format(rngs='rngs')}, {_seeds(node.seed, node.stack)})"


def linear(config: LinearConfig) -> str:
    """The constructor of an `nnx.Linear`."""
    arguments = [str(config.in_features), str(config.out_features)]
    if not config.use_bias:
        arguments.append("use_bias=False")
    if config.init == "ones":
        arguments.append("kernel_init=nnx.initializers.ones")
        arguments += ["bias_init=nnx.initializers.ones"] * config.use_bias
    return f"nnx.Linear({', '.join([*arguments, 'rngs={rngs}'])})"


def _seeds(first: int, count: int) -> str:
    if count <= 4:
        return ", ".join(str(first + k) for k in range(count))
    return f"*range({first}, {first + count})"


def called(kind: LayerKind, layer: str, value: str, dtype: str) -> str:
    """A layer applied to an input that counts up from the sum of `value`, which has `dtype`."""
    recipe = LAYERS[kind]
    return recipe.call.format(layer=layer, x=counting(value, recipe.shape, dtype, recipe.dtype))


def counting(value: str, shape: Shape, dtype: str, wanted: str) -> str:
    """The input itself, with a cast only where one is needed."""
    text = f"counting({value}, {shape})"
    return text if dtype == wanted else f"{text}.astype(jnp.{wanted})"
