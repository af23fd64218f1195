"""Run a function as Python, and tell it that it is traced if it asks.

A program may ask `isinstance(x, jax.core.Tracer)`, to log or to count only where there are numbers.
Flax traces the function and Python does not, so that the two do something else.
"""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import jax

from nnxfuzz.plain.libraries import is_library
from nnxfuzz.plain.rebind import Rebound, of_users

_Tracer = jax.core.Tracer

#: What is said of a function that asks.
ASKS = "the function asks whether it is traced (`isinstance(..., jax.core.Tracer)`)"
ALIKE = "have it do the same in either case"


class _Asked(type):
    """To the program each array of jax is of its classes; to a library only what is a tracer."""

    def __instancecheck__(cls, value: Any) -> bool:
        if isinstance(value, _Tracer):
            return True
        by = sys._getframe(1).f_globals.get("__name__")
        return isinstance(value, jax.Array) and not is_library(by)


class _Stand(metaclass=_Asked):
    """What stands in the place of `Tracer`."""


@contextlib.contextmanager
def as_traced() -> Iterator[None]:
    """Have arrays count as tracers where the program asks."""
    rebound = Rebound()
    try:
        modules = [jax.core, *of_users()]
        rebound.in_modules(modules, lambda held: _Stand if held is _Tracer else None)
        yield
    finally:
        rebound.undo()
