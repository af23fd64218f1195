"""The verdict on a call that raised, and left all as it was: a documented refusal, or a finding."""

import functools
import re
from typing import Any

import jax
from msgspec.structs import replace

from nnxfuzz import plain
from nnxfuzz.checker.as_traced import ALIKE, ASKS, IS_ASKED
from nnxfuzz.checker.behind import because_of_sharing
from nnxfuzz.checker.calls import mode_options
from nnxfuzz.checker.documented import LINES, listed, paths_of
from nnxfuzz.checker.judgeable import Judgeable, Options
from nnxfuzz.checker.refusals import REASONS, UNREFUSED, Explanation, explanation
from nnxfuzz.checker.refusals.base import Evidence, Reason
from nnxfuzz.checker.tracebacks import are_alike, is_users_own, raised_by_flax, short
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.worlds import differences, distinct, told
from nnxfuzz.oracle.verdict import BY_REFERENCE, REFUSALS, Difference, World
from nnxfuzz.plain.observations import Tried
from nnxfuzz.programs.case import Mode
from nnxfuzz.programs.errors import text_of
from nnxfuzz.runners.judge import kept


def damage(stands: World, python: Side, flax: Side) -> list[Difference]:
    """What a call that raised leaves otherwise than it stood before.

    Metadata that the function gave to a captured Variable which holds a reference is its own work,
    as what it appends to a list is: it may set it in any trace (`Variable._check_can_update` in
    nnx/variablelib.py of 0.12.12), and no mode traces metadata.
    """
    found = differences(stands, kept(flax.world))
    if not python.seen.of("captured-written"):
        return found
    return [d for d in found if d.aspect != "metadata" or not d.got.endswith(BY_REFERENCE)]


def is_inconsistent(error: BaseException | None) -> bool:
    """Whether it is what plain raises, in Flax's words, for options that ask two things of one
    object (`Slices.refuse_meaningless`).
    """
    return type(error) is ValueError and str(error).startswith("Inconsistent aliasing detected.")


def sizes_differ(error: BaseException | None) -> bool:
    """Whether it is what plain raises, in jax's words, where the sizes of axes differ, among
    themselves or from the one that is asked for (`Slices.length`).
    """
    return type(error) is ValueError and _SIZES.match(str(error)) is not None


_SIZES = re.compile(
    r"(scan|vmap|pmap) got (inconsistent sizes|values with different leading axis sizes|"
    r"`length` argument of \d+ which disagrees|axis_size \d+, which disagrees)"
)


class Refused:
    """The verdict on the exception of a call in one mode, beside what Python makes of the call."""

    def __init__(
        self, trial: Judgeable, mode: Mode, added: Options, python: Side, demands: bool
    ) -> None:
        self.trial = trial
        self.mode = mode
        self.added = added
        self.python = python
        self.demands = demands

    def verdict(self, flax: Side, error: BaseException) -> Verdict:
        """The verdict on `error`, with which the run by Flax ended."""
        python = self.python.raised
        alike = are_alike(python, error)
        if alike and not self._fails_here_only():
            return self._raised_alike(flax, error)
        evidence = self._evidence(error)
        # What the user's own line runs into is no refusal of Flax, whatever its words are like.
        reason = None if alike and not raised_by_flax(error) else self._reason(evidence)
        if reason is not None:
            lines = (short(error),)
            return Verdict("refused", reason.told, reason.paths, lines, reason.id, reason.way_out)
        if alike:
            text = f"in this mode it raises {short(error)}, and so does plain Python"
            way_out = _of_a_gradient(error) if "grad" in self.python.seen.transforms else ""
            return Verdict("refused", text, record="fails-in-python", way_out=way_out)
        others = [*evidence.branches, *self._tried]
        if any(are_alike(side.raised, error) for side in others):
            text = f"it raises {short(error)}, as a function does that Python does not call"
            return Verdict("refused", text, record="raised-when-traced")
        if are_alike(self._meant[0][0].raised, error):
            text = f"it raises {short(error)}, as plain Python does with what the mode documents"
            return Verdict("refused", text, record="raised-in-this-mode")
        for says, numbers in ((ASKS, False), (IS_ASKED, not isinstance(error, _WITHOUT_NUMBERS))):
            traced = self.trial.as_traced(self.added, numbers)
            if traced is not None and are_alike(traced.raised, error):
                text = f"{says}, and then raises {short(error)}"
                return Verdict("refused", text, record="raised-when-traced", way_out=ALIKE)
        if python is not None and not self._is_in_its_place(python, error):
            text = f"it raises {short(error)}; in plain Python it raises {short(python)}"
            return self._with_cause(evidence, Verdict("refused", text, record="fails-in-python"))
        unexplained = type(error).__name__ in REFUSALS
        kind: Any = "unexplained refusal" if unexplained else "internal error"
        verdict = Verdict(kind, short(error), lines=tuple(text_of(error).splitlines()))
        return because_of_sharing(self._with_cause(evidence, verdict), self.trial, self.mode)

    def _with_cause(self, evidence: Evidence, verdict: Verdict) -> Verdict:
        """The verdict, with what makes Flax fail where it does not refuse the call."""
        reason = self._reason(evidence, UNREFUSED)
        if reason is None:
            return verdict
        told = f"{reason.told}, which Flax does not refuse, but fails: {verdict.told}"
        return replace(verdict, told=told, paths=reason.paths, way_out=reason.way_out)

    def _fails_here_only(self) -> bool:
        """Whether Python returns if the call asks for graph updates: what `nnx.grad` differentiates
        by depends on the mode.
        """
        if self.mode == "graph":
            return False
        added = mode_options(getattr(plain, self.trial.transform), "graph") or {}
        with plain.unasked("graph"):
            return self.trial.plain("python", added).raised is None

    def _evidence(self, error: BaseException) -> Evidence:
        python = self.python
        branches = self.trial.branches(self.added)
        seen = python.seen.plus(*(side.seen for side in branches))
        return Evidence(
            self.trial.given,
            python.world,
            self.trial.functions,
            self.trial.options,
            error,
            python.raised,
            seen,
            self.trial.transform,
            self.trial.arguments,
            self.trial.keywords,
            self.trial.static,
            branches,
            lambda: self.trial.inner_branches(self.added),
            self.trial.leaked,
            self.trial.live,
        )

    def _reason(
        self, evidence: Evidence, reasons: tuple[Reason, ...] = REASONS
    ) -> Explanation | None:
        """The documented reason that holds by what Python shows: by itself, where the mode
        documents other than Python, or in functions that Flax traces and Python does not call.
        """
        found = explanation(evidence, self.mode, reasons)
        for more in (self._in_this_mode, self._when_tried):
            if found is None:
                evidence = more(evidence)
                found = explanation(evidence, self.mode, reasons)
        return found

    @functools.cached_property
    def _tried(self) -> list[Side]:
        side = self.trial.tried(self.added)
        return [] if side is None else [side]

    @functools.cached_property
    def _meant(self) -> tuple[list[Side], Tried]:
        return self.trial.in_this_mode(self.added)

    def _when_tried(self, evidence: Evidence) -> Evidence:
        return evidence._replace(seen=evidence.seen.plus(*(side.seen for side in self._tried)))

    def _in_this_mode(self, evidence: Evidence) -> Evidence:
        """What shows in Python, and where the mode documents other than Python: a condition that
        hides a change from the body of its loop does not do so in Flax, which drops its writes.
        """
        sides, tried = self._meant
        return evidence._replace(
            seen=evidence.seen.plus(*(side.seen for side in sides)),
            inner_branches=lambda: [*evidence.inner_branches(), *tried],
        )

    def _is_in_its_place(self, python: BaseException, error: BaseException) -> bool:
        """Whether Flax fails by itself where the program's own exception has to come through."""
        by_itself = not is_users_own(error) if self.demands else raised_by_flax(error)
        return by_itself and is_users_own(python)

    def _raised_alike(self, flax: Side, error: BaseException) -> Verdict:
        """It raises what Python raises; what Python had written by then, Flax has not."""
        text = f"it raises {type(error).__name__}, as Python does"
        python, got = kept(self.python.world), kept(flax.world)
        found = distinct(differences(python, got), python, got)
        if not found:
            return Verdict("same", text, aspects=("raised",))
        paths = paths_of(found)
        lines = tuple(told(d, python, got) for d in found[:LINES])
        text += f", and leaves {listed(paths)} as before the call"
        return Verdict("deviates", text, paths, lines, "exception-undoes")


#: What a traced array raises that is asked for its numbers.
_WITHOUT_NUMBERS = (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError)

#: What a program runs into that takes the gradient by a module for an `nnx.State`.
_NO_STATE = re.compile(
    "pytree structure error|is not (subscriptable|iterable)|has no attribute|"
    "[Cc]ustom node|Mismatch|must have the same"
)


def _of_a_gradient(error: BaseException) -> str:
    """What may be done about a body that walks over a gradient, and fails in this mode."""
    if _NO_STATE.search(str(error)) is None:
        return ""
    return (
        "if it is about a gradient by a module, take `nnx.state` of it, or differentiate by a "
        "State: without graph updates it is a module (nnxfuzz contract gradient-by-all)"
    )
