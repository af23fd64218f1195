"""Relations of real layers: two ways to the same, of which Flax's documentation speaks.

`Relate` writes `related(x, this, that)`.  Flax's run takes `this` way and the plain run `that` one,
so a layer for which the two differ is a finding.  What it leaves in its Variables counts, too.
"""

from typing import NamedTuple

from nnxfuzz.programs.calls import types as t


class Relation(NamedTuple):
    """The two ways from `x`, in which `{layer}` stands, and the shape of input and output."""

    this: str
    that: str
    shape: tuple[int, ...]


#: By kind of layer.  That `nnx.RNN` is its cell step by step needs none: its own scan runs plainly.
RELATIONS: dict[str, Relation] = {
    # "decode: whether to prepare and use an autoregressive cache", one token at a time, each of
    # which sees those before it (docstring and source of `nnx.MultiHeadAttention`).
    "MultiHeadAttention": Relation("decoded({layer}, x)", "attended({layer}, x)", (1, 3, 2)),
    # "momentum: decay rate for the exponential moving average of the batch statistics".
    "BatchNorm": Relation("{layer}(x)", "averaged({layer}, x)", (2, 2)),
}

#: Functions that these name.
FUNCTIONS = {
    "related(": """\
def related(x, this, that):
    return this(x)""",
    "decoded(": """\
def decoded(layer, x):
    for cached in (layer.cached_key, layer.cached_value, layer.cache_index):
        cached.value = jnp.zeros_like(cached.value)
    return jnp.concatenate([layer(x[:, k : k + 1]) for k in range(x.shape[1])], axis=1)""",
    "attended(": """\
def attended(layer, x):
    decoded(layer, x)  # leaves the cache
    return layer(x, mask=nnx.make_causal_mask(x[..., 0]), decode=False)""",
    "averaged(": """\
def averaged(layer, x):
    before = [layer.mean.value, layer.var.value]
    y, mean = layer(x), jnp.mean(x, axis=0)
    batch = [mean, jnp.mean(x * x, axis=0) - mean * mean]
    for held, old, new in zip((layer.mean, layer.var), before, batch):
        moved = layer.momentum * old + (1 - layer.momentum) * new
        held.value = held.value + jax.lax.stop_gradient(moved - held.value)
    return y""",
}


def relation_of(type_: t.Type) -> Relation | None:
    """The relation of a layer; None if it has none, or is none."""
    if isinstance(type_, t.Whole) or (isinstance(type_, t.Node) and type_.layer):
        return RELATIONS.get(type_.kind)
    return None
