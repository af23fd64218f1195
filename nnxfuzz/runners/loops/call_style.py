"""How a transform is called: in which way the mode is asked for, and what the body is."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import flax
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.programs import user
from nnxfuzz.programs.case import CallStyle, Mode

Function = Callable[..., Any]

#: What the defaults of the keyword arguments are called.
_DEFAULTS = {"graph": "graph_mode", "graph_updates": "graph_updates"}


@contextlib.contextmanager
def asked(mode: Mode, call_style: CallStyle) -> Iterator[dict[str, bool]]:
    """The keyword arguments that put a loop into `mode`; or none, and meanwhile its defaults do."""
    wanted = nnx_api.mode_arguments(mode)
    if call_style.asked == "keyword":
        yield wanted
        return
    with contextlib.ExitStack() as stack:
        for argument, value in wanted.items():
            name = _DEFAULTS[argument]
            if call_style.asked == "context":
                stack.enter_context(getattr(nnx, f"set_{name}")(value))
            elif getattr(flax.config, f"nnx_{name}") != value:
                stack.callback(flax.config.update, f"nnx_{name}", not value)
                flax.config.update(f"nnx_{name}", value)
        yield {}


class Step:
    """A body as an object that has a function."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def __call__(self, *arguments: Any) -> Any:
        return self.function(self, *arguments)


class Wrapped:
    """A body as an object around a function, under the name by which Flax has its own."""

    def __init__(self, f: Function) -> None:
        self.f = f

    def __call__(self, *arguments: Any) -> Any:
        return self.f(self, *arguments)


class StepModule(Step, nnx.Module):  # type: ignore[misc]
    """A body as a module without state."""


def _of_an_object(first: Any) -> None:
    """What takes an object, as `Wrapped.f` does."""


def given(body: Function, call_style: CallStyle) -> Function:
    """What a transform is given as its body."""

    def more(first: Any, *arguments: Any) -> Any:
        if call_style.body == "wrapper" and not isinstance(first, Wrapped):
            user.call(_of_an_object)  # the function was called without its object
        return body(*arguments)

    if call_style.body == "function":
        return body
    if call_style.body == "partial":
        return functools.partial(more, "tag")
    made: dict[str, type] = {"object": Step, "wrapper": Wrapped, "module": StepModule}
    function: Function = made[call_style.body](more)
    return function


def other_mode(mode: Mode) -> Mode:
    """A mode that is not `mode` (and never tree mode, which some objects would poison)."""
    others: tuple[Mode, ...] = ("graph", "graph-frozen")
    return next((m for m in nnx_api.modes() if m in others and m != mode), mode)
