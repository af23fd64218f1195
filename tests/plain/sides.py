"""A program run with Flax's `nnx` and with `plain`, and what differs.

A program is a function of `nnx`, of the keyword arguments that put a transform into a mode, and of
arguments that `make` makes anew for each run.  It may be anything that a user writes.
"""

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from nnxfuzz import nnx_api, plain
from nnxfuzz.oracle.verdict import Difference, dotted
from nnxfuzz.oracle.world import Walk, filled, roots
from nnxfuzz.programs.case import TreePath
from nnxfuzz.programs.versions import version
from nnxfuzz.runners.judge import compare

Program = Callable[..., Any]

_NAMES: dict[str, plain.Mode] = {"graph": "graph", "graph-frozen": "graph-frozen", "tree": "tree"}

#: The modes that are compared, by the names that `plain` has for them.  Up to 0.12.6 scan without
#: graph updates hands back the carry that it was given: the caller's modules, and arrays as they
#: were before the first trip.
MODES: tuple[plain.Mode, ...] = tuple(
    _NAMES[mode]
    for mode in nnx_api.modes()
    if mode == "graph" or nnx_api.release() >= version("0.12.7")
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
        if not hasattr(nnx, name):
            pytest.skip(f"flax {nnx_api.FLAX} has no nnx.{name}")
        held = getattr(self._namespace, name)
        if name not in plain.TRANSFORMS:
            return held
        asked = options(getattr(nnx, name), self._mode)
        return lambda *args, **kwargs: held(*args, **(asked | kwargs))


def measured(path: TreePath, array: Any, relative: float = 1e-5) -> tuple[float, float]:
    """How far another right computation of an inexact array may be off, and what is more."""
    if not hasattr(array, "dtype") or not jnp.issubdtype(array.dtype, jnp.inexact):
        return 0.0, 0.0
    largest = float(np.max(np.abs(np.asarray(jnp.asarray(array))), initial=0.0))
    return relative * (1.0 + largest), relative * (1.0 + largest)


def left_by_flax(program: Program, make: Callable[[], Any], mode: plain.Mode) -> Walk:
    """What Flax leaves behind; raises what Flax raises."""
    theirs = make()
    before = roots(caller=theirs)
    return roots(before, caller=theirs, result=program(Asking(nnx, mode), *theirs))


def differences(
    program: Program,
    make: Callable[[], Any],
    mode: plain.Mode,
    meaning: plain.Meaning = "asked",
    by_flax: Callable[[Program, Callable[[], Any], plain.Mode], Walk] = left_by_flax,
) -> list[str]:
    """What Flax leaves behind otherwise than `plain` does; raises what Flax or `plain` raises."""
    mine = make()
    first = roots(caller=mine)
    with plain.meaning(meaning):
        wanted = program(Asking(plain, mode), *mine)
    want = roots(first, caller=mine, result=wanted)
    got = by_flax(program, make, mode)
    found = compare(filled(want, want.arrays, measured), filled(got, got.arrays))
    return [told(difference) for difference in found]


def told(difference: Difference) -> str:
    """A difference as text."""
    where = dotted(difference.path)
    return f"{where}: {difference.aspect} {difference.expected} -> {difference.got}"
