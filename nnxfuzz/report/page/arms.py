"""The arms of an entry as a table: transforms and modes by wrappers."""

from typing import Literal

from nnxfuzz.oracle.verdict import Cell
from nnxfuzz.programs.case import MODES, TRANSFORMS, WRAPPERS, Arm, Data

Verdict = Literal["agrees", "refused", "finding", "inconclusive", "not run"]

#: A sign for each, so that no colour is needed.
SIGNS: dict[Verdict, str] = {
    "agrees": "✓",
    "refused": "⊘",
    "finding": "✗",
    "inconclusive": "?",
    "not run": "",
}


class Shown(Data, frozen=True):
    """A cell: what the arm came to, its sign, and what there is to say of it."""

    verdict: Verdict
    sign: str
    detail: str = ""
    own: bool = False


class Line(Data, frozen=True):
    """A transform in a mode, in each of the wrappers."""

    transform: str
    mode: str
    cells: tuple[Shown, ...]


class Arms(Data, frozen=True):
    """The whole table; no lines if nothing was recorded."""

    wrappers: tuple[str, ...]
    lines: tuple[Line, ...]


def arms_of(cells: tuple[Cell, ...], own: Arm) -> Arms:
    """The table of what a case came to; `own` is the arm of its finding."""
    by_arm = {cell.arm: cell.outcome for cell in cells}
    wrappers = tuple(w for w in WRAPPERS if any(arm.wrapper == w for arm in by_arm))
    lines = []
    for transform in dict.fromkeys((*TRANSFORMS, *(arm.transform for arm in by_arm))):
        for mode in MODES:
            arms = [Arm(transform, mode, wrapper) for wrapper in wrappers]
            if any(arm in by_arm for arm in arms):
                shown = tuple(_shown(by_arm.get(arm), arm == own) for arm in arms)
                lines.append(Line(transform, mode, shown))
    return Arms(wrappers, tuple(lines))


def _shown(outcome: str | None, own: bool) -> Shown:
    if outcome is None:
        return Shown("not run", SIGNS["not run"])
    verdict, detail = _parted(outcome)
    return Shown(verdict, SIGNS[verdict], detail, own)


def _parted(outcome: str) -> tuple[Verdict, str]:
    """The outcome of a `Cell` in a word, and the rest of it."""
    if outcome == "agrees":
        return "agrees", ""
    head, _, rest = outcome.partition(": ")
    if head == "inconclusive":
        return "inconclusive", rest
    return ("refused", rest) if head == "refused" else ("finding", f"{head.split()[0]}, {rest}")
