"""The objects of a case: values, attributes, nodes, and the slots of the carry."""

from typing import Annotated, Literal

import msgspec

from nnxfuzz.programs.case.base import Data, DType, StaticValue, Tagged

VariableType = Literal["Param", "BatchStat", "Cache", "Intermediate", "Custom"]

# --- values ---------------------------------------------------------------------------------


class Array(Data, frozen=True):
    """An array given by a ramp: entry k (in C order) holds `fill + k`.

    `fill` may be one of the tagged strings, which fill the whole (float) array; JSON has no
    numbers for them.
    """

    dtype: DType = "float32"
    shape: tuple[int, ...] = ()
    fill: int | Literal["nan", "inf", "-inf"] = 0


class Variable(Data, frozen=True):
    """One `nnx.Variable`.

    `tag`, if given, is stored in its metadata under the name `tag`; `names` are the partition
    names of its axes (`sharding` up to 0.10, `sharding_names` or `out_sharding` later).  A `hook`
    is a function in its metadata: `get` adds 1 to what is read, `set` doubles what is assigned.
    With `ref` it holds a reference of jax to its array (`ref=True`), and is written in place.
    Call programs alone have those that are values of jax themselves (`hijax=True`).
    """

    kind: VariableType = "Param"
    value: Array = Array()
    tag: str | None = None
    names: tuple[str | None, ...] | None = None
    hook: Literal["get", "set"] | None = None
    ref: bool = False
    hijax: bool = False


# --- what an attribute holds ----------------------------------------------------------------


class OfVariable(Tagged, frozen=True, tag="variable"):
    """The Variable of row `variable`: the same object wherever the row is named."""

    variable: int


class OfNode(Tagged, frozen=True, tag="node"):
    """The node of row `node`: the same object wherever the row is named."""

    node: int


class OfArray(Tagged, frozen=True, tag="array"):
    """A raw array, not wrapped in a Variable.  `marked`: as `nnx.data(array)`."""

    array: Array = Array()
    marked: bool = False


class OfStatic(Tagged, frozen=True, tag="static"):
    """A static attribute: part of the module's structure, not of its state.

    `marked`: as `nnx.static(value)`.
    """

    value: StaticValue = None
    marked: bool = False


Attribute = OfVariable | OfNode | OfArray | OfStatic


# --- nodes ----------------------------------------------------------------------------------


class Module(Tagged, frozen=True):
    """A plain `nnx.Module` with the named attributes."""

    attributes: dict[str, Attribute] = {}


class Sequence(Tagged, frozen=True):
    """An `nnx.List`, or a plain Python list on releases before `nnx.List`."""

    items: tuple[Attribute, ...] = ()


class Mapping(Tagged, frozen=True):
    """An `nnx.Dict` with the named items."""

    items: dict[str, Attribute] = {}


Features = Annotated[int, msgspec.Meta(ge=1, le=8)]


class LinearConfig(Data, frozen=True):
    """Arguments of `nnx.Linear`; drawn from this type's JSON Schema.

    `init="ones"` makes every parameter 1, so that sums of products of small integers are exact.
    """

    in_features: Features = 1
    out_features: Features = 1
    use_bias: bool = True
    init: Literal["random", "ones"] = "random"


class Linear(Tagged, frozen=True):
    """A real `nnx.Linear(**config, rngs=nnx.Rngs(seed))`.

    `stack=n` holds n of them, of the seeds `seed` to `seed + n - 1`, stacked along axis 0: what
    `nnx.vmap` makes of the constructor, and `nnx.scan` takes apart again.
    """

    config: LinearConfig = LinearConfig()
    seed: int = 0
    stack: int | None = None


LayerKind = Literal[
    "Embed",
    "Conv",
    "BatchNorm",
    "LayerNorm",
    "Dropout",
    "LSTMCell",
    "GRUCell",
    "RNN",
    "MultiHeadAttention",
    "LoRA",
    "Sequential",
    "MultiMetric",
]


class Layer(Tagged, frozen=True):
    """A real layer of `flax.nnx` in one small size; `stack` as in Linear.

    See `nnxfuzz.programs.live.layers`.
    """

    kind: LayerKind = "LayerNorm"
    seed: int = 0
    stack: int | None = None


class Streams(Tagged, frozen=True):
    """`nnx.Rngs(**seeds)`; with `splits=n`, n of them, split along axis 0."""

    seeds: dict[str, int] = {}
    splits: int | None = None


class Optimizer(Tagged, frozen=True):
    """`nnx.Optimizer` for the Linear of row `model`, with a rule of optax.

    Call programs alone have those that are made of several transforms (a chain, one for each of
    two labels, one for the kernel alone, a step at each second update), and another `wrt`.
    """

    model: int
    rule: Literal["sgd", "momentum", "adam", "chain", "partition", "masked", "second"] = "sgd"
    wrt: Literal["nnx.Param", "..."] = "nnx.Param"


Node = Module | Sequence | Mapping | Linear | Layer | Streams | Optimizer


def held_by(node: Node) -> list[tuple[str | int, Attribute]]:
    """What a node holds, by name or position (the own Variables of a layer are no rows)."""
    match node:
        case Module(named) | Mapping(named):
            return list(named.items())
        case Sequence(items):
            return list(enumerate(items))
        case Linear() | Layer() | Streams() | Optimizer():
            return []


# --- the carry: a tree of slots, row 0 is the root ------------------------------------------


class TupleSlot(Tagged, frozen=True, tag="tuple"):
    """A tuple of the slots of the given rows."""

    items: tuple[int, ...] = ()


class ListSlot(Tagged, frozen=True, tag="list"):
    """A Python list of the slots of the given rows."""

    items: tuple[int, ...] = ()


class DictSlot(Tagged, frozen=True, tag="dict"):
    """A Python dict from names to the slots of the given rows."""

    items: dict[str, int] = {}


class RecordSlot(Tagged, frozen=True, tag="record"):
    """A container whose entries are its attributes: a named tuple, or a `flax.struct.dataclass`."""

    items: dict[str, int] = {}
    kind: Literal["namedtuple", "dataclass"] = "namedtuple"


class NoneSlot(Tagged, frozen=True, tag="none"):
    """`None`."""


class NodeSlot(Tagged, frozen=True, tag="node"):
    """The node of row `node`, the same object wherever the row is named."""

    node: int


class VariableSlot(Tagged, frozen=True, tag="variable"):
    """The bare Variable of row `variable`, the same object wherever the row is named."""

    variable: int


class StateSlot(Tagged, frozen=True, tag="state"):
    """`nnx.state(node)`, made before the loop, of a node that nothing else in the case reaches."""

    node: int


class ArraySlot(Tagged, frozen=True, tag="array"):
    """An array."""

    array: Array = Array()


class ScalarSlot(Tagged, frozen=True, tag="scalar"):
    """A Python number, which the loop turns into a (weakly typed) array of shape ()."""

    value: int | float | bool = 0


Container = TupleSlot | ListSlot | DictSlot | RecordSlot
Slot = Container | NoneSlot | NodeSlot | VariableSlot | StateSlot | ArraySlot | ScalarSlot


def entries_of(slot: Slot) -> list[tuple[str | int, int]]:
    """The rows of the slots that a container has, by name or position; none of any other slot."""
    match slot:
        case TupleSlot(rows) | ListSlot(rows):
            return list(enumerate(rows))
        case DictSlot(named) | RecordSlot(named):
            return list(named.items())
        case _:
            return []
