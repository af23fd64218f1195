"""What objects hold, whatever the methods of their classes do.

A program may have a dictionary whose `items` loads models, a class whose `__getattr__` raises, or
one that says of its objects that they have no `__dict__`.
"""

import collections
import functools
import gc
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


def is_cache(value: Any) -> bool:
    """Whether it is a function that `functools.cache` or `functools.lru_cache` has made."""
    return isinstance(value, functools._lru_cache_wrapper)


def results_of(cache: Any) -> Iterator[Any]:
    """What such a cache keeps, for which Python has no other way to ask: without a `maxsize` one
    dictionary of all, with one each result, and the arguments beside them.
    """
    size, most = cache.cache_info().currsize, cache.cache_parameters()["maxsize"]
    if not size and most is not None:
        return
    own = {id(held) for held in (type(cache), vars(cache), cache.__wrapped__)}
    for held in gc.get_referents(cache):
        if id(held) not in own and not (isinstance(held, dict) and _is_of_links(held)):
            yield held


def step_to(key: Any) -> str:
    """How the path goes on to what a dictionary holds; a cache has under () what it was called for
    without arguments.
    """
    return "" if type(key) is tuple and not key else f"[{key!r}]"


def _is_of_links(held: dict[Any, Any]) -> bool:
    """Whether it is where a cache with a `maxsize` finds its results: what it has may not go."""
    return any(type(link).__name__ == "_lru_list_elem" for link in held.values())
