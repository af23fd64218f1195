"""What a call can reach: its arguments, its function, and what that function names or closes over.

The walk is over Python objects, and over what code *names*: of a module or a class of the user's
it looks at those attributes that some code on the way mentions.  It goes into the user's own
objects, functions and classes, into Flax's nodes and Variables, and into the closures of any
function; it stays out of libraries, whose state a transform's body does not change.
"""

import collections
import contextlib
import contextvars
import functools
import io
import queue
import random
import sys
import types
import weakref
from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.plain.libraries import is_library, is_library_class
from nnxfuzz.plain.names import defaults_of, name_of, names_of
from nnxfuzz.plain.objects import step
from nnxfuzz.plain.stored import (
    dictionary_of,
    is_cache,
    members_of,
    pairs_of,
    results_of,
    size_of,
    step_to,
)

#: The libraries into whose objects the walk goes all the same: they hold the user's.
_OPEN = frozenset(
    {"flax", "optax", "argparse", "collections", "types", "unittest"}
    | {"weakref", "_weakrefset", "queue", "_thread"}  # `_thread` has `threading.local`
)

#: How many objects a call may reach before it is let go.
MOST_OBJECTS = 200_000

#: Where a Variable has the dictionary of its metadata, from flax 0.10.2 on.
METADATA = "_var_metadata"

#: From how many items, and bytes, on an attribute is looked at only if some code reads it.
_LARGE, _LARGE_BYTES = 1000, 2**20

_ATOMS = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    type(...),
    types.CodeType,
    types.BuiltinFunctionType,
    np.dtype,
    np.generic,
    jax.core.Tracer,
)

#: The classes of methods that are not written in Python, and the containers that have such.
_METHODS = (types.BuiltinMethodType, types.MethodWrapperType)
_HOLDING = (list, dict, set, collections.deque)

#: What has methods of that kind, and is put back.
_OF_C = (*_HOLDING, np.ndarray, random.Random)

_ITERATORS = (
    *(types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, io.IOBase),
    queue.SimpleQueue,
)


class TooMuch(Exception):
    """The call reaches more than is kept of one; the message says what and how much."""


class Reached(NamedTuple):
    """An object that a call reaches: how the program gets to it, and whether by its arguments.

    What the arguments hold that no transform takes apart is reached as by closure: a configuration
    in an attribute of a module, a function, what a Variable has in its metadata.
    """

    value: Any
    path: str
    argument: bool


def is_iterator(value: Any) -> bool:
    """Whether what is read from it cannot be put back."""
    if isinstance(value, _ITERATORS):
        return True
    kind = type(value)
    return (
        is_library(kind.__module__)
        and hasattr(kind, "__next__")
        and kind.__module__
        in (
            "builtins",
            "itertools",
        )
    )


class Reach:
    """The objects that a call reaches, each once, in the order in which they are met.

    `objects` has them; `named` the classes, modules and dictionaries of globals, of which only
    what the program names is looked at.
    """

    def __init__(self) -> None:
        self.objects: list[Reached] = []
        #: A namespace that is looked at by name: its dictionary or class, and how it is reached.
        self.named: dict[int, tuple[Any, str]] = {}
        self._looked_at: dict[int, set[str]] = {}
        #: The modules of libraries, which hold what a program has put there.
        self._libraries: dict[int, types.ModuleType] = {}
        self._globals: dict[int, set[str]] = {}
        self._attributes: set[str] = set()
        self._read: set[str] = set()
        #: By its path, the name of an attribute of an object of the user's.
        self._steps: dict[str, str] = {}
        #: What is large in such attributes, or a queue, until some code on the way reads these.
        self._large: list[Reached] = []
        #: The dictionaries of Variables' metadata, of which no transform takes the items apart.
        self._metadata: set[int] = set()
        self._seen: dict[int, Any] = {}  # the objects are kept, or their ids would be used again
        self._stack: list[Reached] = []

    def walk(self, value: Any, path: str, argument: bool) -> None:
        """Go on from `value`."""
        self._stack.append(Reached(value, path, argument))
        while self._stack or self._follow_names():
            reached = self._stack.pop()
            reached = reached._replace(value=_referent(reached.value))
            if self._is_new(reached.value):
                self.objects.append(reached)
                if len(self.objects) > MOST_OBJECTS:
                    raise TooMuch(f"it reaches more than {MOST_OBJECTS:,} objects")
                below = [Reached(v, p, False) for v, p in self._below(reached)]
                if reached.argument and id(reached.value) not in self._metadata:
                    below = list(_by_argument(reached, below))
                self._stack.extend(reversed([r for r in below if not self._is_put_off(r)]))

    def _is_new(self, value: Any) -> bool:
        if isinstance(value, _ATOMS) or id(value) in self._seen:
            return False
        self._seen[id(value)] = value
        return True

    def _is_put_off(self, reached: Reached) -> bool:
        """Whether it is a data set, say, that a trainer holds, or a queue that a thread fills: its
        step may not look at it.
        """
        value = reached.value
        if reached.path not in self._steps or not (_is_large(value) or type(value) is queue.Queue):
            return False
        self._large.append(reached)
        return True

    def names_in(self, namespace: Any) -> set[str]:
        """The names for which a namespace was looked at, there or not."""
        return self._looked_at[id(namespace)]

    def mentions(self, *names: str) -> bool:
        """Whether some code on the way has one of these names."""
        every = self._attributes.union(*self._globals.values())
        return not every.isdisjoint(names)

    def may_come_to(self, path: str) -> bool:
        """Whether code on the way reads each attribute of a path, or attributes by a text.

        A trainer may hold the iterator of its data, and its step never looks at that.
        """
        under = (at for at in self._steps if path == at or path.startswith((f"{at}.", f"{at}[")))
        return all(map(self._is_read, under))

    def _is_read(self, path: str) -> bool:
        """Whether code on the way reads the attribute that a path ends with."""
        name = self._steps.get(path)
        by_text = self.mentions("getattr", "vars", "__dict__", "attrgetter")
        return by_text or name is None or name in self._read

    def _follow_names(self) -> bool:
        """Look the newly mentioned names up in all namespaces; whether anything was found."""
        for key, (namespace, path) in list(self.named.items()):
            held = held_by(namespace)
            new = self._wanted(namespace) - self._looked_at[key]
            self._looked_at[key] |= new
            for name in sorted(new & held.keys()):
                self._stack.append(Reached(held[name], f"{path}{name}", False))
        for module in list(self._libraries.values()):
            self._stack += self._put_into(module)
        self._stack += [r for r in self._large if self._is_read(r.path)]
        self._large = [r for r in self._large if not self._is_read(r.path)]
        return bool(self._stack)

    def _put_into(self, library: types.ModuleType) -> Iterator[Reached]:
        """What the program has put into a module of a library: a mock, another function."""
        new = self._attributes - self._looked_at[id(library)]
        self._looked_at[id(library)] |= new
        for name in sorted(new & vars(library).keys()):
            held = vars(library)[name]
            if isinstance(held, types.ModuleType) or _is_of_a_program(held):
                yield Reached(held, f"{library.__name__}.{name}", False)

    def _wanted(self, namespace: Any) -> set[str]:
        if isinstance(namespace, dict):
            return self._globals[id(namespace)]
        if isinstance(namespace, types.ModuleType):
            return set(self._attributes)
        return self._attributes | _special(vars(namespace)) | _overridden(namespace)

    def _by_name(self, namespace: Any, path: str) -> None:
        if id(namespace) not in self.named:
            self.named[id(namespace)] = (namespace, path)
            self._looked_at[id(namespace)] = set()

    def _below(self, reached: Reached) -> Iterator[tuple[Any, str]]:
        value, path, _ = reached
        if isinstance(value, types.FunctionType):
            yield from self._function(value, path)
        elif isinstance(value, types.MethodType):
            own = f"{path}.__self__" if path else "self"
            yield value.__self__, path.rpartition(".")[0] or own
            yield value.__func__, path
        elif isinstance(value, staticmethod | classmethod):
            yield value.__func__, path
        elif isinstance(value, property):
            yield from ((f, path) for f in (value.fget, value.fset) if f is not None)
        elif isinstance(value, types.ModuleType):
            if not is_library(value.__name__):
                self._by_name(value, f"{path}.")
            elif id(value) not in self._libraries:
                self._libraries[id(value)] = value
                self._looked_at[id(value)] = set()
        elif isinstance(value, type):
            for kind in value.__mro__:
                if not is_library_class(kind):
                    self._by_name(kind, f"{kind.__name__}.")
            if not is_library_class(type(value)):
                yield type(value), type(value).__name__
        elif isinstance(value, types.CellType):
            yield from ((held, path) for held in [_content(value)] if held is not value)
        else:
            yield from self._data(value, path)

    def _function(self, function: types.FunctionType, path: str) -> Iterator[tuple[Any, str]]:
        code = function.__code__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            yield cell, name
        for name, value in defaults_of(function):
            yield value, name
        yield function.__kwdefaults__, f"{path}.__kwdefaults__"
        for name, value in vars(function).items():
            yield value, path if name == "__wrapped__" else f"{path or function.__name__}.{name}"
        if not is_library(function.__module__):
            names, where = names_of(code), function.__globals__
            self._attributes |= names.attributes
            self._read |= names.read
            self._globals.setdefault(id(where), set()).update(names.globals)
            self._by_name(where, "")
            yield from _modules(names.imported, where)

    def _data(self, value: Any, path: str) -> Iterator[tuple[Any, str]]:
        if isinstance(value, (np.ndarray, *_HOLDING)):  # of a class of the user's
            yield from ((v, f"{path}.{name}") for name, v in (dictionary_of(value) or {}).items())
            yield type(value), type(value).__name__
        if isinstance(value, contextvars.ContextVar):
            with contextlib.suppress(LookupError):
                yield value.get(), path
        elif isinstance(value, functools.partial):
            yield value.func, path
            before = f"{path}." if path else ""
            for k, item in enumerate(value.args):
                yield item, before + name_of(value.func, k)
            for name, item in value.keywords.items():
                yield item, before + name
            yield value.keywords, f"{path}.keywords"
        elif isinstance(value, tuple | list | collections.deque):
            fields = getattr(type(value), "_fields", None)
            for k, item in enumerate(members_of(value)):
                yield item, f"{path}.{fields[k]}" if fields else f"{path}[{k}]"
        elif isinstance(value, dict):
            for key, item in list(pairs_of(value)):
                yield key, path
                yield item, path + step_to(key)
        elif isinstance(value, set | frozenset):
            yield from ((item, path) for item in members_of(value))
        elif isinstance(value, np.ndarray) and value.dtype == object:
            yield from ((item, f"{path}[{k}]") for k, item in enumerate(value.flat))
        elif is_library(type(value).__module__) and hasattr(value, "__wrapped__"):
            yield value.__wrapped__, path
            if is_cache(value) and not is_library(value.__module__):
                yield from ((held, f"{path}()") for held in results_of(value))
            if isinstance(getattr(value, "__dict__", None), dict):
                yield vars(value), path
        elif nnx_api.is_state(value):  # its dictionary is what the program writes `state[...]` of
            yield from ((item, path) for item in attributes_of(value).values())
        elif nnx_api.is_variable(value):  # whose metadata stand in a dictionary
            yield type(value), type(value).__name__
            for name, item in attributes_of(value).items():
                if name == METADATA:
                    self._metadata.add(id(item))
                yield item, path if name == METADATA else path + step(name)
        elif isinstance(value, memoryview):
            yield _viewed(value), path
        elif opens(value):
            yield type(value), type(value).__name__
            for name, item in attributes_of(value).items():
                if is_holder(value):  # whose attributes code of Flax reads
                    self._steps.pop(path + step(name), None)
                else:
                    self._steps[path + step(name)] = name
                yield item, path + step(name)


def _modules(names: Set[str], where: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """The modules that code imports which has these globals, as far as they are there already."""
    package = where.get("__package__") or ""
    for name in sorted(names):
        for full in (name, f"{package}.{name}".rstrip(".")):
            if isinstance(sys.modules.get(full), types.ModuleType):
                yield sys.modules[full], full


def held_by(namespace: Any) -> Mapping[str, Any]:
    """What a dictionary of globals, a module or a class holds, by name."""
    return namespace if isinstance(namespace, dict) else vars(namespace)


def _referent(value: Any) -> Any:
    """What a weak reference or a weak proxy refers to, None if that is gone; the list or iterator
    whose method it is (`losses.append`); anything else itself.

    A proxy of what is gone cannot even be asked for its class.
    """
    if type(value) in weakref.ProxyTypes:
        try:
            return value.__init__.__self__
        except ReferenceError:
            return None
    if type(value) in _METHODS:
        of = value.__self__
        return of if isinstance(of, _OF_C) or is_iterator(of) else value
    return value() if isinstance(value, weakref.ref) else value


def _content(cell: types.CellType) -> Any:
    """What a cell holds; the cell itself if it is empty."""
    try:
        return cell.cell_contents
    except ValueError:
        return cell


def _is_of_a_program(held: Any) -> bool:
    """Whether it is a function of a program's, a mock, or another object of a class of a program's;
    what hides its class is none.
    """
    if isinstance(held, types.FunctionType):
        return not is_library(held.__module__)
    kind = type(held)
    return not is_library_class(kind) or kind.__module__ == "unittest.mock"


def _is_large(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.nbytes > _LARGE_BYTES
    return isinstance(value, list | tuple | dict | set) and size_of(value) > _LARGE


def _viewed(view: memoryview) -> Any:
    """What holds the bytes; None if the view is released."""
    try:
        return view.obj
    except ValueError:
        return None


def _special(held: Any) -> set[str]:
    """The special methods that a class defines: Python calls them without naming them."""
    kinds = (types.FunctionType, staticmethod, classmethod)  # `__new__` is one of the second
    return {n for n in held if n.startswith("__") and isinstance(held[n], kinds)}


def _overridden(kind: type) -> set[str]:
    """What a class of the user's puts in the place of a library's, which calls it: the methods of
    its base, and the hooks of a Variable, for which the base has no names.
    """
    bases = [base for base in kind.__mro__ if is_library_class(base) and base is not object]
    return {
        n
        for n in vars(kind)
        if bases and (n.startswith("on_") or any(n in vars(base) for base in bases))
    }


def opens(value: Any) -> bool:
    """Whether an object's attributes are part of the program."""
    if isinstance(value, jax.Array | np.ndarray | np.random.Generator | random.Random):
        return False
    kind = type(value)
    own = not is_library_class(kind) or str(kind.__module__).partition(".")[0] in _OPEN
    return own or is_holder(value)


def slots_of(kind: type) -> list[str]:
    """The names of the slots of a class."""
    listed = [vars(k).get("__slots__", ()) for k in kind.__mro__]
    names = [n for slots in listed for n in ((slots,) if isinstance(slots, str) else slots)]
    return [n for n in names if n not in ("__dict__", "__weakref__")]


def attributes_of(value: Any) -> dict[str, Any]:
    """An object's attributes as they are stored, slots too."""
    found: dict[str, Any] = {}
    for name in slots_of(type(value)):
        try:
            found[name] = object.__getattribute__(value, name)
        except AttributeError:
            continue
    stored = dictionary_of(value)
    if stored is not None:
        found |= {str(name): item for name, item in stored.items()}
    return found


def _by_argument(reached: Reached, below: list[Reached]) -> Iterator[Reached]:
    """What an argument holds, with whether that is reached by the argument."""
    marks = nnx_api.marks(reached.value) if nnx_api.is_node(reached.value) else {}
    static = {reached.path + step(name) for name, is_data in marks.items() if not is_data}
    for one in below:
        yield one._replace(argument=one.path not in static and not _is_whole(one.value))


def _is_whole(value: Any) -> bool:
    """Whether it is a function, or an object of the user's that is one leaf to jax."""
    if isinstance(value, (types.FunctionType, types.MethodType, functools.partial, *_METHODS)):
        return True
    if is_library_class(type(value)) or is_holder(value) or isinstance(value, type):
        return False
    return bool(jax.tree_util.all_leaves([value]))


def is_holder(value: Any) -> bool:
    """Whether it is one of Flax's objects: a node or a Variable."""
    return nnx_api.is_variable(value) or nnx_api.is_node(value)
