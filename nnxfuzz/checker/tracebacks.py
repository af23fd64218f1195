"""Where an exception comes from, who is to blame for it, and how it is told."""

import dis
import sys
import traceback
import types

from nnxfuzz.plain.libraries import is_library


def traces_forbid(error: BaseException) -> bool:
    """Whether it says that a trace forbids a write; in plain Python, only the trace of a gradient
    can say so, of an object that is not the function's own.
    """
    return type(error).__name__ == "TraceContextError"


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
    again = isinstance(first, type(error)) and str(error).startswith(str(first))
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
    first = next(iter(str(error).strip().splitlines()), "")
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def is_inconsistent(error: BaseException | None) -> bool:
    """Whether it is what plain raises, in Flax's words, for options that ask two things of one
    object (`Slices.refuse_meaningless`).
    """
    return type(error) is ValueError and str(error).startswith("Inconsistent aliasing detected.")
