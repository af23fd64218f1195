"""A new finding made as small as its tries allow: first its draws, by Hypothesis, then the case.

While the draws shrink, only the very symptom counts; how the case may show it elsewhere is said by
`minimal`.  Tracing tries, and XLA has the last word: where it does not show the smallest case, the
smallest one that it does show is kept.
"""

from typing import TYPE_CHECKING

import msgspec
from hypothesis import Phase

from nnxfuzz.campaign.draws import Choices, Over
from nnxfuzz.campaign.minimal import Step, alike, minimal
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.oracle.verdict import Finding, Signature
from nnxfuzz.programs.case import Arm, weight
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners.kinds import kind_of

if TYPE_CHECKING:
    from nnxfuzz.campaign.explore import Explorer


def shrunk(explorer: "Explorer", first: Discovery) -> Discovery:
    """The finding on a case that is as small as the tries allow, and that XLA has confirmed."""
    return _Shrinking(explorer, first).done()


class _Shrinking:
    """One discovery at work; `steps` are ever smaller cases."""

    def __init__(self, explorer: "Explorer", first: Discovery) -> None:
        self.explorer, self.first = explorer, first
        self.steps: list[Step] = [(first.case, first.finding)]

    def done(self) -> Discovery:
        count = self.explorer.options.shrink_tries
        draws = Tries(count // 2, self.explorer.over)
        self._draws(draws)
        rest = Tries(count - count // 2 + draws.left, self.explorer.over)
        case, finding = self.steps[-1]
        other = self.explorer.known.other_than(str(self.first.finding.signature))
        small = minimal(case, finding, self._verdict, self.explorer.plain, rest, other)
        self.steps += small.steps[1:]
        case, finding = self._confirmed()
        return msgspec.structs.replace(
            self.first,
            case=case,
            arm=finding.arm,
            finding=finding,
            choices=(),
            arms=kind_of(case).matrix(case, finding.arm, self.explorer.loops, self.explorer.failed),
            cut_short=not small.whole,
        )

    def _draws(self, tries: Tries) -> None:
        """Let Hypothesis shrink the draws that made the case."""

        def visit(case: Program) -> Signature | None:
            finding = self.steps[-1][1]
            if tries.over():
                raise Over
            tries.take()
            kind = kind_of(case)
            arm = kind.arm_of(case, finding.arm)
            shown = None if arm is None else self._verdict(case, arm)
            if not isinstance(shown, Finding) or not alike(shown, finding):
                return None
            if weight(case) < weight(self.steps[-1][0]):
                self.steps.append((case, shown))
            return finding.signature

        phases = (Phase.reuse, Phase.shrink)
        choices = Choices(self.first.choices)
        self.explorer.hypothesis(0, 1, choices, phases, visit, kind_of(self.first.case).name)

    def _verdict(self, case: Program, arm: Arm) -> object:
        if kind_of(case).arm_of(case, arm) != arm or self.explorer.skipped(case):
            return None
        self.explorer.before(case, 0, 0)
        return self.explorer.verdict(case, arm, self.first.shrink_with)

    def _confirmed(self) -> Step:
        """The smallest of the steps that XLA shows too, found as if all before it did."""
        shown = self._shown(self.steps[-1])
        if shown is not None:
            return shown
        good, bad = self.steps[0], len(self.steps) - 1
        at = 0
        while bad - at > 1:
            middle = (at + bad) // 2
            shown = self._shown(self.steps[middle])
            if shown is None:
                bad = middle
            else:
                good, at = shown, middle
        return good

    def _shown(self, step: Step) -> Step | None:
        case, finding = step
        found = self.explorer.confirmed(case, finding.arm)
        same = found is not None and found[0].symptom == finding.symptom
        return (case, found[0]) if found is not None and same else None
