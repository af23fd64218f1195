"""How a batch and Hypothesis come to terms: exceptions that tell it what was found, and its record
of the draws.
"""

from collections.abc import Iterable

from hypothesis.database import ExampleDatabase

from nnxfuzz.verdict import Signature


class Shown(Exception):
    """Raised inside of the Hypothesis test by a program that shows what the batch has found.

    Hypothesis tells failures apart by their exception class, so each signature raises its own.
    """


class Over(BaseException):
    """A budget is used up: no Exception, so that Hypothesis does not take it for a failure."""


class Choices(ExampleDatabase):
    """Hypothesis's record of the draws that failed, to be shrunk in another process."""

    def __init__(self, kept: Iterable[bytes] = ()) -> None:
        super().__init__()
        self.kept = list(kept)

    def save(self, key: bytes, value: bytes) -> None:
        if not key.endswith((b".secondary", b".pareto")) and value not in self.kept:
            self.kept.append(value)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        return () if key.endswith((b".secondary", b".pareto")) else list(self.kept)

    def delete(self, key: bytes, value: bytes) -> None:
        """Nothing: what was found is never given up."""


_CLASSES: dict[Signature, type[Shown]] = {}


def class_of(signature: Signature) -> type[Shown]:
    """The exception class of a signature: Hypothesis tells bugs apart by it."""
    if signature not in _CLASSES:
        _CLASSES[signature] = type(f"Shown{len(_CLASSES)}", (Shown,), {"signature": signature})
    return _CLASSES[signature]
