"""Cases that kill the process that runs them: which arm it is, and how small the case can be.

Every question is put to a child process, which lives until a case ends it.
"""

import signal
import time
from pathlib import Path

import msgspec

from nnxfuzz import compat
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.note import Notes
from nnxfuzz.campaign.work import Discovery, Outcome
from nnxfuzz.campaign.workers import DEATHS, Worker
from nnxfuzz.case import Arm, Case
from nnxfuzz.executors import confirming, observe
from nnxfuzz.shrink import reduced
from nnxfuzz.verdict import Failure, Finding, FindingKind, Signature

#: How much longer than the watchdog in the child we wait, which has to import jax first.
_PATIENCE = 60.0


def attempt(case: Case, arm: Arm, seconds: float, note: Path | None = None) -> None:
    """Run an arm every way in which a campaign would, in this very process."""
    with Notes(note, seconds) as notes:
        notes.before(case)
        for executor in ("trace", *confirming(case)):
            observe(case, arm, executor)


class Child:
    """A process to put cases to."""

    def __init__(self, options: Settings) -> None:
        self.options = options
        self.worker = Worker(options.case_seconds * 4 + _PATIENCE)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *error: object) -> None:
        self.worker.stop()

    def fate(self, case: Case, arm: Arm) -> Finding | None:
        """The finding if the arm kills the process."""
        began = time.monotonic()
        future = self.worker.submit(attempt, case, arm, self.options.case_seconds)
        try:
            future.result()
        except DEATHS as death:
            late = time.monotonic() - began >= self.options.case_seconds
            return _finding(arm, death, late)
        return None


def _finding(arm: Arm, death: BaseException, late: bool) -> Finding:
    code = getattr(death, "exitcode", None)
    stuck = isinstance(death, TimeoutError) or (late and code == 1)  # 1: by the watchdog
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


def suspected(case: Case, options: Settings) -> Outcome:
    """The finding, if the case is to blame for the death of a worker."""
    return Outcome(discovery=culprit(case, options))


def smaller(first: Discovery, options: Settings) -> Outcome:
    """The finding on a smaller case."""
    return Outcome(discovery=shrunk(first, options))


def culprit(case: Case, options: Settings) -> Discovery | None:
    """The first arm on which the case by itself kills a clean process; None if there is none."""
    with Child(options) as child:
        for arm in _arms(case, options):
            if child.fate(case, arm) is not None:
                with Child(options) as clean:
                    finding = clean.fate(case, arm)
                if finding is not None:
                    return Discovery(case, arm, finding)
    return None


def _arms(case: Case, options: Settings) -> list[Arm]:
    arms = [Arm(transform, mode) for transform in options.transforms for mode in options.modes]
    return [arm for arm in arms if compat.inapplicable(case, arm) is None]


def shrunk(first: Discovery, options: Settings) -> Discovery:
    """The same death on a case as small as the budget allows."""
    until = time.monotonic() + options.casualty_seconds
    with Child(options) as child:

        def shows(case: Case) -> bool:
            if compat.inapplicable(case, first.arm) is not None:
                return False
            got = child.fate(case, first.arm)
            return got is not None and got.signature == first.finding.signature

        case = reduced(first.case, shows, lambda: time.monotonic() > until)
    return msgspec.structs.replace(first, case=case)
