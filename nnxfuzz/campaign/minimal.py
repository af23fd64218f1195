"""A finding made as small as it goes, on the simplest arm that shows it.

That is what a finding is: two programs that come to the same minimal form show one bug, on
whatever arm either of them was met.

First the case loses all that it does not need to show the very symptom.  A bug shows in many
places, so a case that is minimal in this sense is not yet the smallest one of its bug.  Only then a
step may move the symptom, as far as `moved` says; what moves it onto another known bug does not
count.  In this order little is left that another bug could show by.
"""

from collections.abc import Callable

from nnxfuzz.oracle.verdict import Aspect, Finding
from nnxfuzz.programs.case import Arm, Data, weight
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners.kinds import kind_of

#: A case and what it shows.
Step = tuple[Program, Finding]


class Minimal(Data, frozen=True):
    """A case on an arm, what it shows, and whether no step makes it smaller (`whole`).

    `steps` are the cases on the way there, with what they show; each is smaller than the one before
    it, or the same on a simpler arm.
    """

    case: Program
    arm: Arm
    finding: Finding
    whole: bool
    steps: tuple[Step, ...]


def minimal(
    case: Program,
    finding: Finding,
    verdict: Callable[[Program, Arm], object],
    plain: Callable[[Program], list[Arm]],
    tries: Tries,
    other: Callable[[Program, Finding], bool] = lambda case, finding: False,
) -> Minimal:
    """The finding on a minimal case, as far as the tries go, on the simplest of the arms that are
    `plain` or of its own wrapper around one of those.

    `verdict` runs an arm; what it answers counts only if it is a finding.  `other` says whether a
    case shows a bug that is known, and not this one: the symptom does not move there.
    """
    steps = [(case, finding)]
    while True:
        case, finding, elsewhere = _smaller(*steps[-1], verdict, tries, steps)
        if tries.over():
            return Minimal(case, finding.arm, finding, False, tuple(steps))
        simpler = _on_a_simpler_arm(case, finding, verdict, plain(case), tries)
        if simpler is not None:
            steps.append((case, simpler))
            continue
        left = [step for step in elsewhere if not other(*step)]
        if not left:
            return Minimal(case, finding.arm, finding, not tries.over(), tuple(steps))
        steps.append(min(left, key=lambda step: weight(step[0])))


def _smaller(
    case: Program,
    finding: Finding,
    verdict: Callable[[Program, Arm], object],
    tries: Tries,
    steps: list[Step],
) -> tuple[Program, Finding, list[Step]]:
    """The case without all that its arm does not need to show the symptom, and the cases a step
    smaller than that which show it moved.
    """
    best, elsewhere, kind = finding, list[Step](), kind_of(case)

    def shows(smaller: Program) -> bool:
        nonlocal best
        arm = kind.arm_of(smaller, best.arm)
        seen = None if arm is None else verdict(smaller, arm)
        if not isinstance(seen, Finding):
            return False
        if not alike(seen, finding):
            elsewhere.extend([(smaller, seen)] if moved(best, seen) else [])
            return False
        best = seen
        steps.append((smaller, seen))
        elsewhere.clear()  # they were a step smaller than the case before
        return True

    return kind.reduced(case, shows, tries), best, elsewhere


def moved(one: Finding, other: Finding) -> bool:
    """Whether what a smaller case shows may be the same bug at another place, or in other words.

    It has the kind and the arm.  An exception has its type and the innermost function of Flax that
    raises it.  What differs differs in the same aspect, at a place where nothing did before: what
    is left of several differences when the first one goes may well be of another bug.
    """
    if _kept(one) != _kept(other):
        return False
    if one.signature.where == other.signature.where:
        return True
    before = {difference.where for difference in one.differences}
    aspect = _aspect(one)
    return aspect is not None and aspect == _aspect(other) and other.signature.where not in before


def _kept(finding: Finding) -> tuple[object, ...]:
    """What of a finding does not move."""
    failure = finding.failure
    raised = None if failure is None else (failure.error, failure.function)
    return finding.signature.kind, finding.arm, raised


def _aspect(finding: Finding) -> Aspect | None:
    """The aspect of the difference that a finding is told by; None if that is an exception."""
    first = finding.differences[0] if finding.differences else None
    return first.aspect if first is not None and first.where == finding.signature.where else None


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
