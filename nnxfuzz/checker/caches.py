"""The results that `functools.cache` and `functools.lru_cache` keep: a function that is traced may
leave a tracer there.  What one with a `maxsize` holds cannot be put back.
"""

from collections.abc import Iterable
from typing import Any

import jax

from nnxfuzz.plain.stored import is_cache, results_of


def with_tracers(objects: Iterable[tuple[Any, str, bool]]) -> tuple[str, ...]:
    """The caches among these objects that keep a tracer, by the names of the program."""
    caches = [(value, path) for value, path, _ in objects if is_cache(value)]
    return tuple(path or cache.__name__ for cache, path in caches if _has_tracer(cache))


def _has_tracer(cache: Any) -> bool:
    leaves = jax.tree.leaves(list(results_of(cache)))
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
