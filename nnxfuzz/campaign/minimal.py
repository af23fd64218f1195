"""A finding made as small as it goes, on the simplest arm that shows it.

That is what a finding is: two programs that come to the same minimal form show one bug, on
whatever arm either of them was met.
"""

from collections.abc import Callable

from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import Arm, Data
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners.kinds import kind_of


class Minimal(Data, frozen=True):
    """A case on an arm, what it shows, and whether no step makes it smaller (`whole`).

    `steps` are the cases on the way there, with what they show; each is smaller than the one before
    it, or the same on a simpler arm.
    """

    case: Program
    arm: Arm
    finding: Finding
    whole: bool
    steps: tuple[tuple[Program, Finding], ...]


def minimal(
    case: Program,
    finding: Finding,
    verdict: Callable[[Program, Arm], object],
    plain: Callable[[Program], list[Arm]],
    tries: Tries,
) -> Minimal:
    """The finding on a minimal case, as far as the tries go, on the simplest of the arms that are
    `plain` or of its own wrapper around one of those.

    `verdict` runs an arm; what it answers counts only if it is a finding.
    """
    steps = [(case, finding)]
    while True:
        case, finding = _smaller(case, finding, verdict, tries, steps)
        simpler = (
            None if tries.over() else _on_a_simpler_arm(case, finding, verdict, plain(case), tries)
        )
        if simpler is None:
            return Minimal(case, finding.arm, finding, not tries.over(), tuple(steps))
        finding = simpler
        steps.append((case, finding))


def _smaller(
    case: Program,
    finding: Finding,
    verdict: Callable[[Program, Arm], object],
    tries: Tries,
    steps: list[tuple[Program, Finding]],
) -> tuple[Program, Finding]:
    """The case without all that its arm does not need to show the symptom."""
    best, kind = finding, kind_of(case)

    def shows(smaller: Program) -> bool:
        nonlocal best
        arm = kind.arm_of(smaller, best.arm)
        seen = None if arm is None else verdict(smaller, arm)
        if not isinstance(seen, Finding) or not alike(seen, finding):
            return False
        best = seen
        steps.append((smaller, seen))
        return True

    return kind.reduced(case, shows, tries), best


def _on_a_simpler_arm(
    case: Program,
    finding: Finding,
    verdict: Callable[[Program, Arm], object],
    arms: list[Arm],
    tries: Tries,
) -> Finding | None:
    """The finding on the first arm that shows the like of it, if that comes before its own."""
    if finding.arm.wrapper != "plain":
        arms = [*arms, *kind_of(case).wrapped(case, arms, (finding.arm.wrapper,), {})]
    for arm in arms:
        if arm == finding.arm or tries.over():
            return None
        tries.take()
        seen = verdict(case, arm)
        if isinstance(seen, Finding) and alike(seen, finding):
            return seen
    return None


def alike(one: Finding, other: Finding) -> bool:
    """Whether two findings are the same but for the arm."""
    a, b = one.symptom, other.symptom
    return (a.signature.kind, a.signature.where, a.words) == (
        b.signature.kind,
        b.signature.where,
        b.words,
    )
