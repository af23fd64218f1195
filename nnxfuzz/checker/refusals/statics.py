"""What is static, and where a function got a tracer for it."""

import dis
import functools
import inspect
import traceback
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

import jax

from nnxfuzz import nnx_api
from nnxfuzz.checker.forms import codes_of
from nnxfuzz.checker.refusals.base import Evidence, Reason


def static_traced(e: Evidence) -> bool:
    """Whether the function of the call that raised was given a tracer for what is static: for a
    static argument, for a number that a `functools.partial` has, or for a static number of a
    module.  Then the program is not to blame that it needs the number.
    """
    own = codes_of(e.functions)
    frames = [frame for frame, _ in traceback.walk_tb(e.error.__traceback__)]
    frame = next((frame for frame in frames if frame.f_code in own), None)
    if frame is None:
        return False
    given = dict(_parameters(frame.f_code, frame.f_locals))
    bound = [name for f in _partials(e.functions, frame.f_code) for name in _bound_numbers(f)]
    static = {name for name in (*e.static, *bound) if name in given}
    if any(isinstance(given[name], jax.core.Tracer) for name in static):
        return True
    if e.seen.of("structure-changed"):
        return False  # the function may have put it there itself
    first = 1 if e.transform == "fori_loop" else 0
    held = dict(zip(e.arguments, list(given.values())[first:], strict=False))
    return any(isinstance(value, jax.core.Tracer) for value in _static_numbers(e, held))


def in_its_words(e: Evidence, reason: Reason, paths: tuple[str, ...]) -> Reason:
    """A reason about what a function reaches by closure, as it is told of what a static argument
    holds: a trainer that is the static `self` of its own step.
    """
    roots = {path.partition(".")[0].partition("[")[0] for path in paths}
    if "by closure" not in reason.told or e.static.isdisjoint(roots):
        return reason
    told = reason.told.replace("by closure", "by a static argument")
    return reason._replace(told=told, way_out=f"{reason.way_out} that is not static")


def _parameters(code: CodeType, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parameters of a function and what they are now; None for those that it assigns."""
    assigned = {i.argval for i in dis.get_instructions(code) if i.opname in _ASSIGNS}
    count = code.co_argcount + code.co_kwonlyargcount
    for name in code.co_varnames[:count]:
        yield name, None if name in assigned else values.get(name)


_ASSIGNS = ("STORE_FAST", "STORE_DEREF", "DELETE_FAST", "DELETE_DEREF")


def _partials(functions: Any, code: CodeType) -> Iterator[functools.partial[Any]]:
    """The partials of a function with this code among the functions of the call."""
    for function in functions:
        if isinstance(function, tuple | list):
            yield from _partials(function, code)
        elif isinstance(function, functools.partial):
            held = inspect.unwrap(function.func)
            if getattr(held, "__code__", None) is code:
                yield function


def _bound_numbers(f: functools.partial[Any]) -> Iterator[str]:
    """The names of the parameters for which a partial has a number."""
    names = inspect.unwrap(f.func).__code__.co_varnames
    bound = dict(zip(names, f.args, strict=False)) | f.keywords
    yield from (name for name, value in bound.items() if isinstance(value, int | float))


def _static_numbers(e: Evidence, held: Mapping[str, Any]) -> Iterator[Any]:
    """What the function has where a module of an argument has a number as a static attribute."""
    for path, entry in e.before.entries.items():
        root, *steps = path
        if root != "caller" or entry.role != "static" or entry.kind not in ("bool", "int", "float"):
            continue
        ends = range(len(path) - 1, 1, -1)
        end = next((k for k in ends if nnx_api.is_node(e.before.objects.get(path[:k]))), None)
        if end and nnx_api.marks(e.before.objects[path[:end]]).get(str(path[end])) is False:
            yield _at(held.get(str(steps[0])), steps[1:])


def _at(value: Any, steps: list[Any]) -> Any:
    """What stands there; None if nothing does."""
    for step in steps:
        if nnx_api.is_node(value):
            value = nnx_api.attributes(value).get(str(step))
        elif isinstance(value, tuple | list | dict):
            try:
                value = value[step]
            except (IndexError, KeyError, TypeError):
                return None
        else:
            return None
    return value
