"""A program as an assertion of a test of one's own."""

import doctest
import warnings

import pytest
from clean_loops import clean_loops, decidable
from entries import LOST
from hypothesis import given, settings
from rich_cases import STATES

from nnxfuzz import nnx_api
from nnxfuzz.programs.case import Case, TupleSlot
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.runners import asserting
from nnxfuzz.runners.asserting import assert_right
from nnxfuzz.strategies import programs


def test_its_example_runs() -> None:
    assert doctest.testmod(asserting).failed == 0


def test_what_cannot_be_compared_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nnx_api, "transforms", clean_loops)

    @settings(max_examples=50, database=None, derandomize=True)
    @given(programs(nnx_api.choices()).filter(decidable))
    def judged(program: Case) -> None:
        assert_right(program, "fori_loop")

    judged()


def test_a_finding_is_told_with_its_difference() -> None:
    arm = LOST.arm
    if arm.mode not in nnx_api.modes():
        pytest.skip("this release has not this mode")
    with pytest.raises(AssertionError, match="wrong-world") as caught:
        assert_right(LOST.case, arm.transform, mode=arm.mode)
    assert "expected" in str(caught.value)


def test_what_a_program_warns_of_is_no_warning_of_the_test() -> None:
    with warnings.catch_warnings(action="error"):
        assert_right(STATES["sowing and popping"], "fori_loop")


def test_outside_of_hypothesis_a_program_without_a_verdict_is_a_misuse() -> None:
    case = Case(carry=(TupleSlot(()),), loop=LOST.case.loop, inputs=())
    assert_right(case, "scan")
    with pytest.raises(Misuse, match="give another program or another mode"):
        assert_right(case, "scan", mode="no such mode")  # type: ignore[arg-type]
