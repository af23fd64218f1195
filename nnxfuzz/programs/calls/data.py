"""Call programs as plain data: objects, and one call of a transform with blocks of its own.

A statement of a block may be a call of a transform again, to `DEPTH`.  Names are those of the
program text that `writer` makes of it, which is what both runs execute.
"""

from typing import Any, Literal

from nnxfuzz.programs.case.base import Data, DType, StaticValue, Tagged, TreePath
from nnxfuzz.programs.case.objects import Array, Attribute, Layer, Linear, Node, Streams, Variable

#: How deep calls may stand in each other.
DEPTH = 3

Operator = Literal["add", "multiply", "set"]

#: How a function is handed to a transform: by name, as a lambda, as a method of the first argument,
#: as the first argument itself, which is called then, or as a `functools.partial`; or the transform
#: decorates a method of the first argument; or it is given its options first, which makes a
#: decorator, and the function then.
Style = Literal["def", "lambda", "method", "instance", "partial", "decorated", "factory"]


class Place(Data, frozen=True):
    """What stands at a name, or at attributes and indices below it: `m.layers[0].w`."""

    name: str
    path: TreePath = ()


class Const(Tagged, frozen=True):
    """A number, as an array of shape ()."""

    value: int = 1


class Read(Tagged, frozen=True):
    """What stands at a place: the array, what the Variable there holds, or the object itself."""

    place: Place


class Plain(Tagged, frozen=True):
    """`None` or a number of Python."""

    value: bool | int | float | None = None


class Group(Tagged, frozen=True):
    """A container of operands; a dict has the keys 0, 1, ..., a record is a dataclass of two."""

    kind: Literal["tuple", "list", "dict", "record"] = "tuple"
    items: tuple["Operand", ...] = ()


Operand = Const | Read | Plain | Group


class Update(Tagged, frozen=True):
    """`place = place <op> operand`: of a Variable its value, else a raw array attribute.

    `item` writes `v[...] = ...` and not `v.value = ...`.
    """

    place: Place
    op: Operator = "add"
    operand: Operand = Const()
    item: bool = False


class Let(Tagged, frozen=True):
    """`name = left <op> right`, an array of the shape and dtype of `left`."""

    name: str
    left: Operand
    op: Operator = "add"
    right: Operand = Const()


class New(Tagged, frozen=True):
    """A new Variable."""

    variable: Variable = Variable()


class Attach(Tagged, frozen=True):
    """`module.attribute = value`: a new Variable, what stands elsewhere, or a static value.

    `update` writes `nnx.update(module, nnx.State({attribute: value}))`, where the module has no
    such attribute; it gets a copy of a Variable.
    """

    place: Place
    attribute: str
    value: New | Read | StaticValue = None
    update: bool = False


class Detach(Tagged, frozen=True):
    """`del module.attribute`."""

    place: Place


class Swap(Tagged, frozen=True):
    """`module.one, module.other = module.other, module.one`."""

    place: Place
    one: str
    other: str


class Sow(Tagged, frozen=True):
    """`module.sow(nnx.Intermediate, "sown", operand)`."""

    place: Place
    operand: Operand = Const()


class Pop(Tagged, frozen=True):
    """`name = nnx.pop(module, nnx.Intermediate)`."""

    name: str
    place: Place


class Cast(Tagged, frozen=True):
    """`place = place.astype(dtype)`: of a Variable its value, else a raw array attribute."""

    place: Place
    dtype: DType = "int32"


class Mark(Tagged, frozen=True):
    """`variable.set_metadata(tag=tag)`, or as the release sets it."""

    place: Place
    tag: str = "seen"


class Make(Tagged, frozen=True):
    """`name` = a new Variable, a new layer, or new streams."""

    name: str
    value: New | Linear | Layer | Streams


class Fork(Tagged, frozen=True):
    """`name = streams.fork()`; with `split`, so many streams along axis 0."""

    name: str
    place: Place
    split: int | None = None


class Step(Tagged, frozen=True):
    """An optimizer's step on its model: down the gradient of the sum of the model's output."""

    place: Place
    model: Place
    operand: Operand = Const()


class Measure(Tagged, frozen=True):
    """`metric.update(loss=operand)`."""

    place: Place
    operand: Operand = Const()


class Raise(Tagged, frozen=True):
    """An exception of the program's own."""


class Apply(Tagged, frozen=True):
    """`name = layer(input)`, on a small input that counts up from the sum of the operand."""

    name: str
    place: Place
    operand: Operand = Const()


class Relate(Tagged, frozen=True):
    """`name` = what a layer comes to in either of two ways: see `relations`."""

    name: str
    place: Place
    operand: Operand = Const()


class Random(Tagged, frozen=True):
    """`name` = a small number drawn with the next key of a stream of `nnx.Rngs`."""

    name: str
    place: Place


Filter = Literal["", "nnx.Param"]


class Split(Tagged, frozen=True):
    """`name = nnx.split(module)`: a GraphDef and a State, or that of a filter and the rest's."""

    name: str
    place: Place
    filter: Filter = ""


class Merge(Tagged, frozen=True):
    """`name = nnx.merge(graphdef, *states)`; `place` is the GraphDef's."""

    name: str
    place: Place
    states: tuple[Place, ...] = ()


class State(Tagged, frozen=True):
    """`name = nnx.state(module)`, of all or of what a filter takes."""

    name: str
    place: Place
    filter: Filter = ""


class Load(Tagged, frozen=True):
    """`nnx.update(module, state)`, of a State whose names the module has."""

    place: Place
    state: Place


class Clone(Tagged, frozen=True):
    """`name = nnx.clone(module)`."""

    name: str
    place: Place


class TreeMap(Tagged, frozen=True):
    """`name = jax.tree.map(lambda x: x + x, place)`, of a module, a layer or a State."""

    name: str
    place: Place


class Turn(Tagged, frozen=True):
    """`layer.train()` or `layer.eval()`, of a layer or of a module that may hold some."""

    place: Place
    to: Literal["train", "eval"] = "eval"


class Reseed(Tagged, frozen=True):
    """`nnx.reseed(streams, stream=seed)`, of each of its streams."""

    place: Place
    seed: int = 1


class Block(Data, frozen=True):
    """The body of a function: its parameters, statements and results."""

    params: tuple[str, ...] = ()
    body: tuple["Statement", ...] = ()
    returns: tuple[Operand, ...] = ()


class Call(Tagged, frozen=True):
    """`name = nnx.<transform>(function, **options)(*args)`, or as the transform is called.

    `options` are those of the registry's file `transforms/<transform>.py`, as plain data; so many
    of the last arguments are given by `keywords`.
    """

    transform: str
    name: str = "y"
    options: dict[str, Any] = {}
    args: tuple[Operand, ...] = ()
    blocks: tuple[Block, ...] = ()
    style: Style = "def"
    keywords: int = 0


Statement = (
    Update
    | Let
    | Attach
    | Detach
    | Swap
    | Sow
    | Pop
    | Cast
    | Mark
    | Make
    | Fork
    | Step
    | Measure
    | Raise
    | Apply
    | Relate
    | Random
    | Split
    | Merge
    | State
    | Load
    | Clone
    | TreeMap
    | Turn
    | Reseed
    | Call
)


class CallProgram(Data, frozen=True, tag_field="is", tag="calls"):
    """Objects by name, and the outermost call of a transform, which is what is judged.

    The tables are those of a case: a row that is named twice is one object.
    """

    call: Call
    variables: tuple[Variable, ...] = ()
    nodes: tuple[Node, ...] = ()
    objects: dict[str, Attribute] = {}


__all__ = [
    "DEPTH",
    "Apply",
    "Array",
    "Attach",
    "Block",
    "Call",
    "CallProgram",
    "Cast",
    "Clone",
    "Const",
    "Detach",
    "Filter",
    "Fork",
    "Group",
    "Let",
    "Load",
    "Make",
    "Mark",
    "Measure",
    "Merge",
    "New",
    "Operand",
    "Operator",
    "Place",
    "Plain",
    "Pop",
    "Raise",
    "Random",
    "Read",
    "Relate",
    "Reseed",
    "Sow",
    "Split",
    "State",
    "Statement",
    "Step",
    "Style",
    "Swap",
    "TreeMap",
    "Turn",
    "Update",
]
