"""The reference dressed as the transform: there is nothing to find, so nothing is found.

Whatever shows here is a defect of nnxfuzz itself: of the builder, the two machines, the walk, the
contract's facts or the judge.
"""

import pytest
from hypothesis import given, settings
from python_loops import decidable, python_loops

from nnxfuzz.arithmetic import Unfit
from nnxfuzz.case import MODES, TRANSFORMS, Arm, Case, canonical, fits
from nnxfuzz.executors import Executor, observe
from nnxfuzz.judge import judge
from nnxfuzz.reference import run_python
from nnxfuzz.strategies import programs
from nnxfuzz.verdict import Finding

LOOPS = python_loops()


def assert_clean(case: Case, executor: Executor) -> None:
    """Every arm of `case` agrees or is refused with a reason."""
    for mode in MODES:
        arms = [arm for name in TRANSFORMS if fits(case, arm := Arm(name, mode))]
        if not arms:
            continue
        try:
            expected = run_python(case, mode)
        except Unfit:
            continue
        for arm in arms:
            verdict = judge(arm, expected, observe(case, arm, executor, LOOPS))
            assert not isinstance(verdict, Finding), (canonical(case), verdict)


def executor_for(case: Case) -> Executor:
    """Eager where a traced value would have to decide on a trip."""
    return "trace" if decidable(case) else "eager"


@settings(max_examples=500)
@given(programs())
def test_untouched_python_loops_show_no_finding(case: Case) -> None:
    assert_clean(case, executor_for(case))


@pytest.mark.slow
@settings(max_examples=5_000)
@given(programs())
def test_untouched_python_loops_show_no_finding_in_5000_programs(case: Case) -> None:
    assert_clean(case, executor_for(case))
