"""What every rule of the checker owes: one sentence, and nothing for a case that keeps it."""

import pytest

from nnxfuzz.programs.case import Case, CaseError, check, problems

#: The rule, a case that breaks just it, and the sentence: where, what is wrong, what to do.
Broken = list[tuple[int, Case, str]]


def told(rule: int, case: Case, sentence: str) -> None:
    """The case breaks this rule alone, and `check` says so in the sentence."""
    assert [problem.rule for problem in problems(case)] == [rule]
    with pytest.raises(CaseError) as raised:
        check(case)
    assert str(raised.value) == f"ill-formed case at {sentence} (rule W{rule})"
    assert raised.value.rule == rule


def passes(case: Case) -> None:
    assert problems(case) == []
    check(case)
