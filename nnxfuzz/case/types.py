"""The case language: one program as plain data.

Every table is flat and refers to other tables by index, so sharing and cycles are plain to see,
JSON Schema needs no recursion, and dropping a row is a shrink.  This file is only data: `check`
says which cases are well formed, `codec` reads and writes JSON, and everything that runs a case
lives outside this package.

Example: google/flax #4436, two distinct modules carried through a loop that only returns them::

    Case(
        nodes=(Module(), Module()),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
        loop=Loop(0, 1),
    )
"""

from typing import Annotated, Literal

import msgspec

DType = Literal["int32", "float32", "bfloat16"]
VariableType = Literal["Param", "BatchStat", "Cache", "Custom"]
StaticValue = int | str | bool | None

#: A place in the program: a root (`carry` or `closure`), then indices and names, for example
#: `("carry", 0, "a", "p")` for `carry[0].a.p`.
Path = tuple[str | int, ...]


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every untagged row: frozen, strict about unknown fields."""


class Tagged(Data, frozen=True, tag_field="is", tag=lambda name: name.lower()):
    """Base of every row of a tagged union; the JSON field `is` names the kind."""


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
    """One `nnx.Variable`.  `tag`, if given, is stored in its metadata under the name `tag`."""

    kind: VariableType = "Param"
    value: Array = Array()
    tag: str | None = None


# --- what an attribute holds ----------------------------------------------------------------


class OfVariable(Tagged, frozen=True, tag="variable"):
    """The Variable of row `variable`: the same object wherever the row is named."""

    variable: int


class OfNode(Tagged, frozen=True, tag="node"):
    """The node of row `node`: the same object wherever the row is named."""

    node: int


class OfArray(Tagged, frozen=True, tag="array"):
    """A raw array, not wrapped in a Variable."""

    array: Array = Array()


class OfStatic(Tagged, frozen=True, tag="static"):
    """A static attribute: part of the module's structure, not of its state."""

    value: StaticValue = None


Attribute = OfVariable | OfNode | OfArray | OfStatic


# --- nodes ----------------------------------------------------------------------------------


class Module(Tagged, frozen=True):
    """A plain `nnx.Module` with the named attributes."""

    attributes: dict[str, Attribute] = {}


class Sequence(Tagged, frozen=True):
    """An `nnx.List`, or a plain Python list on releases before `nnx.List`."""

    items: tuple[Attribute, ...] = ()


Features = Annotated[int, msgspec.Meta(ge=1, le=8)]


class LinearConfig(Data, frozen=True):
    """Arguments of `nnx.Linear`; drawn from this type's JSON Schema."""

    in_features: Features = 1
    out_features: Features = 1
    use_bias: bool = True


class Linear(Tagged, frozen=True):
    """A real `nnx.Linear(**config, rngs=nnx.Rngs(seed))`."""

    config: LinearConfig = LinearConfig()
    seed: int = 0


Node = Module | Sequence | Linear


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


class NoneSlot(Tagged, frozen=True, tag="none"):
    """`None`."""


class NodeSlot(Tagged, frozen=True, tag="node"):
    """The node of row `node`, the same object wherever the row is named."""

    node: int


class VariableSlot(Tagged, frozen=True, tag="variable"):
    """The bare Variable of row `variable`, the same object wherever the row is named."""

    variable: int


class ArraySlot(Tagged, frozen=True, tag="array"):
    """An array."""

    array: Array = Array()


class ScalarSlot(Tagged, frozen=True, tag="scalar"):
    """A Python number, which the loop turns into a (weakly typed) array of shape ()."""

    value: int | float | bool = 0


Slot = TupleSlot | ListSlot | DictSlot | NoneSlot | NodeSlot | VariableSlot | ArraySlot | ScalarSlot


# --- the loop -------------------------------------------------------------------------------


class Until(Data, frozen=True):
    """Stop early, before the first trip at which the sum of what `at` holds reaches `limit`."""

    at: Path
    limit: int = 1


class Loop(Data, frozen=True):
    """The loop around the body: trips `lower <= i < upper`, none if `lower >= upper`.

    `bounds="traced"` passes the bounds as traced int32 values.  `reverse` and `xs`/`ys` exist on
    `scan` only, `until` on `while_loop` only, `unroll` not on `while_loop`; `transforms.fits`
    keeps a case to the transforms that can express it.
    """

    lower: int = 0
    upper: int = 1
    bounds: Literal["static", "traced"] = "static"
    unroll: int | bool | None = None
    reverse: bool = False
    until: Until | None = None


# --- the body -------------------------------------------------------------------------------


class Const(Tagged, frozen=True):
    """The number `value` in the dtype of the target."""

    value: int = 1


class Index(Tagged, frozen=True):
    """The loop's index i."""


class Read(Tagged, frozen=True):
    """What the Variable or array at `at` holds; its sum if `total`."""

    at: Path
    total: bool = False


class Input(Tagged, frozen=True):
    """This trip's slice of `xs[x]` (`scan` only); its sum if `total`."""

    x: int = 0
    total: bool = False


class Call(Tagged, frozen=True):
    """The layer at `layer` applied to what `at` holds; its sum if `total`."""

    layer: Path
    at: Path
    total: bool = False


Operand = Const | Index | Read | Input | Call


class Update(Tagged, frozen=True):
    """`at <- op(at, operand)`, where `at` is a Variable, a raw array attribute or a carry array.

    The result has the dtype of the target, or `dtype` if given (which breaks the loop's rules
    when it differs).  `style` is how a Variable is written: `assign` (`v.value = x`, or
    `v.set_value(x)` on releases that have it), `setitem` (`v[...] = x`).
    """

    at: Path
    op: Literal["set", "add", "mul"] = "add"
    operand: Operand = Const()
    style: Literal["assign", "setitem"] = "assign"
    dtype: DType | None = None


class Swap(Tagged, frozen=True):
    """Exchange what two places hold.  At the carry: the body returns it permuted."""

    at: Path
    other: Path


class Bind(Tagged, frozen=True):
    """Let `at` hold the very object that `source` holds: aliasing."""

    at: Path
    source: Path


class Make(Tagged, frozen=True):
    """Let `at` hold a newly built `what`: un-aliasing, replacing, adding, changing a static."""

    at: Path
    what: Attribute


class Drop(Tagged, frozen=True):
    """Delete an attribute, or an entry of a list or dict of the carry."""

    at: Path


class Raise(Tagged, frozen=True):
    """Raise the program's own exception."""


Statement = Update | Swap | Bind | Make | Drop | Raise


# --- the whole ------------------------------------------------------------------------------


class Case(Data, frozen=True):
    """One program: objects, carry, closure, loop, body, outputs.

    `closure` are objects that the body reaches without their being in the carry, as
    `("closure", k, ...)`.  `xs` are scanned over along axis 0 and must have the trip count as
    their length; `ys` are what each trip of `scan` emits.
    """

    variables: tuple[Variable, ...] = ()
    nodes: tuple[Node, ...] = ()
    carry: tuple[Slot, ...] = (TupleSlot(),)
    closure: tuple[OfVariable | OfNode, ...] = ()
    loop: Loop = Loop()
    xs: tuple[Array, ...] = ()
    body: tuple[Statement, ...] = ()
    ys: tuple[Operand, ...] = ()


Transform = Literal["fori_loop", "while_loop", "scan"]
Mode = Literal["graph", "gnu", "tree"]
TRANSFORMS: tuple[Transform, ...] = ("fori_loop", "while_loop", "scan")
MODES: tuple[Mode, ...] = ("graph", "gnu", "tree")


class Arm(Data, frozen=True):
    """One way to run a case."""

    transform: Transform = "fori_loop"
    mode: Mode = "graph"
