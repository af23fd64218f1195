"""How the tests of the command line run it, and a campaign that finds what they want it to."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from entries import LOST

from nnxfuzz import cli
from nnxfuzz.campaign import Discovery
from nnxfuzz.verdict import Signature

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

CAMPAIGN = sys.modules["nnxfuzz.campaign.run"]


class Planted:
    """Explores nothing and finds one bug in each batch, with the name of the batch."""

    def __init__(self, options: Any, statistics: Any, known: Any, deadline: Any, **calls: Any):
        self.statistics, self.known, self.calls = statistics, known, calls

    def over(self) -> bool:
        return False

    def batch(self, number: int, size: int) -> Discovery | None:
        self.statistics.programs += min(size, 10)
        signature = Signature("wrong-world", "fori_loop", "tree", f"bug {number}")
        if signature in self.known:
            self.statistics.known[str(signature)] += 1
            return None
        finding = msgspec.structs.replace(LOST.evidence, signature=signature)
        found = Discovery(LOST.case, LOST.arm, finding)
        self.calls["on_first"](found)
        return found


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `fuzz` find planted bugs."""
    monkeypatch.setattr(CAMPAIGN, "Explorer", Planted)
    monkeypatch.setattr(sys, "argv", ["nnxfuzz"])


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def name(number: int) -> str:
    return f"wrong-world-bug-{number}-fori-loop-tree-51e571a7.json"
