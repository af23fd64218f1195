"""The real layers of `programs.layers` in the source of a program."""

from nnxfuzz.programs.case import Layer, LayerKind, Linear, LinearConfig
from nnxfuzz.programs.layers import LAYERS, Shape


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
