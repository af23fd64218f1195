"""Where in the user's code a call stands: the file and line of the nearest frame of theirs that is
not a decorator's.
"""

import inspect
import linecache
import os
import sys
from pathlib import Path, PurePath
from types import FrameType
from typing import NamedTuple

#: Packages whose frames are between a call and the user's code.
_BETWEEN = frozenset({"nnxfuzz", "flax", "jax", "jaxlib", "functools", "contextlib", "runpy"})


class Site(NamedTuple):
    """A place of the user's code; `text` is the line as it stands there."""

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}"


def shown(file: str) -> str:
    """A file relative to the working directory, where it is below that."""
    path = Path(file)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else file


def caller() -> Site:
    """The site of the call that is being made now."""
    own = _nearest(sys._getframe(1))
    frame = own
    while frame is not None and _hands_on(frame):  # one line for all that it decorates says little
        frame = _nearest(frame.f_back)
    frame = frame or own
    if frame is None:
        return Site("<unknown>", 0)
    file, line = frame.f_code.co_filename, frame.f_lineno
    return Site(os.path.abspath(file) if PurePath(file).suffix else file, line, _text(file, line))


def _text(file: str, line: int) -> str:
    return linecache.getline(file, line).strip()


def _nearest(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of the user's."""
    while frame is not None and _is_between(frame):
        frame = frame.f_back
    return frame


def _hands_on(frame: FrameType) -> bool:
    """Whether it is of the function that a decorator makes, which hands on whatever it is given to
    a function that it reaches by closure.
    """
    code = frame.f_code
    takes_all = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_NESTED
    named = code.co_argcount + code.co_kwonlyargcount
    return code.co_flags & takes_all == takes_all and not named and bool(code.co_freevars)


def _is_between(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return name in _BETWEEN
