"""What stands at each place of a call program, as far as its text can tell: shapes, dtypes, names.

A writer of text and a strategy both keep a scope, which is a name -> type mapping.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case.base import TreePath

#: Features of each real layer, which takes and gives arrays of this shape.
LAYER_SHAPE = (2, 2)

#: The dtypes that jax differentiates by.
FLOATS = ("float32", "bfloat16")


class Unfit(Exception):
    """The program is not well formed; the message says why."""


@dataclass(frozen=True)
class Array:
    """An array; `number`: or a number of Python, which some transforms hand on as it is."""

    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    number: bool = False


@dataclass(frozen=True)
class Variable:
    """A Variable that holds an array; one with a reference, or of hijax, is read and written by
    item.
    """

    array: Array
    kind: str = "Param"
    ref: bool = False
    hijax: bool = False

    @property
    def by_item(self) -> bool:
        """Whether it is read and written as `v[...]` alone, in its dtype."""
        return self.ref or self.hijax


@dataclass(frozen=True)
class Static:
    """Something that is no data: it can be handed on, and not computed with."""


@dataclass(frozen=True)
class Sown:
    """What was sown: a Variable that holds a tuple with an array like this."""

    array: Array


@dataclass(frozen=True)
class Streams:
    """An `nnx.Rngs` with these streams, or so many of them stacked along axis 0."""

    names: tuple[str, ...]
    lanes: int | None = None


@dataclass(frozen=True)
class Optimizer:
    """An optimizer of the layer of a row."""

    model: int


@dataclass(frozen=True)
class Node:
    """A module or a container, by its row, or the State of one; `layer`: it is a real layer that
    can be called; `stack`: or some of them, stacked along this axis.
    """

    row: int
    kind: str
    attributes: tuple[tuple[str | int, "Type"], ...] = ()
    layer: bool = False
    stack: int | None = None


@dataclass(frozen=True)
class Whole:
    """A real layer of this kind that is given and called whole: its parts have no names here."""

    kind: c.LayerKind


@dataclass(frozen=True)
class Definition:
    """A GraphDef of this node."""

    node: Node


@dataclass(frozen=True)
class Results:
    """A container: what a call returned, if it was not one thing, or an argument."""

    items: tuple["Type", ...]
    kind: str = "tuple"


Type = Array | Variable | Static | Sown | Streams | Optimizer | Node | Whole | Definition | Results
Scope = Mapping[str, Type]


def at(type_: Type, path: TreePath) -> Type:
    """What stands at a path; raises Unfit."""
    for step in path:
        below = dict(children(type_))
        if step not in below:
            raise Unfit(f"there is no {step!r}")
        type_ = below[step]
    return type_


def children(type_: Type) -> tuple[tuple[str | int, Type], ...]:
    """What stands directly below."""
    if isinstance(type_, Node):
        return type_.attributes
    if not isinstance(type_, Results):
        return ()
    return tuple(zip("ab" if type_.kind == "record" else count(), type_.items, strict=False))


def put(type_: Type, path: TreePath, new: Type | None) -> Type:
    """The type with `new` at a path, or without what stands there; raises Unfit."""
    if not path:
        assert new is not None
        return new
    if not isinstance(type_, Node):
        raise Unfit(f"nothing can be put at {path}")
    held: dict[Any, Type] = dict(type_.attributes)
    step, *rest = path
    if rest or new is not None:
        below = put(held[step], tuple(rest), new) if rest else new
        held[step] = below  # type: ignore[assignment]
    else:
        del held[step]
    return replace(type_, attributes=tuple(sorted(held.items(), key=str)))


def places(type_: Type, path: TreePath = ()) -> Iterator[tuple[TreePath, Type]]:
    """Everything at and below, with its path."""
    yield path, type_
    for step, below in children(type_):
        yield from places(below, (*path, step))


def same_form(one: Type, other: Type) -> bool:
    """Whether one may stand for the other: all but the rows of layers and containers is equal."""
    return _without_rows(one) == _without_rows(other)


def _without_rows(type_: Type) -> Type:
    match type_:
        case Node(kind=kind, attributes=attributes):
            below = tuple((name, _without_rows(held)) for name, held in attributes)
            return replace(type_, row=type_.row if kind == "module" else -1, attributes=below)
        case Results(items):
            return replace(type_, items=tuple(map(_without_rows, items)))
    return type_


def arrays(type_: Type) -> Iterator[Array | Streams | Optimizer | Whole]:
    """The arrays at and below; for streams themselves, which hold keys and counts, and optimizers
    and whole layers, which hold whatever they need.
    """
    for _, found in places(type_):
        if isinstance(found, Array | Streams | Optimizer | Whole):
            yield found
        elif isinstance(found, Variable | Sown):
            yield found.array


def mapped(f: Any, type_: Type, node: Callable[[Node], Node] | None = None) -> Type:
    """The type with `f` of each array at and below, and `node` of each node; without `node`, layers
    can be called no more.
    """
    match type_:
        case Array():
            return f(type_)  # type: ignore[no-any-return]
        case Variable(array) | Sown(array):
            return replace(type_, array=f(array))
        case Node(attributes=attributes):
            below = tuple((name, mapped(f, held, node)) for name, held in attributes)
            new = node(type_) if node else replace(type_, layer=False, stack=None)
            return replace(new, attributes=below)
        case Results(items):
            return replace(type_, items=tuple(mapped(f, item, node) for item in items))
        case Streams(lanes=lanes):
            shape = f(Array(() if lanes is None else (lanes,))).shape
            if len(shape) > 1:
                raise Unfit("streams are stacked once")
            return replace(type_, lanes=shape[0] if shape else None)
        case Optimizer() | Whole():
            raise Unfit("an optimizer has no axis, nor has a layer whose parts have no names")
        case _:
            return type_


def sliced(type_: Type, axis: int) -> Type:
    """The type of one lane along an axis, which may be counted from the last; raises Unfit if some
    array lacks it.
    """

    def one(array: Array) -> Array:
        at = _place(axis, array.shape)
        return Array(array.shape[:at] + array.shape[at + 1 :], array.dtype)

    return mapped(one, type_, lambda n: replace(n, layer=n.stack == axis, stack=None))


def stacked(type_: Type, axis: int, size: int) -> Type:
    """The type of `size` of them stacked along an axis, which may be counted from the last; raises
    Unfit if the stack of some array has no such axis.
    """

    def all_(array: Array) -> Array:
        at = _place(axis, (*array.shape, size))
        return Array((*array.shape[:at], size, *array.shape[at:]), array.dtype)

    return mapped(all_, type_, lambda n: replace(n, layer=False, stack=axis if n.layer else None))


def sizes(type_: Type, axis: int) -> set[int]:
    """The lengths of an axis, which may be counted from the last, over all arrays."""
    shapes = [_shape(array) for array in arrays(type_)]
    return {shape[_place(axis, shape)] for shape in shapes}


def _place(axis: int, shape: tuple[int, ...]) -> int:
    """Which axis of a shape it is, counted from the first; raises Unfit if there is none."""
    if not -len(shape) <= axis < len(shape):
        raise Unfit(f"an array of shape {shape} has no axis {axis}")
    return axis % len(shape)


def _shape(found: Array | Streams | Optimizer | Whole) -> tuple[int, ...]:
    match found:
        case Array(shape):
            return shape
        case Streams(lanes=int(lanes)):
            return (lanes,)
        case _:
            return ()


def is_float(type_: Type) -> bool:
    """Whether there are arrays, and all of them hold floats."""
    found = list(arrays(type_))
    return bool(found) and all(isinstance(a, Array) and a.dtype in FLOATS for a in found)


def has_reference(type_: Type) -> bool:
    """Whether some Variable holds a reference to its array."""
    return any(isinstance(held, Variable) and held.ref for _, held in places(type_))


def needs(type_: Type, inside: bool = False) -> frozenset[c.Feature]:
    """What a release has to have where a transform is given this; `inside`: in a module."""
    match type_:
        case Variable(ref=ref, hijax=hijax):
            own: set[c.Feature] = set() if inside else {"bare-variables"}
            own |= {"array-refs"} if ref else set()
            return frozenset(own | ({"hijax"} if hijax else set()))
        case Array():
            return frozenset({"raw-arrays"} if inside else ())
        case _:
            inside = inside or (isinstance(type_, Node) and type_.kind != "list")
            stacked_ = isinstance(type_, Node) and type_.stack is not None
            made: frozenset[c.Feature] = frozenset({"rng-split"} if stacked_ else ())
            return made.union(*(needs(below, inside) for _, below in children(type_)))


def no_references(*types: Type) -> None:
    """Raise Unfit where there is one: jax returns none, and moves the axis of none."""
    if any(map(has_reference, types)):
        raise Unfit("a reference can be neither carried nor moved")


def holds_hijax(type_: Type) -> bool:
    """Whether some Variable is one of hijax."""
    return any(isinstance(held, Variable) and held.hijax for _, held in places(type_))


def no_hijax(*types: Type) -> None:
    """Raise Unfit where there is one: it is no tree of arrays, and what is returned is another."""
    if any(map(holds_hijax, types)):
        raise Unfit("a Variable of hijax is neither returned nor taken for a tree")
