"""How a transform is called, and what it can be called with."""

import functools
import inspect
from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.checker.refusals.base import (
    FLIP,
    Evidence,
    Holds,
    Reason,
    calls_of,
    nested,
    option,
    seen,
    structure_changed,
    words,
)
from nnxfuzz.checker.tracebacks import raised_by_flax
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.deviations import FROZEN

_TRACER_ERRORS = (
    "ConcretizationTypeError",
    "TracerBoolConversionError",
    "TracerArrayConversionError",
    "TracerIntegerConversionError",
    "NonConcreteBooleanIndexError",
)


def devices_asked(e: Evidence) -> tuple[str, ...] | None:
    """An option of `jit` asks for a device, and a `shard_map` was called, which has a mesh."""
    asked = option("SingleDeviceSharding")(e)
    return asked if "shard_map" in e.seen.transforms else None


def traced(e: Evidence) -> tuple[str, ...] | None:
    """Raised in the user's own code, or in a library that it calls."""
    return () if not raised_by_flax(e.error) else None


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


def cached_changed(e: Evidence) -> tuple[str, ...] | None:
    """The body makes, drops or changes something in an argument, or puts another object there."""
    return structure_changed(e) or seen("variable-replaced", "node-replaced")(e)


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


REASONS: tuple[Reason, ...] = (
    Reason(
        "devices-differ",
        "{} asks for other devices than a shard_map in the function has",
        (words("ValueError", "^Received incompatible devices for jitted computation"),),
        devices_asked,
        "the error's own text (jax, which compiles a function for one list of devices)",
        "ask for a sharding of the same mesh",
    ),
    Reason(
        "tracer-as-number",
        "the function needs the number of a traced array (a branch, an index or a conversion in "
        "Python)",
        tuple(words(name, "") for name in _TRACER_ERRORS),
        traced,
        "docs.jax.dev/en/latest/errors.html",
        "use nnx.cond, or make the argument static",
    ),
    Reason(
        "while-loop-backwards",
        "the function is differentiated in reverse, and has a {}",
        (words("ValueError", "Reverse-mode differentiation does not work for lax.while_loop"),),
        nested("while_loop", "fori_loop"),
        "docstring of `jax.lax.while_loop`: it is not reverse-mode differentiable; the error's own "
        "text names `fori_loop` with bounds that are traced",
        "use nnx.scan, or nnx.fori_loop with bounds that are numbers of Python, or nnx.jvp",
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
            words("ValueError", "`graph_updates` not supported by"),
        ),
        is_transform("vjp", "jvp", "jit_partial"),
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
        "gradient-by-all",
        "without graph updates the gradient is by all Variables, and {} holds no floats",
        (words("TypeError", "grad requires real- or complex-valued inputs"),),
        seen("not-differentiable"),
        f'{FLIP}, `nnx.grad`: "The first argument will no longer be differentiated w.r.t. to '
        '`Param`s only"',
        "split the model with nnx.split(model, nnx.Param, ...), and merge it in the function",
        FROZEN,
    ),
    Reason(
        "metadata-in-jit",
        "the function changes the metadata of {}",
        (words("ValueError", "^Variable metadata changed inside jit at path"),),
        structure_changed,
        'the error\'s own text: "Changing Variable metadata inside jit is not supported."',
        "set it before the call",
        FROZEN,
    ),
)
