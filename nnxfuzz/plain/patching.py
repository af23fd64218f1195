"""`plainly`: the transforms of `plain` in the place of Flax's, for the code within."""

import functools
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flax import nnx

from nnxfuzz.plain.calls import called
from nnxfuzz.plain.modes import mode_of
from nnxfuzz.plain.namespace import TRANSFORMS
from nnxfuzz.plain.objects import contains_data, is_object


@contextmanager
def plainly() -> Iterator[None]:
    """Put the transforms of `plain` in the place of Flax's for the code within.

    Reached: what is looked up while the code runs, as `nnx.scan`, `flax.nnx.compat.scan`, and the
    names in Flax's own modules (so `nnx.RNN` scans plainly); from 0.10.4 on also functions that
    `nnx.jit` made before.  Not reached: names that a module has imported by themselves (`from
    flax.nnx import scan`), and functions and methods that another transform decorated before: those
    stay Flax's.  The change is for the whole process, all threads.
    """
    replaced = list(_replaced())
    try:
        for holder, name, _, new in replaced:
            setattr(holder, name, new)
        yield
    finally:
        for holder, name, before, _ in reversed(replaced):
            setattr(holder, name, before)


def _replaced() -> Iterator[tuple[Any, str, Any, Any]]:
    """What is replaced: where, under which name, and by what."""
    real = {id(getattr(nnx, name)): name for name in TRANSFORMS if hasattr(nnx, name)}
    for module in _modules():
        for name, held in vars(module).items():
            if id(held) in real:
                yield module, name, held, TRANSFORMS[real[id(held)]]
            elif isinstance(held, functools.partial) and id(held.func) in real:
                new = TRANSFORMS[real[id(held.func)]]
                yield module, name, held, functools.partial(new, *held.args, **held.keywords)
    for kind in _jitted_classes():
        yield kind, "__call__", kind.__call__, _call_of_jitted


def _modules() -> list[Any]:
    """Flax's modules that name transforms."""
    names = [name for name in sys.modules if name == "flax.nnx" or name.startswith("flax.nnx.")]
    return [sys.modules[name] for name in names]


def _jitted_classes() -> list[Any]:
    """The classes of what `nnx.jit` returns, by release."""
    module = importlib.import_module("flax.nnx.transforms.compilation")
    names = ("JitWrapped", "SimpleJitWrapped")
    return [getattr(module, name) for name in names if hasattr(module, name)]


def _call_of_jitted(self: Any, *args: Any, **kwargs: Any) -> Any:
    """What `nnx.jit` made before, called as its function.

    It does not tell which arguments are static; so what has no array in it stays as it is.
    """
    args = (*getattr(self, "partial_args", ()), *args)
    static = {k for k, value in enumerate(args) if not _has_arrays(value)}
    named = {name for name, value in kwargs.items() if not _has_arrays(value)}
    updates = type(self).__name__ == "JitWrapped"
    mode = mode_of(getattr(self, "graph", True), updates)
    return called("jit", self.fun, mode, args, kwargs, (static, named))


def _has_arrays(value: Any) -> bool:
    return is_object(value) or contains_data(value)
