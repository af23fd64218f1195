"""Run a function as Python, and tell it that it is traced if it asks.

A program may ask `isinstance(x, jax.core.Tracer)`, or catch what a traced array raises that is
asked for its number, to log or to count only where there are numbers.  Flax traces the function and
Python does not, so that the two do something else.
"""

import contextlib
import functools
import sys
from collections.abc import Callable, Collection, Iterator
from typing import Any

import jax
from jax._src.array import ArrayImpl

from nnxfuzz.plain.libraries import is_library
from nnxfuzz.plain.rebind import Rebound, of_users

_Tracer = jax.core.Tracer

#: What is said of a function that asks, or that asks for a number, and of where it, or a function
#: that it calls, catches the exception.
ASKS = "the function asks whether it is traced (`isinstance(..., jax.core.Tracer)`)"
IS_ASKED = "the function asks a traced array for its number"
CATCHES = "the function catches what a traced array raises that is asked for its number"
ALIKE = "have it do the same in either case"


class _Asked(type):
    """To the program each array of jax is of its classes; to a library only what is a tracer."""

    def __instancecheck__(cls, value: Any) -> bool:
        if isinstance(value, _Tracer):
            return True
        return isinstance(value, jax.Array) and _is_asked_by_user()


def _is_asked_by_user() -> bool:
    """Whether what calls the caller of this is no library's."""
    return not is_library(sys._getframe(2).f_globals.get("__name__"))


class _Stand(metaclass=_Asked):
    """What stands in the place of `Tracer`."""


#: How an array is asked for its numbers: `float(x)`, `if x:`, `x.item()`.
_NUMBERS = ("__bool__", "__int__", "__float__", "__complex__", "__index__", "item", "tolist")


def _without(name: str, known: Collection[int]) -> Callable[..., Any]:
    """A method of an array, which fails as that of a tracer where the program calls it; arrays that
    are `known` when the function is traced have it.
    """
    real: Any = getattr(ArrayImpl, name)

    @functools.wraps(real)
    def asked(array: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_asked_by_user() and id(array) not in known:
            jax.eval_shape(lambda traced: getattr(traced, name)(*args, **kwargs), array)
        return real(array, *args, **kwargs)

    return asked


@contextlib.contextmanager
def as_traced(numbers: bool = False, known: Collection[int] = ()) -> Iterator[None]:
    """Have arrays count as tracers where the program asks; with `numbers` also where it asks one
    for its number, but for arrays with these ids.
    """
    rebound = Rebound()
    try:
        modules = [jax.core, *of_users()]
        rebound.in_modules(modules, lambda held: _Stand if held is _Tracer else None)
        for name in _NUMBERS if numbers else ():
            rebound.set(ArrayImpl, name, _without(name, known))
        yield
    finally:
        rebound.undo()
