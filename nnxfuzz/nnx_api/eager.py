"""What jax runs of a `shard_map` outside of `jit`, compiled once.

jax makes of each operation there a function of its own, a `HashablePartial`, and calls `jax.jit` of
it.  Two of one operation are equal, so that `jit` would know it again.  But the caches of `jit`
hold a function weakly, and nobody else holds this one, so that jax compiles each operation again
each time, at some 40 ms (`findings/shards-compile-each-step-again.sh`; so in the source of each jax
from 0.4.35 to 0.12.0.1).  A program with several devices took as long as a hundred others.
"""

import functools
import importlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

#: How many operations are held.  With each go the constants of the functions that it calls.
_MOST = 1024

#: Where jax has its `shard_map`, by release, and its name there.
_HOMES, _NAME = ("jax._src.shard_map", "jax.experimental.shard_map"), "HashablePartial"

_RELEASES: list[Callable[[], None]] = []


def hold_operations() -> None:
    """Let this process hold what jax makes of each operation, so that it is compiled once.

    No result changes: which operations are equal is for jax to say.  A jax that has no such name is
    left as it is.
    """
    for home in () if _RELEASES else _HOMES:
        with suppress(ModuleNotFoundError):
            module = importlib.import_module(home)
            if hasattr(module, _NAME):
                setattr(module, _NAME, _holding(getattr(module, _NAME)))
                return


def let_go() -> None:
    """Hold nothing of what was made until now."""
    for release in _RELEASES:
        release()


def _holding(make: Callable[..., Any]) -> Callable[..., Any]:
    """As `make`, but equal parts make the very object that they made before."""
    held = functools.lru_cache(_MOST)(make)
    _RELEASES.append(held.cache_clear)

    @functools.wraps(make)
    def made(*parts: Any) -> Any:
        try:
            return held(*parts)
        except TypeError:  # a part has no hash: jax will say so
            return make(*parts)

    return made
