"""What the reference run saw of a program, as data, with the places of what it saw.

An observation is about the program, found by running it as Python; it never comes from an error
message.  The contract asks of a refusal that it is about a place that was observed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Failure
from nnxfuzz.oracle.world import Walk, roots
from nnxfuzz.plain.axes import Along, Axis
from nnxfuzz.programs.case import Data, Input, TreePath, Wrong
from nnxfuzz.programs.containers import entries, is_record
from nnxfuzz.programs.live.axes import entry
from nnxfuzz.programs.numbers import aval


class Seen(Data, frozen=True):
    """One thing that was seen: where, of what type, and which transform was handed it.

    `path` starts with a root (`carry`, `inputs`, `closure`).  `kind` is the name of the class of
    what stands there.  `by` is the name of an inner transform, and empty for the loop itself.
    """

    path: TreePath
    kind: str
    by: str = ""


class Alias(Data, frozen=True):
    """One Variable with all the places at which a transform is handed it; as in `Seen`."""

    paths: tuple[TreePath, ...]
    kind: str
    by: str = ""


#: Stands for the transform where a module is handed twice, so that all below it is.
BELOW = "all that is below"

Places = frozenset[Seen]
NOWHERE: Places = frozenset()


class Changes(Data, frozen=True):
    """Where the carry that a trip returned differs from the carry that it was given."""

    #: Container shapes, attribute names, static attributes, Variable types or metadata.
    structure: Places = NOWHERE
    #: The dtype or shape of an array, or of a Variable's value.
    avals: Places = NOWHERE
    #: Where a Variable stood that another replaced, or that replaced another.
    variables: Places = NOWHERE
    #: Where a node stood that another replaced, or that replaced another.
    nodes: Places = NOWHERE

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(
            self.structure | other.structure,
            self.avals | other.avals,
            self.variables | other.variables,
            self.nodes | other.nodes,
        )


class Observations(Data, frozen=True):
    """What was seen of one case under one mode.

    A loop that makes no trip is tried for one trip on objects of its own, because the transforms
    trace the body even then; what a trip did is then what that one did.
    """

    changed: Changes = Changes()
    #: Variables at several paths of the carry and the inputs that are passed in, of the carry after
    #: a trip, or of what an inner transform is given.
    aliased: frozenset[Alias] = frozenset()
    #: Where a trip returns another State than it was given (from 0.12 on States hold Variables).
    state_rebuilt: Places = NOWHERE
    #: Variables that are an input with two axes, or an input and in the carry; modules likewise.
    inconsistent: frozenset[Alias] = frozenset()
    #: ... and one of its places is scanned over, so that it would be a slice and a whole at once.
    inputs_meaningless: bool = False
    #: Broadcast Variables that the body writes to.
    broadcast_written: Places = NOWHERE
    #: Some input or output has an `nnx.StateAxes`.
    state_axes: bool = False
    #: Variables that do not have the partition that `transform_metadata` names at their axis.
    partition_missing: Places = NOWHERE
    #: `length` is given, and is not the number of trips.
    length_contradicts: bool = False
    #: What is wrong with the axes of the scan, if they are such as may not be asked for.
    axes_wrong: Wrong | None = None
    #: Objects that the body reaches by closure and writes to.
    closure_written: Places = NOWHERE
    #: Objects that the body reaches by closure and puts into the carry.
    closure_returned: Places = NOWHERE
    #: Objects that the body reaches by closure and hands to another transform.
    closure_nested: Places = NOWHERE
    #: The exception that the body raises.
    raised: Failure | None = None
    #: The body has a scan of its carry inside.
    scans_within: bool = False
    #: `unroll` is given and the bounds are traced.
    unrolls_traced_bounds: bool = False


# --- what a trip did to the carry -----------------------------------------------------------


def changes(before: Walk, after: Walk) -> Changes:
    """Where the carry after a trip differs from the one before: structure, types, and which objects
    stand where.
    """
    moved = [p for p, o in before.objects.items() if after.objects.get(p, o) is not o]
    shadowed = before.again | after.again | {p for p in moved if nnx_api.is_node(before.objects[p])}
    # What was replaced, and what took its place, may stand at other places too.
    concerned = {id(o) for p in moved for o in (before.objects[p], after.objects.get(p))}
    left = [p for p, o in before.objects.items() if id(o) in concerned]
    variables = [p for p in left if nnx_api.is_variable(before.objects[p])]
    nodes = [p for p in left if nnx_api.is_node(before.objects[p])]
    return Changes(
        structure=frozenset(_restructured(before, after, shadowed)),
        avals=frozenset(
            Seen(path, _kind(before, path))
            for path, value in before.arrays.items()
            if after.arrays.get(path, value) is not value
            and _aval(before, path) != _aval(after, path)
        ),
        variables=frozenset(Seen(path, _kind(before, path)) for path in variables),
        nodes=frozenset(Seen(path, _kind(before, path)) for path in nodes),
    )


def _restructured(before: Walk, after: Walk, shadowed: set[TreePath]) -> Iterator[Seen]:
    """Where another structure stands than before."""
    if before.entries == after.entries:  # as most are
        return
    one, other = _structure(before, shadowed), _structure(after, shadowed)
    for path in one.keys() | other.keys():
        if one.get(path) != other.get(path):
            yield Seen(path, _kind(before if path in one else after, path))


def _structure(walk: Walk, shadowed: set[TreePath]) -> dict[TreePath, tuple[str, str, str]]:
    """What stands where, but for what is below another object than before."""
    return {
        path: (e.role, e.kind, e.detail)
        for path, e in walk.entries.items()
        if not any(path[:end] in shadowed for end in range(1, len(path)))
    }


def _kind(walk: Walk, path: TreePath) -> str:
    return walk.entries[path].kind


def _aval(walk: Walk, path: TreePath) -> tuple[Any, Any]:
    return aval(walk.arrays[path])


def number_changes_dtype(before: Walk, after: Walk) -> bool:
    """Whether a Python number was replaced by something of another dtype.

    jax then promotes the number before the first trip, because it is weakly typed; comments in its
    source say so, and no documentation does.
    """
    return any(
        isinstance(value, bool | int | float) and _aval(before, path) != _aval(after, path)
        for path, value in before.arrays.items()
        if path in after.arrays
    )


# --- one object at several places -----------------------------------------------------------


def aliases(handed: Iterable[tuple[TreePath, Any]], by: str = "") -> frozenset[Alias]:
    """The Variables that stand at several of the places that a transform is handed."""
    places: dict[int, tuple[Any, list[TreePath]]] = {}
    for path, variable in handed:
        places.setdefault(id(variable), (variable, []))[1].append(path)
    return frozenset(
        Alias(tuple(paths), type(variable).__name__, by)
        for variable, paths in places.values()
        if len(paths) > 1
    )


def variables_in(walk: Walk) -> Iterator[tuple[TreePath, Any]]:
    """Every Variable of a walk by each path that leads to it."""
    return ((p, held) for p, held in walk.objects.items() if nnx_api.is_variable(held))


def variables_of(root: str, value: Any) -> list[tuple[TreePath, Any]]:
    """The Variable at each path below `value` that leads to one, but not around a cycle."""
    return list(variables_in(roots(**{root: value})))


def places_below(path: TreePath, value: Any, by: str = "") -> Places:
    """The object at `path`, and every object below it."""
    return frozenset(Seen(path, type(held).__name__, by) for held in nnx_api.below(value))


def reaches_itself(value: Any, above: tuple[Any, ...] = ()) -> bool:
    """Whether some node below `value` is one of the nodes above it."""
    if is_record(value):
        return any(reaches_itself(item, above) for item in entries(value).values())
    if isinstance(value, tuple | list):
        return any(reaches_itself(item, above) for item in value)
    if isinstance(value, dict):
        return any(reaches_itself(item, above) for item in value.values())
    if not nnx_api.is_node(value):
        return False
    if any(value is node for node in above):
        return True
    held = nnx_api.attributes(value).values()
    return any(reaches_itself(item, (*above, value)) for item in held)


# --- the inputs of a scan -------------------------------------------------------------------


class Entered(NamedTuple):
    """A Variable at a place of the inputs, its axis there, and what it held before the loop."""

    path: TreePath
    variable: Any
    axis: Axis
    whole: Any

    def has_partition(self, name: str | None) -> bool:
        """Whether its partition names, if it has any, have this one at its axis."""
        names = nnx_api.metadata(self.variable).get("names")
        if name is None or names is None or not isinstance(self.axis, int):
            return True
        return -len(names) <= self.axis < len(names) and names[self.axis] == name


def entered(rows: Sequence[Input], inputs: list[Any]) -> Iterator[Entered]:
    """Every Variable of the inputs by each path that leads to it, but not around a cycle."""
    for k, (row, value) in enumerate(zip(rows, inputs, strict=True)):
        along = Along(entry(row.axis), (), "", (), value)
        for path, held in _variables(value):
            axis = along.axis_of(path, held)
            yield Entered(("inputs", k, *path), held, axis, nnx_api.get_raw(held))


def _variables(
    value: Any, path: TreePath = (), above: tuple[int, ...] = ()
) -> Iterator[tuple[TreePath, Any]]:
    if nnx_api.is_variable(value):
        yield path, value
    elif id(value) not in above:
        for name, item in (nnx_api.parts(value) or {}).items():
            step = int(name) if name.isdigit() else name
            yield from _variables(item, (*path, step), (*above, id(value)))


def is_scanned(axes: list[Axis]) -> bool:
    return any(isinstance(axis, int) for axis in axes)
