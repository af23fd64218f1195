"""One mutant against the programs, in a process that imported the mutant: `-m mutants.hunt FILE`.

It does what a campaign does with a program: the plain arms, then wrappers in turn around those
that are right; a signature that is not known counts once XLA's run shows it too.  It says what it
has found in one line of JSON, and leaves notes for whoever finds it dead.
"""

import resource
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import Literal

import jax
import msgspec

from mutants.stream import BATCH, Program, judged, load
from nnxfuzz import nnx_api
from nnxfuzz.campaign.note import Notes
from nnxfuzz.oracle.verdict import Finding, Signature
from nnxfuzz.programs.case import WRAPPERS, Arm, Case, Data
from nnxfuzz.runners import confirming
from nnxfuzz.runners.arms import in_turn, plain_arms, wrapped_arms
from nnxfuzz.runners.canary import canary
from nnxfuzz.runners.judge import Oracle

#: How often a signature that only shows under exploration is tried with XLA before it is left.
_CONFIRMATIONS = 3
#: Batches between two times at which jax's caches are emptied.
_TIDY_EVERY = 5
#: A mutant that fills the memory is to hurt nobody else.
_MEMORY = 8 << 30


class Job(Data, frozen=True):
    """What to try: the programs from `start` on, up to `stop`, that come to one of `lines`.

    No lines stand for all: the change may matter to every program.
    """

    programs: str
    start: int
    stop: int
    lines: frozenset[int]
    known: frozenset[Signature]
    note: str
    case_seconds: float


class Report(Data, frozen=True):
    """What came of it.  `program` is the number of the last program; `tried` how many were run."""

    outcome: Literal["survived", "finding", "canary", "stopped"]
    program: int
    tried: int = 0
    arm: Arm | None = None
    signature: Signature | None = None


class Hunt:
    """The search for one mutant."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.number = job.start
        self.tried = 0
        self.unconfirmed: Counter[Signature] = Counter()

    def run(self, notes: Notes) -> Report:
        """Try the programs in order, until one kills."""
        programs: list[Program] = []
        for number in range(self.job.start, self.job.stop):
            if not programs or number % BATCH == 0:
                programs = load(Path(self.job.programs), number // BATCH)
                if number // BATCH % _TIDY_EVERY == 0:
                    jax.clear_caches()
            program = programs[number % BATCH]
            if not self._concerns(program):
                continue
            notes.before(program.case, number)
            self.number, self.tried = number, self.tried + 1
            found = self.program(program, number + 1)
            if found is not None:
                arm, signature = found
                return Report("finding", number + 1, self.tried, arm, signature)
        return Report("survived", self.job.stop, self.tried)

    def _concerns(self, program: Program) -> bool:
        runs = program.runs.values()
        return self._may(program.python) or any(self._may(run.lines) for run in runs)

    def _may(self, lines: frozenset[int]) -> bool:
        """Whether a run of these lines may go another way than it did."""
        return not self.job.lines or not lines.isdisjoint(self.job.lines)

    def program(self, program: Program, turn: int) -> tuple[Arm, Signature] | None:
        """One program; the arm and signature that kill, if any do."""
        case, oracle = program.case, Oracle(program.case)
        if not self._may(program.python):
            oracle._known.update(program.expected)
        plain, wrong = plain_arms(case), set[Arm]()
        for arm in plain:
            shown, kills = self._arm(program, oracle, arm)
            if shown is not None and kills:
                return arm, shown
            if shown is not None:
                wrong.add(arm)
        right = [arm for arm in plain if arm not in wrong]
        for arm in in_turn(wrapped_arms(case, right, WRAPPERS), turn):
            shown, kills = self._arm(program, oracle, arm)
            if shown is not None and kills:
                return arm, shown
        return None

    def _arm(self, program: Program, oracle: Oracle, arm: Arm) -> tuple[Signature | None, bool]:
        """What the arm shows, and whether it kills: as recorded, if the mutant cannot change it."""
        run = program.runs.get(arm)
        if run is not None and not self._may(run.lines | program.python):
            return run.signature, False
        verdict = judged(oracle, arm, "trace")
        if not isinstance(verdict, Finding):
            return None, False
        if verdict.signature in self.job.known:
            return verdict.signature, False
        confirmed = self._confirmed(program.case, oracle, arm, verdict.signature)
        if confirmed is None:
            self.unconfirmed[verdict.signature] += 1
            return verdict.signature, False
        return confirmed, confirmed not in self.job.known

    def _confirmed(
        self, case: Case, oracle: Oracle, arm: Arm, traced: Signature
    ) -> Signature | None:
        """What XLA shows, if it shows anything."""
        if self.unconfirmed[traced] >= _CONFIRMATIONS:
            return None
        jax.clear_caches()
        for executor in confirming(case):
            verdict = judged(oracle, arm, executor)
            if isinstance(verdict, Finding):
                return verdict.signature
        return None


def main(path: Path) -> None:
    """Do the job in the file."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    job = msgspec.json.decode(path.read_bytes(), type=Job)
    nnx_api.quiet()
    with Notes(Path(job.note), job.case_seconds) as notes:
        notes.before(Case())
        report = hunted(job, notes) if canary() else Report("canary", 0)
    print(msgspec.json.encode(report).decode(), flush=True)


def hunted(job: Job, notes: Notes) -> Report:
    """The report; an error of our own on a mutant is one too."""
    nnx_api.features()
    hunt = Hunt(job)
    try:
        return hunt.run(notes)
    except Exception:
        traceback.print_exc()
        return Report("stopped", hunt.number + 1, hunt.tried)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
