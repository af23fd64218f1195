"""`plain`'s loops in the place of Flax's: a release without a single bug.

Under them the fuzzer must find nothing, and a planted bug over them (`planted`) is the only thing
there is to find.  They work on whatever the objects hold, tracers included, so all executors run
them.  What they cannot do is decide on a traced value: a loop whose bounds or `until` are traced
needs the eager executor (`decidable` tells).
"""

import functools
import traceback
import types
from collections.abc import Callable
from typing import Any

from nnxfuzz import plain
from nnxfuzz.programs.case import Case
from nnxfuzz.runners.loops import Loops


def decidable(case: Case) -> bool:
    """Whether a Python loop can be traced over `case`: nothing that is traced decides on a trip."""
    return case.loop.bounds == "static" and case.loop.until is None


def clean_loops() -> Loops:
    """The three loops, each call in the mode that it asks for."""
    return {name: asked(plain.TRANSFORMS[name]) for name in ("fori_loop", "while_loop", "scan")}


def asked(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, and what it returns if that is a function, under the meaning "asked".

    Numbers stay numbers: a traced one could not decide on a trip.
    """

    @functools.wraps(f)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            with plain.meaning("asked"), plain.numpy_kept():
                out = f(*args, **kwargs)
        except (ValueError, TypeError) as error:
            if not _refused(error):
                raise
            raise error.with_traceback(None) from None
        decorated = isinstance(out, types.FunctionType | functools.partial)
        return asked(out) if decorated else out

    return called


def _refused(error: BaseException) -> bool:
    """Whether `plain` refuses the call: as a transform does, which is no failure of nnxfuzz."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__")).startswith("nnxfuzz.plain")
