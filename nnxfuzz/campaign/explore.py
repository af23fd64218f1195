"""One batch: Hypothesis draws programs until one shows a signature that is not known.  And its
shrinking, which may happen elsewhere.

Hypothesis tells failures apart by their exception class, so each signature raises its own.  Once
one has been found only that signature raises, so shrinking cannot slip to another bug.  The
smallest case that showed it is kept as it goes, because a budget may end the shrinking at any
moment.
"""

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any
from unittest import SkipTest

import msgspec
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import Verbosity as Loudness
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.errors import BackendCannotProceed, Flaky, Frozen, UnsatisfiedAssumption

from nnxfuzz import compat
from nnxfuzz.arithmetic import Inconclusive
from nnxfuzz.arms import in_turn, matrix, plain_arms, wrapped_arms
from nnxfuzz.campaign.afresh import BACKEND
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.statistics import Fate, Statistics
from nnxfuzz.campaign.stepping import Stepping
from nnxfuzz.campaign.work import Discovery, Fault
from nnxfuzz.case import Arm, Case, digest, fits
from nnxfuzz.case.coverage import exercised
from nnxfuzz.executors import Executor, confirming, observe
from nnxfuzz.failures import fault_name, told
from nnxfuzz.judge import Oracle
from nnxfuzz.shrink import reduced, weight
from nnxfuzz.strategies import programs
from nnxfuzz.transforms import Loops
from nnxfuzz.verdict import Agrees, Finding, Refused, Signature, Verdict

#: How often a signature that only shows under exploration is tried with XLA before it is left.
_CONFIRMATIONS = 3


#: How Hypothesis gives up a draw, beside exceptions that are no `Exception`.
_GIVEN_UP = (UnsatisfiedAssumption, Frozen, BackendCannotProceed)


class Shown(Exception):
    """Raised inside of the Hypothesis test by a program that shows the batch's signature."""


class _Over(BaseException):
    """A budget is used up: no Exception, so that Hypothesis does not take it for a failure."""


class Choices(ExampleDatabase):
    """Hypothesis's record of the draws that failed, to be shrunk in another process."""

    def __init__(self, kept: Iterable[bytes] = ()) -> None:
        super().__init__()
        self.kept = list(kept)

    def save(self, key: bytes, value: bytes) -> None:
        if not key.endswith((b".secondary", b".pareto")) and value not in self.kept:
            self.kept.append(value)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        return () if key.endswith((b".secondary", b".pareto")) else list(self.kept)

    def delete(self, key: bytes, value: bytes) -> None:
        """Nothing: what was found is never given up."""


class Explorer:
    """A batch at work.

    `before` is called with each case that is about to be run, the programs and the arms so far.
    """

    def __init__(
        self,
        options: Settings,
        statistics: Statistics,
        known: set[Signature] | Stepping,
        deadline: float | None,
        loops: Loops | None = None,
        features: frozenset[str] | None = None,
        skip: frozenset[str] = frozenset(),
        before: Callable[[Case, int, int], None] = lambda case, programs, arms: None,
    ) -> None:
        self.options = options
        self.statistics = statistics
        self.known = known if isinstance(known, Stepping) else Stepping(frozenset(known))
        self.deadline = deadline
        self.loops = compat.transforms() if loops is None else loops
        self.features: Any = compat.choices() if features is None else features
        self.skip = skip
        self.before = before
        self.unconfirmed: dict[Signature, int] = {}
        #: Failures of nnxfuzz itself, the first of each name.
        self.faults: dict[str, Fault] = {}
        self.best: Discovery | None = None
        self._last_program = 0
        self._shrink_until = 0.0
        self._oracle = Oracle(Case())

    def batch(self, number: int, size: int) -> Discovery | None:
        """Explore, and shrink what that finds."""
        found = self.explore(number, size)
        return None if found is None else self.shrink(found)

    def explore(self, number: int, size: int) -> Discovery | None:
        """Run up to `size` programs, until one shows something new; that, not shrunk."""
        self.best = None
        self._last_program = self.statistics.programs + size  # Hypothesis may well run some more
        choices = Choices()
        examples = max(size, self.options.batch)  # so that the size changes no draw
        self._hypothesis(number, examples, choices, (Phase.generate,), self._visit)
        if self.best is None:
            return None
        return msgspec.structs.replace(self.best, choices=tuple(choices.kept[-1:]))

    def shrink(self, first: Discovery) -> Discovery:
        """The same finding on a case as small as the budget allows."""
        self.best = first
        self._shrink_until = time.monotonic() + self.options.shrink_seconds
        phases = (Phase.reuse, Phase.shrink)
        self._hypothesis(0, 1, Choices(first.choices), phases, self._shrink_step)
        return self._finished(first, self.best)

    def over(self) -> bool:
        """Whether the time is used up."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def _hypothesis(
        self,
        number: int,
        examples: int,
        choices: Choices,
        phases: tuple[Phase, ...],
        visit: Callable[[Case], Signature | None],
    ) -> None:
        """Let Hypothesis draw, and call `visit` with what it draws."""

        @st.composite
        def counted(draw: Any) -> Case:
            self.statistics.draws += 1
            try:
                case: Case = draw(programs(self.features))
            except _GIVEN_UP:
                raise
            except Exception as error:
                self.failed(error)
                reject()
            return case

        @settings(
            max_examples=examples,
            database=choices,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
            phases=phases,
            backend=BACKEND if Phase.generate in phases else "hypothesis",
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Loudness.quiet,
        )
        @seed(hash((self.options.seed, number)))  # inside: it takes the database away
        @given(counted())
        def test(case: Case) -> None:
            shown = visit(case)
            if shown is not None:  # one line for all: Hypothesis tells failures apart by it too
                raise _class_of(shown)

        with contextlib.suppress(Shown, _Over, Flaky, SkipTest):  # skipped: no choices to go by
            test()

    def _visit(self, case: Case) -> Signature | None:
        """The signature that this program shows, if it is one that is looked for."""
        if self.best is not None:  # Hypothesis runs what has failed once more
            return self.best.finding.signature
        if self.over() or self.statistics.programs >= self._last_program:
            self.statistics.draws -= 1
            raise _Over
        if self._skipped(case):
            self.statistics.skipped += 1
            return None
        self.before(case, self.statistics.programs, self.statistics.arms)
        self.statistics.programs += 1
        try:
            self._run(case)
        except Exception as error:
            self.failed(error, case)
        return None if self.best is None else self.best.finding.signature

    def _run(self, case: Case) -> None:
        """The program on its plain arms, then, in turn, inside of wrappers around those that are
        right, until something new shows.
        """
        self._oracle = Oracle(case)
        fates: set[Fate] = set()
        tried: list[Arm] = []
        plain = self._plain(case)
        wrong = {arm for arm in plain if self._tried(arm, tried, fates)}
        right = [arm for arm in plain if arm not in wrong]
        turn = self.statistics.programs
        for arm in in_turn(wrapped_arms(case, right, self.options.wrappers), turn):
            self._tried(arm, tried, fates)
        around = {f"wrapper:{arm.wrapper}" for arm in tried if arm.wrapper != "plain"}
        self.statistics.exercised(exercised(case) | around, fates)

    def _plain(self, case: Case) -> list[Arm]:
        return plain_arms(case, self.options.transforms, self.options.modes)

    def _tried(self, arm: Arm, tried: list[Arm], fates: set[Fate]) -> bool:
        """Run the program on an arm, unless something new has shown; whether it is a finding."""
        if self.best is not None:
            return False
        tried.append(arm)
        return self._try(self._oracle.case, arm, fates)

    def _skipped(self, case: Case) -> bool:
        return bool(self.skip) and digest(case) in self.skip

    def _try(self, case: Case, arm: Arm, fates: set[Fate]) -> bool:
        verdict = self._verdict(case, arm, "trace")
        self.statistics.arms += 1
        if isinstance(verdict, Agrees) and self._compiled():
            with self.statistics.stage("confirming"):
                verdict = self._verdict(case, arm, confirming(case)[0])
        match verdict:
            case Inconclusive(cause=cause):
                self.statistics.inconclusive[cause] += 1
            case Fault():
                self.statistics.failed += 1
            case Agrees():
                self.statistics.agreed += 1
                fates.add("accepted")
            case Refused(reason):
                self.statistics.refused[reason] += 1
                fates.add("refused")
            case Finding() as finding:
                self._finding(case, arm, finding)
        return isinstance(verdict, Finding)

    def _compiled(self) -> bool:
        """Whether this program belongs to the share that XLA runs too."""
        number, share = self.statistics.programs, self.options.xla_share
        return int(number * share) > int((number - 1) * share)

    def _finding(self, case: Case, arm: Arm, finding: Finding) -> None:
        name = self.known.name_of(finding.signature, case)
        if name is None:
            self._candidate(case, arm, finding)
        else:
            self.statistics.known[name] += 1

    def _verdict(self, case: Case, arm: Arm, executor: Executor) -> Verdict | Fault | Inconclusive:
        """The verdict, or why the case allows no comparison, or our own failure to come to one."""
        if self._oracle.case is not case:
            self._oracle = Oracle(case)
        try:
            with self.statistics.stage("reference"):
                self._oracle.expected(arm, arm.mode)
            with self.statistics.stage("transform"):
                observed = observe(case, arm, executor, self.loops)
            return self._oracle.verdict(arm, observed)
        except Inconclusive as inconclusive:
            return inconclusive
        except Exception as error:
            return self.failed(error, case, arm)

    def failed(self, error: Exception, case: Case | None = None, arm: Arm | None = None) -> Fault:
        """Count a failure of ours; it is noted, and the search goes on."""
        fault = Fault(fault_name(error), told(error), case, arm)
        self.statistics.faults[fault.name] += 1
        return self.faults.setdefault(fault.name, fault)

    def _candidate(self, case: Case, arm: Arm, finding: Finding) -> None:
        """A finding counts only once XLA's run shows it too."""
        tried = self.unconfirmed.get(finding.signature, 0)
        confirmed = None
        if tried < _CONFIRMATIONS:
            with self.statistics.stage("confirming"):
                confirmed = self._confirmed(case, arm)
        if confirmed is None:
            self.unconfirmed[finding.signature] = tried + 1
            self.statistics.unconfirmed += 1
            return
        shown, executor = confirmed
        name = self.known.name_of(shown.signature, case)
        if name is not None:
            self.statistics.known[name] += 1
            return
        # Where tracing alone shows another signature than XLA does, XLA has to shrink it too.
        alike = shown.signature == finding.signature
        self.best = Discovery(case, arm, shown, shrink_with="trace" if alike else executor)

    def _confirmed(self, case: Case, arm: Arm) -> tuple[Finding, Executor] | None:
        """The finding as XLA shows it, and the executor that showed it.

        jax's caches are emptied first: an earlier case may have left a structure in them that
        cannot be compared, and an innocent case would then fail on it.
        """
        compat.forget()
        for executor in confirming(case):
            verdict = self._verdict(case, arm, executor)
            if isinstance(verdict, Finding):
                return verdict, executor
        return None

    # --- shrinking --------------------------------------------------------------------------

    def _shrink_step(self, case: Case) -> Signature | None:
        """Hypothesis tries a smaller program: does it still show the signature?"""
        best = self.best
        assert best is not None
        if time.monotonic() > self._shrink_until - self.options.shrink_seconds / 2:
            raise _Over
        shown = self._shows(case, best)
        if shown is None:
            return None
        if weight(case) < weight(best.case):
            self.best = msgspec.structs.replace(best, case=case, finding=shown)
        return best.finding.signature

    def _shows(self, case: Case, best: Discovery) -> Finding | None:
        """The finding with the signature of `best`, if `case` shows it."""
        if not fits(case, best.arm) or self._skipped(case):
            return None
        self.before(case, 0, 0)
        verdict = self._verdict(case, best.arm, best.shrink_with)
        same = isinstance(verdict, Finding) and verdict.signature == best.finding.signature
        return verdict if same and isinstance(verdict, Finding) else None

    def _finished(self, first: Discovery, best: Discovery) -> Discovery:
        """The best case made 1-minimal row by row; the first one if XLA does not show that."""
        case = reduced(
            best.case,
            lambda smaller: self._shows(smaller, best) is not None,
            lambda: time.monotonic() > self._shrink_until,
        )
        confirmed = self._confirmed(case, best.arm)
        if confirmed is not None and confirmed[0].signature == best.finding.signature:
            arms = matrix(case, best.arm, self.loops, self.failed)
            return msgspec.structs.replace(
                best, case=case, finding=confirmed[0], choices=(), arms=arms
            )
        return first


_CLASSES: dict[Signature, type[Shown]] = {}


def _class_of(signature: Signature) -> type[Shown]:
    """The exception class of a signature: Hypothesis tells bugs apart by it."""
    if signature not in _CLASSES:
        _CLASSES[signature] = type(f"Shown{len(_CLASSES)}", (Shown,), {"signature": signature})
    return _CLASSES[signature]


__all__ = ["Explorer", "Shown"]
