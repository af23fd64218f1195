"""The verdict on a call program: its text run by Flax and as plain Python, each on new objects.

The judge is that of a user's calls (`judge`), with the same reasons and deviations.  What differs
is where the runs come from: a program makes its own objects, so nothing has to be put back.
"""

import dataclasses
import functools
import inspect
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from types import CodeType, MethodType
from typing import Any

import flax.nnx
import jax
import jax.numpy as jnp
import msgspec
import optax

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker import worlds
from nnxfuzz.checker.apart import Apart
from nnxfuzz.checker.judge import Judge
from nnxfuzz.checker.quiet import quiet
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.trial import Inputs, Nudge, Side, Widened
from nnxfuzz.checker.unseen import differences
from nnxfuzz.checker.verdicts import Verdict as Told
from nnxfuzz.checker.worlds import before_of, walk, world_of
from nnxfuzz.oracle.arithmetic import Cause, Inconclusive
from nnxfuzz.oracle.by_itself import FlaxFailed, called_by_itself
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
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.closures import codes_of
from nnxfuzz.plain.observations import Observations
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.places import shown
from nnxfuzz.programs.calls.walk import as_data, calls, names_in, names_inside, reads
from nnxfuzz.programs.calls.writer import BINDING, text
from nnxfuzz.programs.case import Arm, TreePath
from nnxfuzz.runners.isolated import in_own_thread
from nnxfuzz.transforms import REGISTRY

_KINDS: Mapping[str, FindingKind] = {
    "different": "wrong-world",
    "internal error": "internal-error",
    "unexplained refusal": "spurious-refusal",
}


#: The file that tracebacks name for the text of a program.
_FILE = "<call program>"

_CAUSES: Mapping[str, Cause] = {
    "inconclusive": "the tolerance is as large as the change",
    "not judged": "Flax refuses the Python loop itself",
}


def examine(program: d.CallProgram, arm: Arm, nnx: Any = flax.nnx) -> Verdict:
    """Run both sides and judge; raises Inconclusive.  `nnx` has the transforms under test."""
    return Runs(program).verdict(arm, nnx)


class Runs:
    """The runs of one program; the plain ones are made once for all modes."""

    def __init__(self, program: d.CallProgram) -> None:
        self.program = program
        self.code = compile(text(program, REGISTRY), _FILE, "exec")

    def verdict(self, arm: Arm, nnx: Any = flax.nnx) -> Verdict:
        """The verdict on Flax's run in the arm's mode; raises Inconclusive."""
        return in_own_thread(lambda: self._verdict(arm, nnx))

    def _verdict(self, arm: Arm, nnx: Any) -> Verdict:
        with nnx_api.settled():
            try:
                with called_by_itself():
                    run = _Run(self.program, self.code, nnx_api.mode_arguments(arm.mode))
            except FlaxFailed as failed:
                return _finding(arm, "internal-error", (), failed.failure)
            side = run.side(nnx)
            judge = Judge(run, arm.mode, {}, demands=True)
            verdict = _verdict(arm, judge.verdict(side), judge, side, run)
            agrees = isinstance(verdict, Agrees) and side.raised is None
            unseen = tuple(run.unseen(nnx)) if agrees else ()
            return _finding(arm, "wrong-world", unseen, None) if unseen else verdict


def _verdict(arm: Arm, told: Told, judge: Judge, side: Side, run: "_Run") -> Verdict:
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
        case "inconclusive" | "not judged":
            raise Inconclusive(_CAUSES[told.kind], told.told)
    kind = _KINDS[told.kind]
    found = tuple(judge.differences)
    if found and run.differentiates and all(map(_reference_of_gradient, found)):
        raise Inconclusive("a gradient is taken by a reference", told.told)
    cause = _reached_twice(judge.python.seen, run.differentiates)
    if failure is None and cause is not None:
        found = tuple(run.of_either_view(found, judge))
        if not found:
            raise Inconclusive(cause, told.told)
    if failure is None and _handed_on(arm, judge, side, found):
        raise Inconclusive("a function returns what it reaches by closure", told.told)
    if failure is not None and kind == "wrong-world":
        if _written_untraced(run.program, judge, found):
            raise Inconclusive(
                "a function that is not traced writes what it reaches by closure", told.told
            )
        assert side.raised is not None
        if _pulls_back(run.program, side.raised):
            raise Inconclusive("a cotangent is refused after the call", told.told)
        kind = "poisoned-state"
        if all(_by_reference(judge.before, d) for d in found):
            raise Inconclusive("a reference is written before an exception", told.told)
    return _finding(arm, kind, found, failure)


def _pulls_back(program: d.CallProgram, error: BaseException) -> bool:
    """Whether the outermost call, a `vjp`, has returned, and what it returned raises: what the
    function wrote has arrived by then, and is not taken back.
    """
    frames = traceback.extract_tb(error.__traceback__)
    at = [f.lineno for f in frames if (f.filename, f.name) == (_FILE, "program") and f.lineno]
    lines = text(program, REGISTRY).splitlines()
    return bool(at) and f"back_{program.call.name}(" in lines[at[-1] - 1]


def _finding(
    arm: Arm, kind: FindingKind, found: tuple[Difference, ...], failure: Failure | None
) -> Finding:
    signature = Signature(kind, arm.transform, arm.mode, _where(found, failure))
    return Finding(arm, signature, found, failure)


def _reached_twice(seen: plain.Observations, differentiates: bool) -> Cause | None:
    """Whether a function is given, and reaches by closure, too, a Variable or a raw array that it
    writes, that a transform takes a slice of, or that a gradient is taken by; as a cause.

    Flax has two of them there, and no documentation says what the one sees of the other.  So it
    has where the condition of a while_loop reaches what the body writes.
    """
    written = set(seen.paths("captured-written"))
    reached = [*seen.of("captured-argument"), *seen.of("captured-array")]
    if seen.of("condition-captured") or any(one.paths[0] in written for one in reached):
        return "a block writes an argument that it reaches by closure"
    if differentiates and seen.of("captured-argument"):
        # to jax.grad what a function closes over is a constant, in Python it is the argument itself
        return "a gradient is taken for what the function reaches by closure too"
    return None


def _by_reference(before: World, d: Difference) -> bool:
    """Whether it is the number of a Variable that holds a reference.

    `jax.grad` and `jax.vmap` run their functions eagerly, so that a write to a reference is done at
    once, and no documentation says that an exception undoes it.
    """
    return d.aspect == "value" and d.path in before and BY_REFERENCE in before[d.path].detail


def _reference_of_gradient(d: Difference) -> bool:
    """Whether all that is wrong with a Variable of a result is that it holds a reference.

    A gradient by a reference is nothing that jax has: up to 0.10.2 it hands the number out, and
    from 0.11 on the message of `jax.grad` refuses the argument.
    """
    is_result = d.path[0] == "result" and d.aspect == "metadata"
    return is_result and d.got == d.expected + BY_REFERENCE


def _handed_on(arm: Arm, judge: Judge, flax: Side, found: tuple[Difference, ...]) -> bool:
    """Whether a copy of what a function captures, in what it returns or in an argument to which it
    gives it, is all that is wrong, where none is refused.

    docs_nnx/flip/4105-jax-style-nnx-transforms.md has "Captured Modules cannot be outputs" of the
    modes without graph updates, which refuse the Variables in them.  Of graph mode, where `jit` and
    `vmap` refuse and `remat` and `grad` copy, and of modules without Variables it says nothing.
    """
    python = judge.python
    if not python.seen.of("captured-returned"):
        return False
    tops = [
        d
        for d in found
        if d.aspect == "identity" and (d.path[0] == "result" or d.expected.startswith("closure."))
    ]
    names = [e.identity for e in python.world.values() if e.role == "variable" and e.identity]
    held = any(_below(name, top.expected) for name in names for top in tops)

    def is_copy(d: Difference) -> bool:
        return any(d.path[: len(top.path)] == top.path for top in tops)

    def is_as_it_was(d: Difference) -> bool:
        """Whether it is in the captured object, which in Python is met first where it was put."""
        here = [world[d.path] for world in (judge.before, flax.world) if d.path in world]
        below = any(_below(dotted(d.path), top.expected) for top in tops)
        return (
            below
            and len(here) == 2
            and not worlds.differences({d.path: here[0]}, {d.path: here[1]})
        )

    copies = all(is_copy(d) or (d.aspect == "extra" and is_as_it_was(d)) for d in found)
    return copies and (arm.mode == "graph" or not held)


def _below(name: str, top: str) -> bool:
    return name == top or name.startswith((f"{top}.", f"{top}["))


def _written_untraced(program: d.CallProgram, judge: Judge, found: tuple[Difference, ...]) -> bool:
    """Whether all that a refusal left changed is what a function that jax does not trace reaches by
    closure and writes, so that Flax sees no reason to refuse the write.

    Such is that of `nnx.custom_vjp`: jax runs it outside of the trace where a gradient is taken
    (`JVPTrace.process_custom_vjp_call`), and on the numbers themselves where none is.  Such is the
    only function of an `nnx.switch`: `jax.lax.switch` calls it.
    """
    single = any(c.transform == "switch" and len(c.blocks) == 1 for c in calls(program.call))
    untraced = {"custom_vjp", *(["switch"] if single else [])}
    seen = judge.python.seen.of("captured-written")
    paths = {path for one in seen if one.transform in untraced for path in one.paths}
    written = {
        entry.identity
        for (root, *steps), entry in judge.before.items()
        if root in ("caller", "closure") and steps and dotted(tuple(steps)) in paths
    }

    def is_written(d: Difference) -> bool:
        there = judge.before.get(d.path)
        return "closure" in str(d.path[:2]) or (there is not None and there.identity in written)

    return bool(paths) and all(map(is_written, found))


def _where(found: tuple[Difference, ...], failure: Failure | None) -> str:
    if found:
        return f"{found[0].path[0]} {found[0].role} {found[0].aspect}"
    assert failure is not None
    return f"{failure.error} in {failure.function or 'jax'}"


class _Run:
    """One program in one mode, as the judge asks for it."""

    def __init__(self, program: d.CallProgram, code: CodeType, mode: Mapping[str, bool]) -> None:
        self.program = program
        self.code = code
        self.mode = dict(mode)
        self.tolerance = Tolerance()
        call = program.call
        self._given = names_in(call)
        self._captured = names_inside(call) & set(program.objects)
        bound = [c for c in calls(call) if c.style in ("method", "instance")]
        self.functions: tuple[Any, ...] = (MethodType(_step, flax.nnx.Module()),) if bound else ()
        first = int(call.style in BINDING)
        self.arguments = call.blocks[0].params[first + len(REGISTRY[call.transform].leading) :]
        self.given = self._walk_arguments()
        #: Whether it has a layer whose own loop has to run as plain Python, too.
        self._loops = "nnx.RNN(" in text(program, REGISTRY)

    # --- one run ----------------------------------------------------------------------------

    def side(self, nnx: Any) -> Side:
        """The program with the transforms of `nnx`; exceptions are part of what it comes to.

        Where these are plain's, they mean what the mode documents, so that all or nothing is done.
        """
        with plain.meaning("asked"):
            return self._ran(nnx, None)

    def _ran(
        self, nnx: Any, seen: Any, nudge: Inputs | None = None, code: CodeType | None = None
    ) -> Side:
        names = self._names(nnx, code or self.code)
        if seen is not None:
            seen.ran |= codes_of(names["program"])
        with plain.observing():  # what makes the objects is no part of the program
            held: dict[str, Any] = names["objects"]()
        if nudge is not None:
            nudge.variables(held)
            held = {name: nudge.arrays(value) for name, value in held.items()}
        first = walk(None, **self._roots(held))
        value, raised = None, None
        with quiet(), plain.plainly() if nnx is plain and self._loops else nullcontext():
            try:
                value = names["program"](**held)
            except Exception as error:
                raised = error
        roots = self._roots(held) | ({} if raised is not None else {"result": value})
        walked = walk(first, **roots)
        tolerance = None if seen is None else self.tolerance
        return Side(world_of(walked, tolerance), walked, raised, seen)

    def unseen(self, nnx: Any) -> Iterator[Difference]:
        """What differs that no world shows."""

        def program() -> None:
            names = self._names(nnx, self.code)
            with quiet():
                names["program"](**names["objects"]())

        row = REGISTRY[self.transform]
        options = row.read(self.program.call.options)
        return differences(program, row, options, nnx, self.mode)

    def _names(self, nnx: Any, code: CodeType) -> dict[str, Any]:
        """The globals of the program's text, once it has run."""
        names: dict[str, Any] = {
            "__name__": "call_program",
            "nnx": nnx,
            "jax": jax,
            "jnp": jnp,
            "optax": optax,
            "dataclasses": dataclasses,
            "functools": functools,
            "inspect": inspect,
            "mode": self.mode,
        }
        exec(code, names)
        if nnx is plain and "related" in names:  # see `programs.calls.relations`
            names["related"] = lambda x, this, that: that(x)
        return names

    def _roots(self, held: Mapping[str, Any]) -> dict[str, Any]:
        """What the call is given, and what its functions reach besides."""
        given = {name: value for name, value in held.items() if name in self._given}
        closure = {name: held[name] for name in sorted(self._captured - self._given)}
        return {"caller": given, "closure": closure}

    def _walk_arguments(self) -> Walk:
        """A walk over the very arguments, so that what stands at two of them shows."""
        held = self._names(flax.nnx, self.code)["objects"]()
        read = [(f"{k}{at}", p) for k, o in enumerate(self.program.call.args) for at, p in reads(o)]
        given = {f"{shown(p)} (argument {k})": _at(held[p.name], p.path) for k, p in read}
        closure = {name: held[name] for name in sorted(self._captured)}
        return walk(None, caller=given, closure=closure)

    # --- what the judge asks for ------------------------------------------------------------

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of all calls, as data and as Flax gets them; the outermost call's first, and
        those of a call within by a name of their own where another has such an option, too.
        """
        found: dict[str, Any] = {}
        names = self._names(flax.nnx, self.code)
        for k, call in enumerate(calls(self.program.call)):
            row = REGISTRY[call.transform]
            options = row.read(call.options)
            own = {name: getattr(options, name) for name in options.__struct_fields__}
            every: Any = call.args  # their number is what counts
            words = row.keywords(options, every)
            own |= {name: eval(text, names) for name, text in words.items()}
            again = {name: f"{name} of {call.transform} {k}" for name in own if name in found}
            found |= {again.get(name, name): value for name, value in own.items()}
        return found

    def before(self) -> World:
        """What the caller holds before the call."""
        held = self._names(flax.nnx, self.code)["objects"]()
        first = walk(None, **self._roots(held))
        return before_of(first, **self._roots(held))

    def plain(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """The program as Python."""
        with plain.meaning(meaning), plain.observing() as seen:
            return self._ran(plain, seen)

    def of_either_view(self, found: Iterable[Difference], judge: Judge) -> Iterator[Difference]:
        """The differences that show whichever of two a function works on: what it is given, or what
        it reaches of it by closure.
        """
        with plain.meaning("asked"), plain.observing() as seen:
            side = self._ran(Apart(), seen)
        if side.raised is None:
            off = {d.path for d in worlds.differences(judge.wanted.world, side.world)}
            yield from (d for d in found if not any(_meet(d.path, path) for path in off))

    def nudged(self, added: Mapping[str, Any], seed: int) -> Side:
        """The program as Python, each float that it starts from off by at most one rounding."""
        with plain.meaning("python"), plain.observing() as seen:
            return self._ran(plain, seen, Nudge(seed))

    def shadow(self, added: Mapping[str, Any]) -> Side:
        """The program as Python, in float64 as far as its statements keep that."""
        with nnx_api.x64(), plain.meaning("python"), plain.observing() as seen:
            return self._ran(plain, seen, Widened())

    def afresh(self, added: Mapping[str, Any]) -> Side | None:
        """None: a program calls what it compiles once."""
        return None

    @property
    def transform(self) -> str:
        """The outermost transform."""
        return self.program.call.transform

    @property
    def differentiates(self) -> bool:
        """Whether it takes a gradient."""
        found = {REGISTRY[c.transform].returns for c in calls(self.program.call)}
        return not found.isdisjoint(("float", "loss"))

    @property
    def keywords(self) -> tuple[str, ...]:
        """The arguments that are given by name."""
        count = self.program.call.keywords
        return self.arguments[-count:] if count else ()

    def inner_branches(self, added: Mapping[str, Any]) -> list[list[tuple[Observations, Any]]]:
        """Of each `cond` and `switch` in the program, also in branches that are not taken: what its
        branches show and return.
        """
        found: list[list[tuple[Observations, Any]]] = []
        for code in [self.code, *self._tried_codes]:
            with plain.meaning("python"), plain.observing() as seen:
                seen.tried = found
                self._ran(plain, seen, code=code)
        return found

    def branches(self, added: Mapping[str, Any]) -> list[Side]:
        """The program as Python, with options by which all functions are called: Flax traces the
        branch that is not taken, and the body of a loop that makes no trip.
        """
        sides = []
        for code in self._tried_codes:
            with plain.meaning("python"), plain.observing() as seen:
                sides.append(self._ran(plain, seen, code=code))
        return sides

    @functools.cached_property
    def _tried_codes(self) -> list[CodeType]:
        programs = [
            msgspec.structs.replace(self.program, call=call)
            for call in _each_function(self.program.call)
        ]
        tried = dict.fromkeys(text(p, REGISTRY) for p in programs if programs != [self.program])
        return [compile(code, _FILE, "exec") for code in tried]


def _each_function(call: d.Call) -> list[d.Call]:
    """The call with options by which one of its functions runs at least once, and so each call in
    that: as many of these as it takes for each function to run in one of them.
    """
    row, found = REGISTRY[call.transform], []
    for k, block in enumerate(call.blocks):
        options = as_data(row.tried(row.read(call.options), k))
        inside = [_each_function(s) if isinstance(s, d.Call) else [s] for s in block.body]
        for n in range(max(map(len, inside), default=1)):
            body = tuple(each[n % len(each)] for each in inside)
            block = msgspec.structs.replace(block, body=body)
            blocks = (*call.blocks[:k], block, *call.blocks[k + 1 :])
            found.append(msgspec.structs.replace(call, options=options, blocks=blocks))
    return found


def _step(module: Any) -> None:
    """Stands for the methods of a program's modules."""


def _meet(one: TreePath, other: TreePath) -> bool:
    """Whether a place is the other, or stands below or above it."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value
