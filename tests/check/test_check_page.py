"""The page of a check: what stands on it, and that what a program holds is shown and never run."""

import re
from pathlib import Path
from typing import Any

import msgspec
from test_command import check

from nnxfuzz.checker.report import Report
from nnxfuzz.checker.sites import Site
from nnxfuzz.checker.verdicts import Judged, Verdict
from nnxfuzz.report.page.checks import check_page

HOSTILE = "</code><script>window.hacked=1</script>"


def made() -> Any:
    """A report with a finding, a documented deviation and a failure of the checker."""
    report = Report()
    report.tolerance = "rtol float32 1e-05"
    lost = Verdict("different", f"`{HOSTILE}` is off", ("a",), ("first", HOSTILE), way_out="use it")
    drops = Verdict("deviates", "drops the update of `n`", ("n",), record="broadcast-dropped")
    for line, verdict in ((3, lost), (9, drops), (12, Verdict("same"))):
        site = Site("train.py", line, HOSTILE if line == 3 else f"line {line}")
        report.row(site, "scan").calls += 1
        report.add(Judged(site, "scan", "graph", {"graph": verdict, "tree": Verdict("same")}))
    report.failed(Site("train.py", 20), "Traceback\nRuntimeError: broken")
    report.saved.append("saved finds/x.py")
    return msgspec.json.decode(report.json())


def text_of(page: str) -> str:
    """What a reader sees."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r"<[^>]+>", " ", page)
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        page = page.replace(code, sign)
    return " ".join(page.split())


def test_sites_and_verdicts_stand_on_it() -> None:
    text = text_of(check_page(made(), "train.py"))
    assert "nnxfuzz check: train.py" in text
    assert "3 calls: 1 different, 1 deviates, 1 same." in text
    assert "Call site Transform Calls graph tree" in text
    assert "train.py:3 nnx.scan 1 different ● same" in text
    assert "train.py:12 nnx.scan 1 same ● same" in text
    assert "graph: deviates drops the update of n (documented: broadcast-dropped)" in text
    assert "Way out: use it." in text
    assert "RuntimeError: broken" in text
    assert "saved finds/x.py" in text
    assert "rtol float32 1e-05" in text


def test_what_a_program_holds_is_shown_and_never_run() -> None:
    page = check_page(made(), HOSTILE)
    assert page.count("<script>") == 1
    assert text_of(page).count(HOSTILE) == 5, "title, heading, line, sentence, evidence"
    assert "default-src 'none'" in page


def test_a_program_without_calls_has_a_page() -> None:
    page = check_page(msgspec.json.decode(Report().json()), "p.py")
    assert "No call of an NNX transform was seen." in text_of(page)


def test_a_program_that_ends_early_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("1 / 0\n")
    assert check(tmp_path, "--html", "report.html", "train.py").returncode == 2
    assert "No call of an" in text_of((tmp_path / "report.html").read_text())


def test_a_program_that_cannot_be_run_has_no_page(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(:\n")
    assert check(tmp_path, "--html", "report.html", "p.py").returncode == 2
    assert not (tmp_path / "report.html").exists()


def test_a_page_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print(1)\n")
    done = check(tmp_path, "--html", "absent/report.html", "p.py")
    assert done.returncode == 2
    assert done.stderr.startswith("nnxfuzz: ")
    assert done.stderr.count("\n") == 1
