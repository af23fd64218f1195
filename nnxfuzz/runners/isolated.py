"""Work in a thread of its own, so that what it does to the interpreter ends with it.

Seen for real: a RecursionError inside of jax's flattening of a module that reaches itself leaves
CPython's recursion counter exhausted, and from then on every jax call fails.  That counter belongs
to the thread.  A thread that was damaged is thrown away; the next case gets a new one.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_own_thread(work: Callable[[], T]) -> T:
    """What `work` returns; what it raises is raised here."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
