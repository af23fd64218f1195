"""A program run with Flax's `nnx` and with `plain`, and what differs.

A program is a function of `nnx`, of the keyword arguments that put a transform into a mode, and of
arguments that `make` makes anew for each run.  It may be anything that a user writes.
"""

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import compat, plain
from nnxfuzz.judge import compare
from nnxfuzz.verdict import Difference, dotted
from nnxfuzz.world import filled, roots

Program = Callable[..., Any]

#: The modes that the installed release has, by the names that `plain` has for them.
MODES: tuple[plain.Mode, ...] = tuple(
    {"graph": "graph", "gnu": "graph-frozen", "tree": "tree"}[mode]  # type: ignore[misc]
    for mode in compat.modes()
)


def options(nnx_transform: Any, mode: plain.Mode) -> dict[str, bool]:
    """The keyword arguments that put a transform of Flax into a mode."""
    known = inspect.signature(nnx_transform).parameters
    wanted = {"graph": mode != "tree", "graph_updates": mode == "graph"}
    return {name: value for name, value in wanted.items() if name in known}


class Asking:
    """`nnx`, or `plain`, whose transforms are asked for a mode in each call."""

    def __init__(self, namespace: Any, mode: plain.Mode) -> None:
        self._namespace = namespace
        self._mode = mode

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._namespace, name)
        if name not in plain.TRANSFORMS or not hasattr(nnx, name):
            return held
        asked = options(getattr(nnx, name), self._mode)
        return lambda *args, **kwargs: held(*args, **(asked | kwargs))


def tolerance(array: Any, relative: float = 1e-5) -> float:
    """How far another right computation of an inexact array may be off."""
    if not hasattr(array, "dtype") or not jnp.issubdtype(array.dtype, jnp.inexact):
        return 0.0
    largest = np.max(np.abs(np.asarray(jnp.asarray(array))).astype(np.float64), initial=0.0)
    return relative * (1.0 + float(largest))


def differences(
    program: Program,
    make: Callable[[], Any],
    mode: plain.Mode,
    meaning: plain.Meaning = "asked",
) -> list[str]:
    """What Flax leaves behind otherwise than `plain` does; raises what Flax or `plain` raises."""
    mine, theirs = make(), make()
    first, other = roots(caller=mine), roots(caller=theirs)
    with plain.meaning(meaning):
        wanted = program(Asking(plain, mode), *mine)
    want = roots(first, caller=mine, result=wanted)
    got = roots(other, caller=theirs, result=program(Asking(nnx, mode), *theirs))
    found = compare(filled(want, want.arrays, tolerance), filled(got, got.arrays))
    return [told(difference) for difference in found]


def told(difference: Difference) -> str:
    """A difference as text."""
    where = dotted(difference.path)
    return f"{where}: {difference.aspect} {difference.expected} -> {difference.got}"
