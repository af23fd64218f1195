"""Why Flax may refuse a call: documented reasons, each with what has to be true of the call.

A wording alone explains nothing.  A reason holds only if what it says was seen: in the arguments,
or by the plain run of the same call; and it names the paths of the objects that it is about.
"""

import functools
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax

from nnxfuzz import compat, plain
from nnxfuzz.case import Path
from nnxfuzz.checker.reach import is_library
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Mode
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.contract import wordings as w
from nnxfuzz.contract.records import Wording
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.verdict import Entry, World
from nnxfuzz.world import Walk

ALL_MODES: tuple[Mode, ...] = ("graph", "graph-frozen", "tree")

#: The modes without graph updates.
FROZEN: tuple[Mode, ...] = ("graph-frozen", "tree")


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
    seen: plain.Observations
    #: The names of the positional arguments.
    arguments: tuple[str, ...]
    #: The plain runs of each branch of a `cond` or a `switch`.
    branches: Callable[[], list[Side]]

    def named(self, path: str) -> str:
        """A path of an observation, as the program writes it: `model.w` for `args[0].w`."""
        found = re.match(r"args\[(\d+)\]|kwargs\['(\w+)'\]", path)
        if found is None:
            return path
        name = found[2] or (
            self.arguments[int(found[1])] if int(found[1]) < len(self.arguments) else found[0]
        )
        return name + path[found.end() :]


#: The paths that a reason is about; None if it does not hold.
Holds = Callable[[Evidence], tuple[str, ...] | None]


class Reason(NamedTuple):
    """A documented reason to refuse.

    `told` is the sentence, in which `{}` stands for the paths; `source` where Flax documents it;
    `way_out` what the user can do.
    """

    id: str
    told: str
    wordings: tuple[Wording, ...]
    holds: Holds
    source: str
    way_out: str
    modes: tuple[Mode, ...] = ALL_MODES


class Explanation(NamedTuple):
    """A reason that holds for a refusal."""

    id: str
    told: str
    paths: tuple[str, ...]
    way_out: str


def explanation(evidence: Evidence, mode: Mode) -> Explanation | None:
    """The first reason that holds for the refusal, or None."""
    name, message = type(evidence.error).__name__, str(evidence.error)
    for reason in REASONS:
        if mode not in reason.modes or not _worded(reason.wordings, name, message):
            continue
        paths = reason.holds(evidence)
        if paths is not None:
            listed = " and ".join(f"`{path}`" for path in paths)
            return Explanation(reason.id, reason.told.format(listed), paths, reason.way_out)
    return None


def _worded(wordings: tuple[Wording, ...], name: str, message: str) -> bool:
    return any(x.error == name and re.search(x.pattern, message) for x in wordings)


# --- what has to hold -----------------------------------------------------------------------


def shared_objects(walked: Walk, roots: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The type and the paths of each object that stands at more than one place, the outermost
    only.
    """
    places: dict[int, list[Path]] = {}
    for path, value in _objects(walked, roots):
        places.setdefault(id(value), []).append(path)
    shared = [paths for paths in places.values() if len(paths) > 1]
    nodes = {path for paths in shared for path in paths}
    top = [p for p in shared if not all(_is_below(path, nodes) for path in p)]
    kinds = {path: type(value).__name__ for path, value in _objects(walked, roots)}
    return [(kinds[paths[0]], *(name_of(path) for path in paths)) for paths in top]


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


def _seen(*kinds: Observed) -> Holds:
    """The plain run made an observation of one of these kinds; its paths."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        for kind in kinds:
            for observation in e.seen.of(kind):
                return tuple(e.named(path) for path in observation.paths)
        return None

    return holds


def _shared_arguments(e: Evidence) -> tuple[str, ...] | None:
    """One node or Variable stands at two places of the arguments, or is reached by closure too."""
    found = shared_objects(e.before, ("caller", "closure"))
    return found[0][1:] if found else _seen("aliased")(e)


def _closure_written(e: Evidence) -> tuple[str, ...] | None:
    """What the function reaches by closure is written, or written by a transform in it."""
    changed = [
        name_of(path)
        for path, entry in e.after_world.items()
        if path[0] == "closure" and _differs(e.world.get(path), entry)
    ]
    return tuple(changed[:3]) or _seen("captured-written")(e)


def _differs(one: Entry | None, other: Entry) -> bool:
    if one is None or (one.kind, one.detail, one.identity) != (
        other.kind,
        other.detail,
        other.identity,
    ):
        return True
    if one.array is None or other.array is None:
        return (one.array is None) != (other.array is None)
    return one.array.tobytes() != other.array.tobytes()


def _closure_nested(e: Evidence) -> tuple[str, ...] | None:
    """What the function reaches by closure is handed to a transform in it."""
    inner = [o for o in e.seen if o.depth > 0]
    return _seen("captured")(e) if inner or e.seen.calls > 1 else None


def _traced(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code, or in a library that it calls."""
    return () if not raised_by_flax(e.error) else None


def raised_by_flax(error: BaseException) -> bool:
    """Whether the innermost frame that is not a library's is one of Flax."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if name == "flax":
            return True
        if not is_library(name):
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


def _bound(e: Evidence) -> tuple[str, ...] | None:
    """Some function is a method that is bound to a node."""
    for function in e.functions:
        held = function if isinstance(function, tuple | list) else (function,)
        for one in held:
            while isinstance(one, functools.partial):
                one = one.func
            if compat.is_node(getattr(one, "__self__", None)):
                return (getattr(one, "__qualname__", "it"),)
    return None


def _two_prefixes(e: Evidence) -> tuple[str, ...] | None:
    """One Variable stands at two places, and options treat the two differently."""
    found = _seen("inconsistent-axes")(e)
    if found is None and any(name in e.options for name in _PREFIXES):
        found = _shared_arguments(e)
    if found is None and e.options.get("in_axes", 0) != e.options.get("out_axes", 0):
        found = _seen("argument-returned")(e)
    return found


#: What makes the outputs of two branches differ, if one does it and the other does not.
_CHANGES: tuple[Observed, ...] = (
    "structure-changed",
    "variable-made",
    "variable-replaced",
    "node-replaced",
    "aval-changed",
    "argument-returned",
    "returned-twice",
)


def _branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """Some branch changes the structure of an argument, or the results are of different types."""
    sides = e.branches()
    for side in sides:
        for kind in _CHANGES:
            for path in side.seen.paths(kind):
                return (e.named(path),)
    types = {_result_types(side) for side in sides}
    return ("its result",) if len(types) > 1 else None


def _result_types(side: Side) -> tuple[Any, ...]:
    below = sorted((str(p), e) for p, e in side.world.items() if p[0] == "result")
    return tuple(
        (path, e.role, e.kind, e.array is not None and (e.array.shape, str(e.array.dtype)))
        for path, e in below
    )


#: The options that say of each argument how it is treated.
_PREFIXES = ("in_axes", "in_shardings", "argnums")

_TRACER_ERRORS = (
    "ConcretizationTypeError",
    "TracerBoolConversionError",
    "TracerArrayConversionError",
    "TracerIntegerConversionError",
    "NonConcreteBooleanIndexError",
)

#: What a loop says of a carry that is not what it was.
_CARRY = (w.REFERENCE_STRUCTURE, w.CARRY_REFERENCES, w.IDENTITY, w.TREES, w.JAX_STRUCTURE)

_FLIP = "docs_nnx/flip/5310-tree-mode-nnx.md"
_LOOPS = "docstrings of `nnx.fori_loop`, `nnx.while_loop` and `nnx.scan`"

REASONS: tuple[Reason, ...] = (
    Reason(
        "inconsistent-aliasing",
        "{} are one object, for which the options ask two things",
        (w.INCONSISTENT, w.DUPLICATE),
        _two_prefixes,
        "tests/nnx/transforms_test.py: `test_scan_inconsistent_aliasing`, "
        "`test_consistent_aliasing_inputs`, `test_jit_inconsistent_aliasing`",
        "treat both places alike, or pass the object once",
    ),
    Reason(
        "shared-argument",
        "`Duplicate` because {} are one object",
        (w.DUPLICATE,),
        _shared_arguments,
        f"{_FLIP}: no sharing in the modes without graph updates; the error's own text",
        "pass the object once and reach it by one path, or use nnx.compat with graph updates",
        FROZEN,
    ),
    Reason(
        "returned-argument",
        "`Duplicate` because the function returns what it was given: {} are one Variable",
        (w.DUPLICATE,),
        _seen("argument-returned", "returned-twice"),
        'the error\'s own text: "duplicate inputs, duplicate outputs, or input Variables returned "'
        "as outputs; tests/nnx/transforms_test.py",
        "do not return it: its Variables are updated in place",
        FROZEN,
    ),
    Reason(
        "closure-written",
        "the function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL, w.CAPTURED),
        _closure_written,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
    Reason(
        "captured-returned",
        "the function returns {}, which it reaches by closure",
        (w.CAPTURED, w.TRACE_LEVEL, *_CARRY),
        _seen("captured-returned"),
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
        "pass it as an argument",
    ),
    Reason(
        "closure-nested",
        "the function hands {}, which it reaches by closure, to another transform",
        (w.CAPTURED, w.TRACE_LEVEL),
        _closure_nested,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
    Reason(
        "carry-structure",
        "the body changes the structure of the carry at {}",
        (*_CARRY, w.JAX_TYPES, w.UNCOMPARABLE),
        _seen("structure-changed", "variable-made"),
        _LOOPS,
        "make the attribute before the loop",
    ),
    Reason(
        "carry-types",
        "the body changes the shape or dtype of the carry at {}",
        (w.JAX_TYPES,),
        _seen("aval-changed"),
        "docstring of `jax.lax.while_loop`",
        "cast it, or start the loop with that dtype",
    ),
    Reason(
        "carry-references",
        "the body puts another object into the carry at {}",
        _CARRY,
        _seen("variable-replaced", "node-replaced"),
        _LOOPS,
        "write into the Variable that is there, or swap arrays instead of objects",
    ),
    Reason(
        "branches-differ",
        "one branch changes what the other does not at {}",
        (Wording("TypeError", "branch(es)? .*(output|must)|true_fun.*false_fun"), *_CARRY),
        _branches_differ,
        "docstring of `jax.lax.cond`: the branches must have the same output structure",
        "make the same attributes with the same types in each branch",
    ),
    Reason(
        "broadcast-written",
        "the body writes to {}, which is broadcast",
        (Wording("ValueError", "Broadcast .* was mutated"),),
        _seen("broadcast-written"),
        "the error's own text (0.12.6)",
        "make it part of the carry",
    ),
    Reason(
        "broadcast-batched",
        "the body writes to {}, which is broadcast, what differs from lane to lane",
        (Wording("ValueError", "vmap.*(axis spec None|out_axes).*batched"),),
        _seen("broadcast-written"),
        "docstring of `jax.vmap`: an output with axis None must not depend on the mapped ones",
        "give it an axis, or return the value",
    ),
    Reason(
        "tracer-as-number",
        "the function needs the number of a traced array (a branch, an index or a conversion in "
        "Python)",
        tuple(Wording(name, "") for name in _TRACER_ERRORS),
        _traced,
        "docs.jax.dev/en/latest/errors.html",
        "use nnx.cond, or make the argument static",
    ),
    Reason(
        "prefix-of-graph-updates",
        "{} has what only works with graph updates",
        (Wording("ValueError", "cannot contain `(StateAxes|DiffState|StateSharding)` objects"),),
        _option("StateAxes", "DiffState", "StateSharding"),
        'docstrings of the transforms: "When `False`, using `StateAxes` is not supported"',
        "use nnx.prefix, or nnx.compat",
        FROZEN,
    ),
    Reason(
        "bound-method",
        "{} is bound to a module",
        (w.BOUND,),
        _bound,
        "the error's own text; tests/nnx/transforms_test.py: `TestBoundMethodTransforms`",
        "pass the unbound method, and the module as an argument",
    ),
)
