"""One program on one arm as an assertion, for tests of one's own."""

import warnings
from collections.abc import Iterator
from typing import NoReturn

from hypothesis import currently_in_test_context, reject

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding, dotted
from nnxfuzz.programs.case import Arm, Case, Mode, Transform
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.runners.judge import examine


def assert_right(program: Case, transform: Transform, *, mode: Mode = "graph") -> None:
    """Raise AssertionError unless a loop of the installed Flax does with `program` as Python does.

    A documented refusal is right, too.  The loop is traced and evaluated with numpy.  Inside of a
    Hypothesis test a program that the loop cannot run, and one whose numbers allow no comparison,
    are rejected; elsewhere they are a Misuse.

    >>> from nnxfuzz.programs.case import ArraySlot, Case, Update
    >>> assert_right(Case(carry=(ArraySlot(),), body=(Update(("carry",)),)), "fori_loop")
    """
    __tracebackhide__ = True
    arm = Arm(transform, mode)
    reason = nnx_api.inapplicable(program, arm)
    if reason is not None:
        _not_comparable(reason)
    try:
        # What a drawn program calls is not the user's.
        with warnings.catch_warnings(action="ignore"):
            verdict = examine(program, arm, "trace")
    except Inconclusive as inconclusive:
        _not_comparable(str(inconclusive))
    if isinstance(verdict, Finding):
        raise AssertionError("\n".join(_told(verdict)))


def _told(finding: Finding) -> Iterator[str]:
    yield str(finding.signature)
    for d in finding.differences:
        yield f"{dotted(d.path)}: expected {d.expected}, got {d.got}"
    if finding.failure is not None:
        yield f"{finding.failure.error}: {finding.failure.message}"


def _not_comparable(reason: str) -> NoReturn:
    if currently_in_test_context():
        reject()
    raise Misuse(f"the program cannot be judged: {reason}; give another program or another mode")
