"""Save and restore everything that a call can reach.

A call is run more than once on the same objects: by Flax, and as plain Python.  A `Checkpoint`
keeps what each object that the call reaches holds, and `restore` puts that back: attributes,
contents of lists, dictionaries and sets, what closures and globals hold, numbers of numpy arrays
and of references, the states of the random generators.  Objects keep their identity.

jax's arrays do not change, so that keeping one costs nothing.  An array that the call donates is
copied, since its buffer is gone afterwards.  What cannot be put back (generators, iterators, open
files) is named in `fixed`.
"""

import array
import collections
import contextvars
import itertools
import os
import types
from collections.abc import Callable, Collection, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.checker.caches import with_tracers
from nnxfuzz.checker.effects import Contents, contents
from nnxfuzz.checker.generators import GENERATORS, GLOBAL, restoring
from nnxfuzz.checker.reach import (
    Reach,
    Reached,
    TooMuch,
    attributes_of,
    held_by,
    is_iterator,
    opens,
    slots_of,
)
from nnxfuzz.nnx_api.variables import is_reference
from nnxfuzz.plain.stored import dictionary_of

#: How many bytes of arrays that can change are copied, unless asked otherwise: 1 GiB.
MAX_BYTES = 2**30

Restore = Callable[[], None]

#: The classes that hold items.  A class of the user's may have methods of its own with these names:
#: what `update` adds to a Counter is counted.
_CONTAINERS = (collections.OrderedDict, dict, list, collections.deque, set)


class _Missing:
    """Stands for a name that was not there."""


_MISSING = _Missing()


class Checkpoint:
    """What everything that a call reaches holds now.

    `roots` are walked in order, by the name under which a report shows them; what `arguments`
    names counts as an argument.  What a `static` one holds does not, unless that is a node: no
    transform takes it apart, so that the function reaches it as by closure.  `earlier` is the
    checkpoint before the call: what it knew is kept again, also where nothing reaches it any more.
    `donates` says that the call may donate the arrays of its arguments.  Raises TooMuch.
    """

    def __init__(
        self,
        arguments: Mapping[str, Any],
        function: Any,
        *,
        max_bytes: int = MAX_BYTES,
        donates: bool = False,
        static: Collection[str] = (),
        earlier: "Checkpoint | None" = None,
    ) -> None:
        self.fixed: list[str] = []
        self._left = max_bytes
        self._limit = max_bytes
        #: By id, an array that may be donated, its copy, and the copy of that which a run gets.
        self._copies: dict[int, tuple[Any, Any]] = {}
        self._given: dict[int, Any] = {}
        self._reach = Reach()
        whole = {n: v for n, v in arguments.items() if n in static and not _is_holder(v)}
        for name, value in arguments.items():
            if name not in whole:
                self._reach.walk(value, name, argument=True)
        for name, value in whole.items():
            self._reach.walk(value, name, argument=False)
        for one in function if isinstance(function, tuple) else (function,):
            name = type(one).__name__ if opens(one) and not isinstance(one, list | tuple) else ""
            self._reach.walk(one, name, argument=False)
        for reached in earlier._reach.objects if earlier else ():
            self._reach.walk(reached.value, reached.path, reached.argument)
        if donates:
            self._copy_donated()
        self._restores = [r for o in self._reach.objects for r in self._kept(o)]
        self._restores += [self._namespace(n) for n, _ in self._reach.named.values()]
        self._restores += [restoring(generator) for generator in GLOBAL.values()]
        self._environment = self._reach.mentions("environ", "getenv")
        if self._environment:
            self._restores.append(_environment())

    def restore(self) -> None:
        """Put everything back as it was when the checkpoint was made."""
        self._given = {key: jnp.copy(copy) for key, (_, copy) in self._copies.items()}
        for restore in self._restores:
            restore()

    def closure(self) -> dict[str, Any]:
        """The nodes, Variables and references that the call reaches, but not by its arguments:
        each that is not below another, by the name under which the program has it.
        """
        found: dict[str, Any] = {}
        below: set[int] = set()
        for value, path, argument in self._reach.objects:
            if not _is_holder(value) or id(value) in below:
                continue
            below |= {id(v) for v in nnx_api.below(value)}
            if not argument:
                found.setdefault(path or type(value).__name__, value)
        return found

    def constants(self) -> set[int]:
        """The ids of jax's arrays that the call reaches, but not by its arguments."""
        return {
            id(value)
            for value, _, argument in self._reach.objects
            if not argument and isinstance(value, jax.Array)
        }

    def contents(self) -> Contents:
        """What the program's own objects hold now that the call reaches by closure."""
        named = (
            (f"{path}{name}", held[name])
            for namespace, path in self._reach.named.values()
            for held in [held_by(namespace)]
            for name in sorted(self._reach.names_in(namespace) & held.keys())
        )
        own = [("os.environ", dict(os.environ))] if self._environment else []
        return contents(self._reach.objects, itertools.chain(named, own, GLOBAL.items()))

    def memoized(self) -> tuple[str, ...]:
        """The names of the `functools.cache`s that the call reaches and that keep a tracer."""
        return with_tracers(self._reach.objects)

    def draw(self) -> None:
        """Draw from each random generator that the call reaches."""
        reached = (o.value for o in self._reach.objects if isinstance(o.value, GENERATORS))
        for generator in (*reached, *GLOBAL.values()):
            generator.random()

    def revived(self, value: Any) -> Any:
        """`value`, with a copy of each array in it that a run may donate."""
        return self._replaced(value, self._given)

    def readable(self, value: Any) -> Any:
        """`value`, with a copy that no run gets of each array in it that a run may donate."""
        return self._replaced(value, {key: copy for key, (_, copy) in self._copies.items()})

    def _replaced(self, value: Any, copies: Mapping[int, Any]) -> Any:
        if id(value) in copies:
            return copies[id(value)]
        if type(value) is tuple:
            items = tuple(self._replaced(item, copies) for item in value)
            same = all(a is b for a, b in zip(items, value, strict=True))
            return value if same else items
        if issubclass(type(value), tuple) and hasattr(type(value), "_fields"):
            return type(value)(*(self._replaced(item, copies) for item in value))
        return value

    # --- what is kept of one object ---------------------------------------------------------

    def _kept(self, reached: Reached) -> list[Restore]:
        value = reached.value
        if is_iterator(value):
            if not self._reach.may_come_to(reached.path):
                return []
            self.fixed.append(f"{type(value).__name__} {reached.path}".rstrip())
            return []
        if isinstance(value, _CONTAINERS):
            return [self._container(value), *self._beside(value)]
        if isinstance(value, types.CellType):
            return [_cell(value)]
        if isinstance(value, contextvars.ContextVar):
            return [_context(value)]
        if isinstance(value, np.ndarray):
            return [*self._array(value), *self._beside(value)]
        if isinstance(value, GENERATORS):
            return [restoring(value)]
        if isinstance(value, bytearray | array.array):
            return [_items(value, value[:])]
        if is_reference(value):
            held = value[...]
            return [lambda: _write(value, held)]
        if isinstance(value, types.FunctionType):
            return [self._function(value), self._attributes(value)]
        if opens(value) and not isinstance(value, type | types.ModuleType | tuple):
            return [self._attributes(value)]
        return []

    def _container(self, value: Any) -> Restore:
        kind: Any = next(kind for kind in _CONTAINERS if isinstance(value, kind))
        items: Any = kind.items if issubclass(kind, dict) else kind.__iter__
        put: Any = kind.update if hasattr(kind, "update") else kind.extend
        kept = list(items(value))

        def restore() -> None:
            then = [self.revived(item) for item in kept]
            if not _same(list(items(value)), then):
                kind.clear(value)
                put(value, then)

        return restore

    def _array(self, array: np.ndarray) -> list[Restore]:
        if not array.flags.writeable:
            return []
        self._spend(array.nbytes)
        kept = array.copy()
        return [lambda: np.copyto(array, kept)]

    def _function(self, function: types.FunctionType) -> Restore:
        defaults, keywords = function.__defaults__, function.__kwdefaults__

        def restore() -> None:
            if function.__defaults__ is not defaults:
                function.__defaults__ = defaults
            if function.__kwdefaults__ is not keywords:
                function.__kwdefaults__ = keywords

        return restore

    def _beside(self, value: Any) -> list[Restore]:
        """The attributes of a container or an array of a class that gives it some."""
        return [] if dictionary_of(value) is None else [self._attributes(value)]

    def _attributes(self, value: Any) -> Restore:
        slots = _slots(value)
        stored = dictionary_of(value)
        kept = None if stored is None else list(stored.items())

        def restore() -> None:
            for name, held in slots.items():
                _set_slot(value, name, self.revived(held))
            if stored is not None and kept is not None:
                then = [(name, self.revived(held)) for name, held in kept]
                if not _same(list(stored.items()), then):
                    stored.clear()
                    stored.update(then)

        return restore

    def _namespace(self, namespace: Any) -> Restore:
        names = sorted(self._reach.names_in(namespace))
        held = held_by(namespace)
        kept = {name: held.get(name, _MISSING) for name in names}

        def restore() -> None:
            now = held_by(namespace)
            for name, value in kept.items():
                value = self.revived(value)
                if now.get(name, _MISSING) is not value:
                    _bind(namespace, name, value)

        return restore

    # --- donated arrays ---------------------------------------------------------------------

    def _copy_donated(self) -> None:
        """Copy each array that an argument reaches."""
        for value, _, argument in self._reach.objects:
            if argument and isinstance(value, jax.Array) and not value.is_deleted():
                self._spend(value.nbytes)
                self._copies[id(value)] = value, jnp.copy(value)

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooMuch(
                f"it reaches more than {self._limit:,} bytes of arrays to be copied; see "
                "--max-bytes"
            )


def _is_holder(value: Any) -> bool:
    return nnx_api.is_variable(value) or nnx_api.is_node(value)


def _same(now: list[Any], then: list[Any]) -> bool:
    """Whether two lists of items, or of pairs, hold the same objects."""
    if len(now) != len(then):
        return False
    for one, other in zip(now, then, strict=True):
        if type(one) is tuple and type(other) is tuple and len(one) == len(other):
            if not all(a is b for a, b in zip(one, other, strict=True)):
                return False
        elif one is not other:
            return False
    return True


def _cell(cell: types.CellType) -> Restore:
    try:
        kept = cell.cell_contents
    except ValueError:
        kept = _MISSING

    def restore() -> None:
        if kept is not _MISSING:
            cell.cell_contents = kept
        else:
            try:
                del cell.cell_contents
            except ValueError:
                return

    return restore


def _environment() -> Restore:
    kept = dict(os.environ)

    def restore() -> None:
        for name in os.environ.keys() - kept.keys():
            del os.environ[name]
        os.environ.update({n: text for n, text in kept.items() if os.environ.get(n) != text})

    return restore


def _context(variable: contextvars.ContextVar[Any]) -> Restore:
    """What a variable of the context holds; it cannot be emptied again."""
    kept = variable.get(_MISSING)

    def restore() -> None:
        if kept is not _MISSING and variable.get(_MISSING) is not kept:
            variable.set(kept)

    return restore


def _slots(value: Any) -> dict[str, Any]:
    known = attributes_of(value)
    return {name: known.get(name, _MISSING) for name in slots_of(type(value))}


def _set_slot(value: Any, name: str, held: Any) -> None:
    now = _read_slot(value, name)
    if now is held:
        return
    if held is _MISSING:
        object.__delattr__(value, name)
    else:
        object.__setattr__(value, name, held)


def _read_slot(value: Any, name: str) -> Any:
    try:
        return object.__getattribute__(value, name)
    except AttributeError:
        return _MISSING


def _bind(namespace: Any, name: str, value: Any) -> None:
    if isinstance(namespace, dict):
        if value is _MISSING:
            del namespace[name]
        else:
            namespace[name] = value
    elif isinstance(namespace, type):
        if value is _MISSING:
            type.__delattr__(namespace, name)
        else:
            type.__setattr__(namespace, name, value)
    elif value is _MISSING:
        delattr(namespace, name)
    else:
        setattr(namespace, name, value)


def _items(value: Any, kept: Any) -> Restore:
    def restore() -> None:
        value[:] = kept

    return restore


def _write(reference: Any, held: Any) -> None:
    reference[...] = held
