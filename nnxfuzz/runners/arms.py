"""Which arms a case is run on, and what it comes to on all of them.

A search runs every plain arm, and each wrapper around one of them in turn; a finding that has been
shrunk is run on its `matrix`, because where it shows and where not is what tells one cause from
another.
"""

from collections.abc import Mapping
from types import MappingProxyType

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Agrees, Blame, Cell, Finding, Refused, Verdict
from nnxfuzz.programs.case import MODES, TRANSFORMS, WRAPPERS, Arm, Case, Mode, Transform, Wrapper


def plain_arms(
    case: Case,
    transforms: tuple[Transform, ...] = TRANSFORMS,
    modes: tuple[Mode, ...] = MODES,
) -> list[Arm]:
    """Every arm without a wrapper that the case and the installed release have."""
    arms = [Arm(transform, mode) for transform in transforms for mode in modes]
    return [arm for arm in arms if nnx_api.inapplicable(case, arm) is None]


#: Wrappers that begin with what the loop has left: `jit` calls it once more on that, and `grad` has
#: the gradient of it.  Around a loop that leaves a wrong world they say nothing of their own.
_ON_THE_OUTCOME: tuple[Wrapper, ...] = ("jit", "grad")


def wrapped_arms(
    case: Case,
    plain: list[Arm],
    wrappers: tuple[Wrapper, ...],
    shown: Mapping[Arm, Finding] = MappingProxyType({}),
) -> list[Arm]:
    """Every wrapper around each of the plain arms, as far as case and release have them; `shown` is
    what those show, where it is known.
    """
    arms = [
        Arm(p.transform, p.mode, w)
        for w in wrappers
        for p in plain
        if w != "plain" and not (w in _ON_THE_OUTCOME and _leaves_a_wrong_world(shown.get(p)))
    ]
    return [arm for arm in arms if nnx_api.inapplicable(case, arm) is None]


def _leaves_a_wrong_world(finding: Finding | None) -> bool:
    return finding is not None and finding.signature.kind in ("wrong-world", "poisoned-state")


def same_place(plain: Finding | None, wrapped: Finding) -> bool:
    """Whether a wrapper shows what the plain arm shows: the same kind at the same place."""
    if plain is None:
        return False
    one, other = plain.signature, wrapped.signature
    return (one.kind, one.where) == (other.kind, other.where)


def in_turn(arms: list[Arm], turn: int) -> list[Arm]:
    """One arm of each wrapper, another one at every turn."""
    by_wrapper: dict[Wrapper, list[Arm]] = {}
    for arm in arms:
        by_wrapper.setdefault(arm.wrapper, []).append(arm)
    return [group[turn % len(group)] for group in by_wrapper.values()]


def beside(case: Case, found: Arm) -> list[Arm]:
    """Every plain arm, and every wrapper around the arm on which a finding was made."""
    inner = Arm(found.transform, found.mode)
    by_hand = Arm(found.transform, wrapper="lax")
    around = [arm for arm in wrapped_arms(case, [inner], WRAPPERS) if arm != by_hand]
    around += [by_hand] if nnx_api.inapplicable(case, by_hand) is None else []
    return [*plain_arms(case), *around]


def outcome_text(verdict: Verdict) -> str:
    """A verdict in a few words."""
    match verdict:
        case Agrees():
            return "agrees"
        case Refused(reason):
            return f"refused: {reason}"
        case Finding(signature=signature):
            return str(signature)


def blame(cells: tuple[Cell, ...], found: Arm) -> Blame | None:
    """Whose fault a finding is, by the same loop written by hand; None if that says nothing, as of
    a wrapper, which the hand-written loop is not in.

    The hand-written loop has `nnx.split` and `nnx.merge` in it, but no transform of Flax.
    """
    if found.wrapper not in ("plain", "lax"):
        return None
    by_hand = [cell.outcome for cell in cells if cell.arm.wrapper == "lax"]
    if not by_hand or by_hand[0].startswith(("inconclusive", "refused", "nnxfuzz")):
        return None
    return "flax" if by_hand[0] == "agrees" else "jax"
