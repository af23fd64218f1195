"""What objects hold, whatever the methods of their classes do.

A program may have a dictionary whose `items` loads models, a class whose `__getattr__` raises, or
one that says of its objects that they have no `__dict__`.
"""

import collections
import threading
from collections.abc import Iterable, Iterator
from typing import Any


def dictionary_of(value: Any) -> dict[Any, Any] | None:
    """The dictionary that holds an object's attributes, if it has one."""
    if isinstance(value, threading.local):  # that of this thread
        return vars(value)
    try:
        stored = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return stored if isinstance(stored, dict) else None


def attribute_or(value: Any, name: str, otherwise: Any = None) -> Any:
    """An attribute that the object may make up, or fail to, by a `__getattr__` of its own."""
    try:
        return getattr(value, name, otherwise)
    except Exception:
        return otherwise


def pairs_of(value: Any) -> Iterable[tuple[Any, Any]]:
    """The keys and what is held under them, of a dictionary or of a mapping of Flax's."""
    return dict.items(value) if isinstance(value, dict) else value.items()


def members_of(value: Any) -> Iterator[Any]:
    """What a sequence or a set holds."""
    return _kind(value).__iter__(value)  # type: ignore[no-any-return]


def size_of(value: Any) -> int:
    """How many items a container of Python's holds."""
    return _kind(value).__len__(value)  # type: ignore[no-any-return]


def _kind(value: Any) -> Any:
    """The class of Python's of which a container is."""
    return next(
        k for k in (tuple, list, dict, collections.deque, set, frozenset) if isinstance(value, k)
    )
