"""Small functions that a program may need beside its body; written only where they are used."""

import re

from nnxfuzz.programs.layers import FUNCTIONS

Lines = list[str]

_HAS_FUNCTION = [
    "",
    "    def __init__(self, function):",
    "        self.function = function",
    "",
    "    def __call__(self, *arguments):",
    "        return self.function(self, *arguments)",
]

#: By name, in the order in which they are written.
HELPERS: dict[str, Lines] = {
    "BodyError": ["class BodyError(RuntimeError):", '    """What the body raises."""'],
    "add_one": ["def add_one(variable, value):", "    return value + jnp.asarray(1, value.dtype)"],
    "double": ["def double(variable, value):", "    return value * jnp.asarray(2, value.dtype)"],
    "decoding_attention": FUNCTIONS["decoding_attention"],
    "convolution": FUNCTIONS["convolution"],
    "two_layers": FUNCTIONS["two_layers"],
    "stacked": [
        "def stacked(make, *seeds):",
        '    """A layer for each seed, as one layer whose Variables are stacked."""',
        "    layers = [make(nnx.Rngs(seed)) for seed in seeds]",
        "    states = [nnx.state(layer) for layer in layers]",
        "    nnx.update(layers[0], jax.tree.map(lambda *xs: jnp.stack(xs), *states))",
        "    return layers[0]",
    ],
    "counting": [
        "def counting(value, shape):",
        '    """An array that counts up from the sum of `value`, kept near 0."""',
        "    start = jnp.clip(jnp.sum(value), -8, 8)",
        "    return start + jnp.arange(int(np.prod(shape))).reshape(shape)",
    ],
    "measured": FUNCTIONS["measured"],
    "key_number": [
        "def key_number(key):",
        '    """A random key as a number."""',
        "    words = jax.random.key_data(key) & 0x7FFF",
        "    return jnp.sum(words.astype(jnp.int32), dtype=jnp.int32)",
    ],
    "train": [
        "def train(optimizer, model, x):",
        "    grads = nnx.grad(lambda model: jnp.sum(model(x) ** 2) / 2)(model)",
        '    if "model" in inspect.signature(optimizer.update).parameters:',
        "        optimizer.update(model, grads)",
        "    else:  # up to flax 0.10 it holds the model",
        "        optimizer.update(grads)",
    ],
    "variables": [
        "def variables(model):",
        '    """Every Variable below `model`, with its path."""',
        "    return [(p, v) for p, v in nnx.iter_graph(model) if isinstance(v, nnx.Variable)]",
    ],
    "zeros": [
        "def zeros(shapes):",
        "    return jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)",
    ],
    "plus": [
        "def plus(x, more):",
        "    if jnp.issubdtype(x.dtype, jax.dtypes.prng_key):",
        "        words = jax.random.key_data(x)",
        "        return jax.random.wrap_key_data(words + jnp.asarray(more, words.dtype))",
        "    return x + jnp.asarray(more, x.dtype)",
    ],
    "summed": [
        "def summed(*values):",
        '    """The sum of all floats among the values."""',
        "    floats = [x for x in values if jnp.issubdtype(x.dtype, jnp.floating)]",
        "    return sum((jnp.sum(x.astype(jnp.float32)) for x in floats), jnp.zeros(()))",
    ],
    "flags": [
        "@contextlib.contextmanager",
        "def flags(**values):",
        '    """Flags of the configuration, set for a while."""',
        "    kept = {name: getattr(flax.config, name) for name in values}",
        "    try:",
        "        for name, value in values.items():",
        "            flax.config.update(name, value)",
        "        yield",
        "    finally:",
        "        for name, value in kept.items():",
        "            flax.config.update(name, value)",
    ],
    "Step": ["class Step:", '    """A body as an object that has a function."""', *_HAS_FUNCTION],
    "Wrapped": [
        "class Wrapped:",
        '    """A body as an object around a function."""',
        "",
        "    def __init__(self, f):",
        "        self.f = f",
        "",
        "    def __call__(self, *arguments):",
        "        return self.f(self, *arguments)",
    ],
    "StepModule": [
        "class StepModule(nnx.Module):",
        '    """A body as a module without state."""',
        *_HAS_FUNCTION,
    ],
    "sgd": ["sgd = optax.sgd(0.25)"],
    "momentum": ["momentum = optax.sgd(0.5, momentum=0.5)"],
    "adam": ["adam = optax.adam(0.25)"],
    "data": ['data = getattr(nnx, "data", lambda value: value)  # older releases lack it'],
    "static": ['static = getattr(nnx, "static", lambda value: value)  # older releases lack it'],
}


#: What is passed on rather than called.
_PASSED = ("add_one", "double", "sgd", "momentum", "adam")


def helpers_of(text: Lines) -> Lines:
    """The definitions that the text uses, each followed by two empty lines."""
    whole = "\n".join(text)
    found: Lines = []
    for name, lines in HELPERS.items():
        used = name if name in _PASSED else rf"{name}\("
        if re.search(rf"(?<![\w.]){used}", whole):
            found += [*lines, "", ""]
    return found


def trace_of(node: str) -> str:
    """The expression for the trace that a node is of; Flax keeps it in either attribute."""
    state = f"vars({node}).get('_pytree__state') or vars({node})['_object__state']"
    return f"({state}).trace_state"
