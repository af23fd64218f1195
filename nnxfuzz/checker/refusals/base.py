"""What is known of a call that was refused, and what a documented reason consists of.

Each function here says whether something holds, and of which paths.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
from flax import nnx

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.naming import is_about
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.oracle.contract.naming import the_call
from nnxfuzz.oracle.contract.records import Wording
from nnxfuzz.oracle.verdict import World
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import Tried
from nnxfuzz.plain.picture import is_below
from nnxfuzz.programs.case import MODES, Mode
from nnxfuzz.programs.versions import version


class Evidence(NamedTuple):
    """What is known of a call that was refused.

    `before` is a walk over what the caller held.
    """

    before: Walk
    #: What the plain run leaves.
    world: World
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
    #: The names of those that the options make static; none of a call program.
    static: frozenset[str]
    #: The plain runs of each branch of a `cond` or a `switch`.
    branches: list[Side]
    #: Of each `cond` and `switch` in the body: what its branches show and return in Python.
    inner_branches: Callable[[], Tried]
    #: Where something that is none of Flax's holds a tracer.
    leaked: tuple[str, ...]
    #: Whether `before` is a walk over the very objects that Flax's call was given.
    live: bool

    def paths_of(self, observation: plain.Observation) -> tuple[str, ...]:
        """The paths of an observation; those of a transform in the body are of its arguments."""
        paths = observation.paths
        return paths if observation.depth else tuple(self.named(path) for path in paths)

    def named_by_error(self, *kinds: Observed) -> Iterator[plain.Observation]:
        """The observations of these kinds that are about what the message names."""
        for kind in kinds:
            yield from (o for o in self.seen.of(kind) if is_about(o, self.error))

    def only(self, keep: Callable[[plain.Observation], bool]) -> "Evidence":
        """What is known of the call, of what was observed that alone which is to be kept."""
        return self._replace(seen=self.seen.only(keep))

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
    modes: tuple[Mode, ...] = MODES


def words(error: str, pattern: str) -> Wording:
    """A wording of which `Holds` says which objects it is about."""
    return Wording(error, pattern, the_call)


#: What a loop says of a carry that is not what it was.
CARRY = (w.REFERENCE_STRUCTURE, w.CARRY_REFERENCES, w.IDENTITY, w.TREES, w.JAX_STRUCTURE)

FLIP = "docs_nnx/flip/5310-tree-mode-nnx.md"

LOOPS = "docstrings of `nnx.fori_loop`, `nnx.while_loop` and `nnx.scan`"


def seen(*kinds: Observed) -> Holds:
    """The plain run made an observation of one of these kinds, which the message is about; its
    paths.
    """

    def holds(e: Evidence) -> tuple[str, ...] | None:
        return next(map(e.paths_of, e.named_by_error(*kinds)), None)

    return holds


def up_to(release: str, holds: Holds) -> Holds:
    """The same, in releases of Flax up to this one: later ones do not refuse it any more."""
    return lambda e: holds(e) if nnx_api.release() <= version(release) else None


def structure_changed(e: Evidence) -> tuple[str, ...] | None:
    """The body makes, drops or changes something; the path of what is new, if anything is, or of
    the outermost that is gone.
    """
    found = list(e.named_by_error(*STRUCTURE))
    outermost = min((o.depth for o in found), default=0)
    paths = {p: o.detail for o in found if o.depth == outermost for p in e.paths_of(o)}
    new = [path for path, detail in paths.items() if detail == "it is new"]
    gone = [path for path, detail in paths.items() if detail == "it is gone"]
    deepest = [p for p in paths if not any(is_below(other, p) for other in paths)]
    chosen = sorted(new, key=len)[:1] or sorted(gone, key=len)[:1] or deepest[:1]
    return tuple(path.removesuffix(" containers") for path in chosen) or None


#: What the plain run notes of a body that changes the structure of an argument.
STRUCTURE: tuple[Observed, ...] = ("structure-changed", "variable-made")


def variables_with(
    is_wanted: Callable[[Any], bool], e: Evidence, *roots: str
) -> tuple[str, ...] | None:
    """The paths of such Variables that are given or reached by closure, if there are any; below
    these roots alone, if some are named.
    """
    known = {path: v for path, v in e.before.objects.items() if nnx_api.is_variable(v)}
    found = {path: v for path, v in known.items() if not roots or path[0] in roots}
    return tuple(name_of(path) for path, v in found.items() if is_wanted(v)) or None


def nested(*names: str) -> Holds:
    """A transform of one of these names was called, and another call stands around it or in it."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        met = tuple(name for name in names if name in e.seen.transforms)
        return met if met and e.seen.calls > 1 else None

    return holds


def option(*names: str) -> Holds:
    """Some option holds an object of a class of this name."""
    return functools.partial(option_with, lambda value: type(value).__name__ in names)


def option_with(is_wanted: Callable[[Any], bool], e: Evidence) -> tuple[str, ...] | None:
    """The option that holds such an object, of the call or of a transform in its body."""
    for where, _, options in calls_of(e):
        for name, value in options.items():
            if any(is_wanted(leaf) for leaf in jax.tree.leaves(value, is_leaf=is_wanted)):
                return (f"{name}{where}",)
    return None


def calls_of(e: Evidence) -> Iterator[tuple[str, tuple[Any, ...], Mapping[str, Any]]]:
    """The call and what its body asks for: where it is, the functions, and the options."""
    yield "", e.functions, e.options
    for transform, functions, options in e.seen.asked:
        yield f" of nnx.{transform} in the body", functions, options


def axes_of_mesh() -> tuple[str, ...]:
    """The axes of the mesh that is set now; none if this jax sets none."""
    mesh = getattr(jax.sharding, "get_abstract_mesh", lambda: None)()
    return () if mesh is None else tuple(mesh.axis_names)
