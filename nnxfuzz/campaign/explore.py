"""One batch: Hypothesis draws programs until one shows a bug that is not known.

What looks like a known bug is stepped over, and a share of it is shrunk to see that it is one.
What looks like none is shrunk too, before it is called new: a known cause may show in another
place.  How a new one is shrunk further is in `shrinking`.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from hypothesis import Phase, reject
from hypothesis import strategies as st
from hypothesis.errors import BackendCannotProceed, Frozen, UnsatisfiedAssumption

from nnxfuzz import nnx_api
from nnxfuzz.campaign.draws import Choices, Over, Shown, search
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.known_bugs import KnownBugs
from nnxfuzz.campaign.minimal import Minimal, minimal
from nnxfuzz.campaign.shrinking import shrunk
from nnxfuzz.campaign.statistics import Fate, Statistics
from nnxfuzz.campaign.work import Discovery, Fault
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.failures import fault_name, traceback_text
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused, Signature, Symptom, Verdict
from nnxfuzz.programs.case import Arm, digest
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners import Executor
from nnxfuzz.runners.arms import in_turn, same_place
from nnxfuzz.runners.kinds import Drawn, Judging, available, kind_of
from nnxfuzz.runners.loops import Loops
from nnxfuzz.strategies import programs
from nnxfuzz.strategies.calls import call_programs

#: How often a symptom that only shows under exploration is tried with XLA before it is left, and
#: at which of its further hits it is tried again: each tenth.
_CONFIRMATIONS, _AGAIN = 3, 10

#: How Hypothesis gives up a draw, beside exceptions that are no `Exception`.
_GIVEN_UP = (UnsatisfiedAssumption, Frozen, BackendCannotProceed)


class Explorer:
    """A batch at work.

    `before` is called with each case that is about to be run, the programs and the arms so far.
    `met` and `checked` are those of the work (see `work.Batch`).
    """

    def __init__(
        self,
        options: Settings,
        statistics: Statistics,
        known: KnownBugs,
        deadline: float | None,
        loops: Loops | None = None,
        features: frozenset[str] | None = None,
        skip: frozenset[str] = frozenset(),
        before: Callable[[Program, int, int], None] = lambda case, programs, arms: None,
        met: Mapping[str, int] = {},
        checked: Mapping[str, int] = {},
        drawn: Drawn = "loops",
    ) -> None:
        self.options = options
        self.statistics = statistics
        self.known = known
        self.deadline = deadline
        self.loops = nnx_api.transforms() if loops is None else loops
        self.features: Any = nnx_api.choices() if features is None else features
        self.skip = skip
        self.before = before
        self.met, self.checked, self.drawn = met, checked, drawn
        self.unconfirmed: dict[Symptom, int] = {}
        #: Failures of nnxfuzz itself, the first of each name.
        self.faults: dict[str, Fault] = {}
        #: Symptoms that turned out to be of a known bug, with its name.
        self.symptoms: list[tuple[str, Symptom]] = []
        self.best: Discovery | None = None
        #: What the plain arms of this program show.
        self._shown: dict[Arm, Finding] = {}
        self._last_program = 0
        self._judged: tuple[Program | None, Judging | None] = (None, None)

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
        self.hypothesis(number, examples, choices, (Phase.generate,), self._visit, self.drawn)
        if self.best is None:
            return None
        return msgspec.structs.replace(self.best, choices=tuple(choices.kept[-1:]))

    def run_through(self, given: Iterable[Program]) -> Discovery | None:
        """The same with these programs, as far as they have an arm that is asked for."""
        there = [case for case in given if self.plain(case)]
        self.best, self._last_program = None, self.statistics.programs + len(there)
        with contextlib.suppress(Over):
            for case in there:
                self.statistics.draws += 1
                if self._visit(case) is not None:
                    break
        return self.best

    def shrink(self, first: Discovery) -> Discovery:
        """The same finding on a case as small as the budget allows."""
        return shrunk(self, first)

    def over(self) -> bool:
        """Whether the time is used up."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def hypothesis(
        self,
        number: int,
        examples: int,
        choices: Choices,
        phases: tuple[Phase, ...],
        visit: Callable[[Program], Signature | None],
        drawn: Drawn = "loops",
    ) -> None:
        """Let Hypothesis draw programs of a kind, and call `visit` with what it draws."""
        strategy = self._strategy(drawn)

        @st.composite
        def counted(draw: Any) -> Program:
            self.statistics.draws += 1
            try:
                case: Program = draw(strategy)
            except _GIVEN_UP:
                raise
            except Exception as error:
                self.failed(error)
                reject()
            return case

        search(counted(), hash((self.options.seed, number)), examples, choices, phases, visit)

    def _strategy(self, drawn: Drawn) -> st.SearchStrategy[Any]:
        """The programs of a kind that the installed release has."""
        if drawn == "loops":
            return programs(self.features)
        there = available()
        outermost = tuple(name for name in self.options.transforms if name in there)
        return call_programs(outermost, there, nnx_api.features())

    def _visit(self, case: Program) -> Signature | None:
        """The signature that this program shows, if it is one that is looked for."""
        if self.best is not None:  # Hypothesis runs what has failed once more
            return self.best.finding.signature
        if self.over() or self.statistics.programs >= self._last_program:
            self.statistics.draws -= 1
            raise Over
        if self.skipped(case):
            self.statistics.skipped += 1
            return None
        self.before(case, self.statistics.programs, self.statistics.arms)
        self.statistics.programs += 1
        try:
            self._run(case)
        except Exception as error:
            self.failed(error, case)
        return None if self.best is None else self.best.finding.signature

    def _run(self, case: Program) -> None:
        """The program on its plain arms, then, in turn, inside of wrappers around them, until
        something new shows.
        """
        kind = kind_of(case)
        fates: set[Fate] = set()
        tried: list[Arm] = []
        plain = self.plain(case)
        self._shown = {}
        for arm in plain:
            self._tried(case, arm, tried, fates)
        turn = self.statistics.programs
        wrapped = kind.wrapped(case, plain, self.options.wrappers, self._shown)
        for arm in in_turn(wrapped, turn):
            self._tried(case, arm, tried, fates)
        around = {f"wrapper:{arm.wrapper}" for arm in tried if arm.wrapper != "plain"}
        self.statistics.exercised(kind.exercised(case) | around, fates)

    def plain(self, case: Program) -> list[Arm]:
        """The plain arms that are asked for."""
        return kind_of(case).arms(case, self.options.transforms, self.options.modes)

    def _tried(self, case: Program, arm: Arm, tried: list[Arm], fates: set[Fate]) -> None:
        """Run the program on an arm, unless something new has shown or the time is used up."""
        if self.best is None and not self.over():
            tried.append(arm)
            self._try(case, arm, fates)

    def skipped(self, case: Program) -> bool:
        """Whether the program is known to kill the process that runs it."""
        return bool(self.skip) and digest(case) in self.skip

    def _try(self, case: Program, arm: Arm, fates: set[Fate]) -> None:
        kind = kind_of(case)
        executor = kind.explores
        verdict = self.verdict(case, arm, executor)
        self.statistics.arms += 1
        if isinstance(verdict, Agrees) and executor == "trace" and self._compiled():
            executor = kind.confirming(case)[0]
            with self.statistics.stage("confirming"):
                verdict = self.verdict(case, arm, executor)
        match verdict:
            case Inconclusive(cause=cause):
                self.statistics.inconclusive[cause] += 1
            case Fault():
                self.statistics.failed += 1
            case Agrees(warnings):
                self.statistics.agreed += 1
                self.statistics.warnings.update(warnings)
                fates.add("accepted")
            case Refused(reason):
                self.statistics.refused[reason] += 1
                fates.add("refused")
            case Finding() as finding:
                self._finding(case, finding, executor)

    def _compiled(self) -> bool:
        """Whether this program belongs to the share that XLA runs too."""
        number, share = self.statistics.programs, self.options.xla_share
        return int(number * share) > int((number - 1) * share)

    def verdict(
        self, case: Program, arm: Arm, executor: Executor
    ) -> Verdict | Fault | Inconclusive:
        """The verdict, or why the case allows no comparison, or our own failure to come to one."""
        try:
            return self._judging(case).verdict(arm, executor, self.loops, self.statistics.stage)
        except Inconclusive as inconclusive:
            return inconclusive
        except Exception as error:
            return self.failed(error, case, arm)

    def _judging(self, case: Program) -> Judging:
        """The program, to be judged; the one that was asked for last is kept."""
        held, judging = self._judged
        if judging is None or held is not case:
            judging = kind_of(case).judging(case)
            self._judged = case, judging
        return judging

    def failed(
        self, error: Exception, case: Program | None = None, arm: Arm | None = None
    ) -> Fault:
        """Count a failure of ours; it is noted, and the search goes on."""
        fault = Fault(fault_name(error), traceback_text(error), case, arm)
        self.statistics.faults[fault.name] += 1
        return self.faults.setdefault(fault.name, fault)

    # --- findings -----------------------------------------------------------------------------

    def _finding(self, case: Program, finding: Finding, executor: Executor) -> None:
        """A finding inside of a wrapper that the plain arm shows too is the plain arm's."""
        bare = Arm(finding.arm.transform, finding.arm.mode)
        if finding.arm == bare:
            self._shown[bare] = finding
        elif same_place(self._shown.get(bare), finding):
            finding = self._shown[bare]
        name, judged = self.known.name_of(case, finding), self._judged
        if name is None:
            self._candidate(case, finding)
        elif self._due(name):
            self._check(case, finding, executor, name)
        else:
            self.statistics.known[name] += 1
        self._judged = judged  # the program goes on, with its other arms

    def _due(self, name: str) -> bool:
        met = self.met.get(name, 0) + self.statistics.known[name]
        return self.known.due(met, self.checked.get(name, 0) + self.statistics.checked[name])

    def _check(self, case: Program, finding: Finding, executor: Executor, name: str) -> None:
        """See whether what looks like a known bug comes to a minimal form of it.

        Where the tries do not suffice for that it has to look like it still.
        """
        self.statistics.checked[name] += 1
        small = self._minimal(case, finding, executor)
        seen = self._recognised(small, executor)
        if seen is None and not small.whole:
            seen = self.known.name_of(small.case, small.finding)
        if seen is not None:
            self.statistics.known[seen] += 1
        else:
            self._candidate(small.case, small.finding, taken_for=name)

    def _candidate(self, case: Program, finding: Finding, taken_for: str | None = None) -> None:
        """A finding counts only once XLA's run shows it too, and no known bug has its form."""
        arm, tried = finding.arm, self.unconfirmed.get(finding.symptom, 0)
        confirmed = None
        if tried < _CONFIRMATIONS or tried % _AGAIN == _AGAIN - 1:
            with self.statistics.stage("confirming"):
                confirmed = self.confirmed(case, arm)
        if confirmed is None:
            self.unconfirmed[finding.symptom] = tried + 1
            self.statistics.unconfirmed += 1
            return
        shown, executor = confirmed
        # Where tracing alone shows another symptom than XLA does, XLA has to shrink it too.
        explores = kind_of(case).explores
        executor = explores if shown.symptom == finding.symptom else executor
        found = Discovery(case, arm, shown, shrink_with=executor, taken_for=taken_for)
        self.best = found if taken_for is not None else self._new(found)

    def _new(self, found: Discovery) -> Discovery | None:
        """The discovery, smaller if XLA shows that too; None if it is a known bug after all."""
        shown = found.finding
        name = self.known.name_of(found.case, shown)
        if name is None:
            small = self._minimal(found.case, shown, found.shrink_with)
            name = self._recognised(small, found.shrink_with)
            if name is not None:
                self.symptoms.append((name, shown.symptom))
                self.known = self.known.looks_like(self.symptoms[-1])
        if name is not None:
            self.statistics.known[name] += 1
            return None
        with self.statistics.stage("confirming"):
            again = self.confirmed(small.case, small.arm)
        if again is None or again[0].symptom != small.finding.symptom:
            return found
        return msgspec.structs.replace(found, case=small.case, arm=small.arm, finding=again[0])

    def _recognised(self, small: Minimal, executor: Executor) -> str | None:
        """The known bug of a minimal finding: its own, or that of its plain arm.

        In a wrapper a bug may show as another one, such as branches of `cond` that differ.  Nothing
        can be taken away from a minimal case, so what fails on the plain arm is what does it.
        """
        name = self.known.recognised(small.case, small.finding)
        if name is not None or small.arm.wrapper == "plain":
            return name
        bare = self.verdict(small.case, Arm(small.arm.transform, small.arm.mode), executor)
        return self.known.recognised(small.case, bare) if isinstance(bare, Finding) else None

    def _minimal(self, case: Program, finding: Finding, executor: Executor) -> Minimal:
        """The finding on a minimal case, within the tries of a check."""

        def verdict(smaller: Program, arm: Arm) -> object:
            if self.skipped(smaller):
                return None
            self.before(smaller, self.statistics.programs, self.statistics.arms)
            return self.verdict(smaller, arm, executor)

        with self.statistics.stage("shrinking"):
            tries = Tries(self.options.check_tries, self.over)
            other = self.known.other_than(self.known.name_of(case, finding))
            return minimal(case, finding, verdict, self.plain, tries, other)

    def confirmed(self, case: Program, arm: Arm) -> tuple[Finding, Executor] | None:
        """The finding as XLA shows it, and the executor that showed it.

        jax's caches are emptied first: an earlier case may have left a structure in them that
        cannot be compared, and an innocent case would then fail on it.
        """
        nnx_api.forget()
        for executor in kind_of(case).confirming(case):
            verdict = self.verdict(case, arm, executor)
            if isinstance(verdict, Finding):
                return verdict, executor
        return None


__all__ = ["Explorer", "Shown"]
