"""How the tests of the command line run it, and a campaign that finds what they want it to."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import msgspec
import pytest
from entries import LOST

from nnxfuzz import cli
from nnxfuzz.campaign import Discovery, WorkerPool, workers
from nnxfuzz.campaign.work import Fault
from nnxfuzz.oracle.failures import fault_name, traceback_text
from nnxfuzz.oracle.verdict import Signature, Symptom

Run = Callable[..., tuple[int, str, str]]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process: exit code, standard output, standard error."""

    def call(*words: object) -> tuple[int, str, str]:
        code = cli.run([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def process(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    """`python -m nnxfuzz` in a process of its own."""
    return python("-m", "nnxfuzz", *words, **options)


def python(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    kept: dict[str, Any] = {"capture_output": True, "text": True, "check": False} | options
    return subprocess.run([sys.executable, *map(str, words)], **kept)


def assert_refused(result: tuple[int, str, str], sentence: str) -> None:
    assert result == (2, "", f"nnxfuzz: {sentence}\n")


# --- fuzz without fuzzing -------------------------------------------------------------------


perform = sys.modules["nnxfuzz.campaign.carry_out"]


class Here(Executor):
    """Does all work at once, in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class Planted:
    """Explores nothing and finds one bug in each batch, with the name of the batch."""

    def __init__(self, options: Any, statistics: Any, known: Any, deadline: Any, **rest: Any):
        self.statistics, self.known = statistics, known
        self.faults: dict[str, Fault] = {}
        self.symptoms: list[tuple[str, Symptom]] = []

    def explore(self, number: int, size: int) -> Discovery | None:
        self.statistics.draws = self.statistics.programs = min(size, 10)
        signature = Signature("wrong-world", "fori_loop", "tree", f"bug {number}")
        finding = msgspec.structs.replace(LOST.evidence, signature=signature)
        name = self.known.name_of(LOST.case, finding)
        if name is not None:
            self.statistics.known[name] += 1
            return None
        return Discovery(LOST.case, LOST.arm, finding)

    def failed(self, error: Exception) -> None:
        fault = Fault(fault_name(error), traceback_text(error))
        self.statistics.faults[fault.name] += 1
        self.faults[fault.name] = fault

    def shrink(self, first: Discovery) -> Discovery:
        return first


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `fuzz` find planted bugs, without workers."""
    monkeypatch.setattr(perform, "Explorer", Planted)
    monkeypatch.setattr(sys.modules["nnxfuzz.campaign.boundary"], "boundary", tuple)
    monkeypatch.setattr(workers, "here", lambda count, seconds: WorkerPool(Here(), lambda: 1))
    monkeypatch.setattr(sys, "argv", ["nnxfuzz"])


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def name(number: int) -> str:
    return f"wrong-world-bug-{number}-fori-loop-tree-51e571a7.json"


# --- fixtures, for every test (see conftest) ------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Campaigns find what is planted."""
    plant(monkeypatch)
