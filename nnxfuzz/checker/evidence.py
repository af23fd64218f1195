"""What is known of a call that was refused, and what may hold of it.

Each function here says whether something holds, and of which paths; `reasons` puts them into
records.
"""

import dis
import functools
import inspect
import os
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
from flax import nnx

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.naming import is_about, is_of_another_run, named_class
from nnxfuzz.checker.reach import is_holder
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.verdict import Entry
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.libraries import is_library
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import is_below
from nnxfuzz.programs.case import TreePath


class Evidence(NamedTuple):
    """What is known of a call that was refused.

    `before` is a walk over what the caller held.
    """

    before: Walk
    functions: tuple[Any, ...]
    options: Mapping[str, Any]
    error: BaseException
    #: What the plain run raised.
    python: BaseException | None
    #: What the plain run saw, and those of functions that Flax traces and Python does not call.
    seen: plain.Observations
    transform: str
    #: The names of the arguments, and of those that were given by name.
    arguments: tuple[str, ...]
    keywords: tuple[str, ...]
    #: The plain runs of each branch of a `cond` or a `switch`.
    branches: list[Side]
    #: Of each `cond` and `switch` in the body: what its branches show and return in Python.
    inner_branches: Callable[[], list[list[tuple[plain.Observations, Any]]]]

    def paths_of(self, observation: plain.Observation) -> tuple[str, ...]:
        """The paths of an observation; those of a transform in the body are of its arguments."""
        paths = observation.paths
        return paths if observation.depth else tuple(self.named(path) for path in paths)

    def named_by_error(self, *kinds: Observed) -> Iterator[plain.Observation]:
        """The observations of these kinds that are about what the message names."""
        for kind in kinds:
            yield from (o for o in self.seen.of(kind) if is_about(o, self.error))

    def named(self, path: str) -> str:
        """A path of an observation, as the program writes it: `model.w` for `args[0].w`."""
        return named(path, self.arguments, self.options)


def named(path: str, arguments: tuple[str, ...], options: Mapping[str, Any]) -> str:
    """A path of an observation with the names of the arguments, as the program writes it."""
    found = re.match(r"(args|inputs)\[(\d+)\]|kwargs\['(\w+)'\]", path)
    if found is None:
        return path
    names = _scanned(arguments, options) if found[1] == "inputs" else arguments
    number = int(found[2] or 0)
    name = found[3] or (names[number] if number < len(names) else found[0])
    return name + path[found.end() :]


def _scanned(arguments: tuple[str, ...], options: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the arguments of a `scan` that are not the carry."""
    axes = options.get("in_axes", (nnx.Carry, 0))
    if not isinstance(axes, tuple):
        return arguments
    pairs = zip(axes, arguments, strict=False)
    return tuple(name for axis, name in pairs if axis is not nnx.Carry)


#: The paths that a reason is about; None if it does not hold.
Holds = Callable[[Evidence], tuple[str, ...] | None]


# --- what has to hold -----------------------------------------------------------------------


def shared_objects(walked: Walk, roots: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The type and the paths of each object that stands at more than one place, the outermost
    only.
    """
    places: dict[int, list[TreePath]] = {}
    for path, value in _objects(walked, roots):
        places.setdefault(id(value), []).append(path)
    shared = [paths for paths in places.values() if len(paths) > 1]
    nodes = {path for paths in shared for path in paths}
    top = [p for p in shared if not all(_is_below(path, nodes) for path in p)]
    kinds = {path: nnx_api.class_of(value).__name__ for path, value in _objects(walked, roots)}
    return [(kinds[paths[0]], *(name_of(path) for path in paths)) for paths in top]


def _is_below(path: TreePath, paths: set[TreePath]) -> bool:
    return any(path[:end] in paths for end in range(1, len(path)))


def _objects(walked: Walk, roots: tuple[str, ...]) -> Iterator[tuple[TreePath, Any]]:
    """Each node and Variable by each path that leads to it from these roots."""
    for path, value in walked.objects.items():
        if path[0] in roots:
            yield path, value
            if path in walked.again:  # what is below stands where the node was met first
                first = next(p for p, v in walked.objects.items() if v is value)
                for below, held in walked.objects.items():
                    if len(below) > len(first) and below[: len(first)] == first:
                        yield (*path, *below[len(first) :]), held


def seen(*kinds: Observed) -> Holds:
    """The plain run made an observation of one of these kinds, which the message is about; its
    paths.
    """

    def holds(e: Evidence) -> tuple[str, ...] | None:
        return next(map(e.paths_of, e.named_by_error(*kinds)), None)

    return holds


def structure_changed(e: Evidence) -> tuple[str, ...] | None:
    """The body makes, drops or changes something; the path of what is new, if anything is."""
    found = list(e.named_by_error(*_STRUCTURE))
    outermost = min((o.depth for o in found), default=0)
    paths = {p: o.detail for o in found if o.depth == outermost for p in e.paths_of(o)}
    new = [path for path, detail in paths.items() if detail == "it is new"]
    deepest = [p for p in paths if not any(is_below(other, p) for other in paths)]
    chosen = sorted(new, key=len)[:1] or deepest[:1]
    return tuple(chosen) or None


def carry_changed(e: Evidence) -> tuple[str, ...] | None:
    """As `structure_changed`, in the body of a loop."""
    loops = ("fori_loop", "while_loop", "scan")
    seen_there = any(o.transform in loops for o in e.named_by_error(*_STRUCTURE))
    return structure_changed(e) if seen_there else None


def cached_changed(e: Evidence) -> tuple[str, ...] | None:
    """The body makes, drops or changes something in an argument, or puts another object there."""
    return structure_changed(e) or seen("variable-replaced", "node-replaced")(e)


#: What the plain run notes of a body that changes the structure of an argument.
_STRUCTURE: tuple[Observed, ...] = ("structure-changed", "variable-made")


def shared_arguments(e: Evidence) -> tuple[str, ...] | None:
    """One Variable stands at two places of the arguments, which the message names; the paths of the
    outermost object that makes it so.
    """
    for observation in e.named_by_error("aliased"):
        paths = e.paths_of(observation)
        for _, *shared in shared_objects(e.before, ("caller", "closure")):
            if all(any(p == top or is_below(p, top) for p in paths) for top in shared):
                return tuple(shared)
        return paths
    return None


def made_at_two_places(e: Evidence) -> tuple[str, ...] | None:
    """The function makes a Variable in a node that stands at two places of the arguments."""
    found = map(e.paths_of, e.named_by_error("variable-made"))
    return next((paths for paths in found if len(paths) > 1), None)


def reference_held(e: Evidence) -> tuple[str, ...] | None:
    """Some Variable that is given or reached by closure holds a reference; their paths."""
    return _variables_with(nnx_api.holds_reference, e)


def _variables_with(is_wanted: Callable[[Any], bool], e: Evidence) -> tuple[str, ...] | None:
    """The paths of such Variables that are given or reached by closure, if there are any."""
    found = {path: v for path, v in e.before.objects.items() if nnx_api.is_variable(v)}
    return tuple(name_of(path) for path, v in found.items() if is_wanted(v)) or None


def reference_in_branch(e: Evidence) -> tuple[str, ...] | None:
    """A Variable holds a reference, and a branch stands in a `vmap`."""
    branches = nested("cond")(e) or nested("switch")(e)
    return reference_held(e) if branches and "vmap" in e.seen.transforms else None


def reference_twice(e: Evidence) -> tuple[str, ...] | None:
    """A Variable that holds a reference is given twice, or given and reached by closure."""
    if reference_held(e) is None:
        return None
    return seen("captured-argument")(e) or shared_arguments(e)


def reference_returned(e: Evidence) -> tuple[str, ...] | None:
    """The function returns an object, and some Variable holds a reference."""
    if reference_held(e) is None:
        return None
    return seen("captured-returned", "argument-returned", "returned-twice")(e)


def reference_in_loop(e: Evidence) -> tuple[str, ...] | None:
    """A loop was called, here or in the function, and some Variable holds a reference."""
    return reference_held(e) if e.seen.transforms & {"fori_loop", "scan", "while_loop"} else None


def hijax_held(e: Evidence) -> tuple[str, ...] | None:
    """Some Variable that is given or reached by closure is one of hijax; their paths."""
    return _variables_with(nnx_api.is_hijax, e)


def hijax_written(e: Evidence) -> tuple[str, ...] | None:
    """The function, or a layer that it calls, writes to a Variable of hijax: no transform does."""
    modules = [_module_of(frame) for frame, _ in traceback.walk_tb(e.error.__traceback__)]
    inside = ("jax.", "flax.nnx.variablelib")
    writer = next((name for name in reversed(modules) if not name.startswith(inside)), "flax.")
    layers = ("flax.nnx.nn.", "flax.nnx.training.")
    by_flax = writer.startswith("flax.") and not writer.startswith(layers)
    return None if by_flax else hijax_held(e)


def hijax_mapped(e: Evidence) -> tuple[str, ...] | None:
    """A transform that maps was called, here or in the function, and some Variable is of hijax."""
    return hijax_held(e) if e.seen.transforms & {"pmap", "scan", "shard_map", "vmap"} else None


def closure_written(e: Evidence) -> tuple[str, ...] | None:
    """What the function reaches by closure is written."""
    return _written(e, inside=False)


def closure_written_inside(e: Evidence) -> tuple[str, ...] | None:
    """What the function of a transform in the body reaches by closure is written."""
    return _written(e, inside=True)


def _written(e: Evidence, inside: bool) -> tuple[str, ...] | None:
    """Such a write; where Python does not get to it, what is reached and of the class that is
    written: the trace of plain's own gradient forbids it, too, or a function does not run.
    """
    kinds: list[Observed] = ["captured-written"]
    forbidden = e.python is not None and traces_forbid(e.python)
    alike = forbidden and named_class(e.python) == named_class(e.error)
    if alike or is_of_another_run(e.error, e.seen.ran):
        kinds.append("captured")
    found = e.named_by_error(*kinds)
    return next((e.paths_of(o) for o in found if (o.depth > 0) == inside), None)


def traces_forbid(error: BaseException) -> bool:
    """Whether it says that a trace forbids a write; in plain Python, only the trace of a gradient
    can say so, of an object that is not the function's own.
    """
    return type(error).__name__ == "TraceContextError"


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


def written_by_jax(e: Evidence) -> tuple[str, ...] | None:
    """What a function of jax calls writes to what is not its own, in Python, too; the line."""
    if e.python is None or not traces_forbid(e.python):
        return None
    line = line_of_user(e.python)
    if line is None or line != line_of_user(e.error):
        return None
    return (f"{os.path.basename(line[0])}:{line[1]}",)


def traced(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code, or in a library that it calls."""
    return () if not raised_by_flax(e.error) else None


def raised_by_flax(error: BaseException) -> bool:
    """Whether the innermost frame that is not a library's is one of Flax."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        name = _module_of(frame)
        if name.partition(".")[0] == "flax":
            return True
        if not is_library(name):
            return False
    return False


def is_users_own(error: BaseException) -> bool:
    """Whether a `raise` of the user's code made it, and not for another exception; the one that is
    handled here was Flax's, before the run began.
    """
    others = {error.__cause__, error.__context__} - {None, sys.exc_info()[1]}
    if any(type(x).__name__ not in _OF_JAX for x in others):
        return False
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    if frames is None or is_library(_module_of(frames.tb_frame)):
        return False
    code = frames.tb_frame.f_code.co_code
    return code[frames.tb_lasti] == dis.opmap["RAISE_VARARGS"]


#: What jax hangs under an exception when it takes its own frames off the traceback.
_OF_JAX = ("UnfilteredStackTrace", "JaxStackTraceBeforeTransformation")


def line_of_user(error: BaseException) -> tuple[str, int] | None:
    """The innermost line of the user's code from which it came; None if it has none on its way."""
    frames = list(traceback.walk_tb(error.__traceback__))
    lines = [(f.f_code.co_filename, line) for f, line in frames if not is_library(_module_of(f))]
    return lines[-1] if lines else None


def _module_of(frame: types.FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def option(*names: str) -> Holds:
    """Some option holds an object of a class of this name."""
    return functools.partial(_option_with, lambda value: type(value).__name__ in names)


def devices_asked(e: Evidence) -> tuple[str, ...] | None:
    """An option of `jit` asks for a device, and a `shard_map` was called, which has a mesh."""
    asked = option("SingleDeviceSharding")(e)
    return asked if "shard_map" in e.seen.transforms else None


def variable_prefix(e: Evidence) -> tuple[str, ...] | None:
    """Some option holds a Variable in the place of an axis or another prefix."""
    return _option_with(nnx_api.is_variable, e)


def made_prefix(e: Evidence) -> tuple[str, ...] | None:
    """Some option holds what `nnx.prefix` made: a node in tree mode, a TreeState in the other."""
    return _option_with(_is_prefix, e)


def _option_with(is_wanted: Callable[[Any], bool], e: Evidence) -> tuple[str, ...] | None:
    """The option that holds such an object, of the call or of a transform in its body."""
    for where, _, options in _calls(e):
        for name, value in options.items():
            if any(is_wanted(leaf) for leaf in jax.tree.leaves(value, is_leaf=is_wanted)):
                return (f"{name}{where}",)
    return None


def _calls(e: Evidence) -> Iterator[tuple[str, tuple[Any, ...], Mapping[str, Any]]]:
    """The call and what its body asks for: where it is, the functions, and the options."""
    yield "", e.functions, e.options
    for transform, functions, options in e.seen.asked:
        yield f" of nnx.{transform} in the body", functions, options


def _is_prefix(value: Any) -> bool:
    return nnx_api.is_node(value) or type(value).__name__ == "TreeState"


def bound(e: Evidence) -> tuple[str, ...] | None:
    """Some function is a method that is bound to a node."""
    for function in (f for _, functions, _ in _calls(e) for f in functions):
        held = function if isinstance(function, tuple | list) else (function,)
        for one in held:
            while isinstance(one, functools.partial):
                one = one.func
            if nnx_api.is_node(getattr(one, "__self__", None)):
                return (getattr(one, "__qualname__", "it"),)
    return None


def two_prefixes(e: Evidence) -> tuple[str, ...] | None:
    """One Variable stands at two places, and options treat the two differently."""
    found = seen("inconsistent-axes")(e)
    if not str(e.error).startswith("Inconsistent"):
        return found
    asks = any(name in e.options for name in _PREFIXES) or e.transform in _OF_ARGUMENT_0
    if found is None and asks:
        found = shared_arguments(e)
    if found is None and e.transform == "scan":
        found = _emitted_carry(e)
    sides = [e.options.get(f"in_{name}") != e.options.get(f"out_{name}") for name in _SIDES]
    if found is None and any(sides):
        found = seen("argument-returned")(e)
    return found


def _emitted_carry(e: Evidence) -> tuple[str, ...] | None:
    """A trip of a `scan` returns an object of the carry as an output, too."""
    for observation in e.seen.of("argument-returned"):
        carried = [path for path in observation.paths if path.startswith("carry")]
        emitted = [path for path in observation.paths if path.startswith("ys")]
        if carried and emitted:
            return carried[0], emitted[0]
    return None


#: What makes the outputs of two branches differ, if one does it and the other does not.
_CHANGES: tuple[Observed, ...] = (
    "variable-replaced",
    "node-replaced",
    "state-rebuilt",
    "aval-changed",
    "argument-returned",
    "returned-twice",
)


def branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """Some branch changes the structure of an argument, or the results are of different types."""
    sides = e.branches
    for side in sides:
        changed = _changed_in_branch(e, side.seen)
        if changed is not None:
            return changed
    types = {_result_types(side) for side in sides}
    return ("its result",) if len(types) > 1 else None


def inner_branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """The same of a `cond` or a `switch` in the body."""
    inner = e._replace(arguments=())  # the paths are of its operands
    for branches in e.inner_branches():
        for observations, _ in branches:
            changed = _changed_in_branch(inner, observations)
            if changed is not None:
                return tuple(path.replace("args[", "operands[", 1) for path in changed)
        if len({_types(result) for _, result in branches}) > 1:
            return ("its result",)
    return None


def _changed_in_branch(e: Evidence, observations: plain.Observations) -> tuple[str, ...] | None:
    """The place of an argument whose structure or type a branch changes."""
    changed = structure_changed(e._replace(seen=observations))
    for kind in _CHANGES:
        for path in observations.paths(kind):
            changed = changed or (e.named(path),)
    return changed


def _types(result: Any) -> str:
    """The containers, shapes and dtypes of what a branch returns."""
    leaves, tree = jax.tree.flatten(result, is_leaf=is_holder)
    told = [
        type(x).__name__ if is_holder(x) else str(jax.api_util.shaped_abstractify(x))
        for x in leaves
    ]
    return f"{tree} {told}"


def _result_types(side: Side) -> tuple[Any, ...]:
    below = sorted((str(p), e) for p, e in side.world.items() if p[0] == "result")
    return tuple(
        (path, e.role, e.kind, e.array is not None and (e.array.shape, str(e.array.dtype)))
        for path, e in below
    )


def is_transform(*names: str) -> Holds:
    """The call, or one that its body asks for, is of one of these transforms."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        asked = (e.transform, *(transform for transform, _, _ in e.seen.asked))
        return next(((name,) for name in asked if name in names), None)

    return holds


def nested(*names: str) -> Holds:
    """A transform of one of these names was called, and another call stands around it or in it."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        met = tuple(name for name in names if name in e.seen.transforms)
        return met if met and e.seen.calls > 1 else None

    return holds


def loop_over_devices(e: Evidence) -> tuple[str, ...] | None:
    """A loop was called in a `shard_map`."""
    loops = nested("fori_loop", "scan", "while_loop")(e)
    return loops if "shard_map" in e.seen.transforms else None


def keyword_only(e: Evidence) -> tuple[str, ...] | None:
    """An argument was given by name that has no position: the function takes it by name only, or
    is a partial.  Of a transform in the body it is not known what is given by name.
    """
    found = _without_place(e.functions[0], e.keywords)
    for _, functions, _ in e.seen.asked:
        found = found or next(filter(None, (_without_place(f, ()) for f in functions)), ())
    return found or None


def _without_place(function: Any, keywords: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments given by name, and those that can only be, if one of them has no position."""
    if isinstance(function, functools.partial):
        return keywords
    parameters = inspect.signature(function).parameters
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    placed = {name for name, p in parameters.items() if p.kind in by_place}
    defaults = {n for n, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    every = tuple(dict.fromkeys((*keywords, *defaults)))
    return every if defaults | {*keywords} - placed else ()


#: The options that say of each argument how it is treated.
_PREFIXES = ("in_axes", "in_shardings", "argnums", "nondiff_argnums", "in_specs")

#: The options that say so of the arguments and of the result.
_SIDES = ("axes", "shardings", "specs")

#: The transforms that without such an option treat the first argument otherwise than the rest.
_OF_ARGUMENT_0 = ("grad", "value_and_grad")
