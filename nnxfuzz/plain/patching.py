"""`plainly`: the transforms of `plain` in the place of Flax's, for the code within."""

import functools
import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.plain.before import function_of, jit_options, leading_of, mode_options_of
from nnxfuzz.plain.namespace import TRANSFORMS
from nnxfuzz.plain.rebind import Rebound, of_users


@contextmanager
def plainly() -> Iterator[None]:
    """Put the transforms of `plain` in the place of Flax's for the code within.

    Reached: what is looked up while the code runs, as `nnx.scan`, `flax.nnx.compat.scan`; the names
    in Flax's own modules (so `nnx.RNN` scans plainly) and in the program's (`from flax.nnx import
    scan`); from 0.11.0 on also what `nnx.jit` and `nnx.jit_partial` made before.

    Not reached: functions and methods that another transform decorated before (import what
    decorates them within, too), names inside of functions, classes and containers, and `lower` and
    the like of what `nnx.jit` made before.  What is made or imported within stays Python after it.
    The change is for the whole process, all threads, until the last who asked for it is done.
    """
    _CHANGE.make()
    try:
        yield
    finally:
        _CHANGE.undo()


class _Change:
    """The change of the process: made for the first who asks, and undone after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = 0
        self._rebound = Rebound()
        self._plain: dict[int, Any] = {}

    def make(self) -> None:
        with self._lock:
            if not self._asked:
                self._make()
            self._asked += 1

    def undo(self) -> None:
        with self._lock:
            self._asked -= 1
            if not self._asked:
                self._rebound.undo()

    def _make(self) -> None:
        real = {name: getattr(nnx, name) for name in TRANSFORMS if hasattr(nnx, name)}
        self._plain = {id(held): TRANSFORMS[name] for name, held in real.items()}
        # while a check is on, its functions stand there, and Flax's own in Flax's modules
        behind = {name: getattr(held, "__wrapped__", held) for name, held in real.items()}
        self._plain |= {id(held): TRANSFORMS[name] for name, held in behind.items()}
        self._rebound.in_modules([*_modules_of_flax(), *of_users()], self._in_place_of)
        for kind in _classes():
            self._rebound.set(kind, "__call__", _call)

    def _in_place_of(self, held: Any) -> Any:
        """What stands for a transform of Flax; None for anything else."""
        if isinstance(held, functools.partial):  # those of nnx.compat
            new = self._plain.get(id(held.func))
            return new and functools.partial(new, *held.args, **held.keywords)
        return self._plain.get(id(held))


#: The one change of this process.
_CHANGE = _Change()


def _modules_of_flax() -> list[Any]:
    """Flax's modules that name transforms."""
    names = [name for name in sys.modules if name == "flax.nnx" or name.startswith("flax.nnx.")]
    return [sys.modules[name] for name in names]


#: The classes of what `nnx.jit` and `nnx.jit_partial` return, by release.
_CLASSES = ("JitWrapped", "SimpleJitWrapped", "SimpleJitPartialWrapped")


def _classes() -> list[Any]:
    module = importlib.import_module("flax.nnx.transforms.compilation")
    return [getattr(module, name) for name in _CLASSES if hasattr(module, name)]


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    """What a transform made before, called as its function."""
    nnx_api.take_cache()
    given = jit_options(self, args, kwargs)
    options = {which: given[which] for which in ("static_argnums", "static_argnames")}
    made = TRANSFORMS["jit"](function_of(self), **options, **mode_options_of(self))
    return made(*leading_of(self), *args, **kwargs)
