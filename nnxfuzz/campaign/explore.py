"""One batch: Hypothesis draws programs until one shows a signature that is not known, and shrinks
it.

Hypothesis tells failures apart by their exception class, so each signature raises its own.  Once
one has been found the batch looks for nothing else: only that signature raises, so shrinking
cannot slip to another bug.  The smallest case that showed it is kept as it goes, because a budget
may end the shrinking at any moment.
"""

import contextlib
import time
from collections.abc import Callable

import jax
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import Verbosity as Loudness
from hypothesis.errors import Flaky

from nnxfuzz import compat
from nnxfuzz.arithmetic import Unfit
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.statistics import Statistics
from nnxfuzz.case import Arm, Case, Mode, canonical, fits
from nnxfuzz.executors import Executor, confirming, observe
from nnxfuzz.judge import verdict_of
from nnxfuzz.reference import Expected, run_python
from nnxfuzz.shrink import reduced
from nnxfuzz.strategies import programs
from nnxfuzz.transforms import Loops
from nnxfuzz.verdict import Agrees, Finding, Refused, Signature, Verdict

#: How often a signature that only shows under exploration is tried with XLA before it is left.
_CONFIRMATIONS = 3


class Discovery:
    """A case, the arm on which it shows, and the finding."""

    def __init__(self, case: Case, arm: Arm, finding: Finding) -> None:
        self.case, self.arm, self.finding = case, arm, finding

    @property
    def size(self) -> tuple[int, bytes]:
        """Smaller is better: the length of the case's canonical JSON, then the text itself."""
        text = canonical(self.case)
        return len(text), text


class Shown(Exception):
    """Raised inside of the Hypothesis test by a program that shows the batch's signature."""


class _Over(BaseException):
    """A budget is used up: no Exception, so that Hypothesis does not take it for a failure."""


class Explorer:
    """A batch at work."""

    def __init__(
        self,
        options: Settings,
        statistics: Statistics,
        known: set[Signature],
        deadline: float | None,
        loops: Loops | None = None,
        on_first: Callable[[Discovery], None] = lambda discovery: None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.options = options
        self.statistics = statistics
        self.known = known
        self.deadline = deadline
        self.loops = compat.transforms() if loops is None else loops
        self.on_first = on_first
        self.tick = tick
        self.unconfirmed: dict[Signature, int] = {}
        self.first: Discovery | None = None
        self.best: Discovery | None = None
        self._last_program = 0
        self._shrink_until = 0.0
        self._shrink_with: Executor = "trace"
        self._expected: tuple[Case | None, dict[Mode, Expected | Unfit]] = (None, {})

    def batch(self, number: int, size: int) -> Discovery | None:
        """Run up to `size` programs; the shrunk discovery, if one was made."""
        self.first = self.best = None
        self._last_program = self.statistics.programs + size  # Hypothesis may well run some more

        @seed(hash((self.options.seed, number)))
        @settings(
            max_examples=max(size, self.options.batch),  # so that the size changes no draw
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Loudness.quiet,
        )
        @given(programs(compat.features()))
        def visit(case: Case) -> None:
            shown = self._visit(case)
            if shown is not None:  # one line for all: Hypothesis tells failures apart by it too
                raise _class_of(shown)

        with contextlib.suppress(Shown, _Over, Flaky):
            visit()
        try:
            if self.first is None or self.best is None:
                return None
            return self._finished(self.first, self.best)
        finally:
            self.statistics.shrink(False)

    def over(self) -> bool:
        """Whether the time is used up."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def _visit(self, case: Case) -> Signature | None:
        """The signature that this program shows, if it is the one that is looked for."""
        if self.best is not None:
            return self._shrink_step(case, self.best)
        if self.over() or self.statistics.programs >= self._last_program:
            raise _Over
        self.statistics.programs += 1
        for arm in self._arms(case):
            self._try(case, arm)
            if self.best is not None:
                return self.best.finding.signature
        self.tick()
        return None

    def _arms(self, case: Case) -> list[Arm]:
        return [
            arm
            for transform in self.options.transforms
            for mode in self.options.modes
            if compat.inapplicable(case, arm := Arm(transform, mode)) is None
        ]

    def _try(self, case: Case, arm: Arm) -> None:
        verdict = self._verdict(case, arm, "trace")
        self.statistics.arms += 1
        compiled = self.statistics.programs % self.options.xla_every == 0
        if compiled and isinstance(verdict, Agrees):
            with self.statistics.stage("confirming"):
                verdict = self._verdict(case, arm, confirming(case)[0])
        match verdict:
            case None:
                self.statistics.unfit += 1
            case Agrees():
                self.statistics.agreed += 1
            case Refused(reason):
                self.statistics.refused[reason] += 1
            case Finding(signature=signature) if signature in self.known:
                self.statistics.known[str(signature)] += 1
            case Finding() as finding:
                self._candidate(case, arm, finding)

    def _verdict(self, case: Case, arm: Arm, executor: Executor) -> Verdict | None:
        """The verdict, or None where the case allows no comparison."""
        try:
            self._python(case, arm.mode)
            with self.statistics.stage("transform"):
                observed = observe(case, arm, executor, self.loops)
            return verdict_of(arm, lambda mode: self._python(case, mode), observed)
        except Unfit:
            return None

    def _python(self, case: Case, mode: Mode) -> Expected:
        """The Python loop of a case, run once for all transforms; raises Unfit."""
        if self._expected[0] is not case:
            self._expected = (case, {})
        by_mode = self._expected[1]
        if mode not in by_mode:
            with self.statistics.stage("reference"):
                try:
                    by_mode[mode] = run_python(case, mode)
                except Unfit as unfit:
                    by_mode[mode] = unfit
        expected = by_mode[mode]
        if isinstance(expected, Unfit):
            raise expected
        return expected

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
        if shown.signature in self.known:
            self.statistics.known[str(shown.signature)] += 1
            return
        self.first = self.best = Discovery(case, arm, shown)
        # Where tracing alone shows another signature than XLA does, XLA has to shrink it too.
        self._shrink_with = "trace" if shown.signature == finding.signature else executor
        self._shrink_until = time.monotonic() + self.options.shrink_seconds
        self.statistics.found[str(shown.signature)] += 1
        self.on_first(self.best)
        self.statistics.shrink(True)

    def _confirmed(self, case: Case, arm: Arm) -> tuple[Finding, Executor] | None:
        """The finding as XLA shows it, and the executor that showed it.

        jax's caches are emptied first: an earlier case may have left a structure in them that
        cannot be compared, and an innocent case would then fail on it.
        """
        jax.clear_caches()
        for executor in confirming(case):
            verdict = self._verdict(case, arm, executor)
            if isinstance(verdict, Finding):
                return verdict, executor
        return None

    # --- shrinking --------------------------------------------------------------------------

    def _shrink_step(self, case: Case, best: Discovery) -> Signature | None:
        """Hypothesis tries a smaller program: does it still show the signature?"""
        if time.monotonic() > self._shrink_until - self.options.shrink_seconds / 2:
            raise _Over
        shown = self._shows(case, best)
        if shown is None:
            return None
        candidate = Discovery(case, best.arm, shown)
        if candidate.size < best.size:
            self.best = candidate
        return best.finding.signature

    def _shows(self, case: Case, best: Discovery) -> Finding | None:
        """The finding with the signature of `best`, if `case` shows it."""
        if not fits(case, best.arm):
            return None
        verdict = self._verdict(case, best.arm, self._shrink_with)
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
            return Discovery(case, best.arm, confirmed[0])
        return first


_CLASSES: dict[Signature, type[Shown]] = {}


def _class_of(signature: Signature) -> type[Shown]:
    """The exception class of a signature: Hypothesis tells bugs apart by it."""
    if signature not in _CLASSES:
        _CLASSES[signature] = type(f"Shown{len(_CLASSES)}", (Shown,), {"signature": signature})
    return _CLASSES[signature]


__all__ = ["Discovery", "Explorer", "Shown"]
