"""How a batch and Hypothesis come to terms: a search, exceptions that tell it what was found, and
its record of the draws.
"""

import contextlib
from collections.abc import Callable, Iterable
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import Verbosity as Loudness
from hypothesis.database import ExampleDatabase
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from nnxfuzz.campaign.fresh_draws import BACKEND
from nnxfuzz.oracle.verdict import Signature
from nnxfuzz.programs.case import Case


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


def search(
    cases: SearchStrategy[Case],
    seeded: int,
    examples: int,
    choices: Choices,
    phases: tuple[Phase, ...],
    visit: Callable[[Case], Signature | None],
) -> None:
    """Let Hypothesis draw, and call `visit` with what it draws, until that shows something."""

    @settings(
        max_examples=examples,
        database=choices,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=phases,
        backend=BACKEND if Phase.generate in phases else "hypothesis",
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Loudness.quiet,
    )
    @seed(seeded)  # inside: it takes the database away
    @given(cases)
    def test(case: Case) -> None:
        shown = visit(case)
        if shown is not None:  # one line for all: Hypothesis tells failures apart by it too
            raise class_of(shown)

    with contextlib.suppress(Shown, Over, Flaky, SkipTest):  # skipped: no choices to go by
        test()
