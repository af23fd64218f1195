"""What runs around a call: the program or a run of ours, a trace of jax, code of Flax."""

import contextlib
import contextvars
import sys
from collections.abc import Iterator
from typing import Literal

from jax._src import core

#: What runs around a call: the program itself, a transform of Flax, or a plain run of ours.
Within = Literal["program", "flax", "plain"]

WITHIN: contextvars.ContextVar[Within] = contextvars.ContextVar("nnxfuzz_within", default="program")


@contextlib.contextmanager
def within(what: Within) -> Iterator[None]:
    """Say what runs around the calls that are made meanwhile."""
    token = WITHIN.set(what)
    try:
        yield
    finally:
        WITHIN.reset(token)


def is_traced() -> bool:
    """Whether jax is tracing a function now."""
    return not core.trace_state_clean()


def called_by_flax() -> bool:
    """Whether Flax makes the call, and none of its layers: they call transforms as a user does."""
    module = called_by()
    return module.partition(".")[0] == "flax" and not module.startswith(LAYERS)


def called_by() -> str:
    """The module whose code makes the call: of the first frame that is not of the check."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") in _OURS:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


#: Flax's layers, of which `nnx.RNN` calls a transform.
LAYERS = "flax.nnx.nn."


#: The modules that stand between a call and who makes it.
_OURS = frozenset(
    {
        __name__,
        *(f"nnxfuzz.checker.{name}" for name in ("inplace", "intercept", "rawjax", "rawwrites")),
    }
)
