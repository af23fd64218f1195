"""Do something once the program has imported Flax, and never import it before the program does.

A program may set what jax reads when it is imported (JAX_PLATFORMS, XLA_FLAGS).  So a check waits.
"""

import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

#: `flax` has to be whole too: it may import `flax.nnx` on its way.
_AWAITED = ("flax", "flax.nnx")


def when_flax_is_imported(action: Callable[[], None]) -> None:
    """Call `action` as soon as `flax.nnx` has been imported; now, if it is already."""
    if _is_there():
        action()
    else:
        sys.meta_path.insert(0, _Finder(action))


def _is_there(finished: str | None = None) -> bool:
    """Whether both modules are imported; `finished` is one that has just been."""
    for name in _AWAITED:
        module = sys.modules.get(name)
        spec = getattr(module, "__spec__", None)
        if module is None or (name != finished and getattr(spec, "_initializing", False)):
            return False
    return True


class _Finder(MetaPathFinder):
    """Finds the awaited modules as Python would, with a loader that says when they are loaded."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in _AWAITED or self._action is None:
            return None
        for finder in sys.meta_path:
            found = None if finder is self else finder.find_spec(name, path, target)
            if found is not None:
                if found.loader is not None:
                    found.loader = _Loader(found.loader, lambda: self._loaded(name))
                return found
        return None

    def _loaded(self, name: str) -> None:
        if self._action is not None and _is_there(finished=name):
            action, self._action = self._action, None
            sys.meta_path.remove(self)
            action()


class _Loader(Loader):
    """A loader that says when it has loaded."""

    def __init__(self, loader: Loader, then: Callable[[], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._then()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
