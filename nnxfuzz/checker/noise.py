"""The noise of rounding: how far off numbers may be for nothing else, by more runs as Python.

Some begin with numbers that are off by one rounding, and one computes in float64.
"""

import functools

import numpy as np

from nnxfuzz.checker.closeness import (
    FACTOR,
    FACTOR_OF_NEW,
    is_unsure,
    like,
    sharpened,
    slightly_off,
    widened,
)
from nnxfuzz.checker.judgeable import Judgeable, Options
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.worlds import differences
from nnxfuzz.oracle.verdict import Difference, World

#: How many runs with other roundings tell how far a number depends on them, and how much further
#: than they differ among themselves a right computation may be off.
_NUDGES, _FACTOR = 3, 4.0


class Noise:
    """The runs of one call in one mode with other roundings; `python` is that with its own."""

    def __init__(self, trial: Judgeable, added: Options, python: Side) -> None:
        self.trial = trial
        self.added = added
        self.python = python

    @functools.cached_property
    def nudged(self) -> list[World]:
        """What Python leaves with other roundings."""
        sides = [self.trial.nudged(self.added, seed) for seed in range(_NUDGES)]
        return [side.world for side in sides if side.raised is None]

    @functools.cached_property
    def _shadow(self) -> Side:
        return self.trial.shadow(self.added)

    def widened(self) -> World:
        """What Python leaves, with tolerances by which numbers may be off: other inputs, off by one
        rounding, differ so much as well.  Adam makes a step of full length of a gradient that is
        zero but for rounding.
        """
        return widened(self.python.world, self.nudged, _FACTOR)

    def decides(self, d: Difference, got: World) -> bool:
        """Whether a difference is of integers that depend on rounding.  How many trips a
        `while_loop` makes may do so by any number.
        """
        if d.aspect != "value":
            return False
        factor = np.inf if "while_loop" in self.python.seen.transforms else _FACTOR
        return is_unsure(d, self.python.world, self.nudged, got, factor)

    def sharp(self, factor: float = FACTOR) -> World:
        """What Python leaves, with tolerances from a run in float64; with those of the table if the
        user has given some, or if there is no such run.
        """
        given = self.trial.tolerance
        if given.rtol is not None or given.atol is not None:
            return self.python.world
        python, shadow = self.python.world, self._shadow
        return python if shadow.raised else sharpened(python, shadow.world, factor)

    def slightly_off(
        self, before: World, wanted: World, got: World
    ) -> tuple[list[Difference], World]:
        """What is wrong within the tolerance, and the world with tolerances that show it: from a
        run in float64, and from runs with other roundings.  What is wanted may be what the mode
        documents; where that is not Python's, nothing is told.
        """
        python = self.python.world
        off = set(slightly_off(before, wanted, got))
        places = {p for p in off if p in python and not differences({p: python[p]}, {p: wanted[p]})}
        if not places:
            return [], wanted
        new = FACTOR_OF_NEW
        sharp = like(wanted, widened(self.sharp(), self.nudged, _FACTOR))
        wide = like(wanted, widened(self.sharp(new), self.nudged, new))
        sharp = {path: (sharp if path in before else wide)[path] for path in wanted}
        found = differences(sharp, got)
        return [d for d in found if d.path in places and d.aspect == "value"], sharp
