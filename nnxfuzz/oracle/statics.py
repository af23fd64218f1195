"""What a static attribute is, as text: equal texts for values that a program cannot tell apart.

A static attribute is part of a module's structure, so a transform has to hand back the very value.
Two runs build their objects apart, so the text is of the value and never of its address.
"""

import dataclasses
import enum
import functools
import re
from collections.abc import Iterable, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

#: Of these the text is Python's own, with the type in it: `1`, `1.0`, `True` and `'1'` differ.
_SIMPLE = (type(None), bool, int, float, complex, str, bytes)

_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, type)


def is_function(value: object) -> bool:
    """Whether it is a Python function, which equals nothing but itself."""
    return isinstance(value, FunctionType)


def equals_itself_alone(value: object) -> bool:
    """Whether it equals nothing but itself: a function, or an object of a class that says nothing
    about it.
    """
    if value is None or isinstance(value, type | enum.Enum | BuiltinFunctionType):
        return False
    return is_function(value) or type(value).__eq__ is object.__eq__


def static_text(value: Any) -> str:
    """A static value as text without memory addresses.

    Enum members, dataclasses, `functools.partial` and containers are told by what they hold,
    functions and classes by their qualified name, anything else by its type and its `repr`.
    """
    if type(value) in _SIMPLE:
        return repr(value)
    name = type(value).__qualname__
    if isinstance(value, enum.Enum):
        return f"{name}.{value.name}"
    if isinstance(value, functools.partial):
        named = [f"{key}={static_text(held)}" for key, held in sorted(value.keywords.items())]
        return _call("partial", [static_text(value.func), *map(static_text, value.args), *named])
    qualified = _told(value, "__qualname__")
    if isinstance(value, _FUNCTIONS) or qualified is not None:
        return str(qualified or name)
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return _call(name, [f"{f.name}={static_text(_told(value, f.name))}" for f in fields])
    if isinstance(value, Mapping):
        pairs = dict.items(value) if isinstance(value, dict) else value.items()
        return _call(name, sorted(f"{static_text(key)}: {static_text(h)}" for key, h in pairs))
    if isinstance(value, tuple | list):
        return _call(name, map(static_text, value))
    if isinstance(value, set | frozenset):
        return _call(name, sorted(map(static_text, value)))
    shape, dtype = _told(value, "shape"), _told(value, "dtype")
    if shape is not None and dtype is not None:  # a number may be a tracer's
        return f"{dtype}{list(shape)}"
    return _other(value, name)


def _told(value: Any, name: str) -> Any:
    """An attribute, which a `__getattr__` of the class may fail to find; None if there is none."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def _call(name: str, parts: Iterable[str]) -> str:
    return f"{name}({', '.join(parts)})"


def _other(value: Any, name: str) -> str:
    try:
        return f"{name} {_ADDRESS.sub('', repr(value))}"
    except Exception:  # an object whose own repr fails still has a type
        return name
