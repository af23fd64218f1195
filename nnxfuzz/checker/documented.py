"""What a mode does not do as Python does, as it documents: the record, and the sentence."""

from collections.abc import Callable, Iterable

from nnxfuzz import plain
from nnxfuzz.checker.judgeable import Options
from nnxfuzz.checker.refusals.base import named
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.worlds import differences, distinct, name_of, told
from nnxfuzz.oracle.verdict import Difference, Entry, World
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import Observations
from nnxfuzz.programs.case import Mode, TreePath

#: How many places a sentence names, and how many differences a verdict keeps as evidence.
NAMED, LINES = 3, 10

#: What the plain run may have seen that leads to a deviation, the most telling first.
_CAUSES: tuple[Observed, ...] = (
    "condition-wrote",
    "broadcast-written",
    "structure-changed",
    "captured-argument",
    "number-promoted",
)

#: What can be done about a deviation.
WAYS_OUT = {
    "condition-writes": "write in the body",
    "broadcast-dropped": "make it part of the carry, give it an axis, or return the value",
    "broadcast-one-lane": "give it an axis, or return the value",
    "statics-once": "hold it in a Variable",
    "effects-when-traced": "return it and keep it after the call, or hold it in a Variable that is "
    "an argument",
    "containers-copied": "return what is new",
    "numbers-promoted": "begin with an array of that dtype",
    "captured-constant": "work on the argument in the function",
    "cotangents-are-states": "let `bwd` add the cotangents in its first argument",
    "no-partition-names": "give the function to nnx.transform_metadata as well",
    "new-nodes": "hold it in a Variable that is made before the call, or return it",
}

#: What can be done where lanes or trips draw the same keys of a stream that is broadcast.
_OWN_STREAMS = "give each its own streams with nnx.split_rngs, or with `fork(split=...)`"


def deviation(
    found: list[Difference],
    mode: Mode,
    before: World,
    python: Side,
    meant: Side,
    flax: Side,
    options: Options,
) -> Verdict:
    """The verdict on differences from Python that the mode documents; `meant` is the run of what it
    documents, `options` are those of the call.
    """
    lost = _apart(found, python.world, flax.world)
    if not lost:
        return Verdict("same", "the result is a new object that holds the same Variables")
    asked = [options, *(inner for _, _, inner in meant.seen.asked)]
    names = mode != "graph" and any(each.get("transform_metadata") for each in asked)
    record = _record(lost, mode, meant.seen, names)
    left = [d for d in lost if _is_left_otherwise(d, before, flax.world)]
    others = [d for d in lost if d not in left]
    text = "; ".join(filter(None, (*(part(others) for part in _PARTS), _LEFT_OTHERWISE(left))))
    lost = distinct(lost, python.world, flax.world)
    lines = tuple(told(d, python.world, flax.world) for d in lost[:LINES])
    way_out = _way_out(record, lost, python.world, meant.seen)
    return Verdict("deviates", text, paths_of(lost), lines, record, way_out)


def _way_out(record: str, found: list[Difference], python: World, seen: Observations) -> str:
    """What can be done about it; of streams alone that are broadcast something else than of other
    Variables, which a function may return.
    """
    held = [python.get(d.path) for d in found if d.path[0] != "result"]
    streams = all(entry is not None and entry.kind == "RngCount" for entry in held)
    broadcast = record in ("broadcast-one-lane", "broadcast-dropped")
    reused = broadcast and streams and seen.of("key-reuse")
    return _OWN_STREAMS if reused else WAYS_OUT[record]


def containers_copied(
    seen: Observations, arguments: tuple[str, ...], options: Options
) -> Verdict | None:
    """The verdict on a function that writes to a container which it was given; None if it does
    not.
    """
    written = seen.of("container-written")
    if not written:
        return None
    first = written[0]
    where = "in the body, " if first.depth else ""
    paths = first.paths if first.depth else (named(first.paths[0], arguments, options),)
    text = f"{where}the function writes to {listed(paths)}, of which the transform makes its own"
    record = "containers-copied"
    return Verdict("deviates", text, paths, record=record, way_out=WAYS_OUT[record])


def ignores(python: Side, meant: Side, flax: Side) -> list[Difference]:
    """Where the mode documents other than Python, and Flax does as Python.

    What it documents is of arguments; of a write to what is captured no mode says anything.
    """
    if meant.raised is not None or python.seen.of("captured-written"):
        return []
    documented = differences(python.world, meant.world)
    other = {d.path for d in differences(python.world, flax.world)}
    as_python = {d.path for d in documented} - other
    return [d for d in differences(meant.world, flax.world) if d.path in as_python]


def _apart(found: list[Difference], python: World, flax: World) -> list[Difference]:
    """The differences without those that follow from others, and without new nodes in the result
    that hold the same Variables.
    """
    there = {"missing", "extra"}
    gone = {d.path for d in found if d.aspect == "missing" or _is_another(d)}
    replaced = {d.path for d in found if _is_another(d) and d.path[0] != "result"}
    moved = {d.path for d in found if d.aspect in there and _is_moved(d, python, flax)}
    another = {d.path for d in found if d.aspect == "identity" and d.path[0] != "result"}
    return [
        d
        for d in found
        if not (d.aspect in there and (d.path in moved or _below(d, gone)))
        and not _below(d, replaced)
        and not (_is_another(d) and d.path[0] == "result")
        and not (d.aspect != "identity" and d.path in another)
    ]


def _is_another(d: Difference) -> bool:
    """Whether another node stands there."""
    return d.role == "node" and d.aspect == "identity"


def _is_moved(d: Difference, python: World, flax: World) -> bool:
    """Whether the world that lacks it has it below the same node, by another path: what is below a
    node that stands at two paths is told of one of them.
    """
    lacking, having = (flax, python) if d.aspect == "missing" else (python, flax)
    for end in range(len(d.path) - 1, 0, -1):
        node = lacking.get(d.path[:end])
        if node is not None and node.role == "node" and node.identity:
            paths = (p for p, entry in lacking.items() if entry.identity == node.identity)
            below = (lacking.get((*path, *d.path[end:])) for path in paths)
            return any(e is not None and not differs(e, having[d.path]) for e in below)
    return False


def _record(found: list[Difference], mode: Mode, seen: Observations, names: bool) -> str:
    """The record of what the run of what is documented saw cause for; each transform in the body
    has a mode of its own.  `names`: partition names are asked for where they are ignored.
    """
    if names and all(d.aspect == "metadata" for d in found):
        return "no-partition-names"
    if any(d.aspect == "static" for d in found):
        return "statics-once" if mode == "graph" else "new-nodes"
    for kind in _CAUSES:
        for observation in seen.of(kind):
            for record in plain.DEVIATIONS:
                if (
                    record.observation == kind
                    and observation.transform in record.transforms
                    and observation.mode in record.modes
                ):
                    return record.id
    own = mode == "graph" and "custom_vjp" in seen.transforms
    return "cotangents-are-states" if own else "new-nodes"


def _is_left_otherwise(d: Difference, before: World, got: World) -> bool:
    """Whether Flax has changed what was there before the call, too, and to something else."""
    aspects = ("value", "identity", *_CHANGED)
    if d.path[0] == "result" or d.path not in got or d.aspect not in aspects:
        return False
    return differs(before.get(d.path), got[d.path])


def differs(one: Entry | None, other: Entry) -> bool:
    """Whether a place holds something else than before."""
    if one is None or (one.kind, one.detail, one.identity) != (
        other.kind,
        other.detail,
        other.identity,
    ):
        return True
    if one.array is None or other.array is None:
        return (one.array is None) != (other.array is None)
    return one.array.tobytes() != other.array.tobytes()


def _below(d: Difference, nodes: set[TreePath]) -> bool:
    """Whether it is about what a new node holds."""
    return any(d.path[:end] in nodes for end in range(1, len(d.path)))


def paths_of(found: list[Difference]) -> tuple[str, ...]:
    """The places of differences, each once; an object that is held elsewhere is named once."""
    return paths_at(d.path for d in found)


def paths_at(places: Iterable[TreePath]) -> tuple[str, ...]:
    """Places as the program writes them, each once."""
    return tuple(dict.fromkeys(map(name_of, places)))


def listed(paths: tuple[str, ...]) -> str:
    """The first of some places, in a sentence."""
    named = ", ".join(f"`{path}`" for path in paths[:NAMED])
    more = len(paths) - NAMED
    return f"{named} and {more} more" if more > 0 else named


def _part(
    aspects: tuple[str, ...], text: str, result: bool = False
) -> Callable[[list[Difference]], str]:
    """Says what holds of the differences in these aspects, of the result or of all else."""

    def part(found: list[Difference]) -> str:
        mine = [d for d in found if d.aspect in aspects and (d.path[0] == "result") == result]
        paths = paths_of(mine)
        return text.format(listed(paths)) if paths else ""

    return part


_CHANGED = ("kind", "static", "metadata", "dtype", "shape")

_LEFT_OTHERWISE = _part(("value", "identity", *_CHANGED), "leaves another value in {}")

_PARTS = (
    _part(("value",), "drops the update of {}"),
    _part(("value", "kind", "static", "dtype", "shape"), "returns another {}", result=True),
    _part(("metadata",), "returns other metadata in {}", result=True),
    _part(("missing",), "does not return {}", result=True),
    _part(("extra",), "returns {} besides", result=True),
    _part(("identity",), "returns other objects at {}", result=True),
    _part(("missing",), "drops the new {}"),
    _part(("extra",), "keeps {}, which Python deletes"),
    _part(_CHANGED, "drops the change of {}"),
    _part(("identity",), "keeps the old {}, which Python replaces"),
)
