"""What a campaign steps over: the records of `known.toml`."""

from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused
from entries import LOST

from nnxfuzz.campaign import Stepping
from nnxfuzz.campaign.stepping import Pattern, patterns
from nnxfuzz.case import Case

KNOWN = """
[[known]]
id = "lost-updates"
link = "https://example.org/1"
reason = "one Variable at two places"
kind = "wrong-world"
where = "bug *"
features = ["shared:variable"]
"""


def test_a_pattern_covers_what_it_describes() -> None:
    pattern = Pattern(
        "x", "", "", mode="tree", where="caller * value", features=("shared:variable",)
    )
    assert pattern.covers(LOST.signature, LOST.case)
    assert not pattern.covers(LOST.signature, Case())
    other = msgspec.structs.replace(LOST.signature, mode="graph")
    assert not pattern.covers(other, LOST.case)
    assert Stepping(patterns=(pattern,)).name_of(LOST.signature, LOST.case) == "x"
    assert Stepping(patterns=(pattern,)).name_of(other, LOST.case) is None
    assert Stepping(frozenset({other})).name_of(other, LOST.case) == str(other)


@pytest.mark.parametrize(
    ("one_of", "covered"),
    [
        (("shared:variable", "statement:make"), True),
        (("statement:make",), False),
        (("statement:make", "statement:drop"), False),
    ],
)
def test_one_feature_of_several_is_enough(one_of: tuple[str, ...], covered: bool) -> None:
    assert Pattern("x", "", "", one_of=one_of).covers(LOST.signature, LOST.case) is covered
    both = Pattern("x", "", "", features=("shared:variable",), one_of=one_of)
    assert both.covers(LOST.signature, LOST.case) is covered


@pytest.mark.usefixtures("planted")
def test_what_the_list_describes_is_counted_and_stepped_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "known.toml").write_text(KNOWN)
    code, out, _ = run("fuzz", "--programs", 20)
    assert code == 0
    assert "\nknown: lost-updates 2\n" in out


@pytest.mark.parametrize("text", ["[[known]]\nid = 'x'", "known = 3", "[["])
def test_a_list_that_is_wrong_is_refused(text: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "known.toml").write_text(text)
    code, out, err = run("fuzz", "--programs", 20)
    assert (code, out) == (2, "")
    assert err.startswith("nnxfuzz: corpus/known.toml is no list of known bugs: ")
    assert err.endswith("; each [[known]] needs id, link, reason and a pattern\n")


NO_KIND = "wrong-world, spurious-refusal, internal-error, poisoned-state, crash, hang"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "hides every finding; give it a kind, transform, mode, where or features"),
        ("kind = 'no'", f"asks for the kind 'no', which there is not; use {NO_KIND}"),
        ("mode = '[x'", "asks for the mode '[x', which there is not; use graph, gnu, tree"),
        (
            "features = ['no']",
            "asks for the feature 'no', which there is not; nnxfuzz status --coverage lists them",
        ),
        (
            "one_of = ['no']",
            "asks for the feature 'no', which there is not; nnxfuzz status --coverage lists them",
        ),
    ],
)
def test_a_record_that_would_hide_everything_or_nothing_is_refused(
    line: str, sentence: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "corpus").mkdir()
    text = f"[[known]]\nid = 'x'\nlink = ''\nreason = ''\n{line}"
    (tmp_path / "corpus" / "known.toml").write_text(text)
    assert_refused(run("fuzz", "--programs", 20), f"corpus/known.toml: the record 'x' {sentence}")


def test_no_list_is_an_empty_one(tmp_path: Path) -> None:
    assert patterns(tmp_path) == ()
