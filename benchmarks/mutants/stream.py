"""The programs that every mutant is tried with, and what Flax as it is makes of them.

They are those of `nnxfuzz fuzz`: the programs that every campaign begins with, and what it draws:
cases, and in one batch of two call programs, with the features that a campaign chooses before it
knows anything.  Drawing them, and the plain Python
loops, cost as much as the transforms themselves and come out the same for each mutant, so both are
kept.  Kept too is which lines of Flax each run goes through: a mutant is tried only on runs that
come to it, for it cannot change the others.

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
from nnxfuzz.campaign.boundary import boundary
from nnxfuzz.campaign.swarm import History, choose
from nnxfuzz.cli.fuzz import CALLS_EACH
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding, Verdict
from nnxfuzz.programs.case import MODES, WRAPPERS, Arm, Data
from nnxfuzz.programs.program import Program as Drawn
from nnxfuzz.runners import Executor
from nnxfuzz.runners.arms import in_turn
from nnxfuzz.runners.kinds import Judging, LoopJudging, kind_of
from nnxfuzz.transforms import REGISTRY

BATCH = 100


class Run(Data, frozen=True):
    """A program on one arm: the finding, if there is one, and the lines that it ran."""

    finding: Finding | None
    lines: frozenset[int]


class Program(Data, frozen=True):
    """A program and its runs; of a case also what Python makes of it by meaning and view (see
    `judge.Oracle`), and the lines that this took.  Each run of a call program has both sides.
    """

    case: Drawn
    runs: dict[Arm, Run]
    python: frozenset[int] = frozenset()
    expected: dict[Any, Any] = {}

    def judging(self, remembered: bool = False) -> Judging:
        """The program, to be judged; what Python makes of it may be taken from here."""
        judging = kind_of(self.case).judging(self.case)
        if remembered and isinstance(judging, LoopJudging):
            judging.oracle._known.update(self.expected)
        return judging


class _Drawing(Explorer):
    """Draws the programs of a batch, and runs none."""

    def __init__(self, seed: int, number: int) -> None:
        calls = CALLS_EACH
        options = Settings(seed, batch=BATCH, transforms=tuple(REGISTRY), calls_each=calls)
        rng = Random(f"{seed} {number}")
        features = choose(rng, History(), Counts(), nnx_api.choices(), number)
        super().__init__(
            options,
            Statistics(),
            KnownBugs(),
            None,
            features=frozenset(features),
            drawn=options.drawn(number),
        )
        self.cases: list[Drawn] = []

    def _visit(self, case: Drawn) -> None:
        self.cases.append(case)


def drawn(seed: int, number: int) -> list[Drawn]:
    """The programs of a batch; the first has those that every campaign begins with."""
    first = boundary() if not number else ()
    drawing = _Drawing(seed, number)
    drawing.explore(number, BATCH)
    return [*first, *drawing.cases][:BATCH]


def plain(case: Drawn) -> list[Arm]:
    """The plain arms that a campaign tries."""
    return kind_of(case).arms(case, tuple(REGISTRY), MODES)


def wrapped(case: Drawn, right: list[Arm], turn: int) -> list[Arm]:
    """The arms in wrappers that a campaign tries at its program `turn`, around the right ones."""
    return in_turn(kind_of(case).wrapped(case, right, WRAPPERS, {}), turn)


def judged(judging: Judging, arm: Arm, executor: Executor) -> Verdict | None:
    """The verdict on one arm; None if the program allows no comparison."""
    try:
        return judging.verdict(arm, executor, None)
    except Inconclusive:
        return None
    except Exception:  # a fault of ours on a mutant: a campaign notes it, and goes on
        traceback.print_exc()
        return None


class _Recorder:
    """Runs programs on Flax as it is."""

    def __init__(self) -> None:
        self.lines = Lines()

    def program(self, case: Drawn, turn: int) -> Program:
        """The program on the arms that a campaign tries."""
        judging, runs = kind_of(case).judging(case), dict[Arm, Run]()
        python: set[int] = set()
        arms = plain(case)
        for arm in arms:
            python |= self._run(judging, case, arm, runs)
        right = [arm for arm in arms if runs[arm].finding is None]
        for arm in wrapped(case, right, turn):
            python |= self._run(judging, case, arm, runs)
        known = judging.oracle._known if isinstance(judging, LoopJudging) else {}
        return Program(case, runs, frozenset(python), known)

    def _run(self, judging: Judging, case: Drawn, arm: Arm, runs: dict[Arm, Run]) -> set[int]:
        """Note the run; returns the lines of the Python side, as far as that is made apart."""
        with self.lines.watching() as python:
            if isinstance(judging, LoopJudging):
                judging.oracle.without_run(arm)
        with self.lines.watching() as seen:
            verdict = judged(judging, arm, kind_of(case).explores)
        runs[arm] = Run(verdict if isinstance(verdict, Finding) else None, frozenset(seen))
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
    nnx_api.make_ready()
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
