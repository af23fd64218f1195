"""Random inputs of a scan: arrays, Variables and nodes, cut along axes, in parts, or whole.

What is cut gets the trip count as the length of that axis when it is made, so nothing has to be
thrown away.
"""

from typing import Literal

import msgspec
from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    Array,
    Attribute,
    Input,
    Linear,
    LinearConfig,
    Module,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Part,
    Variable,
    VariableType,
)
from nnxfuzz.programs.case.places import Axis, Cut, Shape
from nnxfuzz.strategies.graphs import NAMES, SHAPES, Draft, arrays, fewest

_KINDS: tuple[VariableType, ...] = ("Param", "BatchStat", "Cache")
_PARTITION = "layers"

#: The parts of an input, simplest first.
_PARTS: tuple[tuple[Part, ...], ...] = (
    (Part(0),),
    (Part(1),),
    (Part(0, "Param"), Part()),
    (Part(0, "Param"), Part("carry")),
    (Part(None, "Param"), Part(0)),
    (Part("carry", "BatchStat"), Part(0)),
    (Part(0, under="a"), Part("carry")),
    (Part(None, under="a"), Part(0)),
    (Part(None, "Param", "a"), Part(-1)),
    (Part(1, "Param"), Part(0, "BatchStat"), Part()),
    (Part(None, "Param"), Part(0, "BatchStat"), Part(1)),
    (Part(2, "Param"), Part(-3)),
    (Part("carry", "Param"), Part(0, under="b"), Part(-2)),
    (Part("carry"),),
    (Part(None, "Param"), Part("carry")),
    (Part(),),
)

#: The axis, or the parts, of an input that the body sows into.
_SOWN: tuple[int | tuple[Part, ...], ...] = (
    0,
    (Part(0, "Intermediate"), Part("carry")),
    (Part(0, "Intermediate"), Part()),
)


def simple_inputs(draft: Draft, length: int) -> tuple[Input, ...]:
    """Up to two arrays to scan over along axis 0."""
    return tuple(Input(_array(draft, 0, length)) for _ in range(draft.count(2)))


def inputs(draft: Draft, length: int) -> tuple[Input, ...]:
    """One to three inputs of any kind, and what the theme is about among them."""
    if draft.about_scans and "prefix" in draft.features and draft.count(2) == 2:
        return _alike(draft, length)
    bare = ("variable",) if "bare-variables" in draft.features else ()
    common = ("array", "module", *draft.shared("alias"), "broadcast") * 2
    kinds = (*common, *bare, "parts", "parts")
    first = _special(draft, length)
    found: list[Input] = [] if first is None else [first]
    for _ in range(draft.size(1, 1, 2, 3) - len(found)):
        found.append(_input(draft, draft.pick(*kinds), found, length))
    return tuple(found)


def _alike(draft: Draft, length: int) -> tuple[Input, ...]:
    """One object or two that have the same parts, for an `nnx.prefix`, and perhaps an array."""
    parts = draft.draw(st.sampled_from([p for p in _PARTS if all(q.axis != "carry" for q in p)]))
    first = Input(OfNode(_module(draft, Cut(parts), length)), parts)
    found = [first]
    by_path = any(part.under is not None for part in parts)
    match draft.pick("one", "two", *draft.shared("again"), *draft.shared("around")):
        case "two":
            found.append(Input(OfNode(_module(draft, Cut(parts), length)), parts))
        case "again":
            found.append(first)
        case "around" if not by_path:
            row = draft.add_node(Module({"a": first.what}))
            draft.own_nodes.add(row)
            found.append(Input(OfNode(row), parts))
        case _:
            pass
    if draft.count(1):
        found.insert(draft.count(len(found)), Input(_array(draft, 0, length)))
    return tuple(found)


def _input(draft: Draft, kind: str, before: list[Input], length: int) -> Input:
    axis = draft.size(0, 0, 0, 1, -1, -2, 2, -3)
    match kind:
        case "array":
            return Input(_array(draft, axis, length), axis)
        case "variable":
            return Input(OfVariable(_variable(draft, axis, length)), axis)
        case "module":
            return Input(OfNode(_module(draft, Cut(axis), length)), axis)
        case "parts":
            parts = draft.draw(st.sampled_from(_PARTS))
            return Input(OfNode(_module(draft, Cut(parts), length)), parts)
        case "alias":
            return _alias(draft, before) or Input(_array(draft, axis, length), axis)
        case _:
            return _broadcast(draft)


def _special(draft: Draft, length: int) -> Input | None:
    """Layers stacked for the trips, Rngs split for them, or Rngs for all of them."""
    split = length > 0 and "rng-split" in draft.features
    theme = draft.theme
    if theme == "inner":
        theme = draft.pick("scan", "layers", "layers", "streams")  # type: ignore[assignment]
    match theme:
        case "layers" if length > 0:
            row = draft.new_layer(length)
        case "scan" if length > 0 and (draft.theme == "inner" or draft.count(3) == 3):
            config = LinearConfig(draft.size(1, 2), draft.size(1, 2))
            row = draft.add_node(Linear(config, draft.count(3), length))
        case "streams" if split and draft.count(2):
            row = draft.new_streams(length)
        case "streams":
            row = draft.new_streams()
            return Input(OfNode(row), None)
        case "sow":
            axis = _SOWN[draft.count(len(_SOWN) - 1)]
            return Input(OfNode(_module(draft, Cut(axis), length)), axis)
        case _:
            return None
    if draft.count(2) == 2:
        held: dict[str, Attribute] = {"a": OfNode(row)}
        draft.own_nodes.add(row)
        row = draft.add_node(Module(held))
    draft.own_nodes.add(row)
    return Input(OfNode(row), (Part(0),) if draft.count(3) == 3 else 0)


# --- what is cut ----------------------------------------------------------------------------


def whole(shape: Shape, axis: Axis, length: int) -> Shape:
    """The shape of which a slice along `axis` has the given shape."""
    if not isinstance(axis, int):
        return shape
    position = axis if axis >= 0 else len(shape) + 1 + axis
    return (*shape[:position], length, *shape[position:])


def _slice_shape(draft: Draft, axis: Axis) -> Shape:
    """A shape that has room for one more axis there."""
    shapes = [shape for shape in SHAPES if len(shape) >= fewest(axis)]
    return shapes[draft.count(len(shapes) - 1)]


def _array(draft: Draft, axis: Axis, length: int) -> OfArray:
    shape = whole(_slice_shape(draft, axis), axis, length)
    dtype = draft.pick("float32", "int32")
    return OfArray(Array(dtype, shape, draft.count(3)))  # type: ignore[arg-type]


def _variable(
    draft: Draft, axis: Axis, length: int, kind: VariableType = "Param", parts: bool = False
) -> int:
    value = _array(draft, axis, length).array
    names = None
    if draft.about_scans and isinstance(axis, int) and not draft.count(1 if parts else 3):
        slots = (None,) * (len(value.shape) - 1)
        position = axis % len(value.shape)
        names = (*slots[:position], _PARTITION, *slots[position:])
    return draft.add_variable(Variable(kind, value, names=names))


def _module(draft: Draft, cut: Cut, length: int, depth: int = 0) -> int:
    """A module of one to three attributes, each of whose Variables is as long as its cut asks."""
    held: dict[str, Attribute] = {}
    for name in NAMES[: draft.size(1, 2, 1, 3)]:
        inner = cut.through(name)
        kinds = ("variable", "variable", "variable", "static", *(("module",) * (depth < 1)))
        match draft.pick(*kinds):
            case "variable":
                kind = _KINDS[draft.count(2)]
                parts = isinstance(cut.axis, tuple)
                held[name] = OfVariable(_variable(draft, inner.of(kind), length, kind, parts))
            case "static":
                held[name] = OfStatic(1)
            case _:
                held[name] = OfNode(_module(draft, inner, length, depth + 1))
    row = draft.add_node(Module(held))
    draft.own_nodes.add(row)
    return row


# --- what is not ----------------------------------------------------------------------------


def _broadcast(draft: Draft) -> Input:
    match draft.pick("node", "array"):
        case "node":
            bare = "bare-variables" in draft.features
            return Input(OfNode(draft.new_node(1 if bare else 0)), None)
        case _:
            return Input(OfArray(draft.draw(arrays)), None)


def _alias(draft: Draft, before: list[Input]) -> Input | None:
    """An object that another input or the carry holds too, if there is one."""
    objects = [row for row in before if not isinstance(row.what, OfArray)]
    carried = [row for row in range(len(draft.nodes)) if row not in draft.own_nodes]
    match draft.pick("carried", "equal", "whole", "backwards", *["restated"] * _in_parts(before)):
        case "equal" if objects:
            return objects[draft.count(len(objects) - 1)]
        case "whole" if objects:
            row = objects[draft.count(len(objects) - 1)]
            return None if _stacked(draft, row) else Input(row.what, None)
        case "backwards" if objects:
            return _backwards(draft, objects[draft.count(len(objects) - 1)])
        case "restated":
            return _restated(draft, [row for row in before if isinstance(row.axis, tuple)][-1])
        case _ if carried:
            return Input(OfNode(carried[draft.count(len(carried) - 1)]), None)
        case _:
            return None


def _in_parts(rows: list[Input]) -> int:
    """3 if one of them has parts, which few have."""
    return 3 * any(isinstance(row.axis, tuple) for row in rows)


def _backwards(draft: Draft, row: Input) -> Input | None:
    """A Variable's axis counted from the other end."""
    if not isinstance(row.what, OfVariable) or not isinstance(row.axis, int):
        return None
    rank = len(draft.variables[row.what.variable].value.shape)
    return Input(row.what, row.axis - rank if row.axis >= 0 else row.axis + rank)


def _restated(draft: Draft, row: Input) -> Input | None:
    """A node's parts, one of which is broadcast, or else carried."""
    if not isinstance(row.axis, tuple) or _stacked(draft, row):
        return None
    k = draft.count(len(row.axis) - 1)
    axis: Literal["carry"] | None = "carry" if row.axis[k].axis is None else None
    part = msgspec.structs.replace(row.axis[k], axis=axis)
    return Input(row.what, (*row.axis[:k], part, *row.axis[k + 1 :]))


def _stacked(draft: Draft, row: Input) -> bool:
    """Whether an input is, or holds at once, something stacked."""
    if not isinstance(row.what, OfNode):
        return False
    node = draft.nodes[row.what.node]
    held = node.attributes.values() if isinstance(node, Module) else ()
    inner = [draft.nodes[each.node] for each in held if isinstance(each, OfNode)]
    return any(
        getattr(each, "stack", None) is not None or getattr(each, "splits", None) is not None
        for each in (node, *inner)
    )
