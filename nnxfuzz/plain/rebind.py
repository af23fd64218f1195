"""Put functions of ours in the place of a library's, where a program has imported them by name."""

import sys
import weakref
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from nnxfuzz.plain.libraries import is_library


class Rebound:
    """Names that hold something else for a while."""

    def __init__(self) -> None:
        self._saved: list[tuple[Any, str, Any]] = []

    def __bool__(self) -> bool:
        return bool(self._saved)

    def set(self, holder: Any, name: str, new: Any) -> None:
        """Let an attribute hold `new` from now on."""
        self._saved.append((holder, name, getattr(holder, name)))
        setattr(holder, name, new)

    def in_modules(self, modules: Iterable[ModuleType], in_place_of: Callable[[Any], Any]) -> None:
        """Replace each name of these modules for which `in_place_of` has something."""
        for module in modules:
            for name, held in list(vars(module).items()):
                if type(held) in weakref.ProxyTypes:  # what it stands for may be gone
                    continue
                new = in_place_of(held)
                if new is not None:
                    self.set(module, name, new)

    def undo(self) -> None:
        """Let all names hold what they held."""
        for holder, name, value in reversed(self._saved):
            setattr(holder, name, value)
        self._saved.clear()


def of_users() -> list[ModuleType]:
    """The modules that are imported and belong to no library that we know."""
    found = [(name, m) for name, m in list(sys.modules.items()) if isinstance(m, ModuleType)]
    return [module for name, module in found if not is_library(name)]
