"""Axes: which part of a value has which axis; slices of arrays, and stacks of them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.sharding import PartitionSpec

from nnxfuzz import nnx_api
from nnxfuzz.plain.hosts import current_host
from nnxfuzz.plain.modes import Mode, as_arrays, frozen, keeps_numpy
from nnxfuzz.plain.objects import (
    Keys,
    as_array,
    entries,
    is_array,
    is_object,
    mapped,
)

#: An axis to scan over, None to broadcast, `nnx.Carry` in a StateAxes of scan, or a PartitionSpec.
Axis = Any

#: What says by filters which axis each part of a module has.
_FILTERED = (nnx.StateAxes, nnx.StateSharding)


class Axes:
    """What stands for axes in `in_axes` and `out_axes`: a tree that is a prefix of the values.

    Its leaves are integers or PartitionSpecs, None, `nnx.Carry`, `nnx.StateAxes` or
    `nnx.StateSharding`, and what `nnx.prefix` makes.
    """

    def __init__(self, prefix: Any) -> None:
        self.leaves, self.tree = jax.tree.flatten(prefix, is_leaf=_is_leaf)

    def over(self, value: Any, text: str) -> "list[Along]":
        """The leaves and objects of `value`, each with its axes; ValueError if they do not fit."""
        try:
            parts = self.tree.flatten_up_to(value)
        except (ValueError, TypeError) as error:
            raise ValueError(f"the axes do not fit {text}: {error}") from error
        wholes = entries(value)
        found = [
            (axes, place)
            for axes, part in zip(self.leaves, parts, strict=True)
            for place in entries(part)
        ]
        return [
            Along(axes, place.keys, whole.text.lstrip("."), whole.keys, place.thing)
            for (axes, place), whole in zip(found, wholes, strict=True)
        ]

    def mapped_over(self, values: Any) -> Any:
        """`values` as `jax.vmap` gives them: a number that has no axis stays what it is."""
        arrays = jax.tree.leaves(as_arrays(values), is_leaf=is_object)
        tree = jax.tree.structure(values, is_leaf=is_object)
        along = self.over(values, "the arguments")
        leaves = [
            one.thing if one.axes is None else array
            for one, array in zip(along, arrays, strict=True)
        ]
        return jax.tree.unflatten(tree, leaves)


def leaves_of(prefix: Any) -> list[Any]:
    """The entries of `in_axes` or `out_axes`."""
    leaves: list[Any] = Axes(prefix).leaves
    return leaves


def axes_in(prefix: Any) -> list[Axis]:
    """Every axis that `in_axes` or `out_axes` name."""
    found: list[Axis] = []
    for leaf in leaves_of(prefix):
        if isinstance(leaf, _FILTERED):
            found += (axis for _, axis in _by_filter(leaf))
        else:  # what `nnx.prefix` makes has an axis for each leaf
            found += jax.tree.leaves(leaf, is_leaf=lambda x: x is None)
    return found


def _by_filter(axes: Any) -> list[tuple[Any, Axis]]:
    """The axes of a `StateAxes` or the specs of a `StateSharding`, by filter."""
    given = axes.axes if isinstance(axes, nnx.StateAxes) else axes.shardings
    return list(zip(axes.filters, given, strict=True))


class Partition(NamedTuple):
    """What `transform_metadata` says of the axis: its name among the partition names of a Variable,
    and what stands for it in other metadata that are tuples, by their name.
    """

    name: str | None
    others: Mapping[str, Any]


def partition_of(
    transform_metadata: Mapping[str, Any] | None, mode: Mode | None
) -> Partition | None:
    """What follows the axis; modes without graph updates ignore it, and so does Flax without a
    partition name.  Up to 0.10.4 it knows of the partition names alone.
    """
    given = dict(transform_metadata or {})
    key = getattr(nnx, "PARTITION_NAME", "partition_name")
    if frozen(mode) or key not in given:
        return None
    return Partition(given.pop(key), given if nnx_api.AXES_IN_METADATA else {})


class Along(NamedTuple):
    """A leaf or an object with its axes.

    `keys` lead from where the axes stand to it, `whole` from the top.
    """

    axes: Any
    keys: Keys
    text: str
    whole: Keys
    thing: Any

    def axis_of(self, keys: Keys, thing: Any) -> Axis:
        """The axis of a Variable or an array at `keys` below the object."""
        axes = self.axes
        if axes is None or axes is nnx.Carry or isinstance(axes, int | PartitionSpec):
            return axes
        if nnx_api.is_node(axes):
            return _in_node(axes, keys)
        if type(axes).__name__ == "TreeState":  # `nnx.prefix` in graph mode
            return axes.prefix_fn.value(keys, thing)
        if not is_object(self.thing):
            raise ValueError(f"Cannot use StateAxes on non-graph nodes, found {axes}")
        for wanted, axis in _by_filter(axes):
            if nnx.filterlib.to_predicate(wanted)(keys, thing):
                return axis
        raise ValueError(f"No axis found for path={keys}, variable={thing}")


def _is_leaf(x: Any) -> bool:
    named = type(x).__name__ == "TreeState" or isinstance(x, _FILTERED)
    return x is None or x is nnx.Carry or named or nnx_api.is_node(x)


def _in_node(axes: Any, keys: Keys) -> Axis:
    """What stands at `keys` below a node that `nnx.prefix` made."""
    for key in keys:
        if nnx_api.is_node(axes):
            axes = nnx_api.attributes(axes)[str(key)]
        elif isinstance(axes, Mapping | list | tuple):
            axes = axes[key]
        if axes is None or isinstance(axes, int | PartitionSpec):
            return axes
    return axes


# --- arrays ---------------------------------------------------------------------------------


class Arrays:
    """How arrays are taken apart and put together."""

    def take(self, leaf: Any, position: int, axis: int) -> Any:
        """One slice of an array; zeros of its shape if there is none, for a trial of the body."""
        at = axis % leaf.ndim
        if leaf.shape[at] == 0:
            return jnp.zeros(leaf.shape[:at] + leaf.shape[at + 1 :], leaf.dtype)
        return leaf[(slice(None),) * at + (position,)]

    def stack(self, leaves: list[Any], axis: int) -> Any:
        """Arrays of one shape as one."""
        if keeps_numpy() and all(isinstance(leaf, np.ndarray | np.generic) for leaf in leaves):
            return np.stack(leaves, axis=axis)
        return jnp.stack([as_array(leaf) for leaf in leaves], axis=axis)


_ARRAYS = Arrays()


def _arrays() -> Arrays:
    """The host's way, or that of everyone else."""
    host = current_host()
    return _ARRAYS if host is None else host.arrays


def take(leaf: Any, position: int, axis: int) -> Any:
    """One slice of an array; ValueError if it is none, or has no such axis."""
    if not is_array(leaf):
        raise ValueError(f"axis {axis} of {leaf!r} was asked for, which is no array")
    if not -leaf.ndim <= axis < leaf.ndim:
        raise ValueError(f"axis {axis} is out of bounds for an array of shape {leaf.shape}")
    return _arrays().take(leaf, position, axis)


def nothing_of(whole: Any, axis: int) -> Any:
    """The stack of no arrays like those of `whole`."""
    return whole[(slice(None),) * (axis % whole.ndim) + (slice(0),)]


def stacked(raws: list[Any], axis: int) -> Any:
    """What Variables hold, stacked."""
    return jax.tree.map(lambda *leaves: _arrays().stack(list(leaves), axis), *raws)


def sliced(raw: Any, position: int, axis: int) -> Any:
    """One slice of each array that a Variable or an attribute holds."""
    return mapped(lambda x: take(x, position, axis) if is_array(x) else x, raw)


# --- partition names ------------------------------------------------------------------------


def without_name(
    variable: Any, whole: Any, axis: int, partition: Partition | None
) -> frozenset[str]:
    """Take what stands for the axis over which a Variable is scanned out of its metadata; the names
    of the metadata that had such an entry.
    """
    taken = set()
    for key, held, own in _of_axes(variable, partition, whole):
        if len(held) >= _rank(whole) and held[axis % len(held)] == own:
            _set(variable, key, without_entry(held, axis))
            taken.add(key)
    return frozenset(taken)


def has_name(variable: Any, axis: int, name: str | None) -> bool:
    """Whether the partition names of a Variable, if it has any, have this one at the axis."""
    names = nnx_api.metadata(variable).get("names")
    return names is None or (-len(names) <= axis < len(names) and names[axis] == name)


def _rank(raw: Any) -> int:
    """The number of axes of what a Variable holds."""
    return max((place.thing.ndim for place in entries(raw) if is_array(place.thing)), default=0)


def with_name(
    variable: Any, axis: int, partition: Partition | None, taken: frozenset[str] = frozenset()
) -> None:
    """Put what stands for the new axis of a Variable into its metadata: where there are fewer
    entries than axes, and where one was `taken` out.
    """
    whole = nnx_api.get_raw(variable)
    for key, held, own in _of_axes(variable, partition, whole):
        if key in taken or len(held) < _rank(whole):
            _set(variable, key, with_entry(held, axis, own))


def without_entry(held: tuple[Any, ...], axis: int) -> tuple[Any, ...]:
    """What has an entry for each axis, without that of an axis which it has."""
    at = axis % len(held)
    return (*held[:at], *held[at + 1 :])


def with_entry(held: tuple[Any, ...], axis: int, own: Any) -> tuple[Any, ...]:
    """The same with an entry for a new axis; None stands for axes before it that have none."""
    at = axis if axis >= 0 else len(held) + 1 + axis
    return (*held[:at], *(None,) * (at - len(held)), own, *held[at:])


def call_hook(variable: Any, axis: int, partition: Partition | None, added: bool) -> None:
    """Call what the user has a Variable do when it gets or loses an axis (`on_add_axis`), which
    Flax does where the axis has a name.
    """
    if partition is not None:
        (variable.add_axis if added else variable.remove_axis)(axis, partition.name)


def _of_axes(
    variable: Any, partition: Partition | None, whole: Any
) -> Iterator[tuple[str, Any, Any]]:
    """The metadata that have an entry for each axis, with what stands for the partition's.

    Partition names may be fewer than the axes.  An empty tuple of other metadata has an entry for
    each axis only where the axis is the only one.
    """
    if partition is None:
        return
    metadata = nnx_api.metadata(variable)
    for key, own in {"names": partition.name, **partition.others}.items():
        held = metadata.get(key)
        if isinstance(held, tuple) and (held or key == "names" or _rank(whole) == 1):
            yield key, held, own


def _set(variable: Any, key: str, value: tuple[Any, ...]) -> None:
    if key == "names":
        nnx_api.set_names(variable, value)
    else:
        nnx_api.set_metadata(variable, {**variable.get_metadata(), key: value})
