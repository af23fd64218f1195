"""The checker: judges the calls that a program makes, and never changes what the program does.

Whatever goes wrong in the checker itself is counted and told, and the program goes on with Flax's
own result.
"""

import functools
import os
import time
import traceback
import types
from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.around import is_traced, within
from nnxfuzz.checker.calls import Call, mode_in_use, mode_options
from nnxfuzz.checker.checkpoint import MAX_BYTES
from nnxfuzz.checker.effects import Contents
from nnxfuzz.checker.forms import codes_of, form_of
from nnxfuzz.checker.inplace import InPlace
from nnxfuzz.checker.intercept import INTERCEPTION
from nnxfuzz.checker.judge import verdict_on
from nnxfuzz.checker.rawjax import RawJax
from nnxfuzz.checker.reach import TooMuch
from nnxfuzz.checker.report import Report, Row
from nnxfuzz.checker.sharing import shared_objects
from nnxfuzz.checker.sites import Site
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.trial import Trial
from nnxfuzz.checker.verdicts import Judged, Verdict
from nnxfuzz.programs.case import Mode

if TYPE_CHECKING:
    from nnxfuzz.checker.repro.finds import Finds

#: How many calls of one call site in one mode are judged, unless asked otherwise.
MAX_CALLS = 3

#: How many seconds of processor time a call has to be judged in one mode, unless asked otherwise: a
#: loop of Python takes long, and one that ends in Flax may have no end.
MAX_SECONDS = 120.0

#: What reaches other objects by closure, or by arguments that it has got.
_CLOSING = (types.FunctionType, types.MethodType, functools.partial)

#: Which modes a call is judged in: the one in use, and with it all that the release has, or one.
Modes = Literal["used", "all"] | Mode


class Checker:
    """Judges outermost calls while it is on, and puts what they come to into its report.

    Each call is judged inside of the context that `judging` makes of a description of it.
    """

    def __init__(
        self,
        report: Report,
        modes: Modes = "used",
        tolerance: Tolerance | None = None,
        max_calls: int | None = MAX_CALLS,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
        judging: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self.modes = modes
        self._judging = judging
        self._finds: Finds | None = None
        self._saved_modes: Modes = "used"
        self.tolerance = tolerance or Tolerance()
        self._raw = RawJax(self._of_jax)
        self._in_place = InPlace(self._of_streams)
        self.take(report)
        #: By function, what it reached by closure in its first call that was judged.
        self._reached: MutableMapping[Any, Contents] = WeakKeyDictionary()
        self.max_calls = max_calls
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds
        self._process = os.getpid()

    def take(self, report: Report) -> None:
        """Put what calls come to into this report from now on."""
        report.tolerance = self.tolerance.told()
        self.report = report

    def save(self, finds: "Finds", modes: Modes) -> None:
        """Hand the findings in the mode in use to `finds`; with "all" also what would be one in
        another mode.
        """
        self._finds, self._saved_modes = finds, modes

    def __enter__(self) -> Report:
        INTERCEPTION.add(self)
        self._raw.on()
        if self.modes not in ("used", "graph"):
            self._in_place.on()
        return self.report

    def __exit__(self, *exception: Any) -> None:
        self._in_place.off()
        self._raw.off()
        INTERCEPTION.remove(self)

    def _of_jax(self, site: Site, function: str, verdict: Verdict) -> None:
        """Take up what a function of jax does that NNX's does not."""
        mode = mode_in_use({})
        self._told(site, function, mode, {mode: verdict})

    def _of_streams(self, site: Site, function: str, verdicts: dict[Mode, Verdict]) -> None:
        """Take up that a function changes streams in place in the mode in use alone."""
        asked = {m: v for m, v in verdicts.items() if m == "graph" or self.modes in ("all", m)}
        self._told(site, function, "graph", asked)

    def _told(self, site: Site, name: str, mode: Mode, verdicts: dict[Mode, Verdict]) -> None:
        self.report.row(site, name).calls += 1
        self.report.add(Judged(site, name, mode, verdicts))

    def __call__(self, call: Call) -> Any:
        """Make the call as the program does, judge it, and hand on what came out."""
        __tracebackhide__ = True
        trial = self._trial(call)
        with within("flax"):
            if trial is None:
                return call.flax()
            try:
                value = call.flax()
            except Exception as error:
                self._finish(trial, None, error)
                raise
        self._finish(trial, value, None)
        return value

    def _trial(self, call: Call) -> Trial | None:
        """What a call needs to be judged; None for one that is not."""
        row = self.report.row(call.site, call.transform)
        row.calls += 1
        if os.getpid() != self._process:
            return None
        try:
            if self.max_calls is not None and not _is_taken(call, row, self.max_calls):
                row.let_go += 1
                return None
            traced = "it is made while jax traces a function" if is_traced() else ""
            reason = call.unjudged or traced
            trial = None if reason else self._begun(call)
            if trial is not None and trial.start.fixed:
                reason = f"it reaches {trial.start.fixed[0]}, which cannot be put back"
        except TooMuch as error:
            reason = str(error)
        except Exception:
            self.report.failed(call.site, traceback.format_exc())
            return None
        if not reason:
            return trial
        self.report.add(
            Judged(call.site, call.transform, call.mode, {call.mode: Verdict("not judged", reason)})
        )
        return None

    def _begun(self, call: Call) -> Trial:
        """The trial of a call, which knows what the function reached when it was first called."""
        function = call.functions[0] if call.functions else None
        closes = isinstance(function, _CLOSING) or nnx_api.is_node(function)
        kept = isinstance(function, Hashable)  # jax keeps nothing of an nnx.List, which is not
        if not closes or not kept:
            return Trial(call, self.tolerance, self.max_bytes)
        trial = Trial(call, self.tolerance, self.max_bytes, self._reached.get(function))
        if function not in self._reached:
            self._reached[function] = trial.reached()
        return trial

    def _finish(self, trial: Trial, value: Any, raised: BaseException | None) -> None:
        """Judge the call that was made, and leave the objects as Flax left them."""
        call = trial.call
        try:
            with self._judging(f"judges nnx.{call.transform} of {call.site}"):
                try:
                    trial.deadline = time.process_time() + self.max_seconds
                    flax = trial.flax(value, raised)
                    verdict = verdict_on(trial, flax, call.mode, {})
                    if call.raises and verdict.is_finding:
                        verdict = replace(verdict, told=f"{call.raises}: {verdict.told}")
                    verdicts = self._in_all_modes(trial, verdict)
                    self._hand_on(trial, verdicts)
                finally:
                    trial.end()
            self.report.add(Judged(call.site, call.transform, call.mode, verdicts))
        except (TooMuch, plain.TooLong) as error:
            verdict = Verdict("not judged", str(error) or self._late)
            self.report.add(Judged(call.site, call.transform, call.mode, {call.mode: verdict}))
        except Exception:
            self.report.failed(call.site, traceback.format_exc())

    def _hand_on(self, trial: Trial, verdicts: Mapping[Mode, Verdict]) -> None:
        """Hand on what is wrong, with everything as it was before the call."""
        finds = self._finds
        if finds is None:
            return
        for mode, verdict in verdicts.items():
            if verdict.is_finding and (mode == trial.call.mode or self._saved_modes == "all"):
                trial.start.restore()
                added = mode_options(INTERCEPTION.real[trial.call.transform], mode) or {}
                finds.take(trial.call, mode, added, verdict)

    def _in_all_modes(self, trial: Trial, verdict: Verdict) -> dict[Mode, Verdict]:
        """The verdict in the mode in use, and those in the modes that are asked for.

        Where nothing else says what to do about a finding, another mode may do.
        """
        own = trial.call.mode
        every = [mode for mode in nnx_api.modes() if mode != own]
        asked = [mode for mode in every if self.modes in ("all", mode)]
        unsaid = verdict.is_finding and not verdict.way_out
        tried = asked or (every if unsaid else [])
        if unsaid and not asked and shared_objects(trial.given, ("caller", "closure")):
            # A module that holds itself ends in a RecursionError there: jax is of no use then.
            tried = [mode for mode in every if mode != "tree"]
        others = dict(self._others(trial, tried))
        right = [mode for mode, other in others.items() if other.kind == "same"]
        if unsaid and right:
            added = mode_options(INTERCEPTION.real[trial.call.transform], right[0]) or {}
            options = ", ".join(f"{name}={value}" for name, value in added.items())
            told = f"call it with {options}, which does as plain Python here"
            verdict = replace(verdict, way_out=told)
        return {own: verdict} | {mode: others[mode] for mode in asked}

    def _others(self, trial: Trial, modes: Iterable[Mode]) -> Iterable[tuple[Mode, Verdict]]:
        """The verdicts in modes that are not in use."""
        call = trial.call
        for mode in modes:
            real = INTERCEPTION.real[call.transform]
            added = mode_options(real, mode)
            if call.only_here or added is None:
                yield mode, Verdict("not judged", call.only_here or "the release has no such mode")
                continue
            loops = trial.loops() if mode == "tree" else []
            if loops:  # a RecursionError within jax would break the program that is checked
                text = f"`{loops[0]}` leads back to itself, on which tree mode recurses without end"
                yield mode, Verdict("not judged", text, (loops[0],))
                continue
            trial.deadline = time.process_time() + self.max_seconds
            try:
                with plain.unasked(mode):
                    other = trial.other(call.keeping(real, mode), added)
                    verdict = verdict_on(trial, other, mode, added)
            except plain.TooLong:
                verdict = Verdict("not judged", self._late)
            yield mode, verdict

    @property
    def _late(self) -> str:
        most = f"{self.max_seconds:g} s of processor time"
        return f"as plain Python it takes more than {most}; see --max-seconds"


def _is_taken(call: Call, row: Row, most: int) -> bool:
    """Whether a call is judged, by what calls have in common of which a few are."""
    function = call.mode, codes_of(call.functions)
    return row.takes(function, lambda: form_of(dict(call.data)), most)
