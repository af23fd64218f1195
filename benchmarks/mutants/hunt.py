"""One mutant against the programs, in a process that imported the mutant: `-m mutants.hunt FILE`.

It does what a campaign does with a program: the plain arms, then wrappers in turn around those
that are right; a finding that is not taken for a known bug counts once XLA's run shows it too.  It
says what it has found in one line of JSON, and leaves notes for whoever finds it dead.
"""

import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import jax
import msgspec

from mutants.stream import BATCH, Program, judged, load, plain, wrapped
from nnxfuzz import nnx_api
from nnxfuzz.campaign import Explorer, KnownBugs, Settings, Statistics
from nnxfuzz.campaign.known_bugs import known_bugs
from nnxfuzz.campaign.note import Notes
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.causes import causes
from nnxfuzz.corpus.shipped import shipped
from nnxfuzz.oracle.verdict import Finding, Signature
from nnxfuzz.programs.case import Arm, Case, Data
from nnxfuzz.programs.program import Program as AnyProgram
from nnxfuzz.runners.arms import same_place
from nnxfuzz.runners.canary import canary
from nnxfuzz.runners.kinds import Judging, kind_of

#: Batches between two times at which jax's caches are emptied.
_TIDY_EVERY = 5
#: A mutant that fills the memory is to hurt nobody else.
_MEMORY = 8 << 30


class Job(Data, frozen=True):
    """What to try: the programs from `start` on, up to `stop`, that come to one of `lines`.

    No lines stand for all: the change may matter to every program.  `innocent` are signatures that
    Flax as it is shows of a program of this very search.
    """

    programs: str
    start: int
    stop: int
    lines: frozenset[int]
    innocent: frozenset[Signature]
    note: str
    case_seconds: float


class Report(Data, frozen=True):
    """What came of it.  `program` is the number of the last program; `tried` how many were run."""

    outcome: Literal["survived", "finding", "canary", "stopped"]
    program: int
    tried: int = 0
    arm: Arm | None = None
    signature: Signature | None = None


class Reporting(Explorer):
    """What a campaign makes of a finding: whether it is known, whether XLA shows it too."""

    def __init__(self, known: KnownBugs, before: Callable[[AnyProgram], None]) -> None:
        options = Settings(seed=0)
        super().__init__(options, Statistics(), known, None, before=lambda case, *_: before(case))
        self._forms = {(f.kind, f.where) for bug in known.bugs.values() for f in bug.forms}
        self._signature: Signature | None = None

    def reported(self, case: AnyProgram, judging: Judging, finding: Finding) -> Signature | None:
        """The signature of a finding that a campaign reports."""
        if self.known.name_of(case, finding) is not None:
            return None
        self.best, self._judged, self._signature = None, (case, judging), None
        self._candidate(case, finding)
        return self._signature if self.best is not None else None

    def _new(self, found: Discovery) -> Discovery | None:
        """It is shrunk only where that may come to the form of a known bug."""
        signature = self._signature = found.finding.signature
        if (signature.kind, signature.where) not in self._forms:
            return None if self.known.name_of(found.case, found.finding) else found
        return super()._new(found)


class Hunt:
    """The search for one mutant."""

    def __init__(self, job: Job, known: KnownBugs, notes: Notes) -> None:
        self.job = job
        self.notes = notes
        self.reporting = Reporting(known, self._before)
        self.number = job.start
        self.tried = 0

    def _before(self, case: AnyProgram) -> None:
        self.notes.before(case, self.number)

    def run(self) -> Report:
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
            self.number, self.tried = number, self.tried + 1
            self._before(program.case)
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
        case, judging = program.case, program.judging(remembered=not self._may(program.python))
        arms, shown = plain(case), dict[Arm, Finding]()
        for arm in arms:
            kills = self._arm(program, judging, arm, shown)
            if kills is not None:
                return arm, kills
        right = [arm for arm in arms if arm not in shown]
        for arm in wrapped(case, right, turn):
            kills = self._arm(program, judging, arm, shown)
            if kills is not None:
                return arm, kills
        return None

    def _arm(
        self, program: Program, judging: Judging, arm: Arm, shown: dict[Arm, Finding]
    ) -> Signature | None:
        """The signature that kills, if this arm shows one; `shown` is what each arm shows."""
        case, run = program.case, program.runs.get(arm)
        if run is not None and not self._may(run.lines | program.python):
            if run.finding is not None:  # as recorded: the mutant cannot change it
                shown[arm] = run.finding
            return None
        finding = judged(judging, arm, kind_of(case).explores)
        if not isinstance(finding, Finding):
            return None
        shown[arm] = finding
        bare = shown.get(Arm(arm.transform, arm.mode))
        if bare is not finding and same_place(bare, finding):
            return None  # it is the plain arm's
        signature = self.reporting.reported(case, judging, finding)
        return None if signature in self.job.innocent else signature


def recorded() -> KnownBugs:
    """The bugs of this release that the corpus has, as a user's campaign knows them."""
    entries = [corpus.load(path) for path in corpus.entries([shipped()])]
    here = corpus.Sighting(nnx_api.FLAX, nnx_api.JAX)
    return known_bugs(entries, here, causes=causes(shipped()))


def main(path: Path) -> None:
    """Do the job in the file."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    job = msgspec.json.decode(path.read_bytes(), type=Job)
    nnx_api.make_ready()
    with Notes(Path(job.note), job.case_seconds) as notes:
        notes.before(Case())
        report = hunted(job, notes) if canary() else Report("canary", 0)
    print(msgspec.json.encode(report).decode(), flush=True)


def hunted(job: Job, notes: Notes) -> Report:
    """The report; an error of our own on a mutant is one too."""
    nnx_api.features()
    hunt = Hunt(job, recorded(), notes)
    try:
        return hunt.run()
    except Exception:
        traceback.print_exc()
        return Report("stopped", hunt.number + 1, hunt.tried)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
