"""Who runs `plain` for ends of its own, such as the oracle for a case.

Every call of a transform within is the host's: it takes its own notes of it, and handles arrays,
which stay as they are, in its own way (`unwatched.Host`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_HOST: ContextVar[Any] = ContextVar("host", default=None)


@contextmanager
def hosted_by(host: Any) -> Iterator[None]:
    """Have `host` (an `unwatched.Host`) for the calls within."""
    token = _HOST.set(host)
    try:
        yield
    finally:
        _HOST.reset(token)


def current_host() -> Any:
    """The host of the calls that are made now; None if they have none."""
    return _HOST.get()
