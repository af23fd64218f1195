"""The verdict on a call program: its text run by Flax and as plain Python, each on new objects.

The judge is that of a user's calls (`judge`), with the same reasons and deviations.  What differs
is where the runs come from: a program makes its own objects, so nothing has to be put back.
"""

import re
import traceback
from collections.abc import Mapping
from typing import Any

import flax.nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker import worlds
from nnxfuzz.checker.call_runs import Run
from nnxfuzz.checker.derived import FILE, first_of_two, lines_up_to
from nnxfuzz.checker.judge import Judge
from nnxfuzz.checker.shared import Shared
from nnxfuzz.checker.tracebacks import traces_forbid
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.two_views import is_at_or_below, is_deleted, of_one_object
from nnxfuzz.checker.verdicts import Verdict as Told
from nnxfuzz.oracle.arithmetic import Cause, Inconclusive
from nnxfuzz.oracle.by_itself import FlaxFailed
from nnxfuzz.oracle.failures import failure_of
from nnxfuzz.oracle.verdict import (
    BY_REFERENCE,
    Agrees,
    Difference,
    Failure,
    Finding,
    FindingKind,
    Refused,
    Signature,
    Verdict,
    World,
    dotted,
)
from nnxfuzz.plain.closures import code_at
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.walk import calls
from nnxfuzz.programs.calls.writer import BINDING, text
from nnxfuzz.programs.case import Arm
from nnxfuzz.runners.isolated import in_own_thread
from nnxfuzz.transforms import REGISTRY

_KINDS: Mapping[str, FindingKind] = {
    "different": "wrong-world",
    "internal error": "internal-error",
    "unexplained refusal": "spurious-refusal",
}


_CAUSES: Mapping[str, Cause] = {
    "inconclusive": "the tolerance is as large as the change",
    "not judged": "Flax refuses the Python loop itself",
}


def examine(program: d.CallProgram, arm: Arm, nnx: Any = flax.nnx) -> Verdict:
    """Run both sides and judge; raises Inconclusive.  `nnx` has the transforms under test."""
    return Runs(program).verdict(arm, nnx)


class Runs:
    """The runs of one program."""

    def __init__(self, program: d.CallProgram) -> None:
        self.program = program
        self.code = compile(text(program, REGISTRY), FILE, "exec")
        self._shared = Shared()

    def verdict(self, arm: Arm, nnx: Any = flax.nnx) -> Verdict:
        """The verdict on Flax's run in the arm's mode; raises Inconclusive."""
        return in_own_thread(lambda: self._verdict(arm, nnx))

    def _verdict(self, arm: Arm, nnx: Any) -> Verdict:
        with nnx_api.settled():
            run = Run(self.program, self.code, arm.mode, self._shared)
            try:
                side = run.side(nnx)
            except FlaxFailed as failed:
                return _finding(arm, "internal-error", (), failed.failure)
            judge = Judge(run, arm.mode, {}, demands=True)
            verdict = _verdict(arm, judge.verdict(side), judge, side, run)
            poisoned = isinstance(verdict, Finding) and verdict.signature.kind == "poisoned-state"
            if poisoned and side.raised is not None:
                # what the first of two calls leaves wrong is no matter of the second
                once = first_of_two(self.program, side.raised)
                first = None if once is None else Runs(once).verdict(arm, nnx)
                verdict = first if isinstance(first, Finding) else verdict
            agrees = isinstance(verdict, Agrees) and side.raised is None
            unseen = tuple(run.unseen(nnx)) if agrees else ()
            return _finding(arm, "wrong-world", unseen, None) if unseen else verdict


def _verdict(arm: Arm, told: Told, judge: Judge, side: Side, run: Run) -> Verdict:
    """What the judge says, in the words of campaigns."""
    failure = None if side.raised is None else failure_of(side.raised)
    match told.kind:
        case "same" | "deviates":
            return Agrees(tuple(name for name, _ in told.warnings))
        case "refused" if told.record == "fails-in-python":
            raise Inconclusive(_CAUSES["not judged"], told.told)
        case "refused":
            assert failure is not None
            return Refused(told.record, failure)
        case "not judged" if judge.python.seen.of("inconsistent-reached"):
            raise Inconclusive(
                "a function gives on what it is given and reaches by closure too", told.told
            )
        case "inconclusive" | "not judged":
            raise Inconclusive(_CAUSES[told.kind], told.told)
    if _python_raises_before(run, side, judge.python):
        raise Inconclusive(_CAUSES["not judged"], told.told)
    kind = _KINDS[told.kind]
    found = tuple(judge.differences)
    if found and run.differentiates and all(map(_reference_of_gradient, found)):
        raise Inconclusive("a gradient is taken by a reference", told.told)
    if run.differentiates:
        found = tuple(d for d in found if not _reference_of_gradient(d))
    if failure is None:
        found = of_one_object(arm, told, judge, side, run, found)
    alone = kind == "spurious-refusal" and _runs_with_flax_alone(side, judge.python)
    if alone or (kind != "wrong-world" and _raises_if_tried(run, judge.python)):
        raise Inconclusive("Flax traces a function that Python does not run", told.told)
    if failure is not None and kind == "wrong-world":
        kind, found = "poisoned-state", _left_behind(told, judge, side, run, found)
    return _finding(arm, kind, found, failure)


def _left_behind(
    told: Told, judge: Judge, side: Side, run: Run, found: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    """The differences that an exception of Flax is to blame for; raises Inconclusive if there is
    none.
    """
    assert side.raised is not None
    others = tuple(d for d in found if not _by_reference(judge.before, d))
    traced = _traced(run.program, judge, others)
    cause: Cause | None = None
    if others and not traced:
        cause = "a function that is not traced writes what it reaches by closure"
    elif _pulls_back(run, side.raised):
        cause = "a cotangent is refused after the call"
    elif not others:
        cause = "a reference is written before an exception"
    if cause is None:
        found = traced if len(traced) < len(others) else found
        if all(map(is_deleted, found)):
            # `jax.grad` runs its function eagerly, so that a donation in it is done at once
            cause = "an array is donated before an exception"
        elif all(_by_hijax(run.program, judge, side, d) for d in found):
            cause = "a Variable of hijax is written before an exception"
    if cause is not None:
        raise Inconclusive(cause, told.told)
    return found


def _python_raises_before(run: Run, flax: Side, python: Side) -> bool:
    """Whether Python raises at a line of the program that Flax's run gets past, so that nothing is
    known of what Python does behind it, where Flax raises.
    """
    if flax.raised is None or python.raised is None:
        return False
    ours, theirs = (len(lines_up_to(run.program, e)) for e in (python.raised, flax.raised))
    return 0 < ours < theirs


def _raises_if_tried(run: Run, python: Side) -> bool:
    """Whether a function raises that Python does not run and Flax traces: nothing was seen of what
    it does behind that line.
    """
    return python.raised is None and any(side.raised for side in run.branches({}))


def _runs_with_flax_alone(flax: Side, python: Side) -> bool:
    """Whether it is refused in a function of the program that Python has not run: Flax traces the
    body of a loop that makes no trip, and nothing was seen of what the function does.
    """
    assert flax.raised is not None
    running = [frame.f_code for frame, _ in traceback.walk_tb(flax.raised.__traceback__)]
    own = {code_at(c) for c in running if c.co_filename == FILE and re.match(r"f\d", c.co_name)}
    return python.raised is None and not own <= python.seen.ran


def _pulls_back(run: Run, error: BaseException) -> bool:
    """Whether the outermost call, a `vjp`, has returned, and what it returned raises: what the
    function wrote has arrived by then, and is not taken back.
    """
    lines = lines_up_to(run.program, error)
    return bool(lines) and f"back_{run.program.call.name}(" in lines[-1]


def _finding(
    arm: Arm, kind: FindingKind, found: tuple[Difference, ...], failure: Failure | None
) -> Finding:
    signature = Signature(kind, arm.transform, arm.mode, _where(found, failure))
    return Finding(arm, signature, found, failure)


def _by_reference(before: World, d: Difference) -> bool:
    """Whether it is the number of a Variable that holds a reference.

    `jax.grad` and `jax.vmap` run their functions eagerly, so that a write to a reference is done at
    once, and no documentation says that an exception undoes it.
    """
    return d.aspect == "value" and d.path in before and BY_REFERENCE in before[d.path].detail


def _by_hijax(program: d.CallProgram, judge: Judge, flax: Side, d: Difference) -> bool:
    """Whether it is the number of a Variable of hijax that Python writes, too, where jax runs the
    outermost function eagerly, or calls it on the numbers themselves.

    Without graph updates the function gets the Variable itself: a leaf to `treemap_copy_args` in
    flax/nnx/extract.py, which copies others.  What is captured is no copy in any mode.  No
    documentation says that an exception undoes the write.
    """
    there, python = judge.before.get(d.path), judge.python.world.get(d.path)
    at_once = REGISTRY[program.call.transform].eager or _is_untraced(program.call)
    if d.aspect != "value" or there is None or python is None or not at_once:
        return False
    variable = flax.walked.objects.get(d.path)
    return (
        nnx_api.is_variable(variable)
        and nnx_api.is_hijax(variable)
        and bool(worlds.differences({d.path: there}, {d.path: python}))
    )


def _is_untraced(call: d.Call) -> bool:
    """Whether jax does not trace the functions of a call where nothing else is traced: it calls the
    only function of a `switch` (`jax.lax.switch`), and that of an `nnx.custom_vjp`.
    """
    only = call.transform == "switch" and len(call.blocks) == 1
    return only or call.transform == "custom_vjp"


def _reference_of_gradient(d: Difference) -> bool:
    """Whether all that is wrong with a Variable of a result is that it holds a reference.

    A gradient by a reference is nothing that jax has: up to 0.10.2 it hands the number out, and
    from 0.11 on the message of `jax.grad` refuses the argument.
    """
    is_result = d.path[0] == "result" and d.aspect == "metadata"
    given = not d.expected.endswith(BY_REFERENCE) and d.got.endswith(BY_REFERENCE)
    return is_result and given and d.got.startswith(d.expected)


def _traced(
    program: d.CallProgram, judge: Judge, found: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    """What a refusal left changed, but for what a function that jax does not trace reaches by
    closure and writes, since Flax sees no reason to refuse that write.

    Such is that of `nnx.custom_vjp`: jax runs it outside of the trace where a gradient is taken
    (`JVPTrace.process_custom_vjp_call`), and on the numbers themselves where none is.  Where the
    trace of plain's own gradient forbids the write, what is reached will do.
    """
    untraced = {c.transform for c in calls(program.call) if _is_untraced(c)}
    python = judge.python
    forbidden = python.raised is not None and traces_forbid(python.raised)
    seen = python.seen.of("captured-written") + (python.seen.of("captured") if forbidden else [])
    paths = {path for one in seen if one.transform in untraced for path in one.paths}
    bound = _bound_and_written(program, paths)
    written = {
        entry.identity
        for (root, *steps), entry in judge.before.items()
        if root in ("caller", "closure") and steps and dotted(tuple(steps)) in paths
    }

    def is_written(d: Difference) -> bool:
        there = judge.before.get(d.path)
        place = dotted(tuple(d.path[1:])).removeprefix("caller.")
        below = any(is_at_or_below(place, top) for top in bound)
        known = there is not None and there.identity in written
        return "closure" in str(d.path[:2]) or below or known

    return tuple(d for d in found if not (paths and is_written(d)))


def _bound_and_written(program: d.CallProgram, paths: set[str]) -> list[str]:
    """The places of the objects that functions have as bound arguments, if something is written at
    or below them: `paths` name them by their parameters, and a module that is the function itself
    by its class.
    """

    def is_of(call: d.Call, path: str) -> bool:
        by_class = call.style == "instance" and re.match(r"M\d+\b", path) is not None
        return by_class or is_at_or_below(path, call.blocks[0].params[0])

    return [
        dotted((bound.place.name, *bound.place.path))
        for call in calls(program.call)
        if call.style in BINDING and isinstance(bound := call.args[0], d.Read)
        if any(is_of(call, path) for path in paths)
    ]


def _where(found: tuple[Difference, ...], failure: Failure | None) -> str:
    if found:
        return found[0].where
    assert failure is not None
    return failure.where
