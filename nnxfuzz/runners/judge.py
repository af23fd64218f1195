"""Worlds, refusals and the contract -> a verdict with its evidence and signature.

A comparison collects every difference in sorted order and never returns from inside its loop, so
a verdict does not depend on the order in which anything was met.
"""

import ast
from collections.abc import Callable, Iterator

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.by_itself import FlaxFailed
from nnxfuzz.oracle.contract import BODY_RAISED, MADE_STATIC, OWN_NODES, deviates, explanation
from nnxfuzz.oracle.expectation import Runs, expectation, sees
from nnxfuzz.oracle.reference import Expected, Meaning
from nnxfuzz.oracle.verdict import (
    REFUSALS,
    Agrees,
    Aspect,
    Difference,
    Entry,
    Failure,
    Finding,
    FindingKind,
    Refused,
    Signature,
    Verdict,
    World,
    dotted,
)
from nnxfuzz.programs.case import Arm, Case, TreePath
from nnxfuzz.programs.numbers import is_float, widest
from nnxfuzz.runners import Executor, Observed, observe
from nnxfuzz.runners.loops import RESTORING, Loops

#: What may come out of a transform.  Anything else is an internal error, whether or not there was
#: a reason to refuse.
_EXPECTED = frozenset({*REFUSALS, "BodyRaised", "Raised"})

#: The roots that a refusal must leave as they were.
_KEPT = frozenset({"caller", "inputs", "closure", "held"})

#: The order in which roots are looked at: what the caller holds matters most.
_ROOTS = ("caller", "inputs", "closure", "result", "ys", "counter", "grad", "held")


def examine(case: Case, arm: Arm, executor: Executor, loops: Loops | None = None) -> Verdict:
    """Run both sides and judge; raises Inconclusive if the numbers allow no comparison."""
    verdict = Oracle(case).examine(arm, lambda: observe(case, arm, executor, loops))
    if isinstance(verdict, Inconclusive):
        raise verdict
    return verdict


class Oracle:
    """What is right for one case; what Python does is worked out once for all its arms."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._runs = Runs(case)
        self._known: dict[tuple[Meaning, str], Expected | Inconclusive] = {}

    def expected(self, arm: Arm, meaning: Meaning) -> Expected:
        """What the arm should come to under a mode's deviations; raises Inconclusive.

        What hands the caller's own modules back leaves Python's world, and the observations that
        the mode gives: a wrapper hands back all of them, and a loop those of the carry.
        """
        expected = self._expected(arm, meaning)
        if meaning in ("graph", "python") or not _hands_own_nodes_back(arm):
            return expected
        own = self._expected(arm, "python")
        after = own.after
        if arm.wrapper not in RESTORING and after is not None and expected.after is not None:
            own_inputs = {path: e for path, e in expected.after.items() if path[0] == "inputs"}
            after = {path: e for path, e in after.items() if path[0] != "inputs"} | own_inputs
        return Expected(own.before, after, expected.seen, unmarked=own.unmarked)

    def _expected(self, arm: Arm, meaning: Meaning) -> Expected:
        key = meaning, sees(arm)
        if key not in self._known:
            try:
                self._known[key] = expectation(self._runs, arm, meaning)
            except Inconclusive as inconclusive:
                self._known[key] = inconclusive
        known = self._known[key]
        if isinstance(known, Inconclusive):
            raise known
        return known

    def examine(self, arm: Arm, run: Callable[[], Observed]) -> Verdict | Inconclusive:
        """The verdict on what `run` observes; it is not run where there is nothing to compare."""
        early = self.without_run(arm)
        if early is not None:
            return early
        try:
            return self.verdict(arm, run())
        except Inconclusive as inconclusive:
            return inconclusive

    def without_run(self, arm: Arm) -> Finding | Inconclusive | None:
        """What the plain loop alone says: that there is nothing to compare, or that Flax fails in
        it with what is no refusal; None if the arm has to be run.
        """
        try:
            self.expected(arm, arm.mode)
        except FlaxFailed as failed:
            return _failed(arm, "internal-error", failed.failure)
        except Inconclusive as inconclusive:
            return inconclusive
        return None

    def verdict(self, arm: Arm, observed: Observed) -> Verdict:
        """The verdict on what was observed; raises Inconclusive.

        What a mode documents is demanded of it: a loop that ignores its mode is a finding.
        """
        return judge(arm, self.expected(arm, arm.mode), observed)


def _hands_own_nodes_back(arm: Arm) -> bool:
    """Whether the result has the modules that were given: the loop, or what is around it, has put
    them there.
    """
    plain = arm.wrapper not in RESTORING
    return deviates(OWN_NODES, arm, nnx_api.release()) if plain else True


def judge(arm: Arm, expected: Expected, observed: Observed) -> Verdict:
    """The verdict against one expectation."""
    if observed.leaked is not None:
        return _failed(arm, "poisoned-state", observed.leaked)
    if observed.failure is None:
        return _judge_return(arm, expected, observed)
    return _judge_failure(arm, expected, observed, observed.failure)


def _judge_return(arm: Arm, expected: Expected, observed: Observed) -> Verdict:
    # What has no meaning in Python has to be refused: Flax's own tests ask for it.
    if expected.after is None or expected.seen.meaningless:
        told = f"{expected.seen.raised.error if expected.seen.raised else 'ValueError'} is raised"
        missing = Difference(("result",), "container", "missing", told, "no exception")
        return _wrong(arm, "wrong-world", (missing,))
    after = {p: entry for p, entry in expected.after.items() if arm.counts or p[0] != "counter"}
    static = deviates(MADE_STATIC, arm, nnx_api.release())
    unmarked = expected.unmarked if static else frozenset()
    differences = tuple(compare(after, observed.world, unmarked))
    if differences:
        return _wrong(arm, "wrong-world", differences)
    if paths := undecided(after, observed.world):
        raise Inconclusive("the tolerance is as large as the change", f"of {dotted(paths[0])}")
    return Agrees()


def _judge_failure(arm: Arm, expected: Expected, observed: Observed, failure: Failure) -> Verdict:
    if not observed.usable:
        return _failed(arm, "poisoned-state", failure)
    reason = explanation(arm, expected.seen, failure, nnx_api.release())
    damage = _damage(expected, observed, reason)
    if failure.error not in _EXPECTED and reason is None:
        return _failed(arm, "internal-error", failure, damage)
    if reason is None:
        return _failed(arm, "spurious-refusal", failure, damage)
    if damage:
        return _wrong(arm, "poisoned-state", damage, failure)
    return Refused(reason, failure)


def _damage(expected: Expected, observed: Observed, reason: str | None) -> tuple[Difference, ...]:
    """What a refusal changed of what the caller holds.

    Where the body raises in the second of two calls, the first call stands; what Flax refuses, it
    refuses in the first.
    """
    stands = expected.between if reason == BODY_RAISED else None
    return tuple(compare(kept(stands or expected.before), kept(observed.world)))


def kept(world: World) -> World:
    """What the caller holds of a world."""
    return {path: e for path, e in world.items() if path[0] in _KEPT}


def _wrong(
    arm: Arm,
    kind: FindingKind,
    differences: tuple[Difference, ...],
    failure: Failure | None = None,
) -> Finding:
    return Finding(arm, _signature(kind, arm, differences[0].where), differences, failure)


def _failed(
    arm: Arm, kind: FindingKind, failure: Failure, differences: tuple[Difference, ...] = ()
) -> Finding:
    return Finding(arm, _signature(kind, arm, failure.where), differences, failure)


def _signature(kind: FindingKind, arm: Arm, where: str) -> Signature:
    return Signature(kind, arm.transform, arm.mode, where, arm.wrapper)


#: What a node counts as that is left in a trace.
LEFT_IN_A_TRACE = "an object of a trace that is over"

# --- worlds ---------------------------------------------------------------------------------


def compare(
    expected: World, got: World, unmarked: frozenset[TreePath] = frozenset()
) -> list[Difference]:
    """Every difference between two worlds, by root, then path, the marks of nodes and what is left
    in a trace last.

    The mark of an attribute that is missing or extra is not told; so it is with a node in a trace,
    and a tracer that it holds.  Marks of the attributes at `unmarked` are not compared.
    """
    paths = sorted(expected.keys() | got.keys(), key=_order)
    found = [d for path in paths for d in _at(path, expected.get(path), got.get(path))]
    marks = [d for d in found if _is_mark(d)]
    left = [d for d in found if (d.role, d.aspect) == ("node", "tracer")]
    others = [d for d in found if d not in marks and d not in left]
    holders = {d.path[:-1] for d in others if d.aspect == "tracer"}
    explained = unmarked | {d.path for d in others if d.aspect in ("missing", "extra")}
    others += [d for d in marks if _differs(d, explained)]
    return others + [d for d in left if d.path not in holders]


def _differs(mark: Difference, unmarked: frozenset[TreePath]) -> bool:
    """Whether the marks of a node differ in an attribute that is compared."""
    left_out = {str(path[-1]) for path in unmarked if path[:-1] == mark.path}
    if not left_out:
        return True
    both = (ast.literal_eval(text or "{}") for text in (mark.expected, mark.got))
    told, seen = ({n: data for n, data in each.items() if n not in left_out} for each in both)
    return told != seen


def _is_mark(d: Difference) -> bool:
    """Whether it is about which attributes of a node are data."""
    return (d.role, d.aspect) == ("node", "metadata")


def _order(path: TreePath) -> tuple[int, str]:
    return _ROOTS.index(str(path[0])), dotted(path)


def _at(path: TreePath, expected: Entry | None, got: Entry | None) -> list[Difference]:
    if expected is None or got is None:
        there = expected or got
        assert there is not None
        aspect: Aspect = "extra" if expected is None else "missing"
        texts = ("nothing", there.kind) if expected is None else (there.kind, "nothing")
        return [Difference(path, there.role, aspect, *texts)]
    if _alike(expected, got):  # as most are
        return []
    return [
        Difference(path, expected.role, aspect, told, seen)
        for aspect, told, seen in _aspects(expected, got)
        if told != seen
    ]


def _alike(expected: Entry, got: Entry) -> bool:
    """Whether two entries agree in everything, arrays bit for bit."""
    one, other = expected.array, got.array
    if one is not None and other is not None:
        same = one.dtype == other.dtype and one.shape == other.shape
        if not same or one.tobytes() != other.tobytes():
            return False
    return (
        (expected.role, expected.kind, expected.identity, expected.detail)
        == (got.role, got.kind, got.identity, got.detail)
        and not expected.tracer
        and not got.tracer
    )


def _aspects(expected: Entry, got: Entry) -> Iterator[tuple[Aspect, str, str]]:
    yield "kind", f"{expected.role} {expected.kind}", f"{got.role} {got.kind}"
    yield "identity", str(expected.identity), str(got.identity)
    if expected.role == got.role:
        is_object = expected.role in ("variable", "node")
        yield "metadata" if is_object else "static", expected.detail, got.detail
    if expected.role != "node":
        yield "tracer", "no tracer", "a leaked tracer" if got.tracer else "no tracer"
    elif not expected.tracer:  # the program's own node may be such a one before
        yield "tracer", "no trace", LEFT_IN_A_TRACE if got.tracer else "no trace"
    if expected.array is not None and got.array is not None:
        yield from _numbers(expected, expected.array, got.array)


def _numbers(
    entry: Entry, expected: np.ndarray, got: np.ndarray
) -> Iterator[tuple[Aspect, str, str]]:
    yield "dtype", str(expected.dtype), str(got.dtype)
    yield "shape", str(expected.shape), str(got.shape)
    if expected.shape != got.shape or jax.dtypes.float0 in (expected.dtype, got.dtype):
        return  # an array of jax's `float0`, which the gradient by an integer is, has no numbers
    if np.any(_apart(expected, got) > _finite(entry.reach, np.inf)):
        yield "value", str(expected.tolist()), str(got.tolist())


def _apart(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    """How far each number is off; infinitely, if it is neither a float nor complex, or not both are
    finite.
    """
    value, seen = widest(expected), widest(got)
    same = (expected == got) | (np.isnan(value) & np.isnan(seen))
    with np.errstate(invalid="ignore"):
        off = np.abs(value - seen)
    of_floats = is_float(expected.dtype) or expected.dtype.kind == "c"
    measured = np.isfinite(off) if of_floats else np.zeros_like(same)
    return np.where(same, 0.0, np.where(measured, off, np.inf))


def _finite(bound: float | np.ndarray, otherwise: float) -> np.ndarray:
    return np.where(np.isfinite(bound), bound, otherwise)


def undecided(expected: World, got: World) -> list[TreePath]:
    """The paths whose numbers differ by more than their tolerance, and not by more than what
    another right computation may come to.
    """
    return [
        path
        for path in sorted(expected.keys() & got.keys(), key=_order)
        if _is_undecided(expected[path], got[path])
    ]


def _is_undecided(expected: Entry, got: Entry) -> bool:
    one, other = expected.array, got.array
    if one is None or other is None or not np.any(expected.reach):
        return False
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(np.any(_apart(one, other) > _finite(expected.tolerance, 0.0)))
