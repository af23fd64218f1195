"""Which places a case has before its body runs, and what stands there.

A place is a path from a root through the carry's slots and the nodes' attributes.  A shared object
is listed under every path that leads to it; cycles end at `MAX_STEPS`.
"""

from collections.abc import Iterator
from typing import Literal, assert_never

from nnxfuzz.case import (
    Array,
    ArraySlot,
    Attribute,
    Case,
    Data,
    DictSlot,
    DType,
    Linear,
    ListSlot,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Path,
    ScalarSlot,
    Sequence,
    TupleSlot,
    VariableSlot,
)

#: The longest path that is listed, its root included.
MAX_STEPS = 6

Holds = Literal["variable", "array", "scalar", "static", "none", "node", "layer", "container"]
Holder = Literal["root", "tuple", "list", "dict", "module", "sequence", "layer"]


class Place(Data, frozen=True):
    """What stands at `path`: an object of row `row`, or numbers of `dtype` and `shape`."""

    path: Path
    holds: Holds
    holder: Holder
    row: int | None = None
    dtype: DType | Literal["bool"] | None = None
    shape: tuple[int, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether an `Update` may aim here."""
        return self.holds in ("variable", "array", "scalar") and self.dtype != "bool"


def places(case: Case) -> dict[Path, Place]:
    """Every place by its path, the roots' own entries included."""
    found: dict[Path, Place] = {}
    for place in _slot(case, ("carry",), 0, "root"):
        found[place.path] = place
    for k, held in enumerate(case.closure):
        for place in _attribute(case, ("closure", k), held, "root"):
            found[place.path] = place
    return found


def _slot(case: Case, path: Path, row: int, holder: Holder) -> Iterator[Place]:
    slot = case.carry[row]
    match slot:
        case TupleSlot(items) | ListSlot(items):
            yield Place(path, "container", holder)
            kind: Holder = "tuple" if isinstance(slot, TupleSlot) else "list"
            for k, item in enumerate(items):
                yield from _slot(case, (*path, k), item, kind)
        case DictSlot(entries):
            yield Place(path, "container", holder)
            for name, item in entries.items():
                yield from _slot(case, (*path, name), item, "dict")
        case NoneSlot():
            yield Place(path, "none", holder)
        case NodeSlot(node):
            yield from _node(case, path, node, holder)
        case VariableSlot(variable):
            yield _variable(case, path, variable, holder)
        case ArraySlot(array):
            yield _array(path, array, holder)
        case ScalarSlot(value):
            dtype: DType | Literal["bool"] = "int32"
            if isinstance(value, bool):
                dtype = "bool"
            elif isinstance(value, float):
                dtype = "float32"
            yield Place(path, "scalar", holder, dtype=dtype)
        case other:
            assert_never(other)


def _node(case: Case, path: Path, row: int, holder: Holder) -> Iterator[Place]:
    node = case.nodes[row]
    yield Place(path, "layer" if isinstance(node, Linear) else "node", holder, row)
    if len(path) >= MAX_STEPS:
        return
    match node:
        case Module(attributes):
            for name, held in attributes.items():
                yield from _attribute(case, (*path, name), held, "module")
        case Sequence(items):
            for k, held in enumerate(items):
                yield from _attribute(case, (*path, k), held, "sequence")
        case Linear(config):
            shape = (config.in_features, config.out_features)
            yield Place((*path, "kernel"), "variable", "layer", None, "float32", shape)
            if config.use_bias:
                yield Place((*path, "bias"), "variable", "layer", None, "float32", shape[1:])
        case other:
            assert_never(other)


def _attribute(case: Case, path: Path, held: Attribute, holder: Holder) -> Iterator[Place]:
    match held:
        case OfVariable(variable):
            yield _variable(case, path, variable, holder)
        case OfNode(node):
            yield from _node(case, path, node, holder)
        case OfArray(array):
            yield _array(path, array, holder)
        case OfStatic():
            yield Place(path, "static", holder)
        case other:
            assert_never(other)


def _variable(case: Case, path: Path, row: int, holder: Holder) -> Place:
    value = case.variables[row].value
    return Place(path, "variable", holder, row, value.dtype, value.shape)


def _array(path: Path, array: Array, holder: Holder) -> Place:
    return Place(path, "array", holder, None, array.dtype, array.shape)
