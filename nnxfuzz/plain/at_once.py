"""All lanes or devices of a call at once, so that a collective between them has its meaning.

As for `grad`, the function runs once under a mapping of jax (`jax.shard_map`, `jax.vmap`), on
copies that are made there, and the originals are given what the copies hold (`tracing`).  The
mapping gets arrays alone: which of them has which axis is said here.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from nnxfuzz import nnx_api
from nnxfuzz.plain.axes import Along, Axes, Axis, axes_in
from nnxfuzz.plain.closures import captured
from nnxfuzz.plain.gradients import Wanted
from nnxfuzz.plain.objects import (
    Held,
    Keys,
    Unsupported,
    contains_data,
    entries,
    is_array,
    is_data,
    is_object,
    mapped,
)
from nnxfuzz.plain.observations import keys_to_forget
from nnxfuzz.plain.slices import Slices
from nnxfuzz.plain.tracing import Traced
from nnxfuzz.plain.unwatched import Unwatched

#: Makes, of a function of arrays, their axes and the axes of its results by group, that of all
#: lanes.
Mapping = Callable[[Callable[..., Any], tuple[Axis, ...], dict[int, Axis]], Callable[..., Any]]


def alone_or_together(
    alone: Callable[[], Any], together: Callable[[], Any], f: Callable[..., Any], *given: Any
) -> Any:
    """What `alone` returns, or, if `f` has a collective, so that no lane can run by itself, what
    `together` does; what the objects that `f` reaches and those in `given` held is put back before.
    """
    before, forget_keys = Held(given, [place.thing for place in captured(f)]), keys_to_forget()
    try:
        return alone()
    except NameError as error:
        if "axis name" not in str(error.args):
            raise
    before.put_back()
    forget_keys()
    return together()


def at_once(
    f: Callable[..., Any],
    slices: Slices,
    watch: Unwatched,
    out_axes: Any,
    whole: Axis,
    mapping: Mapping,
) -> Any:
    """What `f` of all lanes of the arguments returns, as one value.

    `whole` is the axis of what each lane sees as it is: of what stands for None, and of what `f`
    reaches by closure.
    """
    lanes = _Lanes(f, slices, watch, out_axes, whole)
    wanted, groups = lanes.wanted, lanes.groups

    def body(*arrays: Any) -> dict[int, list[Any]]:
        lanes.run(functools.partial(wanted.give, list(arrays)))
        return {k: lanes.of_group(k) for k in range(len(groups))}

    found = mapping(body, lanes.axes, dict(enumerate(groups)))(*wanted.arrays())
    lanes.arrays = [array for k in found for array in lanes.of_group(k)]
    return lanes.bring_out([array for arrays in found.values() for array in arrays])


class _Lanes(Traced):
    """The call, to be run once."""

    def __init__(
        self, f: Callable[..., Any], slices: Slices, watch: Unwatched, out_axes: Any, whole: Axis
    ) -> None:
        args, kwargs = slices.values
        if any(held.reference is not None for held in slices.variables.values()):
            raise Unsupported("plain runs no lanes at once that hold references")
        super().__init__(f, args, kwargs, slices.mode, watch, has_aux=None)
        self.slices = slices
        self.out_axes = out_axes
        self.whole = whole
        self.wanted = Wanted(args, tuple(range(len(args))), filtered=False)
        self.axes = tuple(self._axes())
        named = (whole, *slices.named, *axes_in(out_axes))
        #: The axes that there are.
        self.groups = list(dict.fromkeys(map(self._axis, named)))
        #: The arrays that come out, each with its group.
        self._made: list[tuple[Any, int]] = []
        self._done: set[int] = set()

    def _axis(self, axis: Axis) -> Axis:
        return self.whole if axis is None else axis

    def of_group(self, group: int) -> list[Any]:
        """The arrays that come out along the axis of a group."""
        return [array for array, at in self._made if at == group]

    def _axes(self) -> list[Axis]:
        """The axis of each array that goes in."""
        axes: dict[int, Axis] = {}
        for variable, at in self.wanted.variables.values():
            axes[at] = self.slices.variables[id(variable)].axis
        for (_, name, _), (node, at) in self.wanted.attributes.items():
            value = nnx_api.attributes(node)[name]
            axes[at] = self.slices.nodes[id(node)].axis_of(name, value)
        along = [one for one in self.slices.along if one.whole[0] == "args"]
        for (number, k), at in self.wanted.leaves.items():
            mine = [one for one in along if one.whole[1] == number]
            axes[at] = mine[k].axis_of((), mine[k].thing)
        return [self._axis(axes[at]) for at in sorted(axes)]

    # --- what comes out -----------------------------------------------------------------------

    def _arrays(self) -> list[Any]:
        """The arrays that come out; each place has one of its own, as it has an axis of its own."""
        self._done = {id(copy) for _, copy in self.copies.made.values()}
        for original, copy in self._known():
            if nnx_api.is_variable(copy):
                held = self.slices.variables.get(id(original))
                if held is not None or nnx_api.stored(copy) is not nnx_api.stored(original):
                    self._variable(copy, None if held is None else held.axis)
            else:
                node = self.slices.nodes.get(id(original))
                along = Along(None, (), "", (), copy) if node is None else node.along
                self._node(along, () if node is None else node.keys, copy)
        places = Axes(self.out_axes).over(self.aux, "what is returned")
        leaves = [self._thing(at, at.keys, at.thing, inside=False) for at in places]
        self.aux = jax.tree.unflatten(jax.tree.structure(self.aux, is_leaf=is_object), leaves)
        return [array for array, _ in self._made]

    def _own(self, array: Any, axis: Axis) -> Any:
        """An array of its own for a place."""
        new = jnp.copy(array)
        self._made.append((new, self.groups.index(self._axis(axis))))
        return new

    def _variable(self, variable: Any, axis: Axis) -> None:
        raw = nnx_api.stored(variable)
        own = mapped(lambda leaf: self._own(leaf, axis) if is_data(leaf) else leaf, raw)
        nnx_api.set_raw(variable, own)

    def _node(self, along: Along, keys: Keys, node: Any) -> None:
        for name, held in nnx_api.attributes(node).items():
            if contains_data(held):
                key = int(name) if name.isdigit() else name
                places = entries(held, (*keys, key))
                leaves = [self._thing(along, at.keys, at.thing, inside=True) for at in places]
                tree = jax.tree.structure(held, is_leaf=is_object)
                nnx_api.set_copied(node, name, jax.tree.unflatten(tree, leaves))

    def _thing(self, along: Along, keys: Keys, thing: Any, inside: bool) -> Any:
        """What stands at a place, with arrays of its own."""
        if not is_object(thing):
            mine = is_array(thing) or (is_data(thing) and not inside)
            return self._own(thing, along.axis_of(keys, thing)) if mine else thing
        if id(thing) not in self._done:
            self._done.add(id(thing))
            if nnx_api.is_variable(thing):
                self._variable(thing, along.axis_of(keys, thing))
            else:
                self._node(along, keys, thing)
        return thing
