"""The draft of a script as data: expressions, definitions, the call; and its text.

An object that is held at several places is a definition with a name, so that the script shares what
the program shared.
"""

import base64
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np

from nnxfuzz.programs.case import Data

#: The most numbers of an array that are written as such.
MOST_NUMBERS = 64


class Expression(Data, frozen=True):
    """Something that can be written as Python: `parts` are what is in it, `with_parts` others."""

    @property
    def parts(self) -> tuple["Expression", ...]:
        return ()

    def with_parts(self, parts: tuple["Expression", ...]) -> "Expression":
        return self


class Atom(Expression, frozen=True):
    """A piece of code as it is; `uses` are the names of definitions in it."""

    code: str
    uses: tuple[str, ...] = ()


class Name(Expression, frozen=True):
    """What a definition is named."""

    name: str


class Array(Expression, frozen=True):
    """An array of `module` (jnp or np), whose numbers are the bytes of a numpy array."""

    module: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes
    weak: bool = False

    @property
    def numbers(self) -> np.ndarray:
        """The array itself."""
        return np.frombuffer(self.data, dtype_of(self.dtype)).reshape(self.shape)

    def with_numbers(self, numbers: Any) -> "Array":
        """The same with other numbers of the same dtype."""
        other = np.asarray(numbers, dtype_of(self.dtype))
        return msgspec.structs.replace(self, shape=other.shape, data=other.tobytes())


class Made(Expression, frozen=True):
    """A call of something, or a container: `head`, the items with commas, `tail`.

    `keys` has what stands before each of `items` (`name=`, `key: `), or None.  `uses` are the names
    of definitions in the head and the keys.
    """

    head: str
    keys: tuple[str | None, ...] = ()
    items: tuple[Expression, ...] = ()
    tail: str = ")"
    uses: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.items

    def with_parts(self, parts: tuple[Expression, ...]) -> "Made":
        return msgspec.structs.replace(self, items=parts)

    def without(self, k: int) -> "Made":
        """The same without its item `k`."""
        keys, items = list(self.keys), list(self.items)
        del keys[k], items[k]
        return msgspec.structs.replace(self, keys=tuple(keys), items=tuple(items))


class Applied(Expression, frozen=True):
    """A call of what an expression gives; `arguments` are in brackets."""

    function: Expression
    arguments: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.function, self.arguments

    def with_parts(self, parts: tuple[Expression, ...]) -> "Applied":
        return Applied(*parts)


class Definition(Data, frozen=True):
    """A name of the script: `value` is what it is bound to, or `source` defines it.

    `uses` are the names of the definitions that a source mentions; `given` says that the program
    has this name, so that it stays.
    """

    name: str
    value: Expression | None = None
    source: str = ""
    uses: tuple[str, ...] = ()
    given: bool = False


class Draft(Data, frozen=True):
    """A script: what it imports, its definitions in order, and the call as an expression."""

    imports: tuple[str, ...]
    definitions: tuple[Definition, ...]
    call: Expression

    def needed(self) -> "Draft":
        """The draft without what nothing uses."""
        by_name = {d.name: d for d in self.definitions}
        kept: set[str] = set()
        left = names_in(self.call)
        while left:
            name = left.pop()
            if name not in kept and name in by_name:
                kept.add(name)
                left += _uses(by_name[name])
        definitions = tuple(d for d in self.definitions if d.name in kept)
        return msgspec.structs.replace(self, definitions=definitions)

    def mapped(self, change: Callable[[Expression], Expression]) -> "Draft":
        """The draft with each expression changed, the innermost first."""
        definitions = tuple(
            d if d.value is None else msgspec.structs.replace(d, value=_mapped(d.value, change))
            for d in self.definitions
        )
        call = _mapped(self.call, change)
        return msgspec.structs.replace(self, definitions=definitions, call=call).needed()

    def expressions(self) -> Iterator[Expression]:
        """Every expression in it."""
        for definition in self.definitions:
            if definition.value is not None:
                yield from within(definition.value)
        yield from within(self.call)


def within(expression: Expression) -> Iterator[Expression]:
    """An expression and all in it."""
    yield expression
    for part in expression.parts:
        yield from within(part)


def names_in(expression: Expression) -> list[str]:
    """The names of definitions that an expression uses."""
    found: list[str] = []
    for part in within(expression):
        match part:
            case Name(name):
                found.append(name)
            case Atom(_, uses):
                found += uses
            case Made():
                found += part.uses
    return found


def _uses(definition: Definition) -> list[str]:
    named = [] if definition.value is None else names_in(definition.value)
    return named + list(definition.uses)


def _mapped(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    parts = expression.parts
    new = tuple(_mapped(part, change) for part in parts)
    same = all(a is b for a, b in zip(new, parts, strict=True))
    return change(expression if same else expression.with_parts(new))


# --- text -----------------------------------------------------------------------------------


class Writer:
    """Writes the expressions of a draft; an object that is used once stands where it is used."""

    def __init__(self, draft: Draft) -> None:
        self._by_name = {d.name: d for d in draft.definitions}
        parts = list(draft.expressions())
        counted = Counter(n.name for n in parts if isinstance(n, Name))
        mentioned = {name for d in draft.definitions for name in d.uses}
        mentioned |= {name for n in parts if isinstance(n, Atom | Made) for name in n.uses}
        self._inline = {
            d.name
            for d in draft.definitions
            if d.value is not None
            and not d.given
            and counted[d.name] < 2
            and d.name not in mentioned
        }

    def stands_alone(self, definition: Definition) -> bool:
        """Whether a definition has lines of its own."""
        return definition.name not in self._inline

    def text(self, expression: Expression, indent: str = "") -> str:
        """An expression; a long one goes over several lines."""
        match expression:
            case Name(name):
                if name not in self._inline:
                    return name
                value = self._by_name[name].value
                assert value is not None
                return self.text(value, indent)
            case Array():
                return array_text(expression)
            case Made(head, keys, _, tail):
                return self._made(head, keys, expression.items, tail, indent)
            case Atom(code):
                return code
            case Applied(function, arguments):
                return self.text(function, indent) + self.text(arguments, indent)
        raise TypeError(f"{expression!r} is no expression that can be written")

    def _made(
        self, head: str, keys: Any, items: tuple[Expression, ...], tail: str, indent: str
    ) -> str:
        deeper = indent + "    "
        texts = [
            self.text(item, deeper) if key is None else f"{key}{self.text(item, deeper)}"
            for key, item in zip(keys, items, strict=True)
        ]
        flat = f"{head}{', '.join(texts)}{tail}"
        if "\n" not in flat and len(indent) + len(flat) <= 88:
            return flat
        lines = "".join(f"{deeper}{text},\n" for text in texts)
        return f"{head}\n{lines}{indent}{tail.removeprefix(',')}"


def array_text(array: Array) -> str:
    """An array as a call that makes it."""
    numbers = array.numbers
    dtype = "" if array.weak else f', "{array.dtype}"'
    if array.weak and not array.shape:
        return f"{array.module}.asarray({_number(numbers[()])})"
    flat = numbers.reshape(-1)
    if flat.size > 1 and (flat == flat[0]).all():
        return f'{array.module}.full({array.shape}, {_number(flat[0])}, "{array.dtype}")'
    if 0 < flat.size <= MOST_NUMBERS:
        return f"{array.module}.array({_nested(numbers)}{dtype})"
    packed = base64.b85encode(zlib.compress(array.data, 9)).decode()
    return f'{array.module}.asarray(unpacked({packed!r}, "{array.dtype}", {array.shape}))'


def _nested(numbers: np.ndarray) -> str:
    if numbers.ndim == 0:
        return _number(numbers[()])
    return "[" + ", ".join(_nested(row) for row in numbers) + "]"


def _number(value: Any) -> str:
    if value.dtype.kind in "biuc":
        return repr(value.item())
    number = float(value)
    return repr(number) if np.isfinite(number) else f'float("{number}")'


def dtype_of(name: str) -> np.dtype:
    """A dtype by its name, those of jax's own too."""
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, name)) if hasattr(ml_dtypes, name) else np.dtype(name)
