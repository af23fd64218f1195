"""The arguments of `scan` and `vmap`, trip by trip.

Before a trip each Variable that is scanned over is given its slice; after it, what it holds is put
aside; at the end it gets all of these, stacked.  So objects stay the objects they are, and shared
where they are shared.  `scan` and `vmap` differ in nothing of this but in what they do with an
argument that is broadcast.
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import jax
from flax import nnx
from jax.sharding import PartitionSpec

from nnxfuzz import nnx_api
from nnxfuzz.plain.axes import (
    Along,
    Axes,
    Axis,
    Partition,
    axes_in,
    call_hook,
    has_name,
    sliced,
    stacked,
    take,
    with_name,
)
from nnxfuzz.plain.closures import reached
from nnxfuzz.plain.modes import Mode, as_arrays, attributes_as_arrays, frozen, seen_by_body
from nnxfuzz.plain.objects import (
    Keys,
    Place,
    assign,
    contains_data,
    entries,
    everything,
    held_by,
    is_array,
    is_object,
    variables,
)
from nnxfuzz.plain.scanned import ScannedNode, ScannedVariable
from nnxfuzz.plain.stacking import Stacking


class Sizes(NamedTuple):
    """The words of jax where no size is told, where sizes differ, and where one differs from that
    which was given; and whether an axis has to tell it.
    """

    nothing: str
    differ: str
    given: str
    by_axis: bool = False


#: What becomes of what a trip writes to what is broadcast: the next trip sees it; no one sees it;
#: the next trip does not see it, and at the end the last one's stays, or the first one's.
Broadcast = Literal["carried", "dropped", "one lane", "first lane"]


class Slices:
    """The arguments of one call of `scan` or `vmap`, taken trip by trip."""

    def __init__(
        self,
        values: tuple[Any, ...],
        axes: Any,
        mode: Mode | None,
        broadcast: Broadcast,
        partition: Partition | None = None,
        carry: Any = (),
        traced: bool = True,
    ) -> None:
        told = [(variable, nnx_api.stored(variable)) for variable in variables(values)]
        #: What Variables held that may hold numbers.
        self._before = {id(variable): raw for variable, raw in told}
        self.axes = Axes(axes)
        self.values = as_arrays(values) if traced else self.axes.mapped_over(values)
        self.named = axes_in(axes)
        self.mode = mode
        self.broadcast = broadcast
        #: What is carried on besides, so that what is written to it is not dropped.
        self.carried = {
            id(place.thing): (place.text, place.keys, nnx.Carry)
            for place in everything(carry, "carry")
            if is_object(place.thing)
        }
        self.partition = partition
        self.size = 0
        self.variables: dict[int, ScannedVariable] = {}
        self.nodes: dict[int, ScannedNode] = {}
        #: The objects that hold a stack of what several trips made.
        self._done: set[int] = set()
        self.along = self.axes.over(self.values, "the arguments")
        for along in self.along:
            if not is_object(along.thing):
                along.axis_of((), along.thing)  # refuses what it cannot be
            self._note(along, Place((), along.text, along.thing), set())

    def _note(self, along: Along, place: Place, done: set[int]) -> None:
        thing = place.thing
        if nnx_api.is_variable(thing):
            axis = along.axis_of(place.keys, thing)
            held = self.variables.setdefault(id(thing), ScannedVariable(thing, axis))
            # graph mode names it by the way from its own argument, as Flax does
            above = () if self.mode == "graph" else along.whole[2:]
            held.places.append((place.text, (*above, *place.keys), axis))
        elif nnx_api.is_node(thing) and id(thing) not in done:
            done.add(id(thing))
            first = ScannedNode(along, thing, place.keys, place.text)
            self.nodes.setdefault(id(thing), first).places.append((place.text, along.axes))
            for held_value in held_by(thing, place.keys, place.text):
                for below in entries(held_value.thing, held_value.keys, held_value.text):
                    self._note(along, below, done)

    def length(self, words: Sizes, given: int | None) -> int:
        """How many trips there are; ValueError, in jax's words, if nothing tells or it differs."""
        sizes = sorted(set(self._sizes()))
        if not sizes and (given is None or words.by_axis):
            raise ValueError(words.nothing)
        if len(sizes) > 1:
            raise ValueError(words.differ.format(sizes=sizes))
        if given is not None and sizes not in ([], [given]):
            raise ValueError(words.given.format(given=given, sizes=sizes))
        self.size = sizes[0] if given is None else given
        return self.size

    def _sizes(self) -> Iterable[int]:
        for along in self.along:
            if not is_object(along.thing) and isinstance(along.axes, int):
                take(along.thing, 0, along.axes)  # refuses what is no array
                yield _size(along.thing, along.axes)
        for held in self.variables.values():
            if isinstance(held.axis, int):
                for place in entries(held.whole):
                    if is_array(place.thing):
                        yield _size(place.thing, held.axis)
        for node in self.nodes.values():
            for name, value in nnx_api.attributes(node.node).items():
                axis = node.axis_of(name, value) if is_array(value) else None
                if isinstance(axis, int):
                    yield _size(value, axis)

    # --- a trip -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def trip(self, position: int) -> Iterator[Any]:
        """As `enter`; if the trip raises, the caller finds whole arrays and no slices."""
        try:
            yield self.enter(position)
        except Exception:
            self._give_back(position)
            raise

    def _give_back(self, position: int) -> None:
        """Give each Variable what the trips have left in it so far, and its slices of the rest."""
        self.leave(position)
        for held in self.variables.values():
            if isinstance(held.axis, int):
                rest = {k: sliced(held.whole, k, held.axis) for k in range(self.size)}
                held.rows = rest | held.rows
                if len({_shapes(row) for row in held.rows.values()}) > 1:
                    held.rows = rest
        self._close_variables()

    def enter(self, position: int) -> Any:
        """The arguments as the trip at `position` sees them."""
        for held in self.variables.values():
            if isinstance(held.axis, int):
                held.enter(self.partition)
                held.give(sliced(held.whole, position, held.axis), position)
            elif held.axis is None and self.broadcast != "carried":
                held.give(held.whole, position)
        for node in self.nodes.values():
            self._enter_node(node, position)
        leaves = [self._leaf(along, position) for along in self.along]
        tree = jax.tree.structure(self.values, is_leaf=is_object)
        return seen_by_body(jax.tree.unflatten(tree, leaves), self.mode)

    def _leaf(self, along: Along, position: int) -> Any:
        if is_object(along.thing) or not isinstance(along.axes, int):
            return along.thing
        return take(along.thing, position, along.axes)

    def _enter_node(self, node: ScannedNode, position: int) -> None:
        for name, value in nnx_api.attributes(node.node).items():
            if is_object(value) or not any(is_array(p.thing) for p in entries(value)):
                continue
            axis = node.axis_of(name, value)
            if isinstance(axis, int):
                nnx_api.set_copied(node.node, name, sliced(value, position, axis))
        node.entered = nnx_api.attributes(node.node)

    def leave(self, position: int) -> None:
        """Keep what the trip at `position` left."""
        for held in self.variables.values():
            if isinstance(held.axis, int):
                held.rows[position] = nnx_api.get_raw(held.variable)
            elif held.axis is None and self.broadcast == "dropped":
                nnx_api.lend(held.variable, held.whole)
            elif held.axis is None:
                as_arrays(held.variable)
                held.rows[position] = nnx_api.get_raw(held.variable)
        for node in self.nodes.values():
            self._leave_node(node, position)

    def _leave_node(self, node: ScannedNode, position: int) -> None:
        """Put aside the attributes that the trip set, and the slices of arrays."""
        if node.broadcast and (self.broadcast == "carried" or id(node.node) in self.carried):
            return
        attributes_as_arrays(node.node)
        now = nnx_api.attributes(node.node)
        node.deleted |= node.entered.keys() - now.keys()
        statics: dict[str, Any] = {}
        for name, value in now.items():
            whole = node.before.get(name)
            if name in node.entered and node.entered[name] is value and value is whole:
                continue
            if self._carries_on(node, name, value):
                statics[name] = value
            else:
                node.rows.setdefault(name, {})[position] = value
        node.left = nnx_api.shallow_copy(node.node)
        vars(node.node).clear()
        vars(node.node).update(node.before)
        for name, value in statics.items():
            assign(node.node, name, value)
        node.before = dict(vars(node.node))

    def _carries_on(self, node: ScannedNode, name: str, value: Any) -> bool:
        """Whether the next trip sees the attribute that this one set, as in Python."""
        if self.mode is not None:
            return False
        objects = any(is_object(place.thing) for place in entries(value))
        return not contains_data(value) or (not objects and node.axis_of(name, value) is None)

    # --- the end ----------------------------------------------------------------------------

    def close(self) -> None:
        """Give every object what the trips left in it, stacked."""
        self._close_variables()
        if not frozen(self.mode):
            for node in self.nodes.values():
                self._close_node(node)

    def _close_variables(self) -> None:
        for held in self.variables.values():
            if held.unwritten():
                nnx_api.lend(held.variable, held.whole)
            elif isinstance(held.axis, int):
                ordered = [held.rows[k] for k in sorted(held.rows)]
                whole = stacked(ordered, held.axis) if ordered else held.whole
                nnx_api.set_raw(held.variable, whole)
                if not held.entered:
                    held.enter(self.partition)
                with_name(held.variable, held.axis, self.partition, held.taken)
                held.taken = frozenset()
                call_hook(held.variable, held.axis, self.partition, added=True)
                held.entered = False
            elif held.axis is None and self.broadcast == "dropped":
                nnx_api.lend(held.variable, self._before[id(held.variable)])
            elif held.axis is None and self.broadcast == "first lane" and held.rows:
                nnx_api.set_raw(held.variable, held.rows[0])
            if held.reference is not None:
                held.reference[...] = nnx_api.get_raw(held.variable)
                nnx_api.set_raw(held.variable, held.reference)

    def _close_node(self, node: ScannedNode) -> None:
        for name, rows in node.rows.items():
            ordered = [rows[k] for k in sorted(rows)]
            if self._dropped(node, name, ordered[0]):
                continue
            key = int(name) if name.isdigit() else name
            stacking = self.stacking(ordered)
            assign(node.node, name, stacking.attribute(node.along, (*node.keys, key)))
        for name in node.deleted - node.rows.keys():
            vars(node.node).pop(name, None)
        nnx_api.count_items(node.node)
        if node.left is not None:
            nnx_api.take_marks(node.node, node.left)

    def _dropped(self, node: ScannedNode, name: str, value: Any) -> bool:
        """Whether an attribute that trips set is none that the caller sees; a static one is."""
        if self.broadcast != "dropped" or name not in node.before or is_object(value):
            return False
        if not contains_data(value):
            return False
        return node.axis_of(name, value) is None

    def inconsistent(self) -> list[tuple[Any, tuple[str, ...]]]:
        """Each Variable that is reached with two axes, or is carried, too; and its paths."""
        return [(v, tuple(text for text, _, _ in places)) for v, places in self._inconsistent()]

    def parted(self) -> list[tuple[Any, tuple[str, ...]]]:
        """Each node that arguments of unequal axes hold, and its paths."""
        return [
            (held.node, tuple(text for text, _ in held.places))
            for held in self.nodes.values()
            if len({str(axes) for _, axes in held.places}) > 1
        ]

    def unnamed(self) -> list[tuple[Any, tuple[str, ...]]]:
        """Each Variable that has not the partition name at the axis of that name, and its paths."""
        if self.partition is None:
            return []
        return [
            (held.variable, tuple(text for text, _, _ in held.places))
            for held in self.variables.values()
            if isinstance(held.axis, int)
            and not has_name(held.variable, held.axis, self.partition.name)
        ]

    def _inconsistent(self) -> list[tuple[Any, list[tuple[str, Keys, Axis]]]]:
        found = []
        for key, held in self.variables.items():
            places = [*held.places, *([self.carried[key]] if key in self.carried else [])]
            if len({str(axis) for _, _, axis in places}) > 1:
                found.append((held.variable, places))
        return found

    def refuse_meaningless(self) -> None:
        """ValueError, in Flax's words, if a Variable would have to be a slice and a whole at once,
        or two slices; in graph mode also if what is written to it would be dropped and carried on.
        """
        for variable, places in self._inconsistent():
            scanned = any(isinstance(axis, int | PartitionSpec) for _, _, axis in places)
            if scanned or (self.broadcast == "dropped" and id(variable) in self.carried):
                told = [f"  {_slashed(keys)}: {axis}" for _, keys, axis in places]
                raise ValueError(
                    "Inconsistent aliasing detected. The following nodes have different prefixes:\n"
                    + "\n".join([f"Node: {type(variable).__name__}", *told])
                )

    def broadcast_values(self) -> dict[str, Any]:
        """The arguments, and Variables and arrays of them, that have no axis, by path."""
        found = {along.text: along.thing for along in self.along if along.axes is None}
        for held in self.variables.values():
            if held.axis is None and not any(held.places[0][0].startswith(path) for path in found):
                found[held.places[0][0]] = held.variable
        for node in self.nodes.values():
            if not any(node.text.startswith(path) for path in found):
                found |= node.without_axis()
        return found

    def stacking(self, rows: list[Any], f: Any = None) -> Stacking:
        """What the trips returned, to be stacked; what `f` reaches by closure stands for itself.

        Without graph updates a node that is returned is a new one, with its own stack of arrays.
        """
        rows = [seen_by_body(row, self.mode) for row in rows]
        known = self.variables.keys() | self.nodes.keys() | reached(f)
        kept: Literal[-1, 0] = 0 if self.broadcast == "first lane" else -1
        return Stacking(rows, known, self.partition, self._done, kept)


def _slashed(keys: Keys) -> str:
    return "/".join(map(str, keys)) or "<root>"


def _size(array: Any, axis: int) -> int:
    """The length of an axis; ValueError, as of jax, if the array has none such."""
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(f"an array of shape {array.shape} has no axis {axis} to be mapped")
    return int(array.shape[axis])


def _shapes(raw: Any) -> tuple[Any, ...]:
    return tuple(place.thing.shape for place in entries(raw) if is_array(place.thing))
