"""`nnxfuzz contract`: all records, or one with what the guide says of it."""

from pathlib import Path

import pytest
from commands import Run, runner

from nnxfuzz.checker.refusals import REASONS
from nnxfuzz.plain.deviations import DEVIATIONS

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def test_the_page_in_the_docs_is_what_is_printed(run: Run) -> None:
    assert run("contract") == (0, (DOCS / "contract.md").read_text(), "")


@pytest.mark.parametrize("name", sorted({r.id for r in REASONS} | {d.id for d in DEVIATIONS}))
def test_a_record_is_printed_with_its_source_and_the_way_out(run: Run, name: str) -> None:
    code, out, err = run("contract", name)
    assert (code, err) == (0, "")
    assert out.startswith(f"### {name}\n\n- ")
    assert "\n- Source: " in out
    for reason in REASONS:
        if reason.id == name:
            assert f"- When: {reason.told}.\n" in out
            assert reason.way_out in out


@pytest.mark.parametrize("name", ["fails-in-python", "raised-in-this-mode", "raised-when-traced"])
def test_what_is_no_refusal_of_flax_is_explained(run: Run, name: str) -> None:
    assert run("contract", name)[1].startswith(f"### {name}\n\n- ")


def test_a_record_has_its_part_of_the_guide_and_no_other(run: Run) -> None:
    out = run("contract", "new-nodes")[1]
    assert "## new-nodes: what a function makes is dropped\n" in out
    assert "### Arrays and numbers as attributes" in out
    assert "shared-argument" not in out


def test_a_record_that_is_not_there_is_a_misuse(run: Run) -> None:
    told = "nnxfuzz: there is no record 'no-such'; nnxfuzz contract prints all of them\n"
    assert run("contract", "no-such") == (2, "", told)
