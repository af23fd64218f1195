"""What a function does to the program's own objects: lists, counters, attributes, numpy arrays.

A transform runs its function when it is traced, and Python runs it for each call, trip and lane.
So what the function appends to a list around it is there once, and may be a tracer ("Pure
functions" in jax's Common Gotchas).  What a module holds is no matter of this file, for Flax
carries that; but which module an object of the program's holds is.
"""

import array
import collections
import contextvars
import types
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.checker.generators import ELSEWHERE, GENERATORS, digest_of
from nnxfuzz.checker.reach import Reached, attributes_of, is_holder, opens
from nnxfuzz.plain.libraries import is_library, is_library_class
from nnxfuzz.plain.objects import everything
from nnxfuzz.plain.stored import dictionary_of, members_of, pairs_of, size_of
from nnxfuzz.programs.numbers import is_key

#: How deep new containers are looked into, of how many items, and how large an array is compared.
_DEPTH, _ITEMS, _SIZE = 4, 10**4, 10**6

#: How far numbers may be apart that count as the same.
_RTOL, _ATOL = 1e-2, 1e-3

#: What stands for a name that is not there, and for a tracer.
_NOTHING, _TRACER = ("nothing",), ("tracer",)

#: What is said of a place where a tracer is left.
HOLDS_A_TRACER = "holds a tracer"

_ARRAYS = np.ndarray | jax.Array

#: What holds items, or numbers, that a function can change.
_WRITTEN = (list, dict, set, collections.deque, np.ndarray, bytearray, array.array, GENERATORS)

#: The modules of Python whose objects hold attributes of the user's: `SimpleNamespace`,
#: `argparse.Namespace`, `threading.local`.
_NAMESPACES = frozenset({"types", "argparse", "_thread"})


class _Holder:
    """A module, Variable or State, and the forms of what is in it now, by the rest of the path.

    What a function reached in its first call is kept as long as the function, and no module is to
    live longer for that.
    """

    def __init__(self, value: Any) -> None:
        self.kind = type(value)
        self._value = _referred(value)
        self.forms = {
            place.text: _form(nnx_api.stored(thing) if nnx_api.is_variable(thing) else thing, 2)
            for place in everything(value)
            for thing in [place.thing]
            if not nnx_api.is_node(thing)
        }

    def is_that_of(self, other: "_Holder") -> bool:
        """Whether it is the very object."""
        value = self._value()
        return value is not None and value is other._value()


def _referred(value: Any) -> Callable[[], Any]:
    """What returns the object while it lives: a Variable cannot be referred to weakly."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


#: What is held, by the path by which the program reaches it, in a form that is compared.
Contents = Mapping[str, Any]


def contents(objects: Iterable[Reached], names: Iterable[tuple[str, Any]]) -> Contents:
    """What lists, dictionaries, sets, numpy arrays, variables of enclosing functions and of the
    context, attributes of functions and objects of the user's classes hold now that a function
    reaches besides its arguments, and what these names of globals, modules and classes hold.

    A list was reached by a name that may be bound to another one by now: what is bound counts,
    unless only its class is compared.
    """
    bound, lists = dict(names), dict[str, Any]()
    for value, path, argument in objects:
        if not argument:
            (lists if isinstance(value, _WRITTEN) else bound).update(_held(value, path))
    forms = {path: _form(value) for path, value in bound.items() if path}
    opaque = {path for path, form in forms.items() if _is_a_class(form, bound[path])}
    rest = {path: v for path, v in lists.items() if path and (path not in bound or path in opaque)}
    return forms | {path: _form(value) for path, value in rest.items()}


def _is_a_class(form: Any, value: Any) -> bool:
    """Whether no more than the class of a value is in its form."""
    return isinstance(form, str) and not issubclass(type(value), str)  # a proxy may not be asked


def _held(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, types.CellType):
        try:
            yield path, value.cell_contents
        except ValueError:  # not yet assigned
            return
    elif isinstance(value, contextvars.ContextVar):
        yield path, value.get(None)
    elif isinstance(value, types.FunctionType) and not is_library(value.__module__):
        before = path or value.__name__
        own = {n: held for n, held in vars(value).items() if n != "__wrapped__"}
        yield from ((f"{before}.{name}", held) for name, held in own.items())
    elif isinstance(value, _WRITTEN):
        yield path, value
        beside = {} if isinstance(value, GENERATORS) else dictionary_of(value) or {}
        yield from ((f"{path}.{name}", held) for name, held in beside.items())
    elif _is_of_the_user(value):
        yield from ((f"{path}.{name}", held) for name, held in attributes_of(value).items())


def _is_of_the_user(value: Any) -> bool:
    if isinstance(value, type | types.ModuleType | types.FunctionType) or is_holder(value):
        return False
    kind = type(value)
    return opens(value) and (not is_library_class(kind) or kind.__module__ in _NAMESPACES)


def _form(value: Any, depth: int = _DEPTH) -> Any:
    """A value in a form that stays as it is and is compared; of an object only its class."""
    if type(value) in weakref.ProxyTypes:  # which fails at any question if its object is gone
        return "a weak proxy"
    if isinstance(value, jax.core.Tracer):
        return _TRACER
    if depth and (is_holder(value) or nnx_api.is_state(value)):
        return _Holder(value)
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, types.FunctionType):  # which a program may put in the place of another
        return value.__code__
    if isinstance(value, bytearray):
        return _array(np.frombuffer(value, np.uint8))
    if isinstance(value, array.array):
        return _array(np.array(value))
    if isinstance(value, bool | int | float | complex):
        number = np.asarray(value)
        return number if number.dtype.kind != "O" else value  # an int of more than 64 bits
    if isinstance(value, jax.Array | np.ndarray | np.generic):
        return _array(value)
    if isinstance(value, GENERATORS):
        return "generator", digest_of(value)
    is_sequence = isinstance(value, list | tuple | collections.deque)
    if (is_sequence or isinstance(value, dict)) and size_of(value) > _ITEMS:
        return size_of(value)
    if depth and isinstance(value, dict):
        pairs = list(pairs_of(value))
        keys = tuple(_key(key) for key, _ in pairs)
        return {"keys": keys, **_each(enumerate(held for _, held in pairs), depth)}
    if depth and is_sequence:
        return _each(enumerate(members_of(value)), depth)
    if isinstance(value, set | frozenset):
        return size_of(value)
    return type(value).__name__


def _key(key: Any) -> str:
    """A key of a dictionary; of a reference that a `WeakKeyDictionary` makes, what it refers to."""
    return repr(key() if isinstance(key, weakref.ref) else key)


def _each(items: Iterable[tuple[int, Any]], depth: int) -> dict[Any, Any]:
    return {k: _form(item, depth - 1) for k, item in items}


def _array(value: Any) -> Any:
    """A copy of an array that can be written; one of jax, which cannot, is read when it has to."""
    if isinstance(value, jax.Array) and (is_key(value) or value.is_deleted()):
        return type(value).__name__
    of_jax = isinstance(value, jax.Array)
    if value.size > _SIZE or not (of_jax or value.dtype.kind in "biufc"):
        return f"{value.dtype}{value.shape}"
    return value if of_jax else np.array(value)


def with_tracers(held: Contents) -> tuple[str, ...]:
    """Where something is held that has a tracer: the first place in it."""
    found = (_tracer_in(path, form) for path, form in held.items())
    return tuple(path for path in found if path)


def _tracer_in(path: str, form: Any) -> str:
    """The first place at or below a path that has a tracer; empty if none has."""
    if isinstance(form, tuple):
        return path if form == _TRACER else ""
    items: Iterable[tuple[str, Any]] = ()
    if isinstance(form, _Holder):
        items = form.forms.items()
    elif isinstance(form, dict):
        keys = form.get("keys")
        items = ((f"[{keys[k] if keys else k}]", v) for k, v in form.items() if k != "keys")
    return next(filter(None, (_tracer_in(path + text, one) for text, one in items)), "")


def told_of(
    before: Contents, python: Contents, flax: Contents, exactly: bool = False
) -> dict[str, str]:
    """What Python changes and Flax leaves otherwise, and where Flax leaves a tracer (the plain run
    of a gradient does, too): what is there, by path.  Python's own numbers may be compared
    `exactly`, such as a time.
    """
    found = {}
    for path in dict.fromkeys((*before, *python, *flax)):
        was, want, got = (each.get(path, _NOTHING) for each in (before, python, flax))
        if _tracer_in(path, got) and not _tracer_in(path, was):
            found[path] = HOLDS_A_TRACER
        elif not _alike(was, want, exactly) and not _alike(want, got, exactly):
            at, one, other = _first_number(*_first(path, want, got, exactly))
            told = f"is {_short(one)} in Python, {_short(other)} with Flax"
            found[at] = ELSEWHERE if _is_drawn(one) else told
    return found


def changed(before: Contents, now: Contents) -> dict[str, str]:
    """What is held otherwise now than it was: what it was and is, by path."""
    found = {}
    for path in before.keys() & now.keys():
        if not _alike(before[path], now[path]):
            at, one, other = _first(path, before[path], now[path])
            found[at] = ELSEWHERE if _is_drawn(one) else _since(_short(one), _short(other))
    return dict(sorted(found.items()))


def _since(was: str, now: str) -> str:
    """What changed, in words; two arrays of one form look alike."""
    if was == now:
        return f"is {now} now"
    return f"was {was.removeprefix('another ')} and is {now.removeprefix('another ')}"


def _is_drawn(form: Any) -> bool:
    return isinstance(form, tuple) and form[0] == "generator"


def _first(path: str, want: Any, got: Any, exactly: bool = False) -> tuple[str, Any, Any]:
    """The first place at or below a path where two differ, and what is there."""
    if isinstance(want, _Holder) and isinstance(got, _Holder):
        apart = (t for t in want.forms.keys() & got.forms.keys() if not _is_in_both(t, want, got))
        text = min(apart, default="")
        return (path + text, want.forms[text], got.forms[text]) if text else (path, want, got)
    if not isinstance(want, dict) or not isinstance(got, dict) or want.keys() != got.keys():
        return path, want, got
    pairs = ((k, one) for k, one in want.items() if k != "keys")
    items = [(k, one) for k, one in pairs if not _alike(one, got[k], exactly)]
    if not items or want.get("keys") != got.get("keys"):
        return path, want, got
    k, one = items[0]
    at = f"{path}[{want['keys'][k] if 'keys' in want else k}]"
    return _first(at, one, got[k], exactly)


def _first_number(path: str, want: Any, got: Any) -> tuple[str, Any, Any]:
    """The first place in an array at which two of one form differ, and the numbers there; of
    anything else the whole.
    """
    arrays = isinstance(want, _ARRAYS) and isinstance(got, _ARRAYS)
    if not arrays or want.shape != got.shape or not want.shape:
        return path, want, got
    at = tuple(int(k) for k in np.argwhere(~_near(want, got))[0])
    return f"{path}[{', '.join(map(str, at))}]", np.asarray(want)[at], np.asarray(got)[at]


def _is_in_both(text: str, one: _Holder, other: _Holder) -> bool:
    return _alike(one.forms[text], other.forms[text])


def _alike(one: Any, other: Any, exactly: bool = False) -> bool:
    """Whether two forms are of values that are alike; what changes in a module does not count."""
    if isinstance(one, _Holder) and isinstance(other, _Holder):
        same = one.kind is other.kind and _alike(one.forms, other.forms)
        return one.is_that_of(other) or same
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[k], other[k], exactly) for k in one)
    if exactly and isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(np.array_equal(one, other))
    if isinstance(one, _ARRAYS) and isinstance(other, _ARRAYS):
        return one is other or (one.shape == other.shape and _are_near(one, other))
    return type(one) is type(other) and bool(one == other)


def _are_near(one: Any, other: Any) -> bool:
    """Whether the numbers of two arrays are near, as far as both can be read."""
    if any(isinstance(array, jax.Array) and array.is_deleted() for array in (one, other)):
        return True
    return bool(_near(one, other).all())


def _near(one: Any, other: Any) -> np.ndarray:
    """Which numbers of two arrays are near."""
    a, b = (np.asarray(array).astype(np.complex128) for array in (one, other))
    return np.asarray(np.isclose(a, b, _RTOL, _ATOL, equal_nan=True))


def _short(form: Any) -> str:
    if isinstance(form, dict):
        count = len(form) - ("keys" in form)
        return f"of {count} item{'' if count == 1 else 's'}"
    if isinstance(form, _Holder):
        return f"another {form.kind.__name__}"
    if isinstance(form, _ARRAYS):
        return str(form) if form.size == 1 else f"another {form.dtype}{list(form.shape)}"
    if isinstance(form, types.CodeType):
        return "another function"
    if form == _TRACER:
        return "a tracer"
    return "not there" if form == _NOTHING else f"{form}"
