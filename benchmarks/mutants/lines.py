"""Which lines of Flax's loops run: a mutant cannot matter to a run that never comes to its line.

Imports nothing that imports Flax, because `python -m mutants.lines` tells which lines run while
Flax is imported (a change to those may matter to every run).
"""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from mutants.files import FILES

#: Lines are numbers: those of the second file begin at 100,000, and so on.
_APART = 100_000


def installed() -> Path:
    """The folder of the Flax that would be imported."""
    spec = find_spec("flax")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def numbered(file: str, line: int) -> int:
    """A line of one of the files, as a number."""
    return list(FILES).index(file) * _APART + line


class Lines:
    """Collects lines of the files while it is watching, in all threads that start then."""

    def __init__(self) -> None:
        flax = installed()
        self.offsets = {str(flax / FILES[name]): numbered(name, 0) for name in FILES}
        self.seen: set[int] = set()

    @contextmanager
    def watching(self) -> Iterator[set[int]]:
        """The lines that run inside of the `with`."""
        seen: set[int] = set()
        self.seen = seen
        threading.settrace(self._call)
        sys.settrace(self._call)
        try:
            yield seen
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename not in self.offsets:
            return None
        return self._line(frame, event, arg)

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.seen.add(self.offsets[frame.f_code.co_filename] + frame.f_lineno)
        return self._line


def at_import() -> list[int]:
    """The lines that run while Flax is imported."""
    with Lines().watching() as seen:
        import flax.nnx  # noqa: F401
    return sorted(seen)


if __name__ == "__main__":
    print(json.dumps(at_import()))
