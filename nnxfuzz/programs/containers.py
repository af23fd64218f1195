"""The containers of a carry that have named attributes: named tuples and dataclasses.

Each kind is one class for the same names, as it would be in a program.
"""

import functools
from collections import namedtuple
from collections.abc import Mapping
from typing import Any

from flax import struct

_CLASSES: dict[type, tuple[str, tuple[str, ...]]] = {}


@functools.cache
def record(kind: str, names: tuple[str, ...]) -> type:
    """The class of the records of a kind that have these names."""
    plain = type("Record", (), {"__annotations__": dict.fromkeys(names, Any)})
    made = namedtuple("Record", names) if kind == "namedtuple" else struct.dataclass(plain)
    _CLASSES[made] = kind, names
    return made


def is_record(value: object) -> bool:
    """Whether it is a record of ours (and not, say, a named tuple of an optimizer)."""
    return type(value) in _CLASSES


def kind_of(value: object) -> str:
    """The kind of a record."""
    return _CLASSES[type(value)][0]


def entries(value: object) -> dict[str, Any]:
    """What a record holds, by name."""
    return {name: getattr(value, name) for name in _CLASSES[type(value)][1]}


def remade(kind: type, items: Mapping[Any, Any]) -> Any:
    """A container of a kind with these entries, by name or in their order."""
    if kind in _CLASSES:
        return kind(**items)
    return dict(items) if kind is dict else kind(items.values())
