"""The programs that every mutant is tried with, and what Flax as it is makes of them.

They are those that a campaign of the same seed draws, batch by batch, as long as it finds nothing
new.  Drawing them, and the plain Python loops, cost as much as the transforms themselves and come
out the same for each mutant, so both are kept.  Kept too is which lines of Flax each run goes
through: a mutant is tried only on runs that come to it, for it cannot change the others.

`python -m mutants.stream SEED NUMBER FILE` makes one batch.
"""

import pickle
import sys
import traceback
from pathlib import Path
from random import Random
from typing import Any

import jax

from mutants.lines import Lines
from nnxfuzz import nnx_api
from nnxfuzz.campaign import Counts, Explorer, KnownBugs, Settings, Statistics
from nnxfuzz.campaign.swarm import History, choose
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding, Signature, Verdict
from nnxfuzz.programs.case import WRAPPERS, Arm, Case, Data
from nnxfuzz.runners import observe
from nnxfuzz.runners.arms import in_turn, plain_arms, wrapped_arms
from nnxfuzz.runners.judge import Oracle

BATCH = 100


class Run(Data, frozen=True):
    """A program on one arm: what it showed, if anything, and the lines that it ran."""

    signature: Signature | None
    lines: frozenset[int]


class Program(Data, frozen=True):
    """A program, its runs, and what Python makes of it by meaning and view (see `judge.Oracle`)."""

    case: Case
    runs: dict[Arm, Run]
    #: Lines that the Python side ran.
    python: frozenset[int]
    expected: dict[Any, Any]


class _Drawing(Explorer):
    """Draws the programs of a batch, and runs none."""

    def __init__(self, seed: int, number: int) -> None:
        options = Settings(seed, batch=BATCH)
        names = nnx_api.choices()
        rng = Random(f"{seed}/{number}")
        features = frozenset(choose(rng, History(), Counts(), names, number))
        super().__init__(options, Statistics(), KnownBugs(), None, features=features)
        self.cases: list[Case] = []

    def _visit(self, case: Case) -> None:
        self.cases.append(case)


def drawn(seed: int, number: int) -> list[Case]:
    """The programs of a batch."""
    drawing = _Drawing(seed, number)
    drawing.explore(number, BATCH)
    return drawing.cases[:BATCH]


def judged(oracle: Oracle, arm: Arm, executor: Any) -> Verdict | None:
    """The verdict on one arm; None if the program allows no comparison."""
    try:
        verdict = oracle.examine(arm, lambda: observe(oracle.case, arm, executor))
        return None if isinstance(verdict, Inconclusive) else verdict
    except Exception:  # a fault of ours on a mutant: a campaign notes it, and goes on
        traceback.print_exc()
        return None


class _Recorder:
    """Runs programs on Flax as it is."""

    def __init__(self) -> None:
        self.lines = Lines()

    def program(self, case: Case, turn: int) -> Program:
        """The program on the arms that a campaign tries."""
        oracle, runs = Oracle(case), dict[Arm, Run]()
        python: set[int] = set()
        plain = plain_arms(case)
        for arm in plain:
            python |= self._run(oracle, arm, runs)
        right = [arm for arm in plain if runs[arm].signature is None]
        for arm in in_turn(wrapped_arms(case, right, WRAPPERS), turn):
            python |= self._run(oracle, arm, runs)
        return Program(case, runs, frozenset(python), oracle._known)

    def _run(self, oracle: Oracle, arm: Arm, runs: dict[Arm, Run]) -> set[int]:
        """Note the run; returns the lines of the Python side."""
        with self.lines.watching() as python:
            try:
                oracle.expected(arm, arm.mode)
            except Inconclusive:
                runs[arm] = Run(None, frozenset())
                return python
        with self.lines.watching() as seen:
            observed = observe(oracle.case, arm, "trace")
        try:
            verdict: Verdict | None = oracle.verdict(arm, observed)
        except Inconclusive:
            verdict = None
        shown = verdict.signature if isinstance(verdict, Finding) else None
        runs[arm] = Run(shown, frozenset(seen))
        return python


def batch_file(folder: Path, number: int) -> Path:
    """Where a batch is kept."""
    return folder / f"batch-{number:03}.pickle"


def load(folder: Path, number: int) -> list[Program]:
    """A batch that was made."""
    programs: list[Program] = pickle.loads(batch_file(folder, number).read_bytes())
    return programs


def make(seed: int, number: int, path: Path) -> None:
    """Make a batch."""
    nnx_api.quiet()
    recorder = _Recorder()
    programs = [
        recorder.program(case, number * BATCH + k + 1) for k, case in enumerate(drawn(seed, number))
    ]
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(pickle.dumps(programs))
    temporary.replace(path)
    jax.clear_caches()


if __name__ == "__main__":
    from mutants import stream  # so that what is pickled is not called `__main__.Program`

    stream.make(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
