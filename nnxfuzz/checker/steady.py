"""What plain Python leaves otherwise each time it runs a function, as what comes from a clock.

Flax's run and Python's are not to agree there.  But where Flax leaves what was there before, it
takes no part of it, as a compiled function that does not look at the clock again.
"""

from nnxfuzz.checker.documented import listed, paths_of
from nnxfuzz.checker.effects import HOLDS_A_TRACER
from nnxfuzz.checker.judgeable import Judgeable
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.worlds import differences
from nnxfuzz.oracle.verdict import Difference, World

#: What gives something else each time, and what can be done about it.
CLOCKS = "a clock, or a generator without a seed"
TAKE_IT = "take it before the call, and pass it as an argument"


def steady(
    found: list[Difference], before: World, python: World, again: World, flax: World
) -> list[Difference]:
    """The differences without those at what is another in Python, run once more, and that Flax
    changes, too.
    """
    other = {(d.path, d.aspect) for d in differences(python, again)} if found else set()
    changed = {d.path for d in differences(before, flax)} if other else set()
    return [
        d
        for d in found
        if (d.path, d.aspect) not in other
        or d.path not in flax
        or (d.path in before and d.path not in changed)
    ]


def steady_effects(
    found: dict[str, str], trial: Judgeable, python: Side, again: Side, flax: Side
) -> dict[str, str]:
    """The effects without those that are another in Python, run once more, and that Flax's run
    has, too.
    """
    other = trial.effects(python, again).keys() & trial.effects(flax, python).keys()
    return {p: what for p, what in found.items() if what == HOLDS_A_TRACER or p not in other}


def unsteady(found: list[Difference]) -> Verdict:
    """The verdict where all that differs is another each time the function is run."""
    paths = paths_of(found)
    text = (
        f"{listed(paths)} is another each time plain Python runs the function, as what "
        f"comes from {CLOCKS} is; all else is the same"
    )
    return Verdict("inconclusive", text, paths, way_out=TAKE_IT)
