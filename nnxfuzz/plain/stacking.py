"""What the trips of `scan` and `vmap` return, as one value."""

from collections.abc import Set
from typing import Any, Literal

import jax

from nnxfuzz import nnx_api
from nnxfuzz.plain.axes import Along, Axes, Partition, call_hook, nothing_of, stacked, with_name
from nnxfuzz.plain.objects import (
    Keys,
    Unsupported,
    contains_data,
    entries,
    is_array,
    is_data,
    is_object,
)


class Stacking:
    """What trips returned as one value: arrays stacked, objects with their Variables stacked.

    The first trip's object stands for all.  An object of the arguments stands for itself: it gets
    its own slices stacked.  `done` has the ids of the objects that hold a stack already: an object
    that a trip makes, hands to an argument and returns is stacked once.  Of a part with no axis the
    value of the trip `kept` stays, the last or the first.
    """

    def __init__(
        self,
        rows: list[Any],
        known: Set[int],
        partition: Partition | None,
        done: set[int],
        kept: Literal[-1, 0] = -1,
    ) -> None:
        self.known = known
        self.partition = partition
        self.rows = rows
        self.kept = kept
        self._done = done
        self._empty = False

    def along(self, axes: Any, empty: bool = False) -> Any:
        """The stack along `out_axes`; of a part with no axis, the value that is kept.

        If `empty`, the stack of nothing that would be like it.
        """
        self._empty = empty
        first = self.rows[0]
        columns = [Axes(axes).over(row, "what is returned") for row in self.rows]
        if len({len(column) for column in columns}) > 1:
            raise Unsupported("what the trips return has not one structure")
        tree = jax.tree.structure(first, is_leaf=is_object)
        leaves = [self._column(list(column)) for column in zip(*columns, strict=True)]
        return jax.tree.unflatten(tree, leaves)

    def attribute(self, along: Along, keys: Keys) -> Any:
        """The stack of an attribute's values; `keys` lead to it from where the axes stand."""
        return self._values(along, keys, self.rows)

    def _column(self, column: list[Along]) -> Any:
        first = column[0]
        things = [along.thing for along in column]
        if not is_object(first.thing) and not isinstance(first.axes, int):
            first.axis_of((), first.thing)  # refuses what it cannot be
            return things[self.kept]
        return self._thing(first, first.keys, things)

    def _values(self, along: Along, keys: Keys, values: list[Any]) -> Any:
        """The stack of containers: of attributes, where Python numbers are static."""
        columns = zip(*(entries(value, keys) for value in values), strict=True)
        leaves = [
            self._thing(along, c[0].keys, [p.thing for p in c])
            if is_object(c[0].thing) or is_array(c[0].thing)
            else c[self.kept].thing
            for c in columns
        ]
        return jax.tree.unflatten(jax.tree.structure(values[0], is_leaf=is_object), leaves)

    def _thing(self, along: Along, keys: Keys, things: list[Any]) -> Any:
        first = things[0]
        if nnx_api.is_variable(first):
            self._variable(along, keys, things)
        elif nnx_api.is_node(first):
            self._node(along, keys, things)
        elif is_data(first):
            axis = along.axis_of(keys, first)
            return self._stack(things, axis) if isinstance(axis, int) else things[self.kept]
        return first

    def _stack(self, raws: list[Any], axis: int) -> Any:
        whole = stacked(raws, axis)
        if not self._empty:
            return whole
        return jax.tree.map(lambda leaf: nothing_of(leaf, axis), whole)

    def _variable(self, along: Along, keys: Keys, variables: list[Any]) -> None:
        first = variables[0]
        if id(first) in self._done or id(first) in self.known:
            return
        self._done.add(id(first))
        axis = along.axis_of(keys, first)
        if len({id(v) for v in variables}) < len(variables):
            return
        raws = list(map(nnx_api.get_raw, variables))
        whole = self._stack(raws, axis) if isinstance(axis, int) else raws[self.kept]
        refers = nnx_api.holds_reference(first)
        nnx_api.set_raw(first, nnx_api.reference_to(whole) if refers else whole)
        if isinstance(axis, int):
            with_name(first, axis, self.partition)
            call_hook(first, axis, self.partition, added=True)

    def _node(self, along: Along, keys: Keys, nodes: list[Any]) -> None:
        first = nodes[0]
        if id(first) in self._done or id(first) in self.known:
            return
        self._done.add(id(first))
        for name, value in nnx_api.attributes(first).items():
            if contains_data(value):
                key = int(name) if name.isdigit() else name
                others = [nnx_api.attributes(node)[name] for node in nodes]
                nnx_api.set_copied(first, name, self._values(along, (*keys, key), others))
