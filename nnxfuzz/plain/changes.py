"""What a body has changed of its arguments, told from two pictures of them (`picture`).

What it changed of what it reaches by closure is told by the call itself (`frame`).
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from nnxfuzz import nnx_api
from nnxfuzz.plain.observations import Kind
from nnxfuzz.plain.picture import Picture, below_one


class Change(NamedTuple):
    """A kind of observation, with the paths and the detail of one."""

    kind: Kind
    paths: tuple[str, ...]
    detail: str = ""


def changes_of(before: Picture, now: Picture) -> Iterator[Change]:
    """Each change of structure, of the type of an array, and of which object stands where."""
    yield from _of_structure(before, now)
    yield from aval_changes(before, now)
    yield from _of_objects(before, now)


def _of_structure(before: Picture, now: Picture) -> Iterator[Change]:
    again = before.again | now.again
    for path, held in before.structure.items():
        if not below_one(path, again) and now.structure.get(path, held) != held:
            detail = _first_difference(held, now.structure[path])
            yield Change("structure-changed", (path,), detail)
    for path in before.structure:
        if path not in now.structure and not below_one(path, again):
            yield Change("structure-changed", (path,), "it is gone")
    roots = {path.split(" ")[0] for path in before.structure if path.endswith(" containers")}
    variables = now.paths_by_object()
    for path in now.structure:
        if path in before.structure or below_one(path, again):
            continue
        if any(path.startswith(root) for root in roots):
            paths = variables.get(id(now.objects.get(path)))
            kind: Kind = "variable-made" if paths else "structure-changed"
            yield Change(kind, tuple(paths or [path]), "it is new")


def aval_changes(before: Picture, now: Picture) -> Iterator[Change]:
    """Each change of the shape, dtype or weak type of an array."""
    for path, aval in before.avals.items():
        if path in now.avals and now.avals[path] != aval:
            yield Change("aval-changed", (path,), f"{aval} -> {now.avals[path]}")


def _of_objects(before: Picture, now: Picture) -> Iterator[Change]:
    places = Counter(map(id, before.objects.values()))
    for path, thing in before.objects.items():
        new = now.objects.get(path, thing)
        if path in before.in_states and places[id(thing)] == 1 and not places[id(new)]:
            yield Change("state-rebuilt", (path,))
        elif new is not thing:
            is_variable = nnx_api.is_variable(thing)
            yield Change("variable-replaced" if is_variable else "node-replaced", (path,))


def _first_difference(before: tuple[str, ...], now: tuple[str, ...]) -> str:
    """Where two structures differ first."""
    pairs = zip(before, now, strict=False)
    one, other = next((pair for pair in pairs if pair[0] != pair[1]), (before, now))
    return f"{one} -> {other}"
