"""Where an exception comes from, who is to blame for it, and how it is told."""

import dis
import re
import sys
import traceback
import types
from typing import Any

from nnxfuzz.plain.libraries import is_library
from nnxfuzz.programs.errors import text_of


def traces_forbid(error: BaseException) -> bool:
    """Whether it says that a trace forbids a write; in plain Python, only the trace of a gradient
    can say so, of an object that is not the function's own.
    """
    return type(error).__name__ == "TraceContextError"


def written_object(error: BaseException) -> Any:
    """The object that a trace forbids to write to; None if no frame of Flax shows it."""
    if not traces_forbid(error):
        return None
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [f for f in frames if module_of(f) in _WRITING]
    return own[-1].f_locals.get("self") if own else None


#: Where Flax looks whether an object may be written to.
_WRITING = ("flax.nnx.variablelib", "flax.nnx.pytreelib", "flax.nnx.object")


def raised_at_a_write(error: BaseException) -> bool:
    """Whether it comes from where Flax writes, and not from a transform itself; up to 0.12.0 a
    stream looks for itself.
    """
    modules = {module_of(frame) for frame, _ in traceback.walk_tb(error.__traceback__)}
    return not modules.isdisjoint((*_WRITING, "flax.nnx.rnglib"))


def is_written_by_flax(error: BaseException) -> bool:
    """Whether it is Flax that writes there, as graph updates do, and neither the program nor a
    layer that it calls.
    """
    modules = [module_of(frame) for frame, _ in traceback.walk_tb(error.__traceback__)]
    inside = ("jax.", "flax.nnx.variablelib")
    writer = next((name for name in reversed(modules) if not name.startswith(inside)), "flax.")
    layers = ("flax.nnx.nn.", "flax.nnx.training.")
    return writer.startswith("flax.") and not writer.startswith(layers)


def may_differentiate(error: BaseException) -> bool:
    """Whether a function that was running names what differentiates, or what jax made."""
    return any(_names_of_jax(frame) for frame, _ in traceback.walk_tb(error.__traceback__))


def _names_of_jax(frame: types.FrameType) -> bool:
    """Whether a function names a function of jax that differentiates, or holds what jax made."""
    names = (*frame.f_code.co_names, *frame.f_code.co_varnames, *frame.f_code.co_freevars)
    if any(re.search("grad|vjp|jac|hessian|linear", name) for name in names):
        return True
    spaces = [frame.f_globals, frame.f_locals]
    spaces += [vars(held) for held in frame.f_locals.values() if hasattr(held, "__dict__")]
    held = (space.get(name) for space in spaces for name in names)
    return any(_is_made_by_jax(value) for value in held)


def _is_made_by_jax(value: Any) -> bool:
    """Whether it is a function that jax made of another one."""
    while callable(value) and hasattr(value, "__wrapped__"):
        code = getattr(value, "__code__", None)
        if code is not None and "traceback_util" in code.co_filename:
            return True
        value = value.__wrapped__
    return False


def raised_by_flax(error: BaseException) -> bool:
    """Whether the innermost frame that is not a library's is one of Flax."""
    for frame, _ in reversed(list(traceback.walk_tb(_first_raised(error).__traceback__))):
        name = module_of(frame)
        if name.partition(".")[0] == "flax":
            return True
        if not is_library(name):
            return False
    return False


def _first_raised(error: BaseException) -> BaseException:
    """What was raised first, where jax raises it again with the same words and other frames, as
    `jax.checkpoint` does; jax 0.4.35 makes a ConcretizationTypeError of each of its subclasses.
    """
    first = error.__context__
    again = isinstance(first, type(error)) and text_of(error).startswith(text_of(first))
    return first if first is not None and again else error


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
    if frames is None or is_library(module_of(frames.tb_frame)):
        return False
    code = frames.tb_frame.f_code.co_code
    return code[frames.tb_lasti] == dis.opmap["RAISE_VARARGS"]


#: What jax hangs under an exception when it takes its own frames off the traceback.
_OF_JAX = ("UnfilteredStackTrace", "JaxStackTraceBeforeTransformation")


def line_of_user(error: BaseException) -> tuple[str, int] | None:
    """The innermost line of the user's code from which it came; None if it has none on its way."""
    frames = list(traceback.walk_tb(error.__traceback__))
    lines = [(f.f_code.co_filename, line) for f, line in frames if not is_library(module_of(f))]
    return lines[-1] if lines else None


def module_of(frame: types.FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def are_alike(python: BaseException | None, error: BaseException) -> bool:
    """Whether Python fails as Flax does: with an exception of the same type, in the same line."""
    return (
        python is not None
        and type(python) is type(error)
        and not traces_forbid(error)
        and line_of_user(python) == line_of_user(error)
    )


def short(error: BaseException) -> str:
    first = next(iter(text_of(error).strip().splitlines()), "")
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
