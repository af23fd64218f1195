"""Where in the user's code a call stands: the file and line of the nearest frame of theirs."""

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
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_between(frame):
        frame = frame.f_back
    if frame is None:
        return Site("<unknown>", 0)
    file, line = frame.f_code.co_filename, frame.f_lineno
    return Site(os.path.abspath(file) if PurePath(file).suffix else file, line, _text(file, line))


def _text(file: str, line: int) -> str:
    return linecache.getline(file, line).strip()


def _is_between(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return name in _BETWEEN
