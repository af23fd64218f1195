"""The script of a call program asks for what its entry shows."""

import ast
from pathlib import Path

import pytest

from nnxfuzz.corpus.entries import Entry, entries, load
from nnxfuzz.oracle.verdict import Difference, Finding, Signature
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import Arm
from nnxfuzz.report.calls import script

CORPUS = Path(__file__).parent.parent / "corpus"
ENTRIES = [load(path) for path in entries([CORPUS])]
CALLS = [e for e in ENTRIES if isinstance(e.case, CallProgram) and e.evidence.differences]


def checks(case: CallProgram, arm: Arm, finding: Finding) -> str:
    """What the script does once the program has run."""
    return script(case, arm, finding, "title").partition("held = objects()")[2]


@pytest.mark.parametrize("entry", CALLS, ids=lambda entry: entry.title)
def test_each_difference_of_an_entry_has_a_check(entry: Entry) -> None:
    assert isinstance(entry.case, CallProgram)
    assert "bug(" in checks(entry.case, entry.arm, entry.evidence)


@pytest.mark.parametrize("entry", CALLS, ids=lambda entry: entry.title)
def test_a_script_has_the_helpers_that_it_calls_and_no_others(entry: Entry) -> None:
    assert isinstance(entry.case, CallProgram)
    tree = ast.parse(script(entry.case, entry.arm, entry.evidence, "title"))
    defined = {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
    calls = (one.func for one in ast.walk(tree) if isinstance(one, ast.Call))
    called = {one.id for one in calls if isinstance(one, ast.Name)}
    helpers = {"bug", "at", "array"}
    assert defined & helpers == called & helpers


@pytest.mark.parametrize(
    ("expected", "got", "asked"),
    [
        ("[('names', ('x', None))]", "[('names', (None,))]", "if names != [('x', None)]:"),
        ("[('names', ('x',))]", "[]", "if names != [('x',)]:"),
        ("[]", "[('names', ('x',))]", "if names != []:"),
        ("[('names', ('x',)), ('tag', 'a')]", "[('names', ('x',))]", "get('tag') != 'a':"),
        ("[] by reference", "[('tag', 'a')] by reference", "get('tag') != None:"),
    ],
)
def test_metadata_that_differ_are_asked_for(expected: str, got: str, asked: str) -> None:
    entry = CALLS[0]
    assert isinstance(entry.case, CallProgram)
    difference = Difference(("caller", "v"), "variable", "metadata", expected, got)
    signature = Signature("wrong-world", "jit", "graph", "caller variable metadata")
    finding = Finding(Arm("jit"), signature, (difference,))  # type: ignore[arg-type]
    assert asked in checks(entry.case, entry.arm, finding)
