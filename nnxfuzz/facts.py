"""What the reference run saw, as data: the facts that the contract's records ask about.

A fact is about the program, found by running it as Python; it never comes from an error message.
"""

from typing import Any

from nnxfuzz import compat
from nnxfuzz.case import Data, Path, Wrong
from nnxfuzz.containers import entries, is_record
from nnxfuzz.numbers import aval
from nnxfuzz.world import Walk, roots


class Changes(Data, frozen=True):
    """How the carry that a trip returned differs from the carry that it was given."""

    #: Container shapes, attribute names, static attributes, Variable types or metadata.
    structure: bool = False
    #: The dtype or shape of an array, or of a Variable's value.
    avals: bool = False
    #: At some path stands another Variable than before.
    variables: bool = False
    #: At some path stands another node than before.
    nodes: bool = False

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(
            self.structure or other.structure,
            self.avals or other.avals,
            self.variables or other.variables,
            self.nodes or other.nodes,
        )


class Facts(Data, frozen=True):
    """Facts about one case under one mode.

    A loop that makes no trip is tried for one trip on objects of its own, because the transforms
    trace the body even then; `changed`, `closure_written` and `raised` are then of that trip.
    """

    changed: Changes = Changes()
    #: One Variable is reachable by two paths of the carry and the inputs that are passed in, or of
    #: what an inner transform is given.
    variables_aliased: bool = False
    #: A trip returns another State where the carry had one (from 0.12 on States hold Variables).
    state_rebuilt: bool = False
    #: One Variable is an input with two axes, or an input and in the carry.
    inputs_inconsistent: bool = False
    #: ... and one of its places is scanned over, so that it would be a slice and a whole at once.
    inputs_meaningless: bool = False
    #: Some input or output has an `nnx.StateAxes`.
    state_axes: bool = False
    #: `transform_metadata` names a partition that a Variable does not have at its axis.
    partition_missing: bool = False
    #: `length` is given, and is not the number of trips.
    length_contradicts: bool = False
    #: What is wrong with the axes of the scan, if they are such as may not be asked for.
    axes_wrong: Wrong | None = None
    #: The body, or the block of an inner transform, writes to an object that it reaches by closure.
    closure_written: bool = False
    #: The body puts an object that it reaches by closure into the carry.
    closure_returned: bool = False
    #: The body hands an object that it reaches by closure to another transform.
    closure_nested: bool = False
    #: A trip writes to a Variable that is broadcast to it.
    broadcast_written: bool = False
    #: The body has a scan of its carry inside.
    scans_within: bool = False
    #: The body raises: the exception's type.
    raised: str | None = None
    #: `unroll` is given and the bounds are traced.
    unrolls_traced_bounds: bool = False


def changes(before: Walk, after: Walk) -> Changes:
    """How the carry after a trip differs from the one before: structure, types, and which objects
    stand where.
    """
    moved = [p for p, o in before.objects.items() if after.objects.get(p, o) is not o]
    shadowed = before.again | after.again | {p for p in moved if compat.is_node(before.objects[p])}
    return Changes(
        structure=_structure(before, shadowed) != _structure(after, shadowed),
        avals=any(
            _aval(before, path) != _aval(after, path)
            for path in before.arrays
            if path in after.arrays
        ),
        variables=any(compat.is_variable(before.objects[path]) for path in moved),
        nodes=any(compat.is_node(before.objects[path]) for path in moved),
    )


def _structure(walk: Walk, shadowed: set[Path]) -> dict[Path, tuple[str, str, str]]:
    """What stands where, but for what is below another object than before."""
    return {
        path: (e.role, e.kind, e.detail)
        for path, e in walk.entries.items()
        if not any(path[:end] in shadowed for end in range(1, len(path)))
    }


def _aval(walk: Walk, path: Path) -> tuple[Any, Any]:
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


def variables_aliased(walk: Walk) -> bool:
    """Whether one Variable stands at two paths."""
    met = [id(o) for o in walk.objects.values() if compat.is_variable(o)]
    return len(set(met)) < len(met)


def variables_of(value: Any) -> list[Any]:
    """The Variable at each path below `value` that leads to one, but not around a cycle."""
    walk = roots(value=value)
    return [held for held in walk.objects.values() if compat.is_variable(held)]


def reaches_itself(value: Any, above: tuple[Any, ...] = ()) -> bool:
    """Whether some node below `value` is one of the nodes above it."""
    if is_record(value):
        return any(reaches_itself(item, above) for item in entries(value).values())
    if isinstance(value, tuple | list):
        return any(reaches_itself(item, above) for item in value)
    if isinstance(value, dict):
        return any(reaches_itself(item, above) for item in value.values())
    if not compat.is_node(value):
        return False
    if any(value is node for node in above):
        return True
    held = compat.attributes(value).values()
    return any(reaches_itself(item, (*above, value)) for item in held)
