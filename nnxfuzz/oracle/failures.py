"""An exception -> whose failure it is, and a `Failure`: its type, its text, the function of Flax.

Flax calls our body functions and they call Flax, so both are on most tracebacks.  Only the
innermost frame decides.  Frames of the standard library and of numpy work for whoever called them.

The innermost function of Flax (not of jax, not of ours) is where a failure "is" for a signature:
it stays the same when a message is reworded, a file renamed or jax moves a line.
"""

import dis
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from types import FrameType
from typing import Literal

from nnxfuzz.oracle.verdict import Failure
from nnxfuzz.plain.libraries import PROGRAMS
from nnxfuzz.programs import user
from nnxfuzz.programs.live.body import BodyRaised

#: Whose failure an exception is: of the generated program itself, of Flax, of jax, of nnxfuzz,
#: or of some other code, such as optax or a transform that a test puts in the place of Flax's.
Origin = Literal["body", "flax", "jax", "ours", "other"]

_PACKAGES: dict[str, Origin] = {"flax": "flax", "jax": "jax", "jaxlib": "jax", "nnxfuzz": "ours"}

#: Packages that raise what their callers are to blame for.
_TOOLS = frozenset({*sys.stdlib_module_names, "numpy", "ml_dtypes", "msgspec"}) - {"__main__"}

#: More frames than this are of a recursion in Python, and not in the extension modules of jax.
_DEEP = 300

_COMPREHENSION = re.compile(r"\.<locals>\.<(list|set|dict)comp>")


def origin(error: BaseException) -> Origin:
    """Whose failure `error` is; reads its traceback.

    A RecursionError is raised wherever the limit is met: where a function stands on the traceback
    again and again, it is whose frames are the most.
    """
    if isinstance(error, BodyRaised):
        return "body"
    frames = list(_frames(error))
    owners = [owner for frame in frames if (owner := _owner(frame)) is not None]
    if isinstance(error, RecursionError) and len(frames) > _DEEP:
        return Counter(owners).most_common(1)[0][0] if owners else "other"
    return owners[-1] if owners else "other"


def failure_of(error: BaseException) -> Failure:
    """The failure that `error` is, with the innermost function of Flax.

    jax says where a function stands; a find is read on other machines, so the folder is left out.
    """
    message = _FOLDERS.sub("", str(error))
    return Failure(type(error).__name__, message, _innermost(error, "flax"))


#: The folders of this machine in which a package stands, at the beginning of a path.
_FOLDERS = re.compile(r"(?<![\w:/.])(?:/[^\s/:]+)+/(?=(?:nnxfuzz|flax|jax)/)")


def fault_name(error: BaseException) -> str:
    """The name of a failure of ours: `KeyError in Builder.held`; equal for the same mistake."""
    owners: tuple[Origin, ...] = ("ours", "other") if is_own_fault(error) else ("ours",)
    return f"{type(error).__name__} in {_innermost(error, *owners) or 'an unknown place'}"


def is_own_fault(error: BaseException) -> bool:
    """Whether a plain run failed by a mistake of ours: the innermost frame is of nnxfuzz, and it is
    no `raise`, by which `plain` refuses what has no meaning.

    No mistake of ours is a call of the program's function with arguments that it does not take.
    Where jax has taken its own frames off the traceback, one of them may have been the innermost.
    """
    told = [*getattr(error, "__notes__", ()), type(error.__cause__).__name__]
    if any("JAX has removed" in text or text == "UnfilteredStackTrace" for text in told):
        return False
    if type(error).__module__.startswith("jax") or isinstance(error, RecursionError):
        return False
    if isinstance(error, TypeError) and _NO_SUCH_ARGUMENT.search(str(error)):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or _owner(trace.tb_frame) == "body":
        return False
    module = str(trace.tb_frame.f_globals.get("__name__", ""))
    raises = trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
    return module.startswith("nnxfuzz.") and not module.startswith(PROGRAMS) and not raises


#: What Python says of a call that does not fit the function.
_NO_SUCH_ARGUMENT = re.compile(r"\(\) (takes|got|missing) ")


def traceback_text(error: BaseException) -> str:
    """The whole traceback as text."""
    return "".join(traceback.format_exception(error)).rstrip()


def _innermost(error: BaseException, *owners: Origin) -> str:
    """The qualified name within its file, such as `WhileLoopBodyFn.__call__`; or nothing.

    Up to Python 3.11 a comprehension is a function of its own, later a part of the one around it.
    """
    names = [frame.f_code.co_qualname for frame in _frames(error) if _owner(frame) in owners]
    return _COMPREHENSION.sub("", names[-1]) if names else ""


def _frames(error: BaseException) -> Iterator[FrameType]:
    """From the outermost to the innermost.

    jax takes its own frames out of a traceback unless it is told not to, and then hangs the whole
    one under the exception.
    """
    yield from (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    cause = error.__cause__
    if type(cause).__name__ == "UnfilteredStackTrace" and cause is not None:
        yield from (frame for frame, _ in traceback.walk_tb(cause.__traceback__))


def _owner(frame: FrameType) -> Origin | None:
    """Whose code a frame runs; None for a tool's."""
    module = str(frame.f_globals.get("__name__", ""))
    if module == user.__name__:
        return "body"
    if module.startswith("nnxfuzz.plain."):  # it stands in the place of Flax's transforms
        return "other"
    package = module.partition(".")[0]
    return None if package in _TOOLS else _PACKAGES.get(package, "other")
