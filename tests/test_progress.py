"""What a command says on standard error of how far it is, as if everything took long."""

import contextlib
import io
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import Run
from elsewhere_tools import Put, every
from entries import LOST
from histories import save

from nnxfuzz import nnx_api
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.programs import progress
from nnxfuzz.programs.progress import Progress


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is due each time that something is said."""
    monkeypatch.delenv(progress.OFF)
    monkeypatch.setattr(progress, "FIRST", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setattr(Progress, "_watch", lambda self: None)  # what `at` says is enough


def lines(err: str) -> list[str]:
    """What was said, without the seconds."""
    return [line.partition("s, ")[2] for line in err.splitlines() if line.startswith("nnxfuzz: ")]


# --- the lines ------------------------------------------------------------------------------


def test_a_caller_that_does_not_return_is_told_of_again_and_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(progress.OFF)
    monkeypatch.setattr(progress, "FIRST", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    said = ""
    with Progress("compiles"):
        while said.count("compiles\n") < 3:
            time.sleep(0.01)
            said += capsys.readouterr().err
    capsys.readouterr()
    time.sleep(0.05)
    assert capsys.readouterr().err == "", "it is over"


def test_it_is_said_where_the_code_within_swallows_what_it_says(
    slow: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress("starts") as at, contextlib.redirect_stderr(io.StringIO()):
        at.at("compiles")
    assert lines(capsys.readouterr().err) == ["compiles"]


def test_nothing_is_said_before_its_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(progress.OFF)
    now = itertools.count(step=1.0)  # each look at the clock is a second
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    monkeypatch.setattr(Progress, "_watch", lambda self: None)
    with Progress("starts") as at:
        for number in range(25):
            at.at(f"step {number}")
    assert capsys.readouterr().err.splitlines() == [
        "nnxfuzz: 3s, step 2",
        "nnxfuzz: 13s, step 12",
        "nnxfuzz: 23s, step 22",
    ]


def test_the_environment_switches_it_off(
    slow: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(progress.OFF, "1")
    with Progress("starts") as at:
        at.at("a step")
    assert capsys.readouterr().err == ""


# --- the commands ---------------------------------------------------------------------------


def test_replay_says_which_entry(run: Run, slow: None) -> None:
    path = corpus.save(LOST, Path("corpus"))
    _, _, err = run("replay")
    assert lines(err) == [f"runs entry 1 of 1: {path}"]


def test_replay_on_releases_says_which_and_which_entry(
    run: Run, slow: None, elsewhere: Put
) -> None:
    corpus.save(LOST, Path("corpus"))
    elsewhere(every(lambda flax: "passes"))
    _, _, err = run("replay", "--flax", "0.10.2", "--flax", "0.10.3", "--json")
    assert lines(err) == [
        "flax 0.10.2, 1 of 2: its environment",
        "flax 0.10.2, 1 of 2: runs entry 1 of 1",
        "flax 0.10.3, 2 of 2: its environment",
        "flax 0.10.3, 2 of 2: runs entry 1 of 1",
    ]


def test_bisect_says_what_it_runs(run: Run, slow: None, elsewhere: Put, tmp_path: Path) -> None:
    elsewhere(every(lambda flax: "still fails"))
    _, _, err = run("bisect", save(tmp_path), "--dry-run")
    assert "runs it on flax 0.10.1" in lines(err)


def test_a_page_says_which_entry(run: Run, slow: None) -> None:
    pytest.importorskip("jinja2")
    path = corpus.save(LOST, Path("corpus"))
    _, _, err = run("report", "--html", "page.html", "--no-run")
    *drawn, last = err.splitlines()
    assert lines("\n".join(drawn)) == [f"draws entry 1 of 1: {path}"]
    assert last == "nnxfuzz: wrote page.html"


def test_the_atlas_says_which_construct(run: Run, slow: None) -> None:
    _, _, err = run("atlas", "one-module-is-two-arguments", "--json")
    assert set(lines(err)) == {
        f"flax {nnx_api.FLAX}: runs construct 1 of 1, one-module-is-two-arguments"
    }


# --- an early end ---------------------------------------------------------------------------

#: Python runs it at the start of a process.  All processes of the command get Ctrl-C as soon as one
#: of them asks for a module.
PRESSED = """
import os, signal, sys

def imported(event, words):
    if event == "import" and words[0] == os.environ["PRESSED_AT"]:
        os.environ["PRESSED_AT"] = ""
        os.killpg(0, signal.SIGINT)

sys.addaudithook(imported)
"""


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("replay", "click"),
        ("replay", "nnxfuzz.programs.errors"),
        ("replay", "numpy"),
        ("check", "click"),
        ("check", "nnxfuzz.programs.errors"),
        ("check", "nnxfuzz.checker.report"),  # in the process that it starts
    ],
)
def test_an_interrupt_in_the_first_second_is_no_traceback(
    command: str, module: str, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(PRESSED)
    (tmp_path / "train.py").write_text("import time\nfrom flax import nnx\ntime.sleep(3600)\n")
    done = subprocess.run(
        [sys.executable, "-m", "nnxfuzz", command, *(["train.py"] * (command == "check"))],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site"), "PRESSED_AT": module},
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert "interrupted" in done.stderr
    assert "Traceback" not in done.stderr
