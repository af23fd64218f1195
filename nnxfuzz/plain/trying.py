"""Functions that Flax traces and Python does not call: the body of a loop that makes no trip."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nnxfuzz.plain.modes import undone
from nnxfuzz.plain.observations import current, keys_to_forget


def all_are_tried() -> bool:
    """Whether the functions are asked for, too, that Flax traces and Python does not call."""
    seen = current()
    return seen is not None and seen.tried is not None


@contextmanager
def tried(f: Any, *given: Any) -> Iterator[None]:
    """A run of a function that Python does not call: what it changes is put back, and the keys are
    forgotten that are used in it.
    """
    forget = keys_to_forget()
    try:
        with undone(f, *given):
            yield
    finally:
        forget()
