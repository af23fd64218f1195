"""Whether the arrays that Flax leaves are of the sort that Python leaves: of jax or of numpy, on
which device, and with a weak type or not.

No world shows this: the numbers, shapes and dtypes are the same.  Nothing is told where the two
need not agree: where numbers or arrays of numpy of the same shape are given, of numbers where jax
calls the only function of a `switch` as it is or the text of a program has them, of arrays on
several devices, and of weak types where Python computes with numbers of its own.
"""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.checker.documented import LINES, paths_at
from nnxfuzz.checker.judgeable import Judgeable
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.nnx_api.variables import is_reference
from nnxfuzz.oracle.verdict import NO_ARRAYS, ON, WEAKNESS, Difference
from nnxfuzz.oracle.world import Walk
from nnxfuzz.programs.case import TreePath
from nnxfuzz.programs.numbers import is_key, is_literal

#: The transforms that place what they are given on other devices.
_OF_DEVICES = frozenset(("pmap", "shard_map"))

#: The ends of the names of options that say where arrays are.
_PLACES = ("device", "backend", "shardings", "mesh")

#: The transforms whose function computes what it computes in Python, and on the same arrays.
_ONCE = frozenset(("jit", "remat"))


def of_another_sort(trial: Judgeable, python: Side, flax: Side) -> list[Difference]:
    """The arrays that are of another sort with Flax than in Python, if both returned."""
    if python.raised is not None or flax.raised is not None:
        return []
    options = [trial.options, *(inner for _, _, inner in python.seen.asked)]
    names = {trial.transform, *python.seen.transforms}
    pairs = [
        (path, array, flax.walked.arrays[path])
        for path, array in python.walked.arrays.items()
        if path in flax.walked.arrays and _is_of_jax(array)
    ]
    found = [
        d
        for path, array, got in pairs
        if path not in flax.walked.literals
        for d in _of_numpy(path, got)
        if ((trial.live and "switch" not in names) or d.got != NO_ARRAYS[1])
        and not _is_given(trial, array.shape)
    ]
    placed = any(key.endswith(_PLACES) and v for each in options for key, v in each.items())
    if not placed and names.isdisjoint(_OF_DEVICES):
        found += _elsewhere(pairs)
    if names <= _ONCE and python.seen.calls == 1:
        weak = list(_weak(pairs))
        given = trial.given
        found += weak if weak and not (_has_numbers(given) or _refers_weakly(given)) else []
    return found


def verdict_on_sorts(found: list[Difference]) -> Verdict:
    """The verdict where these alone differ."""
    lines = [f"{name_of(d.path)} is {d.expected} in Python, {d.got} with Flax" for d in found]
    paths = paths_at(d.path for d in found)
    return Verdict("different", lines[0], paths, tuple(lines[:LINES]), aspects=("kind",))


def _differs(path: TreePath, wanted: str, got: str) -> Difference:
    return Difference(path, "array", "kind", wanted, got)


_Pairs = list[tuple[TreePath, Any, Any]]


def _is_of_jax(value: Any) -> bool:
    return (
        isinstance(value, jax.Array)
        and not isinstance(value, jax.core.Tracer)
        and not value.is_deleted()
    )


def _is_given(trial: Judgeable, shape: tuple[int, ...]) -> bool:
    """Whether something of that shape is given that is no array of jax."""
    given = trial.given.arrays.values()
    return any(not isinstance(x, jax.Array) and np.shape(x) == shape for x in given)


def _has_numbers(given: Walk) -> bool:
    """Whether a number of Python is given, with which Python computes in its own way."""
    return any(not isinstance(x, jax.Array | np.ndarray) for x in given.arrays.values())


def _refers_weakly(given: Walk) -> bool:
    """Whether a reference holds an array of a weak type.  With jax 0.10.2 what is written to it and
    read again is weak in Python, and not where it is compiled (`jax.jit` of `ref[...] += 1` and
    `ref[...]` alone shows it); with 0.12.0.1 no reference is weak.
    """
    held = (nnx_api.stored(v) for v in given.objects.values() if nnx_api.is_variable(v))
    return any(is_reference(one) and one[...].weak_type for one in held)


def _of_numpy(path: TreePath, got: Any) -> Iterator[Difference]:
    """What is no array of jax; jax itself makes such of a derivative by an integer, and of what is
    constant in `jax.checkpoint`.
    """
    if is_literal(got) or getattr(got, "dtype", None) == jax.dtypes.float0:
        return
    if isinstance(got, np.ndarray | np.generic):
        yield _differs(path, "an array of jax", NO_ARRAYS[0])
    elif type(got) in (bool, int, float, complex):
        yield _differs(path, "an array of jax", NO_ARRAYS[1])


def _elsewhere(pairs: _Pairs) -> Iterator[Difference]:
    """Arrays on another device, if all that Python leaves is on one; or on one, where Python has
    them on several: a compiled function leaves all that it returns on all of its devices.
    """
    every = {device for _, array, _ in pairs for device in array.devices()}
    for path, array, got in pairs:
        devices, on = array.devices(), got.devices() if _is_of_jax(got) else every
        if len(on) == 1 and on != devices and (len(every) == 1 or len(devices) > 1):
            yield _differs(path, *(f"{ON}{_told(each)}" for each in (devices, on)))


def _told(devices: set[Any]) -> str:
    return ", ".join(sorted(f"{device.platform}:{device.id}" for device in devices))


def _weak(pairs: _Pairs) -> Iterator[Difference]:
    """Arrays whose type is weak on one side alone."""
    for path, array, got in pairs:
        if not _is_of_jax(got) or is_key(array) or is_key(got):
            continue
        if array.weak_type != got.weak_type:
            yield _differs(path, *(WEAKNESS[each.weak_type] for each in (array, got)))
