"""Which keys the streams of `nnx.Rngs` hand out inside of the calls of a plain run, and whether one
of them twice.

A key that is used twice gives the same random numbers twice: "Key reuse" in jax's documentation
(docs.jax.dev/en/latest/jax.random.html, "each key should be used only once").  That is no fault of
a transform, so what is seen here is a warning.  Keys that are traced have no number to compare.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
from flax import nnx

#: The path of a stream that is no argument: the function makes it, or has a copy of it.
UNNAMED = "a stream"

_LOCK = threading.Lock()
_Handed = Callable[[Any, Any], None]
_real: Any = None
_open = 0


@contextmanager
def telling(current: Callable[[], _Handed | None]) -> Iterator[None]:
    """Tell of each key that a stream hands out within; `current` says whom, which may be nobody.

    Flax's own method is in its place again when the last of these contexts ends.
    """
    global _real, _open
    with _LOCK:
        _open += 1
        if _open == 1:
            _real = real = nnx.RngStream.__call__

            def handed(stream: Any) -> Any:
                key = real(stream)
                tell = current()
                if tell is not None:
                    tell(stream, key)
                return key

            nnx.RngStream.__call__ = handed
    try:
        yield
    finally:
        with _LOCK:
            _open -= 1
            if not _open:
                nnx.RngStream.__call__ = _real


def number_of(key: Any) -> bytes | None:
    """The bits of a key; None if it is traced."""
    if isinstance(key, jax.core.Tracer):
        return None
    bits = jax.random.key_data(key)
    return None if isinstance(bits, jax.core.Tracer) else np.asarray(bits).tobytes()
