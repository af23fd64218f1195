"""`nnxfuzz report` of one entry: the text of an upstream issue, or one sentence why not."""

from pathlib import Path

import msgspec
from commands import Run, assert_refused
from entries import REFUSED

from nnxfuzz.corpus import entries as corpus

CAUSES = """\
[[cause]]
id = "two"
title = "Two modules"
category = "defect"
upstream = "reported"
"""


def of_a_cause(folder: Path) -> Path:
    return corpus.save(msgspec.structs.replace(REFUSED, cause="two"), folder)


def test_the_text_of_an_issue_is_printed(run: Run, tmp_path: Path) -> None:
    path = of_a_cause(tmp_path)
    (tmp_path / "causes.toml").write_text(CAUSES)
    code, out, err = run("report", path)
    assert (code, err) == (0, "")
    assert out.startswith("# nnx.fori_loop: two distinct modules\n\n### System information\n")
    assert f"- Known upstream: reported ({REFUSED.link})\n" in out
    assert out.endswith("nnx.fori_loop(0, 1, body, carry)\n```\n")


def test_a_folder_makes_no_issue(run: Run, tmp_path: Path) -> None:
    sentence = (
        f"{tmp_path} is a folder; name one entry of it, "
        "or make a page of all with --html, as in --html findings.html"
    )
    assert_refused(run("report", tmp_path), sentence)


def test_an_entry_that_was_copied_without_the_record_of_its_cause_has_a_text(
    run: Run, tmp_path: Path
) -> None:
    code, out, _ = run("report", of_a_cause(tmp_path))
    assert code == 0
    assert "- Known upstream: " in out
    assert "- Class: " not in out


def test_releases_are_for_a_page(run: Run, tmp_path: Path) -> None:
    sentence = "--releases seen.json is for a page; name one with --html"
    assert_refused(run("report", "--releases", "seen.json", of_a_cause(tmp_path)), sentence)


def test_a_missing_entry_is_refused(run: Run) -> None:
    assert_refused(run("report", "no.json"), "no.json is no file; name a corpus entry (*.json)")
