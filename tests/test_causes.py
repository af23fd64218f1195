"""Entries come together by root cause: by the record they name, or by what their cases show."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from entries import LOST, OTHER, REFUSED, TREE

from nnxfuzz.corpus.causes import FILE, CallScope, Cause, causes, grouped
from nnxfuzz.corpus.entries import Entry, entries, load
from nnxfuzz.oracle.verdict import Cell, Failure, Finding, FindingKind, Signature
from nnxfuzz.programs.calls.data import Block, Call, CallProgram
from nnxfuzz.programs.case import MODES, Arm, Variable
from nnxfuzz.programs.errors import Misuse

SPLIT = Cause("split", "Tree mode splits", "defect")
WHILE = Arm("while_loop", "tree")
SIGNATURE = Signature("wrong-world", "while_loop", "tree", "caller variable value")


def with_cause(entry: Entry, cause: str | None) -> Entry:
    return msgspec.structs.replace(entry, cause=cause)


#: Another case than LOST's, on another transform.
SECOND = msgspec.structs.replace(REFUSED, arm=WHILE, signature=SIGNATURE)
#: LOST, whose case shows SECOND's signature as well.
BOTH = msgspec.structs.replace(LOST, arms=(Cell(TREE, "x"), Cell(WHILE, str(SIGNATURE))))


def names(*entries: Entry, known: tuple[Cause, ...] = ()) -> list[tuple[str, list[str]]]:
    """The headings, each with the titles below it."""
    found = [(Path(f"{k}.json"), entry) for k, entry in enumerate(entries)]
    groups = grouped(found, {cause.id: cause for cause in known})
    return [(group.title, [entry.title for _, entry in group.entries]) for group in groups]


def test_entries_that_have_nothing_in_common_stand_alone() -> None:
    assert names(LOST, SECOND) == [(LOST.title, [LOST.title]), (SECOND.title, [SECOND.title])]


def test_one_case_has_one_cause() -> None:
    assert names(LOST, OTHER) == [(LOST.title, [LOST.title, OTHER.title])]


def test_a_case_that_shows_the_other_signature_has_the_same_cause() -> None:
    together = [BOTH.title, SECOND.title]
    assert names(BOTH, SECOND) == [(BOTH.title, together)]
    assert names(SECOND, BOTH) == [(SECOND.title, together[::-1])]


def test_a_record_gives_the_heading_and_draws_in_what_is_alike() -> None:
    named = with_cause(BOTH, "split")
    assert names(SECOND, named, known=(SPLIT,)) == [(SPLIT.title, [BOTH.title, SECOND.title])]


def test_a_guess_never_joins_two_records() -> None:
    other = Cause("other", "Another", "unclear")
    one, two = with_cause(BOTH, "split"), with_cause(SECOND, "other")
    assert names(one, two, known=(SPLIT, other)) == [
        (SPLIT.title, [one.title]),
        (other.title, [two.title]),
    ]


def test_a_cause_without_a_record_is_its_own_heading() -> None:
    assert names(with_cause(LOST, "unwritten")) == [("unwritten", [LOST.title])]


def test_the_records_are_read_from_the_folder(tmp_path: Path) -> None:
    assert causes(tmp_path) == {}
    lines = ("[[cause]]", 'id = "split"', 'title = "Tree mode splits"', 'category = "defect"')
    (tmp_path / FILE).write_text("\n".join(lines))
    assert causes(tmp_path) == {"split": SPLIT}


@pytest.mark.parametrize("text", ["[[cause]]\nid = 'x'", "= nonsense", "[[cause]]\nid = 1"])
def test_records_that_are_none_are_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(Misuse, match=r"is no list of causes: .*; each .* needs id, title and"):
        causes(tmp_path)


def test_a_scope_is_read_with_its_record(tmp_path: Path) -> None:
    cause = '[[cause]]\nid = "a"\ntitle = "A"\ncategory = "defect"\n[[cause.scope]]\n'
    own = 'kinds = ["crash"]\nwhere = "x.*"\ntraits = [["call:jit", "call:cond"]]'
    (tmp_path / FILE).write_text(cause + own)
    traits = (frozenset({"call:jit", "call:cond"}),)
    assert causes(tmp_path)["a"].scope == (CallScope(("crash",), "x.*", MODES, "", traits),)
    (tmp_path / FILE).write_text(cause + 'kinds = ["crash"]\nwhere = "("')
    with pytest.raises(Misuse, match=r"is no list of causes: '\(' is no regular expression: "):
        causes(tmp_path)


def test_records_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff")
    with pytest.raises(Misuse, match=r"cannot read .*; make it a readable UTF-8 file"):
        causes(tmp_path)


# --- this project's own corpus --------------------------------------------------------------

CORPUS = Path(__file__).parent.parent / "corpus"


def test_every_entry_names_a_cause_that_has_a_record() -> None:
    known = causes(CORPUS)
    assert {load(path).cause for path in entries([CORPUS])} == known.keys()


# --- finds that nobody has looked into ------------------------------------------------------


def raised(message: str, function: str = "check_same", transform: Any = "scan") -> Entry:
    """An entry of a program of its own, at which a function of Flax raises."""
    signature = Signature("internal-error", transform, "tree", f"KeyError in {function}")
    failure = Failure("KeyError", message, function)
    arm: Any = Arm(transform, "tree")
    variables = (*LOST.case.variables, Variable(tag=message))
    case = msgspec.structs.replace(LOST.case, variables=variables)
    evidence = Finding(arm, signature, failure=failure)
    return msgspec.structs.replace(
        LOST, title=message, case=case, arm=arm, signature=signature, evidence=evidence
    )


def called(transform: Any, kind: FindingKind = "wrong-world") -> Entry:
    """An entry of a call program: this transform, of a function that does nothing."""
    signature = Signature(kind, transform, "graph", "result array value")
    case = CallProgram(Call(transform, blocks=(Block(),)))
    arm: Any = Arm(transform, "graph")
    evidence = Finding(arm, signature)
    return msgspec.structs.replace(
        LOST, title=transform, case=case, arm=arm, signature=signature, evidence=evidence
    )


def test_an_exception_in_the_same_words_has_one_cause_on_any_transform() -> None:
    one, other = raised("no key 3 there"), raised("no key 17 there", transform="fori_loop")
    assert names(one, other) == [(one.title, [one.title, other.title])]


@pytest.mark.parametrize(
    "other", [raised("another message"), raised("no key 17 there", function="split")]
)
def test_other_words_or_another_function_are_another_cause(other: Entry) -> None:
    assert len(names(raised("no key 3 there"), other)) == 2


def test_one_program_has_one_cause_whichever_transform_is_called() -> None:
    assert names(called("vmap"), called("jit")) == [("vmap", ["vmap", "jit"])]


def test_one_program_of_two_transforms_that_breaks_in_two_ways_has_two_causes() -> None:
    assert len(names(called("vmap"), called("jit", "internal-error"))) == 2
