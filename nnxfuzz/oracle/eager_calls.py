"""Flax's own calls in the plain loop: done eagerly, and remembered.

A layer, a stream or an optimizer is a function of what it holds and of what it is given.  The
Python loops of one program (one for each mode, two for some wrappers) ask for the same calls many
times, and an eager one takes milliseconds; so the very result of the first is used again.  Nothing
is computed in another way: a call that was not met before, with these bits in these Variables, is
an ordinary eager call.
"""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.programs.numbers import is_key, number

_raw = nnx_api.get_raw

#: How many calls are remembered until all are forgotten.
_LIMIT = 4096


class _Done(NamedTuple):
    """What a call came to; `raws` are what it left in the Variables, by their places in a walk, or
    None where it wrote nothing.  `kept` is what the call is remembered by the identity of.
    """

    result: Any
    raws: list[Any]
    kept: list[Any]


_DONE: dict[Hashable, _Done] = {}


def called(value: Any, work: Callable[[], Any], asked: Hashable) -> tuple[Any, list[Any]]:
    """What `work`, a call of Flax's code with the object `value`, returns, and which Variables
    below it were written (or may have been: those that hold no array of numbers).

    `asked` tells all that the call depends on beside `value`.
    """
    variables = nnx_api.variables_below(value)
    told, kept = _told(value)
    name = asked, told, tuple(bits(nnx_api.get_raw(variable)) for variable in variables)
    if name not in _DONE:
        before = [nnx_api.get_raw(variable) for variable in variables]
        result, written = lent(value, work)
        if _told(value)[0] == told:  # else it made or dropped something
            after = map(nnx_api.get_raw, variables)
            raws = [None if new is old else new for old, new in zip(before, after, strict=True)]
            if len(_DONE) >= _LIMIT:
                _DONE.clear()
            _DONE[name] = _Done(result, raws, kept)
        return result, written
    done = _DONE[name]
    for variable, raw in zip(variables, done.raws, strict=True):
        if raw is not None:
            nnx_api.set_raw(variable, np.array(raw) if is_numbers(raw) else raw)
    pairs = zip(variables, done.raws, strict=True)
    return done.result, [v for v, raw in pairs if raw is not None or not is_numbers(_raw(v))]


def lent(value: Any, work: Callable[[], Any]) -> tuple[Any, list[Any]]:
    """The same, done: with jax arrays below `value`, which Flax's code cannot write in place."""
    held = [(v, raw) for v in nnx_api.variables_below(value) if is_numbers(raw := _raw(v))]
    given = [jnp.asarray(raw) for _, raw in held]
    for (variable, _), array in zip(held, given, strict=True):
        nnx_api.set_raw(variable, array)
    result = work()
    for (variable, raw), array in zip(held, given, strict=True):
        if _raw(variable) is array:
            nnx_api.set_raw(variable, raw)
    kept = {id(v) for v, raw in held if _raw(v) is raw}
    return result, [v for v in nnx_api.variables_below(value) if id(v) not in kept]


def is_numbers(raw: Any) -> bool:
    """Whether a Variable holds one array of numbers (no keys, which are immutable anyway)."""
    return hasattr(raw, "dtype") and not is_key(raw)


def bits(value: Any) -> Hashable:
    """An array of numbers or keys by its bits; None for anything else."""
    if not hasattr(value, "dtype"):
        return None
    array = number(value)
    return str(value.dtype), array.shape, array.tobytes()


def _told(value: Any) -> tuple[Hashable, list[Any]]:
    """All that an object is but for the arrays in its Variables, and what that names by its id."""
    told: list[Hashable] = []
    kept: list[Any] = []
    met: dict[int, int] = {}

    def tell(held: Any) -> None:
        if held is None or isinstance(held, bool | int | float | str):
            told.append((type(held), repr(held)))
        elif isinstance(held, (np.ndarray, np.generic, jax.Array)):
            told.append(bits(held))
        elif id(held) in met:
            told.append(met[id(held)])
        elif (parts := _parts(held)) is not None:
            met[id(held)] = len(met)
            tell_parts(held, parts)
        else:
            told.append(("is", id(held)))
            kept.append(held)

    def tell_parts(held: Any, parts: dict[str, Any]) -> None:
        told.append((type(held), tuple(parts)))
        for part in parts.values():
            tell(part)

    tell(value)
    return tuple(told), kept


def _parts(held: Any) -> dict[str, Any] | None:
    """What is directly below an object or a container, by name; None for what has no parts.

    Of a Variable it is the metadata, and what it holds, unless that is an array.
    """
    if not nnx_api.is_variable(held):
        return nnx_api.parts(held)
    raw, found = nnx_api.get_raw(held), held.get_metadata()
    told = {"usual": True} if nnx_api.is_usual_metadata(found) else dict(found)
    return told | {"": None if hasattr(raw, "dtype") else raw}
