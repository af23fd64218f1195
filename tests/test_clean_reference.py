"""The reference dressed as the transform: there is nothing to find, so nothing is found.

Whatever shows here is a defect of nnxfuzz itself: of the builder, the two machines, the walk, the
contract's facts or the judge.
"""

import pytest
from clean_loops import clean_loops, decidable
from hypothesis import given, settings

from nnxfuzz.arithmetic import Unfit
from nnxfuzz.arms import plain_arms
from nnxfuzz.case import Case, canonical
from nnxfuzz.executors import Executor, observe
from nnxfuzz.judge import Oracle
from nnxfuzz.strategies import programs
from nnxfuzz.verdict import Finding

LOOPS = clean_loops()


def assert_clean(case: Case, executor: Executor) -> None:
    """Every arm of `case` agrees or is refused with a reason, where it can be compared."""
    oracle = Oracle(case)
    for arm in plain_arms(case):
        try:
            oracle.expected(arm, arm.mode)
            verdict = oracle.verdict(arm, observe(case, arm, executor, LOOPS))
        except Unfit:
            continue
        assert not isinstance(verdict, Finding), (canonical(case), verdict)


def executor_for(case: Case) -> Executor:
    """Eager where a traced value would have to decide on a trip."""
    return "trace" if decidable(case) else "eager"


@settings(max_examples=500)
@given(programs())
def test_untouched_python_loops_show_no_finding(case: Case) -> None:
    assert_clean(case, executor_for(case))


@pytest.mark.slow
@settings(max_examples=2_000)
@given(programs())
def test_untouched_python_loops_show_no_finding_in_2000_programs(case: Case) -> None:
    assert_clean(case, executor_for(case))
