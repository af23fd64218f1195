"""Nodes, States and containers: what is in them, walks over them, copies and marks of them."""

import functools
from collections.abc import Iterator
from typing import Any

import flax
import jax
import numpy as np
from flax import nnx

from nnxfuzz.nnx_api.variables import (
    ByType,
    holds_reference,
    is_hijax,
    is_of_this_trace,
    is_variable,
    variable_like,
)
from nnxfuzz.programs.containers import entries, is_record
from nnxfuzz.programs.versions import between, version

#: What Flax stores on a node beside the user's attributes (`_object__state` up to 0.10,
#: `_pytree__state`, `_pytree__nodes` from 0.11, `_length` of `nnx.List`).
_BOOKKEEPING = ("_object__", "_pytree__", "_length")

#: The first and the last release (None: no end) in which a traced array that is assigned to a new
#: attribute is static.
TRACED_ARRAYS_STATIC: tuple[str, str | None] = ("0.12.2", None)

#: Whether a number in an attribute that is marked as data is a leaf, which a transform makes an
#: array of.  Up to 0.12.4 it is a static value, whatever the mark says (measured: the leaves of
#: `nnx.state` of a module that holds `nnx.data(1)`).
MARKED_NUMBERS_ARE_LEAVES = between("0.12.5", version(str(flax.__version__)), None)

_NODE_TYPES: tuple[type, ...] = tuple(
    getattr(nnx, name) for name in ("Pytree", "Object", "Module") if hasattr(nnx, name)
)


_NODES = ByType(lambda kind: issubclass(kind, _NODE_TYPES) and not issubclass(kind, nnx.Variable))


def is_node(value: object) -> bool:
    """Whether `value` is a reference object that holds attributes (module or `nnx.List`)."""
    return _NODES[type(value)]


def no_pytrees() -> Iterator[type]:
    """The classes of nodes that jax does not know as pytrees (`pytree=False`), of releases that
    know them as such otherwise.
    """
    left = [*_NODE_TYPES]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if not getattr(kind, "_pytree__is_pytree", True):
            yield kind


class _Own(dict[str | int, str | None]):
    """The user's name of what a node keeps under a key; None for Flax's bookkeeping."""

    def __missing__(self, key: str | int) -> str | None:
        name = str(key)
        return self.setdefault(key, None if name.startswith(_BOOKKEEPING) else name)


_OWN = _Own()


def attributes(node: Any) -> dict[str, Any]:
    """The user's attributes of a node by name, without Flax's bookkeeping."""
    return {name: v for k, v in vars(node).items() if (name := _OWN[k]) is not None}


def marks(node: Any) -> dict[str, bool]:
    """Whether each attribute of a node is data or static for jax, where a release has such marks.

    They say which attributes a transform may change: a tracer in a static one is an error.  0.11.1
    and 0.11.2 have the names of those that are data.
    """
    known = vars(node).get("_pytree__nodes", ())  # `nnx.Rngs` of 0.10 has every attribute
    if not known:
        return {}
    listed = isinstance(known, frozenset)
    data = {str(name) for name in known if listed or known[name]}
    return {name: name in data for name in sorted(attributes(node))}


def wrong_length(node: Any) -> int | None:
    """The length that an `nnx.List` has by its own word, if it is not the number of its items."""
    length: int | None = vars(node).get("_length")
    return None if length is None or length == _count(node) else length


def count_items(node: Any) -> None:
    """Let an `nnx.List` have the length of which it has items."""
    if "_length" in vars(node):
        vars(node)["_length"] = _count(node)


def _count(node: Any) -> int:
    return sum(name.isdigit() for name in attributes(node))


def take_marks(node: Any, copy: Any) -> None:
    """Let the attributes of a node be data or static as those of its copy are."""
    if "_pytree__nodes" in vars(copy):
        vars(node)["_pytree__nodes"] = vars(copy)["_pytree__nodes"]


def is_state(value: object) -> bool:
    """Whether `value` is an `nnx.State`: values by name, no reference object."""
    return isinstance(value, nnx.State)


def state_items(state: Any) -> dict[str, Any]:
    """What a State holds: States, Variables (`VariableState` up to 0.11), arrays."""
    return {str(name): held for name, held in state.items()}


def is_state_leaf(value: object) -> bool:
    """Whether `value` is what older releases hold in a State in place of a Variable."""
    kind = vars(nnx).get("VariableState")  # newer releases warn of an alias that is asked for
    return kind is not None and isinstance(value, kind) and not is_variable(value)


def parts(value: Any) -> dict[str, Any] | None:
    """What is directly below a container or node, by name; None for a leaf.

    Order: as stored, so that equal values give equal orders.
    """
    if is_variable(value):
        return None
    if is_node(value):
        return attributes(value)
    if is_record(value):
        return entries(value)
    if isinstance(value, tuple | list):
        return {str(k): item for k, item in enumerate(value)}
    if isinstance(value, dict):
        return {str(k): item for k, item in value.items()}
    return state_items(value) if is_state(value) else None


#: The types of numbers, of text and of numpy's arrays: nothing is below one.
_LEAVES = ByType(
    lambda kind: issubclass(kind, type(None) | int | float | str | np.ndarray | np.generic)
)


def below(value: Any) -> list[Any]:
    """Every node and Variable at or below `value`, each once, in the order of a walk."""
    found: list[Any] = []
    seen: set[int] = set()

    def visit(held: Any) -> None:
        if _LEAVES[type(held)] or id(held) in seen:
            return
        if is_variable(held):
            seen.add(id(held))
            found.append(held)
            return
        items = parts(held)
        if items is None:
            return
        seen.add(id(held))
        if is_node(held):
            found.append(held)
        for item in items.values():
            visit(item)

    visit(value)
    return found


def variables_below(value: Any) -> list[Any]:
    """Every Variable at or below `value`."""
    return [held for held in below(value) if is_variable(held)]


def nodes_below(value: Any) -> list[Any]:
    """Every node at or below `value`."""
    return [held for held in below(value) if is_node(held)]


def shallow_copy(node: Any) -> Any:
    """A new node of the same type with the same attribute values."""
    new = object.__new__(type(node))
    vars(new).update(vars(node))
    return new


def rebuilt(template: Any, arrays: Iterator[Any]) -> Any:
    """A new object like `template`, as its constructor would make it here and now.

    Its Variables hold `arrays`, in the order of a walk (None leaves one without a value); what is
    no node, Variable or container is shared.  The marks by which Flax knows under which trace an
    object was made are new.
    """
    made: dict[int, Any] = {}

    def build(value: Any) -> Any:
        if id(value) in made:
            return made[id(value)]
        if is_variable(value):
            made[id(value)] = new = variable_like(value, next(arrays))
            return new
        if is_node(value):
            made[id(value)] = new = bare(value)
            for name, held in vars(value).items():
                vars(new).setdefault(name, build(held))
            return new
        if type(value) in (tuple, list):
            return type(value)(build(item) for item in value)
        return {k: build(item) for k, item in value.items()} if type(value) is dict else value

    return build(template)


def bare(node: Any) -> Any:
    """A new node of the type of `node`, made here and now, without the user's attributes."""
    new = object.__new__(type(node))
    fresh = vars(_Empty())
    for name, held in vars(node).items():
        if str(name).startswith(_BOOKKEEPING):
            own = dict(held) if type(held) is dict else held
            vars(new)[name] = fresh[name] if name in _TRACE_MARKS else own
    return new


class _Empty(nnx.Module):  # type: ignore[misc]
    """A node with nothing but Flax's bookkeeping."""


#: Under which names a node keeps the trace under which it was made (up to 0.10, later).
_TRACE_MARKS = frozenset({"_object__state", "_pytree__state"})


#: A node that was made under no trace.
_OUTSIDE = _Empty()


def is_left_in_a_trace(thing: Any) -> bool:
    """Whether a node or a Variable counts as one of a trace of jax that is over, so that no
    attribute of it can be set, or nothing written to it (`TraceContextError`).  False while some
    trace is on.
    """
    if is_variable(thing):
        written = is_hijax(thing) or holds_reference(thing) or is_of_this_trace(thing)
        return not written and not _is_of_a_trace(_OUTSIDE)
    return _is_of_a_trace(thing) and not _is_of_a_trace(_OUTSIDE)


def _is_of_a_trace(node: Any) -> bool:
    """Whether it was made under another trace than the current one."""
    state = next((vars(node)[name] for name in _TRACE_MARKS if name in vars(node)), None)
    return state is not None and not state.trace_state.is_valid()


def set_copied(node: Any, name: str, value: Any) -> None:
    """Set an attribute of a `shallow_copy` without Flax's checks."""
    vars(node)[_key(name)] = value


def _key(name: str) -> str | int:
    """A name as a node keeps it (`nnx.List` has integers or text, by release)."""
    return int(name) if name.isdigit() and _counts_in_integers() else name


@functools.cache
def _counts_in_integers() -> bool:
    return 0 in vars(nnx.List([None]))


def sequence() -> Any:
    """An empty `nnx.List`, or a plain list on releases without it."""
    return nnx.List([]) if hasattr(nnx, "List") else []


def mapping() -> Any:
    """An empty `nnx.Dict`."""
    return nnx.Dict()


#: Whether the installed release has this: see `made-arrays-static` in the contract.
_TRACED_ARRAYS_ARE_STATIC = between(
    TRACED_ARRAYS_STATIC[0], version(str(flax.__version__)), TRACED_ARRAYS_STATIC[1]
)


def as_data(value: Any) -> Any:
    """`value` marked as data for assignment to a module's attribute, where a release can say so.

    From 0.12.2 on a *traced* array that is assigned to a new attribute is taken for static
    (`graphlib.is_node_leaf` asks isinstance of a `typing.Union`, which never sees a tracer as a
    `jax.Array`).  That is a defect of construction, which a loop after it can only trip over, and
    a program that builds its modules eagerly does not meet it: so our builds under a trace say
    what they mean, in those releases alone.  In any other, plain assignment has to do.
    """
    traced = isinstance(value, jax.core.Tracer)
    return nnx.data(value) if traced and _TRACED_ARRAYS_ARE_STATIC else value


def marked(value: Any, data: bool) -> Any:
    """`nnx.data(value)` or `nnx.static(value)`; the value itself where a release has neither."""
    mark = getattr(nnx, "data" if data else "static", None)
    return value if mark is None else mark(value)
