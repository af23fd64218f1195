"""Live objects -> a world: everything that can be observed after a run, as plain data.

It walks Python objects itself (`vars`, tuples, lists, dicts) and uses none of Flax's graph code,
because that code is what is under test.  Raw containers are values, not objects: Flax documents no
identity for tuples, lists and dicts, so none is recorded.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.oracle.statics import equals_itself_alone, static_text
from nnxfuzz.oracle.verdict import BY_REFERENCE, OF_A_TRACE, Entry, World, dotted
from nnxfuzz.programs.case import TreePath
from nnxfuzz.programs.containers import entries, is_record, kind_of
from nnxfuzz.programs.numbers import is_key, is_literal, number

_ARRAYS = (np.ndarray, np.generic, jax.Array, jax.core.Tracer)

#: Of these a number is an array where the caller holds it, and static in a node.
_NUMBERS = (bool, int, float)


class Walk:
    """One walk over several roots; an object met twice is one identity.

    An object that an `earlier` walk met keeps the name it had there, and any other is "new".  So
    the walk before a loop names the caller's objects, and the walk after it tells where each of
    them stands now; the root `held` has all their Variables, also those that nothing reaches.
    `entries` has everything but the numbers; `arrays` the live arrays by path, so that a run
    under a trace can return them as outputs; `objects` the nodes and Variables by path.
    """

    def __init__(self, earlier: "Walk | None" = None) -> None:
        self.entries: World = {}
        self.arrays: dict[TreePath, Any] = {}
        self.objects: dict[TreePath, Any] = {}
        self.earlier = earlier  # kept, so that no object of it is freed and its id used again
        self._names: dict[int, str] = {} if earlier is None else dict(earlier._names)
        #: The Variables, by id, that count as holding references: the plain loop's hold arrays.
        self.references: set[int] = set() if earlier is None else earlier.references
        self._visited: set[int] = set()
        self._kept: list[Any] = []  # so that no id is used again
        #: The places of numbers that jax hands out in the place of arrays.
        self.literals: set[TreePath] = set()
        #: Nodes met again: what is below them stands where they were met first.
        self.again: set[TreePath] = set()
        #: The Variables that States hold.  They have no identity to Flax, but are written to.
        self.in_states: dict[TreePath, Any] = {}

    def root(self, name: str, value: Any) -> None:
        """Walk what the caller holds under `name`; Python numbers there count as arrays."""
        self._visit((name,), value, inside_node=False)

    def held(self) -> None:
        """Walk the Variables of the earlier walk by their names, wherever they are now."""
        for path, value in self.earlier.objects.items() if self.earlier else ():
            if nnx_api.is_variable(value) and self._names[id(value)] == (name := dotted(path)):
                self._object(("held", name), value)

    def _visit(self, path: TreePath, value: Any, inside_node: bool) -> None:
        if nnx_api.is_variable(value) or nnx_api.is_node(value):
            self._object(path, value)
        elif value is None or isinstance(value, str) or (inside_node and type(value) in _NUMBERS):
            self._static(path, value)
        elif is_record(value):
            own = entries(value)
            self.entries[path] = Entry("container", kind_of(value), detail=f"of {list(own)}")
            for field, item in own.items():
                self._visit((*path, field), item, inside_node)
        elif isinstance(value, tuple | list):
            kind = type(value).__name__
            self.entries[path] = Entry("container", kind, detail=f"of {len(value)}")
            for i, item in enumerate(value):
                self._visit((*path, i), item, inside_node)
        elif isinstance(value, dict):
            named = {_key(name): held for name, held in value.items()}
            kind = type(value).__name__
            # jax sorts the keys of a dict, and keeps the order of this one
            told = list(named) if isinstance(value, OrderedDict) else sorted(named)
            self.entries[path] = Entry("container", kind, detail=f"of {told}")
            for name in sorted(named):
                self._visit((*path, name), named[name], inside_node)
        elif nnx_api.is_state(value):
            self._state(path, value)
        elif isinstance(value, _ARRAYS if inside_node else (*_ARRAYS, *_NUMBERS)):
            self._array(path, value)
        elif is_literal(value):
            self._array(path, self._held(path, value))
        else:
            self._static(path, value)

    def _static(self, path: TreePath, value: Any) -> None:
        """A static attribute by its value; what equals nothing but itself is an object, too."""
        identity = self._named(path, value) if equals_itself_alone(value) else None
        self.entries[path] = Entry("static", type(value).__name__, identity, static_text(value))

    def _named(self, path: TreePath, value: Any) -> str:
        """The name of an object: its first place before the loop, or after it."""
        known = self._names.get(id(value))
        if known is None:
            known = dotted(path) if self.earlier is None else f"new {dotted(path)}"
            self._names[id(value)] = known
            self._kept.append(value)
        return known

    def _held(self, path: TreePath, value: Any) -> Any:
        """The value; an array of a constant that jax hands out as a literal."""
        if not is_literal(value):
            return value
        self.literals.add(path)
        return np.asarray(value, value.dtype)

    def _array(self, path: TreePath, value: Any) -> None:
        self.entries[path] = Entry("array", "keys" if is_key(value) else "array")
        self.arrays[path] = value

    def _state(self, path: TreePath, state: Any) -> None:
        """A State is a value: what it holds has types and numbers, and no identity."""
        items = nnx_api.state_items(state)
        self.entries[path] = Entry("container", "State", detail=f"of {sorted(items)}")
        for name, held in sorted(items.items()):
            below = (*path, name)
            if nnx_api.is_state(held):
                self._state(below, held)
            elif nnx_api.is_variable(held) or nnx_api.is_state_leaf(held):
                if nnx_api.is_variable(held):
                    self.in_states[below] = held
                raw = nnx_api.get_raw(held) if nnx_api.is_variable(held) else held.value
                raw = self._held(below, raw)
                kind = type(held) if nnx_api.is_variable(held) else held.type
                detail = _metadata(held)
                if isinstance(raw, _ARRAYS):
                    self.arrays[below] = raw
                else:  # `nnx.eval_shape` puts a `ShapeDtypeStruct` there
                    detail += f" holding {static_text(raw)}"
                self.entries[below] = Entry("array", f"state of {kind.__name__}", detail=detail)
            else:
                self._visit(below, held, inside_node=True)

    def _is_container(self, raw: Any) -> bool:
        """Whether what a Variable holds is looked into."""
        return isinstance(raw, tuple | list | dict)

    def _object(self, path: TreePath, value: Any) -> None:
        first = id(value) not in self._visited
        self._visited.add(id(value))
        identity = self._named(path, value)
        self.objects[path] = value
        kind = type(value).__name__
        if nnx_api.is_variable(value):
            raw = self._held(path, nnx_api.get_raw(value))
            detail = _metadata(value)
            if id(value) in self.references or nnx_api.holds_reference(value):
                detail += BY_REFERENCE
            if isinstance(raw, _ARRAYS):
                detail += " holding keys" if is_key(raw) else ""
                self.arrays[path] = raw
            elif self._is_container(raw):  # what `sow` gathers is a tuple
                self._visit((*path, "value"), raw, inside_node=True)
            else:  # `nnx.Linear(use_bias=False)` of old releases has Param(None)
                detail += f" holding {static_text(raw)}"
            if nnx_api.is_left_in_a_trace(value):
                detail += OF_A_TRACE
            self.entries[path] = Entry("variable", kind, identity, detail)
            return
        marks, left = str(nnx_api.marks(value) or ""), nnx_api.is_left_in_a_trace(value)
        self.entries[path] = Entry("node", kind, identity, marks, tracer=left)
        if first:
            for name, held in sorted(nnx_api.attributes(value).items()):
                step = int(name) if name.isdigit() else name
                self._visit((*path, step), held, inside_node=True)
            length = nnx_api.wrong_length(value)
            if length is not None:
                self.entries[*path, "length"] = Entry("static", "int", detail=str(length))
        else:
            self.again.add(path)


def _key(name: Any) -> str | int:
    """A key of a dict as a step of a path (`nnx.RNN` up to 0.10 holds `{...: Carry}`)."""
    return name if isinstance(name, str | int) else repr(name)


def _metadata(variable: Any) -> str:
    """A Variable's metadata as text without memory addresses."""
    metadata = nnx_api.metadata(variable)
    if not metadata:  # as most have none
        return "[]"
    return f"[{', '.join(f'({name!r}, {_plain(metadata[name])})' for name in sorted(metadata))}]"


def _plain(value: Any) -> str:
    """A partition spec as the tuple that it is, a function by its name."""
    if isinstance(value, tuple) or type(value).__name__ == "PartitionSpec":
        items = [_plain(item) for item in value]
        return f"({', '.join(items)}{',' * (len(items) == 1)})"
    return static_text(value)


def filled(
    walk: Walk,
    numbers: dict[TreePath, Any],
    measure: Callable[[TreePath, Any], tuple[Any, Any]] = lambda path, array: (0.0, 0.0),
) -> World:
    """The walk's world with its arrays, each with its tolerance and its reach by `measure`.

    An array that no number could be read of is a tracer.
    """
    world: World = {}
    for path, entry in walk.entries.items():
        if path not in walk.arrays:
            world[path] = entry
            continue
        value = numbers.get(path)
        traced = value is None or isinstance(value, jax.core.Tracer)
        array = None if traced else number(value)
        measured = measure(path, value)
        world[path] = Entry(
            entry.role, entry.kind, entry.identity, entry.detail, array, traced, *measured
        )
    return world


def roots(earlier: Walk | None = None, /, **named: Any) -> Walk:
    """A walk over the named roots, in this order; `earlier` has named some objects already."""
    walk = Walk(earlier)
    for name, value in named.items():
        walk.root(name, value)
    walk.held()
    return walk
