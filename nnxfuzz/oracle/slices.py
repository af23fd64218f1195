"""The further arguments of a scan as a plain loop uses them: this trip's slice in each Variable.

Before a trip every Variable that is scanned over is given its slice, and after it whatever it
holds then is put aside; after the loop it gets all of them, stacked along its axis.  So objects
stay the objects they are, shared where they are shared, and no view of them is made.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Shadow, Shadows
from nnxfuzz.programs.case import Input, OfArray, Part, TreePath
from nnxfuzz.programs.live.boxes import is_object
from nnxfuzz.programs.numbers import aval, is_key, number

Axis = int | str | None


class Slicer(Protocol):
    """How arrays are taken apart and put together."""

    def take(self, leaf: Any, position: int, axis: int) -> Any:
        """One slice; zeros of its shape if there is none, because the loop is only tried."""

    def stack(self, leaves: list[Any], axis: int) -> Any:
        """The slices as one array; as they are, in a tuple, if they are unlike (no scan can)."""

    def none(self, like: Any, axis: int) -> Any:
        """The stack of no slices, which would be like this one."""


class Slices:
    """The inputs of one run.  `drops`: what a trip writes to what is broadcast is forgotten, unless
    the carry `carried` has it too.
    """

    def __init__(
        self,
        rows: Sequence[Input],
        objects: list[Any],
        slicer: Slicer,
        drops: bool,
        partition: str | None = None,
        carried: Any = (),
    ) -> None:
        self.rows = rows
        self.objects = objects
        self.slicer = slicer
        self.drops = drops
        self.partition = partition
        #: The Variables, by id, that are reached with two different axes.
        self.inconsistent: set[int] = set()
        #: One of those axes is scanned over.
        self.meaningless = False
        #: The broadcast Variables, by id, that a trip wrote, and to which it gave another dtype or
        #: shape, where it is carried on.
        self.written: set[int] = set()
        self.retyped: set[int] = set()
        #: The Variables with the places at which they are handed to the scan.
        self.places: list[tuple[TreePath, Any]] = []
        self._axes: dict[int, tuple[Any, Axis]] = {}
        for k, (row, value) in enumerate(zip(self.rows, objects, strict=True)):
            for path, variable in _variables(value):
                self._note(variable, axis_of(row, path, variable))
                named = (int(s) if str(s).isdigit() else s for s in path)
                self.places.append((("inputs", k, *named), variable))
        self._whole = {key: nnx_api.get_raw(v) for key, (v, _) in self._axes.items()}
        self._attributes = self._broadcast_arrays(carried) if drops else []
        self._rows: dict[int, dict[int, Any]] = {key: {} for key in self._axes}
        self._added: dict[tuple[int, str], tuple[Any, int, dict[int, Any]]] = {}

    def _note(self, variable: Any, axis: Axis) -> None:
        known = self._axes.setdefault(id(variable), (variable, axis))[1]
        if known != axis:
            self.inconsistent.add(id(variable))
        self.meaningless |= known != axis and (isinstance(axis, int) or isinstance(known, int))

    def _broadcast_arrays(self, carried: Any) -> list[tuple[Any, str, Any]]:
        """The raw arrays of broadcast modules: the module, the attribute, the array."""
        whole = [v for row, v in zip(self.rows, self.objects, strict=True) if row.axis is None]
        both = {id(node) for node in nnx_api.nodes_below(carried)}
        return [
            (node, name, held)
            for node in nnx_api.nodes_below(whole)
            for name, held in nnx_api.attributes(node).items()
            if id(node) not in both and hasattr(held, "dtype") and not is_object(held)
        ]

    def scanned_over(self, variable: Any) -> bool:
        """Whether an input has the Variable along an axis."""
        return isinstance(self._axes.get(id(variable), (None, None))[1], int)

    @property
    def partition_missing(self) -> set[int]:
        """The Variables, by id, that have partition names, and not the given one at their axis."""
        return {
            key
            for key, (variable, axis) in self._axes.items()
            if self.partition is not None and not _names_partition(variable, axis, self.partition)
        }

    def enter(self, position: int) -> list[Any]:
        """Give every Variable its slice; the inputs as the trip at `position` sees them."""
        for key, (variable, axis) in self._axes.items():
            if isinstance(axis, int):
                nnx_api.set_raw(variable, self._slice(self._whole[key], position, axis))
        return [
            self._slice(value, position, row.axis)
            if isinstance(row.what, OfArray) and isinstance(row.axis, int)
            else value
            for row, value in zip(self.rows, self.objects, strict=True)
        ]

    def leave(self, position: int) -> None:
        """Keep what the trip left in each Variable."""
        for key, (variable, axis) in self._axes.items():
            raw = nnx_api.get_raw(variable)
            if isinstance(axis, int):
                self._rows[key][position] = raw
            elif axis is None and self.drops:
                nnx_api.set_raw(variable, self._whole[key])
            elif axis is None:
                if raw is not self._whole[key]:
                    self.written.add(key)
                before = jax.tree.map(aval, self._whole[key])
                if jax.tree.map(aval, raw) != before:
                    self.retyped.add(key)
        for node, name, held in self._attributes:
            nnx_api.set_copied(node, name, held)
        for row, value in zip(self.rows, self.objects, strict=True):
            self._take_added(row, value, position)

    def _take_added(self, row: Input, value: Any, position: int) -> None:
        """Variables that the trip added: one that is scanned over is kept and taken away again."""
        for path, variable in _variables(value):
            if id(variable) in self._axes:
                continue
            axis = axis_of(row, path, variable)
            if isinstance(axis, int):
                owner = _owner(value, path)
                kept = self._added.setdefault((id(owner), str(path[-1])), (owner, axis, {}))
                kept[2][position] = variable
                delattr(owner, str(path[-1]))

    def close(self) -> None:
        """Give every Variable all of its slices, stacked."""
        for key, (variable, axis) in self._axes.items():
            if isinstance(axis, int):
                rows = self._rows[key]
                whole = self._stack(rows, axis) if rows else self._whole[key]
                nnx_api.set_raw(variable, whole)
        for (_, name), (owner, axis, rows) in self._added.items():
            first = next(iter(rows.values()))
            raws = {position: nnx_api.get_raw(v) for position, v in rows.items()}
            nnx_api.set_raw(first, self._stack(raws, axis))
            setattr(owner, name, first)

    @property
    def added(self) -> bool:
        """Whether some trip added a Variable that is scanned over."""
        return bool(self._added)

    # --- arrays -----------------------------------------------------------------------------

    def _slice(self, raw: Any, position: int, axis: int) -> Any:
        return jax.tree.map(lambda leaf: self.slicer.take(leaf, position, axis), raw)

    def _stack(self, rows: dict[int, Any], axis: int) -> Any:
        ordered = [rows[position] for position in sorted(rows)]
        return jax.tree.map(lambda *leaves: self.slicer.stack(list(leaves), axis), *ordered)


class NumpySlicer:
    """numpy arrays with the shadows of the reference, and random keys."""

    def __init__(self, shadows: Shadows) -> None:
        self.shadows = shadows

    def take(self, leaf: Any, position: int, axis: int) -> Any:
        if is_key(leaf):
            return jnp.moveaxis(leaf, axis, 0)[position]
        leaf = number(leaf)
        rows = np.moveaxis(leaf, axis, 0)
        if rows.shape[0] == 0:
            return np.zeros(rows.shape[1:], rows.dtype)
        shadow = self.shadows.of(leaf)
        if shadow is not None:
            shadow = Shadow(np.moveaxis(shadow.values, axis, 0)[position], shadow.grain)
        return self.shadows.keep(np.asarray(rows[position]), shadow)

    def stack(self, leaves: list[Any], axis: int) -> Any:
        if is_key(leaves[0]):
            return jnp.stack(leaves, axis=axis)
        arrays = [leaf if isinstance(leaf, np.ndarray) else number(leaf) for leaf in leaves]
        if len({array.shape for array in arrays}) > 1 or not _fits(axis, arrays[0].ndim):
            return tuple(arrays)
        dtype = jnp.result_type(*{array.dtype for array in arrays})  # as `jnp.stack` promotes
        whole, shadow = np.stack([array.astype(dtype) for array in arrays], axis=axis), None
        if self.shadows.rounded(*leaves):
            values = np.stack([self.shadows.wide(leaf) for leaf in leaves], axis=axis)
            shadow = Shadow(values, self.shadows.grain(*leaves))
        return self.shadows.keep(whole, shadow)

    def none(self, like: Any, axis: int) -> Any:
        row = number(like)
        return np.stack([row], axis=axis).take(range(0), axis=axis) if _fits(axis, row.ndim) else ()


def _fits(axis: int, rank: int) -> bool:
    """Whether rows of this rank have a place for a new axis.

    An input that is scanned over and broadcast under one name is a slice where a program may have
    meant the whole.
    """
    return -rank - 1 <= axis <= rank


def emitted(
    rows: list[Any], like: Any, axis: int | tuple[Part, ...], partition: str | None, slicer: Slicer
) -> Any:
    """What all trips emitted as one: arrays stacked, an object with its Variables stacked.

    The first trip's object stands for all; `like` tells what a trip emits where there was none.
    """
    first = rows[0] if rows else like
    if isinstance(axis, int) and not (nnx_api.is_variable(first) or nnx_api.is_node(first)):
        return slicer.stack(rows, axis) if rows else slicer.none(like, axis)
    paths = {id(variable): path for path, variable in _variables(first)}
    for variables in zip(*map(nnx_api.variables_below, rows or [like]), strict=True):
        raws = [nnx_api.get_raw(variable) for variable in variables]
        along = axis_at(axis, paths[id(variables[0])], variables[0])
        assert isinstance(along, int)
        whole = slicer.stack(raws, along) if rows else slicer.none(raws[0], along)
        nnx_api.set_raw(variables[0], whole)
        names = nnx_api.metadata(variables[0]).get("names")
        if names is not None and partition is not None:
            at = along if along >= 0 else len(names) + 1 + along
            nnx_api.set_names(variables[0], (*names[:at], partition, *names[at:]))
    return first


# --- which axis -----------------------------------------------------------------------------


def axis_of(row: Input, path: TreePath, variable: Any) -> Axis:
    """The axis of a Variable at `path` below an input."""
    return axis_at(row.axis, path, variable)


def axis_at(axis: int | tuple[Part, ...] | None, path: TreePath, variable: Any) -> Axis:
    """The axis of a Variable at `path`: the first part that matches decides."""
    if not isinstance(axis, tuple):
        return axis
    for part in axis:
        if _matches(part, path, variable):
            return part.axis
    return None


def _matches(part: Part, path: TreePath, variable: Any) -> bool:
    typed = part.only == "..." or isinstance(variable, nnx_api.VARIABLE_TYPES[part.only])
    return typed and (part.under is None or part.under in path)


def _variables(value: Any, path: TreePath = ()) -> list[tuple[TreePath, Any]]:
    """Every Variable at or below `value` by each path that leads to it, but not around a cycle."""
    found: list[tuple[TreePath, Any]] = []

    def visit(held: Any, path: TreePath, above: tuple[int, ...]) -> None:
        if nnx_api.is_variable(held):
            found.append((path, held))
        elif id(held) not in above:
            for name, item in (nnx_api.parts(held) or {}).items():
                visit(item, (*path, name), (*above, id(held)))

    visit(value, path, ())
    return found


def _names_partition(variable: Any, axis: Axis, partition: str) -> bool:
    names = nnx_api.metadata(variable).get("names")
    if names is None or not isinstance(axis, int):
        return True
    return -len(names) <= axis < len(names) and names[axis] == partition


def _owner(value: Any, path: TreePath) -> Any:
    for step in path[:-1]:
        value = (nnx_api.parts(value) or {})[str(step)]
    return value
