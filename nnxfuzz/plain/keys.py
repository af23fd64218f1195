"""Which keys the streams of `nnx.Rngs` hand out inside of the calls of a plain run, which keys the
functions of `jax.random` draw from or split, and whether one of them twice.

A key that is used twice gives the same random numbers twice: "Key reuse" in jax's documentation
(docs.jax.dev/en/latest/jax.random.html, "each key should be used only once").  To split a key is a
use of it, as `jax.experimental.key_reuse` says.  That is no fault of a transform, so what is seen
here is a warning.  Keys that are traced have no number to compare.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import jax
import numpy as np
from flax import nnx

#: The path of a stream that is no argument: the function makes it, or has a copy of it.
UNNAMED = "a stream"


class Told(Protocol):
    """Who is told of keys."""

    def handed(self, stream: Any, key: Any) -> None: ...
    def drawn(self, key: Any, where: str) -> None: ...
    def split(self, key: Any, where: str) -> None: ...


_LOCK = threading.Lock()
_real: list[tuple[Any, str, Any]] = []
_open = 0

#: Functions of `jax.random` that draw no numbers.  One key is folded many times.
_NO_DRAWS = frozenset({"fold_in", "key_impl", "key_data", "clone"})

#: What every function of `jax.random` asks its key for, and where it stands, by release.
_CHECK, _RANDOM = "_check_prng_key", ("jax._src.random.core", "jax._src.random")


@contextmanager
def telling(current: Callable[[], Told | None]) -> Iterator[None]:
    """Tell of each key that a stream hands out within, and of each that numbers are drawn from;
    `current` says whom, which may be nobody.

    What is Flax's and jax's is in its place again when the last of these contexts ends.
    """
    global _open
    with _LOCK:
        _open += 1
        if _open == 1:
            _tell(current)
    try:
        yield
    finally:
        with _LOCK:
            _open -= 1
            while not _open and _real:
                setattr(*_real.pop())


def _tell(current: Callable[[], Told | None]) -> None:
    real = nnx.RngStream.__call__

    def handed(stream: Any) -> Any:
        key = real(stream)
        told = current()
        if told is not None:
            told.handed(stream, key)
        return key

    _put(nnx.RngStream, "__call__", handed)
    module = next((sys.modules[n] for n in _RANDOM if hasattr(sys.modules.get(n), _CHECK)), None)
    check = getattr(module, _CHECK, None)

    def drawn(name: str, key: Any, **options: Any) -> Any:
        assert check is not None
        out = check(name, key, **options)
        told = None if name in _NO_DRAWS else current()
        where = "" if told is None else _draws_at(sys._getframe(1))
        if told is not None and where:
            (told.split if name == "split" else told.drawn)(out[0], where)
        return out

    if check is not None:
        _put(module, _CHECK, drawn)


def _put(owner: Any, name: str, ours: Any) -> None:
    _real.append((owner, name, getattr(owner, name)))
    setattr(owner, name, ours)


def _draws_at(frame: Any) -> str:
    """Where a function of `jax.random` is called from outside of jax and Flax; "" if another one
    of them calls it.
    """
    while frame.f_back is not None:
        frame = frame.f_back
        module = str(frame.f_globals.get("__name__"))
        if module.startswith("jax._src.random"):
            return ""
        if module.partition(".")[0] not in ("jax", "flax"):
            break
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def number_of(array: Any) -> bytes | None:
    """The bits of a key, or of other numbers; None if they are traced."""
    if isinstance(array, jax.core.Tracer):
        return None
    is_key = jax.dtypes.issubdtype(array.dtype, jax.dtypes.prng_key)
    bits = jax.random.key_data(array) if is_key else array
    return None if isinstance(bits, jax.core.Tracer) else np.asarray(bits).tobytes()
