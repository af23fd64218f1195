"""What an arm should come to: the Python loop, seen through the arm's wrapper.

`jit` runs the loop twice, `vmap` runs it for two examples, `eval_shape` has shapes and dtypes in
place of numbers, `grad` has a gradient.  Any other wrapper changes nothing.
"""

from typing import Any

import msgspec
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import Expected, Meaning, run_python
from nnxfuzz.oracle.unrolled import expected_gradient
from nnxfuzz.oracle.verdict import Entry, World
from nnxfuzz.programs.case import Arm, Case, Loop, TreePath, reads_objects_only

#: How many trips an example of `vmap` makes less than the one before it, where trips may differ.
FEWER = 1


class Runs:
    """The Python loops of one case, each run once: several wrappers ask for the same."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._known: dict[tuple[Meaning, int], Expected | Inconclusive] = {}

    def run(self, meaning: Meaning, rounds: int = 1) -> Expected:
        """`run_python`."""
        known = self._run(meaning, rounds)
        if isinstance(known, Inconclusive):
            raise known
        return known

    def _run(self, meaning: Meaning, rounds: int) -> Expected | Inconclusive:
        if (meaning, rounds) not in self._known:
            self._known[meaning, rounds] = self._new(meaning, rounds)
        return self._known[meaning, rounds]

    def _new(self, meaning: Meaning, rounds: int) -> Expected | Inconclusive:
        if meaning == "tree":
            alike = self._run("graph-frozen", rounds)
            if isinstance(alike, Expected) and not alike.shares_nodes:
                return alike
        try:
            return run_python(self.case, meaning, rounds)
        except Inconclusive as inconclusive:
            return inconclusive


@nnx_api.settled()
def expectation(runs: Runs, arm: Arm, meaning: Meaning) -> Expected:
    """What the arm should come to under a mode's deviations; raises Inconclusive."""
    case = runs.case
    if arm.examples:
        second = msgspec.structs.replace(case, loop=second_loop(case.loop, arm))
        one, two = runs.run(meaning), run_python(second, meaning, more=1)
        loose = reads_objects_only(case)
        after = _together(_after(one, arm), _after(two, arm), loose)
        before = _together(one.before, two.before, loose)
        return Expected(before, after, one.seen, unmarked=one.unmarked)
    chained = arm.wrapper == "plain" and case.call_style.earlier == "chained"
    expected = runs.run(meaning, rounds=2 if arm.twice or chained else 1)
    if arm.abstract:
        return _abstract(expected)
    if arm.derives:
        _after(expected, arm)
        return Expected({}, expected_gradient(case), expected.seen)
    return expected


def sees(arm: Arm) -> str:
    """What the expectation of an arm depends on beside case and mode: equal for equal ones."""
    if arm.examples and arm.counts:
        return f"{arm.wrapper}, counted"
    return arm.wrapper if arm.examples or arm.twice or arm.abstract or arm.derives else "plain"


def second_loop(loop: Loop, arm: Arm) -> Loop:
    """The loop of the second example: shorter on a while_loop, which may stop at any time."""
    if not arm.counts:
        return loop
    return msgspec.structs.replace(loop, upper=max(loop.lower, loop.upper - FEWER))


def _after(run: Expected, arm: Arm) -> World:
    """The world after a loop that a wrapper has something to show of."""
    if run.after is None:
        raise Inconclusive("the body raises inside of the wrapper", arm.wrapper)
    return run.after


def _together(one: World, two: World, loose: bool) -> World:
    """Two worlds as one whose arrays have the examples along axis 0; only those that stand in no
    object, if `loose`.
    """
    if one.keys() != two.keys():
        raise Inconclusive("the examples of vmap are unlike")
    given = {p: e for p, e in one.items() if p[0] != "ys"}  # what is made inside has two examples
    objects = {path for path, entry in given.items() if entry.role in ("node", "variable")}
    return {
        path: entry if loose and _within(path, objects) else _pair(entry, two[path])
        for path, entry in one.items()
    }


def _within(path: TreePath, objects: set[TreePath]) -> bool:
    return any(path[:end] in objects for end in range(1, len(path) + 1))


def _pair(one: Entry, two: Entry) -> Entry:
    if one.array is None or two.array is None:
        return one
    if one.array.dtype != two.array.dtype:
        raise Inconclusive("the examples of vmap are unlike")  # one has no trip that changes them
    array = np.stack([one.array, two.array])
    tolerance = _columns(one.tolerance, two.tolerance, array.ndim)
    reach = _columns(one.reach, two.reach, array.ndim)
    return msgspec.structs.replace(one, array=array, tolerance=tolerance, reach=reach)


def _columns(one: Any, two: Any, rank: int) -> np.ndarray:
    """A number for each of two examples, to broadcast with arrays that have them along axis 0."""
    return np.asarray([one, two], np.float64).reshape(2, *[1] * (rank - 1))


def _abstract(expected: Expected) -> Expected:
    """Zeros in place of all numbers, and nothing but what is returned."""
    after = expected.after
    if after is not None:
        returned = {p: e for p, e in after.items() if p[0] in ("result", "ys", "counter")}
        after = {path: _zeros(entry) for path, entry in _without_objects(returned).items()}
    return Expected({}, after, expected.seen, unmarked=expected.unmarked)


def _zeros(entry: Entry) -> Entry:
    if entry.array is None:
        return entry
    return msgspec.structs.replace(
        entry, array=np.zeros_like(entry.array), tolerance=0.0, reach=0.0
    )


def _without_objects(world: World) -> World:
    """The world with None in the place of each node and Variable of the result."""
    objects = {p for p, e in world.items() if p[0] == "result" and e.role in ("node", "variable")}
    kept = {path: entry for path, entry in world.items() if not _within(path[:-1], objects)}
    nothing = Entry("static", "NoneType", detail="None")
    return {path: nothing if path in objects else entry for path, entry in kept.items()}
