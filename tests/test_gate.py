"""`nnxfuzz gate` on environments that exist in a table only: what counts against a change."""

import json
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from commands import Run, assert_refused
from elsewhere_tools import Put
from entries import INAPPLICABLE, LOST, OTHER, REFUSED

from nnxfuzz.cli.gate import gate
from nnxfuzz.corpus import entries as corpus

#: The change and its baseline, which is the release before it.
NEW, OLD = "flax-0.10.3-jax-0.5.0", "flax-0.10.2-jax-0.4.35"
WRONG = "wrong-world fori_loop tree: caller variable value"
INTERNAL = "internal-error fori_loop tree: KeyError in fori_loop"
ARGUMENTS = ("gate", "--flax", "0.10.3", "--corpus", "none", "--min-programs", "7")


def end(programs: int = 7, faults: int = 0) -> dict[str, Any]:
    running = {"programs": 0, "arms": 0}
    told = {"seconds": 2.0, "programs": programs, "running": running, "findings": 1}
    return {"is": "end", "reason": "budget", "statistics": told, "faults": [{}] * faults}


START = {"is": "start", "seed": 5}


def finding(path: Path, shrunk: bool = True, replaces: str | None = None) -> dict[str, Any]:
    return {"is": "finding", "path": str(path), "shrunk": shrunk, "replaces": replaces}


@pytest.fixture
def files(run: Run) -> list[Path]:
    """What the folder of finds holds: four entries."""
    return [corpus.save(entry, Path("finds")) for entry in (LOST, OTHER, REFUSED, INAPPLICABLE)]


def test_a_change_that_breaks_nothing_passes(run: Run, elsewhere: Put, files: list[Path]) -> None:
    elsewhere({NEW: "passes", OLD: "passes"}, events=[START, end()])
    code, out, err = run(*ARGUMENTS, "--seed", 5)
    assert code == 0
    assert out.splitlines() == [
        "0.10.3 against flax 0.10.2",
        "corpus: 4 entries: passes 4",
        "fuzz: 7 programs in 2s, seed 5",
        "",
        "the change breaks nothing that the baseline does right",
    ]
    assert err.splitlines()[2:] == ["nnxfuzz: 4 entries on 0.10.3", "nnxfuzz: fuzzing 0.10.3"]


def test_a_file_that_cannot_be_written_is_told_before_anything_runs(
    run: Run, elsewhere: Put
) -> None:
    made = elsewhere({})
    told = "No such file or directory; name a file in a folder that can be written"
    for option in ("--junit-xml", "--sarif"):
        assert_refused(run(*ARGUMENTS, option, "no/x"), f"cannot write no/x: {told}")
    assert not made.made


@pytest.mark.parametrize(
    ("after", "before", "broken"),
    [
        (f"still fails|{WRONG}", "passes", True),
        (f"still fails|{WRONG}", f"still fails|{WRONG}", False),
        (f"regressed|{WRONG}", f"regressed|{WRONG}", False),
        (f"regressed|{WRONG}", "fixed", True),
        (f"regressed|{WRONG}", "not applicable", True),
        (f"fails differently|recorded x, seen {INTERNAL}", f"still fails|{WRONG}", True),
        (
            "fails differently|recorded x, seen wrong-world scan tree: ys array value",
            f"still fails|{WRONG}",
            False,
        ),
        ("fails differently|recorded x, seen the process ended by SIGSEGV", "passes", True),
        (f"still fails|{WRONG}", "unreadable", False),
        ("fixed", "passes", False),
        ("not applicable", "passes", False),
    ],
)
def test_only_what_the_baseline_does_right_counts(
    after: str, before: str, broken: bool, run: Run, elsewhere: Put, files: list[Path]
) -> None:
    entry = files[0]
    elsewhere({NEW: {entry.stem: after}, OLD: {entry.stem: before}}, events=[START, end()])
    code, out, _ = run(*ARGUMENTS)
    assert code == int(broken)
    assert (str(entry) in out.partition("broken by")[2]) is broken


def test_a_find_counts_if_the_baseline_is_right(run: Run, elsewhere: Put) -> None:
    new = corpus.save(LOST, Path("drawn"))
    old = corpus.save(OTHER, Path("drawn"))
    fails = f"still fails|{WRONG}"
    events = [START, finding(new, shrunk=False), finding(new), finding(old), end()]
    elsewhere({NEW: fails, OLD: {new.stem: "passes", old.stem: fails}}, code=1, events=events)
    code, out, _ = run(*ARGUMENTS)
    assert code == 1
    assert out.splitlines()[2:] == [
        "fuzz: 7 programs in 2s, seed 5",
        "",
        f"broken by the change: {WRONG}",
        f"  {new}",
        "  baseline: passes",
        f"  nnxfuzz show {new}",
        "",
        "fails on the baseline, too:",
        f"  {old}",
        "",
        "the change breaks 1 thing that the baseline does right",
    ]


def test_what_becomes_of_a_find_when_it_is_shrunk(run: Run, elsewhere: Put) -> None:
    first, last = corpus.save(OTHER, Path("drawn")), corpus.save(LOST, Path("drawn"))
    gone = corpus.save(REFUSED, Path("drawn"))
    events = [START, finding(first, shrunk=False), finding(last, replaces=str(first))]
    events += [finding(gone), {"is": "same", "path": str(gone), "name": "x"}, end()]
    elsewhere({NEW: f"still fails|{WRONG}", OLD: "passes"}, code=1, events=events)
    _, out, _ = run(*ARGUMENTS)
    assert out.count("broken by the change") == 1
    assert f"  {last}\n" in out


def test_fail_fast_fuzzes_no_more(run: Run, elsewhere: Put, files: list[Path]) -> None:
    elsewhere({NEW: f"still fails|{WRONG}", OLD: "passes"}, events=[START, end()])
    code, out, err = run(*ARGUMENTS, "--fail-fast")
    assert code == 1
    assert "fuzzing" not in err
    assert "fuzz: " not in out


def test_a_number_of_findings_ends_the_search(run: Run, elsewhere: Put) -> None:
    new = corpus.save(LOST, Path("drawn"))
    events = [START, finding(new), "wait", end()]  # it waits for ever, unless it is interrupted
    elsewhere({NEW: f"still fails|{WRONG}", OLD: "passes"}, code=1, events=events)
    assert run(*ARGUMENTS, "--max-findings", 1)[0] == 1


@pytest.mark.parametrize(
    ("asked", "code"), [((), 2), (("--programs", 7), 0), (("--programs", 8), 2)]
)
def test_too_few_programs_are_no_pass(
    asked: tuple[object, ...], code: int, run: Run, elsewhere: Put
) -> None:
    elsewhere({NEW: "passes", OLD: "passes"}, events=[START, end()])
    words = ("gate", "--flax", "0.10.3", "--corpus", "none", "--junit-xml", "g.xml", *asked)
    got, out, err = run(*words)
    assert got == code
    sentence = (
        f"only 7 programs ran in 2s, and it takes {8 if asked else 200} to pass; give more time, "
        "as in --time 10m, or ask for fewer with --min-programs"
    )
    assert (f"nnxfuzz: {sentence}\n" in err) is bool(code)
    assert ("the change breaks nothing" in out) is not bool(code)
    error = ET.parse("g.xml").getroot().find("testcase/error")
    assert (None if error is None else error.get("message")) == (sentence if code else None)


def test_what_breaks_fails_after_few_programs_too(
    run: Run, elsewhere: Put, files: list[Path]
) -> None:
    elsewhere({NEW: f"still fails|{WRONG}", OLD: "passes"}, events=[START, end()])
    assert run("gate", "--flax", "0.10.3", "--corpus", "none")[0] == 1


def test_a_failure_of_ours_has_its_exit_code(run: Run, elsewhere: Put) -> None:
    elsewhere({NEW: "passes", OLD: "passes"}, code=3, events=[START, end(faults=2)])
    code, out, _ = run(*ARGUMENTS)
    assert code == 3
    assert "nnxfuzz itself failed at 2 programs" in out


def test_a_file_that_is_no_entry_is_told_before_anything_is_made(run: Run, elsewhere: Put) -> None:
    made = elsewhere({NEW: "passes", OLD: "passes"})
    Path("finds").mkdir()
    Path("finds/x.json").write_text("{")
    code, out, err = run(*ARGUMENTS)
    assert (code, out, made.made) == (2, "", [])
    assert err.startswith("nnxfuzz: finds/x.json is no corpus entry: at $: ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--flax", "0.10.1"], "no release comes before 0.10.1; name one with --baseline"),
        (
            ["--flax", "0.10.3", "--baseline", "0.10.3"],
            "--flax and --baseline are both 0.10.3; name another release",
        ),
        (
            ["--flax", "0.10.*"],
            "--flax names 7 releases; choose one of 0.10.1, 0.10.2, 0.10.3, 0.10.4, 0.10.5, "
            "0.10.6, 0.10.7",
        ),
        (["--flax", "a/b"], "a/b does not exist; name a flax release, a checkout or a wheel"),
    ],
)
def test_what_makes_no_gate_is_refused(
    words: list[str], sentence: str, run: Run, elsewhere: Put
) -> None:
    elsewhere({})
    assert_refused(run("gate", *words), sentence)


def test_reports_for_machines(run: Run, elsewhere: Put, files: list[Path]) -> None:
    lost, _, _, inapplicable = files
    fails = {lost.stem: f"still fails|{WRONG}", inapplicable.stem: "not applicable|too old"}
    elsewhere({NEW: fails, OLD: "passes"}, events=[START, end()])
    code, out, _ = run(*ARGUMENTS, "--junit-xml", "g.xml", "--sarif", "g.sarif", "--github")
    assert code == 1
    told = f"{WRONG}; baseline: passes; see nnxfuzz show {lost}"
    title = f"nnxfuzz%3A {WRONG.replace(':', '%3A')}"
    assert out.splitlines()[-1] == f"::error title={title}::{told}"
    suite = ET.parse("g.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "1", "1")
    failed = suite.find(f"testcase[@name='{lost.stem}']/failure")
    assert failed is not None
    assert failed.text == told
    (ran,) = json.loads(Path("g.sarif").read_text())["runs"]
    (result,) = ran["results"]
    assert result["ruleId"] == "wrong-world"
    assert [rule["id"] for rule in ran["tool"]["driver"]["rules"]] == ["wrong-world"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == str(lost)


def test_what_is_one_cause_is_told_once(run: Run, elsewhere: Put, files: list[Path]) -> None:
    lost, other, *_ = files  # the same program
    broken = f"still fails|{WRONG}"
    elsewhere({NEW: {lost.stem: broken, other.stem: broken}, OLD: "passes"}, events=[START, end()])
    code, out, _ = run(*ARGUMENTS, "--junit-xml", "g.xml", "--sarif", "g.sarif", "--github")
    first, second = sorted([lost, other])
    assert code == 1
    assert out.count("broken by the change") == 1
    assert f"  like it: {WRONG}\n    {second}\n" in out
    assert "the change breaks 1 thing that the baseline does right" in out
    assert out.splitlines()[-1].endswith(f"see nnxfuzz show {first}; like it: {second.stem}")
    suite = ET.parse("g.xml").getroot()
    failure = suite.find(f"testcase[@name='{second.stem}']/failure")
    assert suite.get("failures") == "2"
    assert failure is not None
    assert str(failure.text).endswith(f"; like {first}")
    (result,) = json.loads(Path("g.sarif").read_text())["runs"][0]["results"]
    assert str(second) in json.dumps(result["relatedLocations"])


def test_the_workflow_to_paste_runs_a_gate() -> None:
    path = Path(__file__).parent.parent / "examples" / "gate.yml"
    steps = yaml.safe_load(path.read_text())["jobs"]["nnxfuzz"]["steps"]
    (command,) = [step["run"] for step in steps if "nnxfuzz gate" in step.get("run", "")]
    words = shlex.split(command.replace("\\\n", " "))
    context = gate.make_context("gate", words[words.index("gate") + 1 :])
    assert context.params["change"] == "."
    written = {str(context.params[name]) for name in ("junit_xml", "sarif")}
    kept = " ".join(str(step.get("with", {})) for step in steps)
    assert all(name in kept for name in written)
