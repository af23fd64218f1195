"""The results that `functools.cache` and `functools.lru_cache` keep: a function that is traced may
leave a tracer there, and what such a cache holds cannot be put back.
"""

import functools
import gc
from collections.abc import Iterable, Iterator
from typing import Any

import jax

from nnxfuzz.checker.reach import Reached


def with_tracers(objects: Iterable[Reached]) -> tuple[str, ...]:
    """The caches among these objects that keep a tracer, by the names of the program."""
    caches = [(value, path) for value, path, _ in objects if _is_cache(value)]
    return tuple(path or cache.__name__ for cache, path in caches if _has_tracer(cache))


def _is_cache(value: Any) -> bool:
    return isinstance(value, functools._lru_cache_wrapper)


def _has_tracer(cache: Any) -> bool:
    leaves = jax.tree.leaves(list(_results(cache)))
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)


def _results(cache: Any) -> Iterator[Any]:
    """What it keeps, and what else it refers to; Python has no other way to ask for that."""
    for held in gc.get_referents(cache):
        if isinstance(held, dict) and held is not vars(cache):
            yield from held.values()
        elif isinstance(held, tuple | list | jax.core.Tracer):
            yield held
