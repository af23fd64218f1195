"""Plain runs of a program that serve several modes.

Python's own meaning has no modes.  But a few transforms of `plain` ask for the mode even then: with
graph updates a gradient has another form, and keyword arguments have other places.  What a run asks
tells for which modes it holds.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from nnxfuzz.plain.modes import noting_what_is_asked
from nnxfuzz.programs.case import Mode

T = TypeVar("T")


class Shared:
    """Runs of one program in Python's own meaning, each made once."""

    def __init__(self) -> None:
        #: By what was run, and the mode, or whether that has graph updates, or None for any mode.
        self._kept: dict[tuple[Hashable, Mode | bool | None], Any] = {}

    def run(self, mode: Mode, what: Hashable, make: Callable[[], T]) -> T:
        """What a run in this mode comes to."""
        has_updates = mode == "graph"
        for holds_for in (None, has_updates, mode):
            if (what, holds_for) in self._kept:
                found: T = self._kept[what, holds_for]
                return found
        with noting_what_is_asked() as asked:
            made = make()
        key = mode if "mode" in asked else has_updates if "updates" in asked else None
        self._kept[what, key] = made
        return made
