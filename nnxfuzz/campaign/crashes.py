"""Cases that kill the process that runs them: which arm it is, and how small the case can be.

Every question is put to a child process, which lives until a case ends it.
"""

import contextlib
import signal
import time
from pathlib import Path

import msgspec
from pebble import ProcessExpired

from nnxfuzz import nnx_api
from nnxfuzz.campaign.arms import arms_of
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.note import Notes
from nnxfuzz.campaign.watchdog import ended_by_it
from nnxfuzz.campaign.work import Discovery, Outcome
from nnxfuzz.campaign.workers import DEATHS, Worker
from nnxfuzz.oracle.verdict import Failure, Finding, FindingKind, Signature
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners.kinds import kind_of

#: How much longer than the watchdog in the child we wait by the clock.  It counts processor time,
#: of which a busy machine gives a share, and the child has to import jax first.
_PATIENCE = 20

#: How many processes are asked about a case if they die before they come to it.
_ASKED = 3

#: How often a clean process must die in the same way.  A signal that other programs send proves
#: less than one that only the process itself can cause.
_PROOFS = {"SIGKILL": 3, "SIGTERM": 3}

#: As many deaths as one hang counts for.
_HANG = 5


def attempt(case: Program, arm: Arm, seconds: float, note: Path | None = None) -> None:
    """Run an arm every way in which a campaign would, in this very process."""
    nnx_api.make_ready()
    with Notes(note, seconds) as notes:
        notes.before(case)
        kind = kind_of(case)
        for executor in dict.fromkeys((kind.explores, *kind.confirming(case))):
            with contextlib.suppress(Exception):  # told when the batch comes to the case again
                kind.judging(case).verdict(arm, executor, None)


class Child:
    """A process to put cases to."""

    def __init__(self, options: Settings) -> None:
        self.options = options
        self.worker = Worker(options.case_seconds * _PATIENCE + 60.0)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *error: object) -> None:
        self.worker.stop()

    def fate(self, case: Program, arm: Arm) -> Finding | None:
        """The finding if the arm kills the process.

        A process that dies without a word was not at the case yet: another one is asked.
        """
        for _ in range(_ASKED):
            began = time.monotonic()
            future = self.worker.submit(attempt, case, arm, self.options.case_seconds)
            try:
                future.result()
            except (ProcessExpired, TimeoutError) as death:
                took = time.monotonic() - began
                return _finding(arm, death, self.options.case_seconds, took)
            except DEATHS:
                continue
            return None
        return None


def _finding(arm: Arm, death: BaseException, seconds: float, took: float) -> Finding:
    code = getattr(death, "exitcode", None)
    stuck = isinstance(death, TimeoutError) or ended_by_it(code, seconds, took)
    kind: FindingKind = "hang" if stuck else "crash"
    where = "past its time" if kind == "hang" else _cause(code)
    signature = Signature(kind, arm.transform, arm.mode, where)
    return Finding(arm, signature, failure=Failure(where, f"the process ended: {death}"))


def _cause(code: int | None) -> str:
    """What ended a process: `SIGSEGV`, `exit code 3`."""
    if code is None:
        return "no exit code"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def suspected(case: Program, options: Settings) -> Outcome:
    """The finding, if the case is to blame for the death of a worker."""
    return Outcome(discovery=culprit(case, options))


def smaller(first: Discovery, options: Settings) -> Outcome:
    """The finding on a smaller case."""
    return Outcome(discovery=shrunk(first, options))


def culprit(case: Program, options: Settings) -> Discovery | None:
    """The first arm on which the case by itself kills a clean process; None if there is none."""
    with Child(options) as child:
        for arm in arms_of(case, options):
            finding = child.fate(case, arm)
            if finding is not None and _proven(case, finding, options):
                return Discovery(case, arm, finding)
    return None


def _proven(case: Program, finding: Finding, options: Settings) -> bool:
    """Whether the case by itself brings every clean process to the same end."""
    for _ in range(_PROOFS.get(finding.signature.where, 1)):
        with Child(options) as clean:
            again = clean.fate(case, finding.arm)
        if again is None or again.signature != finding.signature:
            return False
    return True


def shrunk(first: Discovery, options: Settings) -> Discovery:
    """The same death on a case as small as the budget allows.

    What costs is a process that dies; one that hangs costs the time of a case as well.
    """
    hangs = first.finding.signature.kind == "hang"
    deaths = options.casualty_deaths // _HANG if hangs else options.casualty_deaths
    tries = Tries(options.shrink_tries, lambda: deaths <= 0)
    with Child(options) as child:

        def shows(case: Program) -> bool:
            nonlocal deaths
            if kind_of(case).inapplicable(case, first.arm) is not None:
                return False
            got = child.fate(case, first.arm)
            deaths -= got is not None
            return got is not None and got.signature == first.finding.signature

        case = kind_of(first.case).reduced(first.case, shows, tries)
    return msgspec.structs.replace(first, case=case, cut_short=tries.over())
