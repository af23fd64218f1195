"""Why Flax may refuse a call: documented reasons, each with what has to be true of the call.

A wording alone explains nothing.  A reason holds only if what it says was seen: in the arguments,
or by the plain run of the same call; and it names the paths of the objects that it is about.
"""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

import jax

from nnxfuzz import compat
from nnxfuzz.case import Path
from nnxfuzz.checker.verdicts import Mode
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.contract import wordings as w
from nnxfuzz.contract.records import Wording
from nnxfuzz.verdict import World
from nnxfuzz.world import Walk

ALL_MODES: tuple[Mode, ...] = ("graph", "graph-frozen", "tree")


class Evidence(NamedTuple):
    """What is known of a call that was refused.

    `before` is a walk over what the caller held, `world` that world; `after` and `after_world` the
    same after the plain run; None and empty if that failed.
    """

    before: Walk
    world: World
    after: Walk | None
    after_world: World
    functions: tuple[Any, ...]
    options: Mapping[str, Any]
    error: BaseException
    seen: Any


#: The paths that a reason is about; None if it does not hold.
Holds = Callable[[Evidence], tuple[str, ...] | None]


class Reason(NamedTuple):
    """A documented reason to refuse: `told` is the sentence, in which `{}` stands for the paths."""

    id: str
    told: str
    wordings: tuple[Wording, ...]
    holds: Holds
    source: str
    modes: tuple[Mode, ...] = ALL_MODES


class Explanation(NamedTuple):
    """A reason that holds for a refusal."""

    id: str
    told: str
    paths: tuple[str, ...]


def explanation(evidence: Evidence, mode: Mode) -> Explanation | None:
    """The first reason that holds for the refusal, or None."""
    name, message = type(evidence.error).__name__, str(evidence.error)
    for reason in REASONS:
        if mode not in reason.modes or not _worded(reason.wordings, name, message):
            continue
        paths = reason.holds(evidence)
        if paths is not None:
            listed = " and ".join(f"`{path}`" for path in paths)
            return Explanation(reason.id, reason.told.format(listed), paths)
    return None


def _worded(wordings: tuple[Wording, ...], name: str, message: str) -> bool:
    return any(x.error == name and re.search(x.pattern, message) for x in wordings)


# --- what has to hold -----------------------------------------------------------------------


def shared_variables(walked: Walk, roots: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The paths of each Variable that stands at more than one place below these roots."""
    places: dict[int, list[str]] = {}
    for path, value in _objects(walked, roots):
        if compat.is_variable(value):
            places.setdefault(id(value), []).append(name_of(path))
    return [tuple(paths) for paths in places.values() if len(paths) > 1]


def shared_objects(walked: Walk, roots: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The paths of each node or Variable that stands at more than one place, the outermost only."""
    places: dict[int, list[Path]] = {}
    for path, value in _objects(walked, roots):
        places.setdefault(id(value), []).append(path)
    shared = [paths for paths in places.values() if len(paths) > 1]
    nodes = {path for paths in shared for path in paths}
    top = [p for p in shared if not all(_is_below(path, nodes) for path in p)]
    return [tuple(name_of(path) for path in paths) for paths in top]


def _is_below(path: Path, paths: set[Path]) -> bool:
    return any(path[:end] in paths for end in range(1, len(path)))


def _objects(walked: Walk, roots: tuple[str, ...]) -> Iterator[tuple[Path, Any]]:
    """Each node and Variable by each path that leads to it from these roots."""
    for path, value in walked.objects.items():
        if path[0] in roots:
            yield path, value
            if path in walked.again:  # what is below stands where the node was met first
                first = next(p for p, v in walked.objects.items() if v is value)
                for below, held in walked.objects.items():
                    if len(below) > len(first) and below[: len(first)] == first:
                        yield (*path, *below[len(first) :]), held


def _shared_arguments(e: Evidence) -> tuple[str, ...] | None:
    found = shared_objects(e.before, ("caller", "closure")) or shared_variables(
        e.before, ("caller", "closure")
    )
    return found[0] if found else None


def _closure_written(e: Evidence) -> tuple[str, ...] | None:
    changed = [
        name_of(path)
        for path, entry in e.after_world.items()
        if path[0] == "closure" and _differs(e.world.get(path), entry)
    ]
    return tuple(changed[:3]) or None


def _differs(one: Any, other: Any) -> bool:
    if one is None or (one.kind, one.detail, one.identity) != (
        other.kind,
        other.detail,
        other.identity,
    ):
        return True
    if one.array is None or other.array is None:
        return (one.array is None) != (other.array is None)
    return bool(one.array.tobytes() != other.array.tobytes())


def _returned(roots: tuple[str, ...]) -> Holds:
    """The result holds a Variable that also stands below these roots."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        if e.after is None:
            return None
        known = {id(v): path for path, v in _objects(e.after, roots) if compat.is_variable(v)}
        for path, value in _objects(e.after, ("result",)):
            if id(value) in known:
                return name_of(known[id(value)]), name_of(path)
        return None

    return holds


def _traced(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code, or in a library that it calls."""
    return () if not raised_by_flax(e.error) else None


def raised_by_flax(error: BaseException) -> bool:
    """Whether the innermost frame that is not jax's or another library's is one of Flax."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        parts = PurePath(frame.f_code.co_filename).parts
        if "flax" in parts:
            return True
        if "site-packages" not in parts and "lib" not in parts[:-1]:
            return False
    return False


def _option(*names: str) -> Holds:
    """Some option holds an object of a class of this name."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        for option, value in e.options.items():
            leaves = jax.tree.leaves(value, is_leaf=lambda x: type(x).__name__ in names)
            if any(type(leaf).__name__ in names for leaf in leaves):
                return (option,)
        return None

    return holds


_TRACER_ERRORS = (
    "ConcretizationTypeError",
    "TracerBoolConversionError",
    "TracerArrayConversionError",
    "TracerIntegerConversionError",
    "NonConcreteBooleanIndexError",
)

REASONS: tuple[Reason, ...] = (
    Reason(
        "shared-variable",
        "`Duplicate` because {} are one object",
        (w.DUPLICATE,),
        _shared_arguments,
        "docs_nnx/flip/4844-var-eager-sharding.md",
        ("graph-frozen", "tree"),
    ),
    Reason(
        "closure-written",
        "the function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL, w.CAPTURED),
        _closure_written,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
    ),
    Reason(
        "tracer-as-number",
        "the function needs the number of a traced array (a branch, an index or a conversion in "
        "Python)",
        tuple(Wording(name, "") for name in _TRACER_ERRORS),
        _traced,
        "docs.jax.dev/en/latest/errors.html",
    ),
    Reason(
        "returned-argument",
        "`Duplicate` because the function returns its own argument: {} are one Variable",
        (w.DUPLICATE,),
        _returned(("caller",)),
        "flax/nnx/extract.py, `check_no_aliases`; tests/nnx/transforms_test.py",
        ("graph-frozen", "tree"),
    ),
    Reason(
        "captured-returned",
        "the function returns {}, which it reaches by closure",
        (w.CAPTURED, w.TRACE_LEVEL),
        _returned(("closure",)),
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
    ),
    Reason(
        "prefix-of-graph-updates",
        "`{}` has what only works with graph updates",
        (Wording("ValueError", "cannot contain `(StateAxes|DiffState|StateSharding)` objects"),),
        _option("StateAxes", "DiffState", "StateSharding"),
        'Docstrings of the transforms: "When `False`, using `StateAxes` is not supported"',
        ("graph-frozen", "tree"),
    ),
)
