"""The corpus is 1-minimal: without any one of its rows, statements and options a bug is gone."""

import pytest
from corpus_runs import LOOPS, applicable, fails_here

from nnxfuzz import nnx_api
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import Case
from nnxfuzz.programs.shrink import candidates
from nnxfuzz.runners import Executor, confirming
from nnxfuzz.runners.judge import examine


def shows(case: Case, entry: Entry, executor: Executor) -> bool:
    """Whether the case shows the entry's signature."""
    if nnx_api.inapplicable(case, entry.arm) is not None:
        return False
    try:
        verdict = examine(case, entry.arm, executor)
    except Inconclusive:
        return False
    return isinstance(verdict, Finding) and verdict.signature == entry.signature


@pytest.mark.parametrize("name", LOOPS)
def test_nothing_can_be_taken_away_from_an_entry(name: str) -> None:
    entry = LOOPS[name]
    applicable(entry)
    if not fails_here(entry):
        pytest.skip("the installed release has it mended")
    executors: tuple[Executor, ...] = ("trace", *confirming(entry.case))
    executor = next(e for e in executors if shows(entry.case, entry, e))
    assert [case for case in candidates(entry.case) if shows(case, entry, executor)] == []
