"""`nnx.split_rngs` and `nnx.fork_rngs` of an object: without graph updates they hand back a copy.

With graph updates they change the streams of the object itself, and a program that goes on with it
has no error where the default changes.  While a check of all modes is on, such calls are told, of a
program whose mode is the default; one that asks for its mode keeps that.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.around import WITHIN, called_by
from nnxfuzz.checker.calls import mode_in_use
from nnxfuzz.checker.sites import Site, caller
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.plain.libraries import is_library
from nnxfuzz.plain.rebind import Rebound, of_users
from nnxfuzz.programs.case import Mode

#: Told of a call: where, which function, and what it comes to in each mode.
Tell = Callable[[Site, str, dict[Mode, Verdict]], None]

_NAMES = ("split_rngs", "fork_rngs")


class InPlace:
    """Watches the functions while it is on."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self._rebound = Rebound()

    def on(self) -> None:
        """Watch from now on."""
        ours = {}
        for name in _NAMES:
            real = getattr(nnx, name, None)
            if real is not None and "graph_updates" in inspect.signature(real).parameters:
                ours[id(real)] = self._watched(name, real)
        self._rebound.in_modules([nnx, *of_users()], lambda held: ours.get(id(held)))

    def off(self) -> None:
        """Watch no more."""
        self._rebound.undo()

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        verdicts: dict[Mode, Verdict] = dict.fromkeys(nnx_api.modes(), _copies(name))
        verdicts["graph"] = Verdict("same")

        @functools.wraps(real)
        def watched(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            asked = kwargs.get("graph") is not None or kwargs.get("graph_updates") is not None
            programs = WITHIN.get() != "plain" and not is_library(called_by())
            if args and programs and not asked and mode_in_use({}) == "graph":
                self.tell(caller(), name, verdicts)
            return real(*args, **kwargs)

        return watched


def _copies(name: str) -> Verdict:
    """What such a call comes to without graph updates."""
    return Verdict(
        "deviates",
        "hands back a copy with other streams, and leaves the object itself as it is",
        record="streams-in-place",
        way_out=f"decorate the function that draws with nnx.{name}, or go on with what it returns",
    )
