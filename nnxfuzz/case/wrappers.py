"""Which wrappers a case can have around its loop."""

from nnxfuzz.case.types import Arm, Case


def wrapper_fits(case: Case, arm: Arm) -> bool:
    """Whether the loop of `case` can stand inside of the arm's wrapper."""
    return arm.wrapper == "plain"
