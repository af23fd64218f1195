"""What of a program a finding's differences are about: the places and objects behind their paths.

A path of a world begins at `caller`, `result` or `held`; a path of a program at `carry`.  An object
stands at several paths, so places are told by the node that holds them, where one does.
"""

from collections import Counter
from collections.abc import Iterator

from nnxfuzz.oracle.verdict import Difference, Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import entries_of
from nnxfuzz.programs.case.places import Axis, Holder, Standing, Thing, candidates, places, reached
from nnxfuzz.programs.case.queries import statements

#: A place or an object, told so that it is the same by whatever path it is reached.
Mark = tuple[object, ...]


def path_of(difference: Difference) -> c.TreePath | None:
    """The program's path to what differs; None for what no path leads to (`ys`, a counter)."""
    root, *rest = difference.path
    if root == "held":  # by its name before the loop
        root, *rest = c.path_named(str(rest[0]))
    match root:
        case "caller" | "result":
            return ("carry", *rest)
        case "inputs" | "closure":
            return (root, *rest)
        case _:
            return None


def paths_of(finding: Finding) -> list[c.TreePath] | None:
    """The program's paths to all that differs; None if there is something that no path leads to,
    or nothing at all.
    """
    paths = [path_of(difference) for difference in finding.differences]
    known = [path for path in paths if path is not None]
    return known if known and len(known) == len(paths) else None


def roles(finding: Finding, *asked: str) -> bool:
    """Whether all that differs is of one of the roles."""
    return bool(finding.differences) and {d.role for d in finding.differences} <= set(asked)


def aspects(finding: Finding, *asked: str) -> bool:
    """Whether all that differs does so in one of the aspects."""
    return bool(finding.differences) and {d.aspect for d in finding.differences} <= set(asked)


# --- places that the body changes -----------------------------------------------------------


def changed_at(case: c.Case, kinds: tuple[type[c.Statement], ...]) -> Iterator[c.TreePath]:
    """The places that statements of these kinds put something else at, or take something from."""
    for _, statement in statements(case):
        if not isinstance(statement, kinds):
            continue
        match statement:
            case c.Make(at) | c.Drop(at) | c.Pop(at):
                yield at
            case c.Sow(at, name):
                yield (*at, name)
            case c.Swap(one, other) | c.Bind(one, other):
                yield from (one, other)
            case _:
                pass


def only_changed(case: c.Case, finding: Finding, kinds: tuple[type[c.Statement], ...]) -> bool:
    """Whether all that differs is at or below such places, is an object that stood there, is
    computed from one, or tells which attributes of a node are data that has such a place.
    """
    if paths_of(finding) is None:
        return False
    marks: set[Mark] = set()
    nodes: set[Mark] = set()
    for path in changed_at(case, kinds):
        marks |= _place(case, path)
        nodes |= {mark for mark in _standing(case, path[:-1]) if mark[0] == "node"}
        for thing in candidates(case, path, _made(case)):
            marks |= {mark for _, below in reached(case, path, thing) for mark in _object(below)}
    marks = _fed(case, marks)
    for difference in finding.differences:
        path = path_of(difference) or ()
        is_mark = (difference.role, difference.aspect) == ("node", "metadata")
        if marks.isdisjoint(_along(case, path)) and not (
            is_mark and not nodes.isdisjoint(_standing(case, path))
        ):
            return False
    return True


def _along(case: c.Case, path: c.TreePath) -> set[Mark]:
    """The marks of every place on the way to a path, and of what stands there."""
    marks: set[Mark] = set()
    for end in range(1, len(path) + 1):
        marks |= _place(case, path[:end]) | _standing(case, path[:end])
    return marks


def _standing(case: c.Case, path: c.TreePath) -> set[Mark]:
    """The marks of the objects that may stand at a path."""
    things = candidates(case, path, _made(case))
    return {mark for thing in things for mark in _object(thing)}


def _fed(case: c.Case, marks: set[Mark]) -> set[Mark]:
    """The marks, and those of what is computed from what they are of."""
    size = -1
    while size < len(marks):
        size = len(marks)
        for _, statement in statements(case):
            if not isinstance(statement, c.Update) or not isinstance(
                statement.operand, c.Read | c.Call
            ):
                continue
            if not marks.isdisjoint(_along(case, statement.operand.at)):
                marks = marks | _place(case, statement.at) | _standing(case, statement.at)
    return marks


def _place(case: c.Case, path: c.TreePath) -> set[Mark]:
    """The marks of a place: its path, and each node that may hold it with the last step."""
    holders = candidates(case, path[:-1], _made(case)) if len(path) > 1 else []
    rows = [thing.row for thing in holders if isinstance(thing, Standing)]
    return {("at", *path), *(("in", row, path[-1]) for row in rows)}


def _object(thing: Thing) -> set[Mark]:
    match thing:
        case Standing(row):
            return {("node", row)}
        case Holder("variable", row=int(row)):
            return {("variable", row)}
        case _:
            return set()


def _made(case: c.Case) -> dict[c.TreePath, list[c.Attribute]]:
    """What the statements put where, by path."""
    made: dict[c.TreePath, list[c.Attribute]] = {}
    for _, statement in statements(case):
        if isinstance(statement, c.Make):
            made.setdefault(statement.at, []).append(statement.what)
    return made


# --- what stands at the places that differ --------------------------------------------------


def only_shared(case: c.Case, finding: Finding) -> bool:
    """Whether all that differs are Variables that stand at two places of the carry or are held by
    a node that does, or what is computed from them.  If the loop asks one of them whether to go on,
    the number of trips differs, and so may all else.
    """
    met: Counter[Mark] = Counter()
    for place in places(case):
        if place.path[0] == "carry":
            met.update(_object(place.thing))
    shared = {mark for mark, count in met.items() if count > 1}
    until = case.loop.until
    if until is not None and not _fed(case, shared).isdisjoint(_along(case, until.at)):
        return True
    return _only(case, finding, shared, ("carry",))


def only_carried_and_broadcast(case: c.Case, finding: Finding) -> bool:
    """Whether all that differs is held by a node that stands in the carry and in a broadcast input,
    or is computed from that.
    """
    carried: set[Mark] = set()
    broadcast: set[Mark] = set()
    for place in places(case):
        root, *rest = place.path
        if root == "carry":
            carried |= _object(place.thing)
        elif root == "inputs" and case.inputs[int(rest[0])].axis is None:
            broadcast |= _object(place.thing)
    return _only(case, finding, carried & broadcast, ("carry", "inputs"))


def _only(case: c.Case, finding: Finding, marks: set[Mark], roots: tuple[str, ...]) -> bool:
    """Whether all that differs is below these roots and has these marks, or is computed from what
    has them.
    """
    fed, paths = _fed(case, marks), paths_of(finding)
    return paths is not None and all(
        path[0] in roots and not fed.isdisjoint(_along(case, path)) for path in paths
    )


def variables_at(case: c.Case, path: c.TreePath) -> list[c.Variable]:
    """The rows of the Variables that may stand at a path."""
    things = candidates(case, path, _made(case))
    return [
        case.variables[thing.row]
        for thing in things
        if isinstance(thing, Holder) and thing.form == "variable" and thing.row is not None
    ]


def axes_at(case: c.Case, path: c.TreePath) -> set[Axis]:
    """The axes along which what may stand at a path of the inputs is scanned over."""
    things = candidates(case, path, _made(case)) if path[0] == "inputs" else []
    return {thing.axis for thing in things if isinstance(thing, Holder)}


def in_slots(case: c.Case, path: c.TreePath, *kinds: type) -> bool:
    """Whether a path of the carry leads to a slot that holds an object of the kinds by itself."""
    return path[0] == "carry" and _slot(case, 0, path[1:], kinds)


def _slot(case: c.Case, row: int, path: c.TreePath, kinds: tuple[type, ...]) -> bool:
    slot = case.carry[row]
    if isinstance(slot, kinds):
        return not path
    below = dict(entries_of(slot))
    return bool(path) and path[0] in below and _slot(case, below[path[0]], path[1:], kinds)
