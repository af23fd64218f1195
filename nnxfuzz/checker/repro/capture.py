"""The draft of a call: everything that it reaches as expressions and sources.

Objects are made without their constructors, attribute by attribute.  A user's functions and classes
are carried as source.  A function that a library made (an initializer, an optimizer's update) is
found in the library's code, and given what it closes over.  What none of this can make raises
CannotCarry, which says what it is.
"""

import builtins
import dataclasses
import enum
import functools
import inspect
import keyword
import re
import types
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.calls import Call
from nnxfuzz.checker.repro.draft import (
    Applied,
    Array,
    Atom,
    Definition,
    Draft,
    Expression,
    Made,
    Name,
)
from nnxfuzz.checker.repro.names import cells_of, decorated, found, imported, module_of, public
from nnxfuzz.checker.repro.source import CannotCarry, Text, namespace_of, of_class, of_function
from nnxfuzz.plain.libraries import is_library
from nnxfuzz.programs.numbers import is_key

#: How many bytes of arrays a draft has at most.
MOST_BYTES = 2**26

#: The classes whose objects are options of transforms that map filters to something.
_MAPPINGS = ("StateAxes", "StateSharding")


def draft_of(call: Call, added: Mapping[str, Any]) -> Draft:
    """The draft of a call with further options.  Raises CannotCarry."""
    carrier = Carrier()
    given: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def recording(head: str) -> Any:
        def record(*args: Any, **kwargs: Any) -> Any:
            given.append((head, args, kwargs))
            return recorder

        return record

    recorder = recording("(")
    recorder.lower, recorder.compile = recording(".lower("), recording(".compile(")
    call.again(recorder, (call.args, call.kwargs), added)
    made: Expression | None = None
    for head, args, kwargs in given:
        items = {k: carrier.of(value, "") for k, value in enumerate(args)}
        named = {f"{name}=": carrier.of(value, name) for name, value in kwargs.items()}
        head = f"nnx.{call.transform}(" if made is None else head
        keys = (*(None for _ in items), *named)
        call_of = Made(head, keys, (*items.values(), *named.values()))
        made = call_of if made is None else Applied(made, call_of)
    assert made is not None
    return Draft(tuple(sorted(carrier.imports)), tuple(carrier.definitions), made).needed()


class Carrier:
    """Makes expressions of live objects; `definitions` has what has a name, in order."""

    def __init__(self) -> None:
        self.imports = {"from flax import nnx"}
        self.definitions: list[Definition] = []
        self._known: dict[int, Expression] = {}
        self._kept: list[Any] = []  # or their ids would be used again
        self._names: dict[str, Any] = {}
        self._open: set[int] = set()
        self._bytes = 0

    # --- any object -------------------------------------------------------------------------

    def of(self, value: Any, path: str) -> Expression:
        """An expression of a value, which the program has at `path`."""
        if value is None or value is ... or type(value) in (bool, int, str, bytes):
            return Atom("..." if value is ... else repr(value))
        if type(value) in (float, complex):
            return Atom(repr(value) if np.isfinite(value) else f'{type(value).__name__}("{value}")')
        if id(value) in self._known:
            return self._known[id(value)]
        if id(value) in self._open:
            raise CannotCarry(f"{path or type(value).__name__} leads back to itself")
        self._open.add(id(value))
        made = self._any(value, path)
        self._open.discard(id(value))
        self._kept.append(value)
        self._known[id(value)] = made
        return made

    def _any(self, value: Any, path: str) -> Expression:
        public = self._public(value)
        if public is not None:
            return public
        if isinstance(value, types.ModuleType):
            self.imports.add(f"import {value.__name__}")
            return Atom(value.__name__)
        if isinstance(value, types.FunctionType):
            return self._function(value, path)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, types.MethodType):
            name = Atom(repr(value.__func__.__name__))
            return Made("getattr(", (None, None), (self.of(value.__self__, path), name))
        if isinstance(value, jax.core.Tracer):
            raise CannotCarry(f"{path} is a tracer")
        if isinstance(value, jax.Array | np.ndarray | np.generic):
            return self._array(value, path)
        if nnx_api.is_variable(value):
            return self._named(value, self._variable(value, path))
        if nnx_api.is_node(value):
            return self._named(value, self._node(value, path))
        return self._container(value, path)

    def _named(self, value: Any, made: Expression) -> Name:
        """An object that may be held at several places."""
        name = self._free(f"the_{type(value).__name__.lower()}")
        self.definitions.append(Definition(name, made))
        return Name(name)

    def _free(self, stem: str) -> str:
        """A name that is not taken yet."""
        stem = stem if stem.isidentifier() and not keyword.iskeyword(stem) else "value"
        taken, name, k = {*self._names, *dir(builtins)}, stem, 1
        while name in taken:
            k += 1
            name = f"{stem}_{k}"
        self._names[name] = None
        return name

    # --- libraries --------------------------------------------------------------------------

    def _public(self, value: Any) -> Atom | None:
        """What a library has under a name."""
        found = public(value)
        if found is None:
            return None
        code, line = found
        if line:
            self.imports.add(line)
        return Atom(code)

    # --- functions and classes --------------------------------------------------------------

    def _function(self, function: types.FunctionType, path: str) -> Expression:
        if is_library(function.__module__):
            return self._nested(function, path)
        holder = found(function.__module__, function.__qualname__.rpartition(".")[0])
        if isinstance(holder, type):
            code, uses = self._code(self.of(holder, path))
            return Atom(f"{code}.{function.__name__}", uses)
        inner = inspect.unwrap(function)
        if inner is not function and is_library(function.__globals__.get("__name__")):
            return self._source(inner, of_function(inner, decorated=True), function)
        return self._source(function, of_function(function, decorated=False))

    def _class(self, kind: type) -> Expression:
        if is_library(kind.__module__):
            raise CannotCarry(f"{kind.__module__} has no {kind.__qualname__}")
        return self._source(kind, of_class(kind))

    def _source(self, thing: Any, text: Text, named: Any = None) -> Expression:
        """A definition from source, after those that it mentions; what has its name is `named`, or
        the thing itself.
        """
        if text.name:
            self._take(text.name, thing if named is None else named)
            self._known[id(thing)] = Name(text.name)
            self._kept.append(thing)
        namespace, uses = {**namespace_of(thing), **text.defaults}, []
        for name in sorted(text.mentions - {text.name}):
            if name in namespace and not name.startswith("__"):
                uses.append(name)
                self._global(name, namespace[name])
        if not text.name:
            name = self._free("function")
            source = f"{name} = {text.text}"
        else:
            name, source = text.name, text.text
        self.definitions.append(Definition(name, None, source, tuple(uses), given=True))
        return Name(name)

    def _take(self, name: str, value: Any) -> None:
        """Have a name of the program's mean a value.  Raises CannotCarry if it means another."""
        if name in self._names and self._names[name] is not value:
            raise CannotCarry(f"the program has two things that are named {name}")
        self._names[name] = value
        self._kept.append(value)

    def _global(self, name: str, value: Any) -> None:
        """A name that a source mentions."""
        if self._names.get(name) is value and name in self._names:
            return
        self._take(name, value)
        if isinstance(value, types.ModuleType):
            self.imports.add(imported(value.__name__, name))
            return
        inner = decorated(value)
        if inner is not None and inner.__name__ == name:
            self._known[id(value)] = Name(name)
            inner = inspect.unwrap(inner)
            self._source(inner, of_function(inner, decorated=True), value)
            return
        made = self.of(value, name)
        match made:
            case Atom(code) if code.endswith(f".{name}"):
                self.imports.add(f"from {module_of(code)} import {name}")
                return
        if made != Name(name):
            self.definitions.append(Definition(name, made, given=True))

    def _nested(self, function: types.FunctionType, path: str) -> Expression:
        """A function that a library's function made."""
        cells = cells_of(function, path)
        items = {n: self.of(cell.cell_contents, f"{path}.{n}") for n, cell in cells.items()}
        defaults = function.__defaults__ or ()
        head: list[Expression] = [
            Atom(repr(function.__module__)),
            Atom(repr(function.__qualname__)),
        ]
        head.append(self.of(tuple(defaults), path))
        head.append(self.of(dict(function.__kwdefaults__ or {}), path))
        keys = (*(None for _ in head), *(f"{name}=" for name in items))
        return Made("nested(", keys, (*head, *items.values()))

    # --- data -------------------------------------------------------------------------------

    def _array(self, value: Any, path: str) -> Expression:
        if is_key(value):
            self.imports.add("import jax")
            data = self._array(jax.random.key_data(value), path)
            kind = str(jax.random.key_impl(value))
            kind = re.sub(r".*'(\w+)'.*", r"\1", kind)
            return Made("jax.random.wrap_key_data(", (None, "impl="), (data, Atom(repr(kind))))
        if isinstance(value, jax.Array) and value.is_deleted():
            raise CannotCarry(f"{path} was donated")
        numbers = np.asarray(value)
        self._bytes += numbers.nbytes
        if self._bytes > MOST_BYTES:
            raise CannotCarry(
                f"the arrays at and before {path} have more than {MOST_BYTES:,} bytes"
            )
        if numbers.dtype.kind in "OUSMm":
            raise CannotCarry(f"{path} is an array of {numbers.dtype}")
        module = "jnp" if isinstance(value, jax.Array) else "np"
        self.imports.add("import jax.numpy as jnp" if module == "jnp" else "import numpy as np")
        weak = bool(getattr(value, "weak_type", False))
        return Array(module, str(numbers.dtype), numbers.shape, numbers.tobytes(), weak)

    def _variable(self, value: Any, path: str) -> Expression:
        kind, uses = self._code(self.of(type(value), path))
        usual = dict(nnx.Variable(0).get_metadata())
        held = {n: v for n, v in value.get_metadata().items() if usual.get(n, ...) != v}
        if nnx_api.holds_reference(value):
            held["ref"] = True
        items = {name: self.of(v, f"{path}.{name}") for name, v in held.items()}
        keys = (None, *(f"{name}=" for name in items))
        raw = self.of(nnx_api.get_raw(value), path)
        return Made(f"{kind}(", keys, (raw, *items.values()), uses=uses)

    def _node(self, value: Any, path: str) -> Expression:
        held = nnx_api.attributes(value)
        if type(value) in (getattr(nnx, "List", None), getattr(nnx, "Sequence", None)):
            items = tuple(self.of(v, f"{path}[{n}]") for n, v in held.items())
            return Made("nnx.List([", (None,) * len(items), items, "])")
        kind = self.of(type(value), path)
        if type(value) is getattr(nnx, "Dict", None):
            kind = Atom("nnx.Dict")
        marks = nnx_api.marks(value)
        items = tuple(
            self._marked(self.of(v, f"{path}.{n}"), v, marks.get(n)) for n, v in held.items()
        )
        return Made("new(", (None, *(f"{name}=" for name in held)), (kind, *items))

    def _marked(self, made: Expression, value: Any, data: bool | None) -> Expression:
        """A container that is data, or an array that is not, is marked so."""
        if data and type(value) in (tuple, list, dict):
            return Made("nnx.data(", (None,), (made,))
        if data is False and isinstance(value, jax.Array):
            return Made("nnx.static(", (None,), (made,))
        return made

    def _container(self, value: Any, path: str) -> Expression:
        kind = type(value)
        if kind in (tuple, list):
            items = tuple(self.of(item, f"{path}[{k}]") for k, item in enumerate(value))
            tail = (",)" if len(items) == 1 else ")") if kind is tuple else "]"
            made = Made("(" if kind is tuple else "[", (None,) * len(items), items, tail)
            return made if kind is tuple else self._named(value, made)
        if kind is dict:
            return self._named(value, self._dictionary(value, path))
        if kind in (set, frozenset):
            items = tuple(self.of(item, path) for item in value)
            return Made(f"{kind.__name__}([", (None,) * len(items), items, "])")
        if isinstance(value, slice | range):
            return Atom(repr(value))
        if isinstance(value, np.dtype):
            self.imports.add("import jax.numpy as jnp")
            return Atom(f"jnp.dtype({str(value)!r})")
        if isinstance(value, functools.partial):
            self.imports.add("import functools")
            args = tuple(self.of(item, path) for item in (value.func, *value.args))
            named = {f"{n}=": self.of(v, path) for n, v in value.keywords.items()}
            keys = (*(None for _ in args), *named)
            return Made("functools.partial(", keys, (*args, *named.values()))
        if nnx_api.is_state(value):
            made = self._dictionary(nnx_api.state_items(value), path)
            return Made("nnx.State(", (None,), (made,))
        if kind.__name__ in _MAPPINGS and kind.__module__.startswith("flax."):
            pairs = dict(zip(value.filters, value.axes, strict=True))
            return Made(f"nnx.{kind.__name__}(", (None,), (self._dictionary(pairs, path),))
        return self._record(value, path)

    def _dictionary(self, value: Mapping[Any, Any], path: str) -> Made:
        codes = [self._code(self.of(key, path)) for key in value]
        keys = tuple(f"{code}: " for code, _ in codes)
        uses = tuple(name for _, names in codes for name in names)
        items = tuple(self.of(item, f"{path}[{key!r}]") for key, item in value.items())
        return Made("{", keys, items, "}", uses)

    def _record(self, value: Any, path: str) -> Expression:
        """A named tuple, dataclass, member of an enum, or object of a class of the user's."""
        kind = type(value)
        if isinstance(value, enum.Enum) and value.name in kind.__members__:
            code, uses = self._code(self.of(kind, path))
            return Atom(f"{code}.{value.name}", uses)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            held = dict(zip(value._fields, value, strict=True))
        elif dataclasses.is_dataclass(value):
            held = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
        elif not is_library(kind.__module__) and hasattr(value, "__dict__"):
            items = tuple(self.of(v, f"{path}.{n}") for n, v in vars(value).items())
            keys = (None, *(f"{name}=" for name in vars(value)))
            return self._named(value, Made("bare(", keys, (self.of(kind, path), *items)))
        else:
            raise CannotCarry(f"{path or 'it'} is a {kind.__module__}.{kind.__qualname__}")
        code, uses = self._code(self.of(kind, path))
        items = tuple(self.of(v, f"{path}.{n}") for n, v in held.items())
        return Made(f"{code}(", tuple(f"{name}=" for name in held), items, uses=uses)

    def _code(self, made: Expression) -> tuple[str, tuple[str, ...]]:
        """An expression that is a word, and the definitions that it uses."""
        match made:
            case Atom(code, uses):
                return code, uses
            case Name(name):
                return name, (name,)
        raise CannotCarry("a key or a class is made by a call")
