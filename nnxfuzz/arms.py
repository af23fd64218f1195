"""Which arms a case is run on, and what it comes to on all of them.

A search runs every plain arm, and each wrapper on one of them in turn; a finding is run on the
whole matrix, because where it shows and where not is what tells one cause from another.
"""

from typing import Literal

from nnxfuzz import compat
from nnxfuzz.arithmetic import Unfit
from nnxfuzz.case import MODES, TRANSFORMS, WRAPPERS, Arm, Case, Data, Mode, Transform, Wrapper
from nnxfuzz.executors import Executor, observe
from nnxfuzz.judge import Oracle
from nnxfuzz.transforms import Loops
from nnxfuzz.verdict import Agrees, Finding, Refused, Verdict


def plain_arms(
    case: Case,
    transforms: tuple[Transform, ...] = TRANSFORMS,
    modes: tuple[Mode, ...] = MODES,
) -> list[Arm]:
    """Every arm without a wrapper that the case and the installed release have."""
    arms = [Arm(transform, mode) for transform in transforms for mode in modes]
    return [arm for arm in arms if compat.inapplicable(case, arm) is None]


def wrapped_arms(case: Case, plain: list[Arm], wrappers: tuple[Wrapper, ...]) -> list[Arm]:
    """Every wrapper around each of the plain arms, as far as case and release have them."""
    arms = [Arm(p.transform, p.mode, w) for w in wrappers if w != "plain" for p in plain]
    return [arm for arm in arms if compat.inapplicable(case, arm) is None]


def in_turn(arms: list[Arm], turn: int) -> list[Arm]:
    """One arm of each wrapper, another one at every turn."""
    by_wrapper: dict[Wrapper, list[Arm]] = {}
    for arm in arms:
        by_wrapper.setdefault(arm.wrapper, []).append(arm)
    return [group[turn % len(group)] for group in by_wrapper.values()]


class Cell(Data, frozen=True):
    """What a case came to on one arm: `agrees`, `refused: <record>`, `unfit`, or a signature."""

    arm: Arm
    outcome: str


Blame = Literal["flax", "jax"]


def matrix(case: Case, executor: Executor, loops: Loops | None = None) -> tuple[Cell, ...]:
    """The case on every arm that it fits."""
    plain = plain_arms(case)
    oracle = Oracle(case)
    arms = [*plain, *wrapped_arms(case, plain, WRAPPERS)]
    return tuple(Cell(arm, _outcome(oracle, arm, executor, loops)) for arm in arms)


def _outcome(oracle: Oracle, arm: Arm, executor: Executor, loops: Loops | None) -> str:
    try:
        oracle.expected(arm, arm.mode)
        return told(oracle.verdict(arm, observe(oracle.case, arm, executor, loops)))
    except Unfit:
        return "unfit"


def told(verdict: Verdict) -> str:
    """A verdict in a few words."""
    match verdict:
        case Agrees():
            return "agrees"
        case Refused(reason):
            return f"refused: {reason}"
        case Finding(signature=signature):
            return str(signature)


def blame(cells: tuple[Cell, ...], arm: Arm) -> Blame | None:
    """Whose fault a finding on `arm` is, by the same loop written by hand; None if there is none.

    The hand-written loop has `nnx.split` and `nnx.merge` in it, but no transform of Flax.
    """
    for cell in cells:
        if cell.arm.wrapper == "lax" and cell.arm.transform == arm.transform:
            return "flax" if cell.outcome == "agrees" else "jax"
    return None
