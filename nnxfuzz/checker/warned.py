"""What a verdict warns of: what a call does that is no fault of the transform."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nnxfuzz.checker.documented import listed
from nnxfuzz.checker.judgeable import Judgeable, Options
from nnxfuzz.checker.refusals.base import named
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Warned
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.keys import UNNAMED
from nnxfuzz.plain.observations import Kind
from nnxfuzz.programs.case import TreePath
from nnxfuzz.programs.numbers import is_key

#: How far replicas may be apart, which devices may sum in another order.
_RTOL, _ATOL = 1e-3, 1e-6


def warned(
    trial: Judgeable, python: Side, meant: Side | None, flax: Side
) -> tuple[tuple[Warned, str], ...]:
    """What to warn of, with a sentence; `meant` is the run of what the mode documents, where the
    call deviates.
    """
    own = trial.arguments, trial.options
    told = {
        "key-reuse": reused(python, *own) or reused(meant, *own, " in this mode"),
        "unequal-replicas": unequal(trial, flax),
        "outdated-argument": outdated(trial),
    }
    return tuple((name, text) for name, text in told.items() if text)  # type: ignore[misc]


def reused(side: Side | None, arguments: tuple[str, ...], options: Options, where: str = "") -> str:
    """A sentence about the keys that a plain run hands out, or draws from, twice; "" if there is
    none.
    """
    paths = [] if side is None else side.seen.paths("key-reuse")
    if not paths:
        used = ((text, side.seen.paths(kind)) for kind, text in _TWICE.items()) if side else ()
        told = (f"at {listed(tuple(lines))} {text}{where}" for text, lines in used if lines)
        return "; ".join(told)
    streams = listed(tuple(named(path, arguments, options) for path in paths if path != UNNAMED))
    return f"{streams or 'a stream'} hands out a key that was handed out before{where}"


#: What is said of lines at which a key is used that was used before.
_TWICE: dict[Kind, str] = {
    "key-drawn-again": "it draws from a key that it has drawn from before",
    "key-split-and-drawn": "it uses a key that it both splits and draws from",
}


def outdated(trial: Judgeable) -> str:
    """A sentence about what was set on a module after a transform had taken it apart; "" if there
    is nothing.
    """
    paths = trial.outdated
    if not paths:
        return ""
    since = f"since nnx.{trial.transform} was given it, and the call sees what was there then"
    return f"{listed(paths)} has changed {since}; call nnx.{trial.transform} anew"


def unequal(trial: Judgeable, flax: Side) -> str:
    """A sentence about the arrays that a call leaves with other numbers on each device, where one
    array is to be on all of them; "" if there is none, or if it was given such ones.

    A `shard_map` that checks nothing (`check_vma=False`) does so where a sum over the devices is
    left out.  Numbers are read from one device.
    """
    paths = () if flax.raised is not None else tuple(map(name_of, torn(flax.walked)))
    if not paths or any(torn(trial.given)):
        return ""
    return f"{unequal_on_devices(paths)}, which is one array to jax"


def unequal_on_devices(paths: tuple[str, ...]) -> str:
    """What is said of such arrays."""
    return f"each device holds other numbers of {listed(paths)}"


def torn(walked: Walk) -> Iterator[TreePath]:
    """The places of arrays that are one to jax, and of which each device holds other numbers."""
    met: set[int] = set()
    for path, array in walked.arrays.items():
        if id(array) not in met and _is_torn(array):
            yield path
        met.add(id(array))


def _is_torn(array: Any) -> bool:
    if not isinstance(array, jax.Array) or isinstance(array, jax.core.Tracer):
        return False
    if array.is_deleted() or is_key(array) or len(array.devices()) < 2:
        return False
    first: dict[str, np.ndarray] = {}
    for shard in array.addressable_shards:
        numbers = np.asarray(shard.data)
        one = first.setdefault(str(shard.index), numbers)
        if one is not numbers and not _are_near(one, numbers):
            return True
    return False


def _are_near(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype.kind not in "iufcb":
        one, other = one.astype(np.float64), other.astype(np.float64)  # bfloat16 and its like
    return bool(np.allclose(one, other, _RTOL, _ATOL, equal_nan=True))
