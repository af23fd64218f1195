"""How a transform is called, and what it can be called with."""

import functools
import inspect
import re
import types
from typing import Any

import jax

from nnxfuzz import nnx_api
from nnxfuzz.checker.refusals.base import (
    Evidence,
    Holds,
    Reason,
    axes_of_mesh,
    calls_of,
    nested,
    seen,
    structure_changed,
    words,
)
from nnxfuzz.checker.refusals.statics import static_traced
from nnxfuzz.checker.tracebacks import raised_by_flax
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.arguments import numbers
from nnxfuzz.plain.deviations import FROZEN
from nnxfuzz.plain.frame import DERIVATIVES

_TRACER_ERRORS = (
    "ConcretizationTypeError",
    "TracerBoolConversionError",
    "TracerIntegerConversionError",
    "NonConcreteBooleanIndexError",
)


def devices_differ(e: Evidence) -> tuple[str, ...] | None:
    """The lists of devices that are named are those of meshes and shardings that were asked for, or
    of a `pmap` that was called: the first ones.
    """
    named = set(re.findall(r"device ids (\[[\d, ]*\])", str(e.error)))
    asked = [leaf for _, _, options in calls_of(e) for leaf in jax.tree.leaves(dict(options))]
    known = {str(ids) for ids in map(_devices, asked) if ids}
    if "pmap" in e.seen.transforms:
        known |= {str(list(range(n))) for n in range(1, jax.device_count() + 1)}
    return () if len(named) > 1 and named <= known else None


def _devices(asked: Any) -> list[int]:
    """The ids of the devices of a mesh or a sharding."""
    if isinstance(asked, jax.sharding.NamedSharding):
        return _devices(asked.mesh)
    if isinstance(asked, jax.sharding.Mesh):
        return [device.id for device in asked.devices.flat]
    return [d.id for d in asked.device_set] if isinstance(asked, jax.sharding.Sharding) else []


def traced(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code, or in a library that it calls."""
    return () if not raised_by_flax(e.error) else None


def needs_number(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code or in a library, of what is not static; in a gradient alone,
    where numbers can be asked for as in Python, of what can only be had of an array of numpy.
    """
    has_number = type(e.error).__name__ in _OF_NUMBERS and e.python is None
    if has_number and e.seen.transforms.union((e.transform,)) <= set(DERIVATIVES):
        return None
    return None if static_traced(e) else traced(e)


#: What is raised where a number is asked for that only a tracer of such a function has.
_OF_NUMBERS = ("TracerBoolConversionError", "TracerIntegerConversionError")


def only_traced(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code or in a library, and not where the arrays have numbers."""
    return needs_number(e) if e.python is None else None


def unknown_names(e: Evidence) -> tuple[str, ...] | None:
    """Names and positions in options of `jit` for which the function has no parameter."""
    try:
        parameters = inspect.signature(e.functions[0]).parameters.values()
    except (TypeError, ValueError, IndexError):
        return None
    kinds = [p.kind for p in parameters]
    names, size = {p.name for p in parameters}, len(kinds)
    found: list[str] = []
    for kind in ("static", "donate"):
        argnames, argnums = e.options.get(f"{kind}_argnames"), e.options.get(f"{kind}_argnums")
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            asked = (argnames,) if isinstance(argnames, str) else argnames or ()
            found += [name for name in asked if name not in names]
        if inspect.Parameter.VAR_POSITIONAL not in kinds:
            found += [str(k) for k in numbers(argnums) if not -size <= k < size]
    return tuple(found) or None


def is_transform(*names: str) -> Holds:
    """The call, or one that its body asks for, is of one of these transforms."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        asked = (e.transform, *(transform for transform, _, _ in e.seen.asked))
        return next(((name,) for name in asked if name in names), None)

    return holds


def bound(e: Evidence) -> tuple[str, ...] | None:
    """Some function is a method that is bound to a node."""
    for function in (f for _, functions, _ in calls_of(e) for f in functions):
        held = function if isinstance(function, tuple | list) else (function,)
        for one in held:
            while isinstance(one, functools.partial):
                one = one.func
            if nnx_api.is_node(getattr(one, "__self__", None)):
                return (getattr(one, "__qualname__", "it"),)
    return None


def untransformed(transform: str, functions: tuple[Any, ...]) -> str:
    """The name of the function of a `cached_partial` that no transform has made, so that it runs as
    it is; else "".
    """
    function = functions[0] if transform == "cached_partial" and functions else None
    if not isinstance(function, types.FunctionType):
        return ""
    return "" if hasattr(function, "__wrapped__") else function.__qualname__


def is_untransformed(e: Evidence) -> tuple[str, ...] | None:
    """The function of the call is one that no transform has made."""
    name = untransformed(e.transform, e.functions)
    return (name,) if name else None


def cached_changed(e: Evidence) -> tuple[str, ...] | None:
    """The body makes, drops or changes something in an argument, or puts another object there."""
    return structure_changed(e) or seen("variable-replaced", "node-replaced")(e)


def pmap_in_a_mesh(e: Evidence) -> tuple[str, ...] | None:
    """The axes of the mesh that is set around a `pmap`."""
    has_pmap = "pmap" in {e.transform, *e.seen.transforms}
    return axes_of_mesh() or None if has_pmap else None


def metadata_changed(e: Evidence) -> tuple[str, ...] | None:
    """The function of a `jit_partial`, which alone says so, changes the metadata of a Variable."""
    changed = (o for o in e.named_by_error("structure-changed") if o.transform == "jit_partial")
    told = (o for o in changed if re.match(r"\[.*\] -> \[", o.detail))
    return next(map(e.paths_of, told), None)


def keyword_only(e: Evidence) -> tuple[str, ...] | None:
    """An argument was given by name that has no position: the function takes it by name only, or
    is a partial.  Of a transform in the body it is not known what is given by name.  `nnx.jit`
    takes arguments by name.
    """
    given = [(f, e.keywords) for f in e.functions[:1] if e.transform != "jit"]
    given += [(f, ()) for name, functions, _ in e.seen.asked for f in functions if name != "jit"]
    return next(filter(None, (_without_place(f, keywords) for f, keywords in given)), None)


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


def pmap_in_pmap(e: Evidence) -> tuple[str, ...] | None:
    """A `pmap` is called in the function of another."""
    return ("pmap",) if any(path.count("pmap") > 1 for path in e.seen.nestings) else None


REASONS: tuple[Reason, ...] = (
    Reason(
        "devices-differ",
        "what the function asks for is on different devices",
        (words("ValueError", "^Received incompatible devices for jitted computation"),),
        devices_differ,
        "the error's own text (jax, which compiles a function for one list of devices)",
        "ask for meshes and shardings of the same devices",
    ),
    Reason(
        "tracer-as-number",
        "the function needs the number of a traced array (a branch, an index or a conversion in "
        "Python)",
        tuple(words(name, "") for name in _TRACER_ERRORS),
        needs_number,
        "docs.jax.dev/en/latest/errors.html",
        "use nnx.cond, or make the argument static",
    ),
    Reason(
        "tracer-as-number",
        "the function gives a traced array to numpy, which needs its numbers",
        (words("TracerArrayConversionError", ""),),
        needs_number,
        "docs.jax.dev/en/latest/errors.html",
        "compute with jax.numpy, or in a jax.pure_callback",
    ),
    Reason(
        "tracer-as-number",
        "the function asks a traced array for what it does not have (a number for a size, a slice "
        "or a text; a device to wait for)",
        (
            words("TypeError", "Shapes must be 1D sequences of concrete values"),
            words("TypeError", r"unsupported format string passed to \w*Tracer"),
            words("TypeError", r"parameters to jaxpr equations must have __hash__"),
            words(
                "IndexError", "Array slice indices must have static|Slice entries must be static"
            ),
            words("AttributeError", "is not available on traced array"),
            words("AttributeError", r"^'?\w*Tracer'? object has no attribute"),
        ),
        only_traced,
        'docs.jax.dev/en/latest/errors.html; docs.jax.dev, "Common Gotchas in JAX": shapes have to '
        "be known while tracing",
        "make the size static, or keep the size and use jax.lax.dynamic_slice or a mask",
    ),
    Reason(
        "unknown-parameter",
        "the function has no parameter {}, which an option names",
        (
            words("ValueError", "has invalid (argnames|static_arg|donate_arg|argnums)"),
            words("ValueError", r"^Jitted function has (static|donate)_argnums=.*, but only acc"),
        ),
        unknown_names,
        "the error's own text (`_validate_argnames`, `_validate_argnums` in jax/_src/api_util.py)",
        "name a parameter of the function",
    ),
    Reason(
        "devices-in-devices",
        "{} stands in a pmap, and so each of its lanes needs a device of its own there",
        (
            words(
                "ValueError", r"^compiling computation that requires \d+ logical devices, but only"
            ),
        ),
        pmap_in_pmap,
        "docstring of `jax.pmap` (jax 0.7.1): of nested calls the product of the sizes of the "
        "mapped axes must not be larger than the number of devices",
        "map the inner axis with nnx.vmap",
    ),
    Reason(
        "mesh-in-mesh",
        "{} stands in a call over devices, or has one in it",
        (words("ValueError", "context mesh .* should match the mesh passed to shard_map"),),
        nested("shard_map", "pmap"),
        "the error's own text (`jax.shard_map`): what is manual already is none to shard over",
        "use one shard_map over all axes of the mesh",
    ),
    Reason(
        "mesh-in-mesh",
        "a mesh with the axis {} is set, and pmap shards over a mesh of its own",
        (words("ValueError", "context mesh .* should match the mesh passed to shard_map"),),
        pmap_in_a_mesh,
        "the error's own text (`jax.shard_map`, by which `jax.pmap` works from jax 0.8 on)",
        "call it where no mesh is set, or use nnx.shard_map",
    ),
    Reason(
        "bound-method",
        "{} is bound to a module",
        (w.BOUND,),
        bound,
        "the error's own text; tests/nnx/transforms_test.py: `TestBoundMethodTransforms`",
        "pass the unbound method, and the module as an argument",
    ),
    Reason(
        "graph-updates-only",
        "{} works with graph updates only",
        (words("ValueError", "graph-mode-only API and requires graph_updates"),),
        is_transform("cached_partial"),
        "the error's own text; docstring of `nnx.cached_partial`: it caches the graph traversal",
        "call the transformed function itself, or use graph updates",
        FROZEN,
    ),
    Reason(
        "cached-untransformed",
        "{} is a function that no transform of NNX has made, and cached_partial takes those alone",
        (words("ValueError", "tmp_static_cache should be None, no context consumed it"),),
        is_untransformed,
        'docstring of `nnx.cached_partial`: "Create a partial from a NNX transformed function"',
        "give it nnx.jit of the function",
        ("graph",),
    ),
    Reason(
        "cached-structure",
        "the function leaves another structure at {}, which cached_partial holds",
        (words("ValueError", "graph structure of a node added to cached_partial was mutated"),),
        cached_changed,
        "docstring of `nnx.cached_partial`: the final structure must be the same after each call",
        "pop what is sown, or call the transformed function itself",
        ("graph",),
    ),
    Reason(
        "no-graph-updates",
        "{} works without graph updates only",
        (
            words("NotImplementedError", "with graph_updates is not supported for"),
            words("NotImplementedError", "graph_updates=True is not supported for"),
            words("ValueError", "`graph_updates` not supported by"),
        ),
        is_transform("vjp", "jvp", "jit_partial", "with_rngs"),
        "the error's own text; the examples of `nnx.vjp` and `nnx.jvp` have graph=False",
        "call it with graph_updates=False or graph=False",
        ("graph",),
    ),
    Reason(
        "keyword-arguments",
        "the function takes {} by name, and the transform needs a position for each argument",
        (words("TypeError", "keyword arguments could not be resolved to positions"),),
        keyword_only,
        "the error's own text; `resolve_kwargs` in flax/nnx/transforms/transforms.py",
        "make it positional, or bind it before with functools.partial",
        ("graph",),
    ),
    Reason(
        "static-not-given",
        "{} is static and not given by position",
        (words("ValueError", "`static_argnums` argument to `jax.checkpoint` .* less than"),),
        seen("static-not-given"),
        "the error's own text (`_remat_static_argnums` in jax/_src/ad_checkpoint.py); with graph "
        "updates `nnx.remat` fills defaults in (`resolve_kwargs`)",
        "give it by position",
        FROZEN,
    ),
    Reason(
        "variable-not-partial",
        "{} is a Variable, and jit_partial was not given it with the first arguments",
        (words("ValueError", "^Found Variable in non-partial arguments"),),
        seen("not-given-first"),
        'the error\'s own text: "jit_partial only supports Variables in partial arguments"',
        "give it to nnx.jit_partial as well, or call nnx.jit",
        FROZEN,
    ),
    Reason(
        "metadata-in-jit",
        "the function changes the metadata of {}",
        (words("ValueError", "^Variable metadata changed inside jit at path"),),
        metadata_changed,
        'the error\'s own text: "Changing Variable metadata inside jit is not supported."',
        "set it before the call",
        FROZEN,
    ),
)
