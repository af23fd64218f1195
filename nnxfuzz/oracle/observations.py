"""What a run of a case showed, in the words of `plain.observations`, with the places of it.

An observation is about the program, found by running it as Python; it never comes from an error
message.  The contract asks of a refusal that it is about a place that was observed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Failure, dotted
from nnxfuzz.oracle.world import Walk, roots
from nnxfuzz.plain.axes import Along, Axis, has_name
from nnxfuzz.plain.observations import Kind, Observation
from nnxfuzz.programs.case import Case, Input, TreePath
from nnxfuzz.programs.live.axes import entry
from nnxfuzz.programs.numbers import aval


class Evidence(NamedTuple):
    """What the contract knows of a program: the case, and what its plain run showed under a mode.

    A loop that makes no trip is tried for one trip on objects of its own, because the transforms
    trace the body even then; what a trip did is then what that one did.
    """

    case: Case = Case()
    seen: Collection[Observation] = ()
    #: The exception that the body raises.
    raised: Failure | None = None
    #: Some Variable would be a slice and a whole at once.
    meaningless: bool = False
    #: Some Variable does not have the partition that `transform_metadata` names at its axis.
    partition_missing: bool = False

    def of(self, *kinds: Kind) -> list[Observation]:
        """The observations of these kinds."""
        return [made for made in self.seen if made.kind in kinds]


def observation(kind: Kind, of: str, *paths: TreePath, by: str = "") -> Observation:
    """An observation of an object of the class `of`, and of the inner transform `by`, or else of
    the loop itself; the paths start with a root (`carry`, `inputs`, `closure`).
    """
    return Observation(kind, by, 0, int(bool(by)), tuple(map(dotted, paths)), of)


# --- what a trip did to the carry -----------------------------------------------------------


def changes(before: Walk, after: Walk) -> Iterator[Observation]:
    """Where the carry after a trip differs from the one before: structure, types, and which objects
    stand where.
    """
    moved = [p for p, o in before.objects.items() if after.objects.get(p, o) is not o]
    if before.entries != after.entries:  # as few are
        nodes = {path for path in moved if nnx_api.is_node(before.objects[path])}
        shadowed = before.again | after.again | nodes
        one, other = _structure(before, shadowed), _structure(after, shadowed)
        for path in one.keys() | other.keys():
            if one.get(path) != other.get(path):
                kind = (before if path in one else after).entries[path].kind
                yield observation("structure-changed", kind, path)
    for path, value in before.arrays.items():
        if after.arrays.get(path, value) is not value and _aval(before, path) != _aval(after, path):
            yield observation("aval-changed", before.entries[path].kind, path)
    # What was replaced, and what took its place, may stand at other places too.
    concerned = {id(o) for p in moved for o in (before.objects[p], after.objects.get(p))}
    for path, held in before.objects.items():
        if id(held) in concerned:
            replaced: Kind = "node-replaced" if nnx_api.is_node(held) else "variable-replaced"
            yield observation(replaced, type(held).__name__, path)


def _structure(walk: Walk, shadowed: set[TreePath]) -> dict[TreePath, tuple[str, str, str]]:
    """What stands where, but for what is below another object than before."""
    return {
        path: (e.role, e.kind, e.detail)
        for path, e in walk.entries.items()
        if not any(path[:end] in shadowed for end in range(1, len(path)))
    }


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


def aliases(
    handed: Iterable[tuple[TreePath, Any]], kind: Kind = "aliased", by: str = ""
) -> list[Observation]:
    """The objects that stand at several of the places that a transform is handed."""
    places: dict[int, tuple[Any, list[TreePath]]] = {}
    for path, held in handed:
        places.setdefault(id(held), (held, []))[1].append(path)
    return [
        observation(kind, type(held).__name__, *paths, by=by)
        for held, paths in places.values()
        if len(paths) > 1
    ]


def variables_in(walk: Walk, again: bool = False) -> Iterator[tuple[TreePath, Any]]:
    """Every Variable of a walk by its paths: those that lead to its node first, or, with `again`,
    those below each place of the node, but not around a cycle.
    """
    found = [(p, held) for p, held in walk.objects.items() if nnx_api.is_variable(held)]
    yield from found
    first: dict[int, TreePath] = {}
    for path, held in walk.objects.items() if again else ():
        top = first.setdefault(id(held), path)
        if path in walk.again and path[: len(top)] != top:
            below = ((p[len(top) :], v) for p, v in found if p[: len(top)] == top)
            yield from (((*path, *rest), v) for rest, v in below)


def variables_of(root: str, value: Any) -> list[tuple[TreePath, Any]]:
    """The Variable at each path below `value` that leads to one, but not around a cycle."""
    return list(variables_in(roots(**{root: value})))


# --- the inputs of a scan -------------------------------------------------------------------


class Entered(NamedTuple):
    """A Variable at a place of the inputs, its axis there, and what it held before the loop."""

    path: TreePath
    variable: Any
    axis: Axis
    whole: Any

    def has_partition(self, name: str | None) -> bool:
        """Whether its partition names, if it has any, have this one at its axis."""
        asked = name is not None and isinstance(self.axis, int)
        return not asked or has_name(self.variable, self.axis, name)


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
