"""What a campaign, a replay and shrinking ask of a program, whichever kind it is of.

`kind_of` is the one place that tells the kinds apart.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import flax.nnx
import jax
import msgspec

from nnxfuzz import nnx_api
from nnxfuzz.checker.generated import Runs
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.failures import fault_name
from nnxfuzz.oracle.verdict import Cell, Finding, Verdict
from nnxfuzz.programs.calls import smaller as calls_smaller
from nnxfuzz.programs.calls.coverage import exercised as exercised_by_calls
from nnxfuzz.programs.calls.data import Call, CallProgram
from nnxfuzz.programs.calls.walk import calls
from nnxfuzz.programs.calls.writer import needs
from nnxfuzz.programs.case import TRANSFORMS, Arm, Case, Mode, Wrapper, exercised
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.shrink import Tries, reduced
from nnxfuzz.runners import Executor, confirming, observe
from nnxfuzz.runners.arms import beside, outcome_text, plain_arms, wrapped_arms
from nnxfuzz.runners.judge import Oracle
from nnxfuzz.runners.loops import Loops
from nnxfuzz.transforms import REGISTRY

#: The kinds by name: cases, and call programs.
Drawn = Literal["loops", "calls"]

#: Counts the time of a part of a run.
Stage = Callable[[Any], AbstractContextManager[None]]

#: Told of a failure of ours.
Failed = Callable[[Exception, Any, Arm], object]


def _uncounted(stage: str) -> AbstractContextManager[None]:
    """The time of no part is counted."""
    return nullcontext()


class Judging(ABC):
    """One program on its arms; what Python comes to is worked out once."""

    @abstractmethod
    def verdict(
        self, arm: Arm, executor: Executor, loops: Loops | None, stage: Stage = _uncounted
    ) -> Verdict:
        """The verdict on one arm; raises Inconclusive."""


class Kind:
    """A kind of program, and what is so of cases: one loop, traced and evaluated by numpy while a
    campaign explores.
    """

    #: What a batch calls it.
    name: Drawn = "loops"
    #: How programs are run while a campaign explores.
    explores: Executor = "trace"

    def arms(self, program: Any, transforms: tuple[str, ...], modes: tuple[Mode, ...]) -> list[Arm]:
        """Every arm without a wrapper that the program and the installed release have."""
        return plain_arms(program, tuple(t for t in TRANSFORMS if t in transforms), modes)

    def wrapped(
        self,
        program: Any,
        plain: list[Arm],
        wrappers: tuple[Wrapper, ...],
        shown: Mapping[Arm, Finding],
    ) -> list[Arm]:
        """Every wrapper around each of the plain arms."""
        return wrapped_arms(program, plain, wrappers, shown)

    def inapplicable(self, program: Any, arm: Arm) -> str | None:
        """Why the installed release cannot run the arm; None if it can."""
        return nnx_api.inapplicable(program, arm)

    def arm_of(self, program: Any, arm: Arm) -> Arm | None:
        """The arm that is to a smaller program what `arm` was to the larger; None for none."""
        return arm if self.inapplicable(program, arm) is None else None

    def confirming(self, program: Any) -> tuple[Executor, ...]:
        """The executors that may confirm a finding."""
        return confirming(program)

    def judging(self, program: Any) -> Judging:
        """The program, to be judged."""
        return LoopJudging(program)

    def exercised(self, program: Any) -> frozenset[str]:
        """The names of the features that the program has."""
        return exercised(program)

    def reduced(self, program: Any, shows: Callable[[Any], bool], tries: Tries) -> Any:
        """The smallest program reachable by single steps that still `shows`."""
        return reduced(program, shows, tries)

    def beside(self, program: Any, arm: Arm) -> list[Arm]:
        """The arms that a finding on `arm` is shown with, that one among them."""
        return beside(program, arm)

    def matrix(
        self, program: Any, arm: Arm, loops: Loops | None, failed: Failed
    ) -> tuple[Cell, ...]:
        """What the program comes to on each arm, run as a finding is confirmed, so that what a cell
        says holds for the compiled loop.  `failed` is told where nnxfuzz itself fails; the cell
        says so.
        """
        judging, executor = self.judging(program), self.confirming(program)[0]

        def outcome(arm: Arm) -> str:
            try:
                return outcome_text(judging.verdict(arm, executor, loops))
            except Inconclusive as error:
                return f"inconclusive: {error.cause}"
            except Exception as error:
                failed(error, program, arm)
                return f"nnxfuzz failed: {fault_name(error)}"

        return tuple(Cell(each, outcome(each)) for each in self.beside(program, arm))


class LoopJudging(Judging):
    """A case on its arms."""

    def __init__(self, case: Case) -> None:
        self.oracle = Oracle(case)

    def verdict(
        self, arm: Arm, executor: Executor, loops: Loops | None, stage: Stage = _uncounted
    ) -> Verdict:
        with stage("reference"):
            early = self.oracle.without_run(arm)
        if isinstance(early, Inconclusive):
            raise early
        if early is not None:
            return early
        with stage("transform"):
            observed = observe(self.oracle.case, arm, executor, loops)
        return self.oracle.verdict(arm, observed)


class _Calls(Kind):
    """Call programs: run by jax as they stand."""

    name = "calls"
    explores = "eager"

    def arms(self, program: CallProgram, transforms: Any, modes: tuple[Mode, ...]) -> list[Arm]:
        transform: Any = program.call.transform
        arms = [Arm(transform, mode) for mode in modes]
        return [arm for arm in arms if self.inapplicable(program, arm) is None]

    def wrapped(self, program: CallProgram, plain: Any, wrappers: Any, shown: Any) -> list[Arm]:
        return []

    def inapplicable(self, program: CallProgram, arm: Arm) -> str | None:
        if arm.transform != program.call.transform or arm.wrapper != "plain":
            return f"{arm.transform} is not the outermost call of this program"
        if arm.mode not in nnx_api.modes():
            return f"flax {nnx_api.FLAX} has no {arm.mode} mode"
        if missing := needs(program, REGISTRY) - nnx_api.features():
            return f"flax {nnx_api.FLAX} does not support {', '.join(sorted(missing))}"
        for name in sorted({call.transform for call in calls(program.call)}):
            if not has_transform(name):
                return f"flax {nnx_api.FLAX} has no nnx.{name} that programs can call"
            wanted = nnx_api.mode_arguments(arm.mode)
            if not REGISTRY[name].takes_updates:
                wanted.pop("graph_updates", None)
            same = nnx_api.is_in_mode(name, arm.mode, wanted)
            if not same or arm.mode not in REGISTRY[name].modes:
                return f"nnx.{name} of flax {nnx_api.FLAX} has no {arm.mode} mode"
        needed = max(_devices(call) for call in calls(program.call))
        if jax.device_count() < needed:
            return f"jax has {jax.device_count()} devices here, and the program needs {needed}"
        return None

    def arm_of(self, program: CallProgram, arm: Arm) -> Arm | None:
        own = msgspec.structs.replace(arm, transform=program.call.transform)
        return own if self.inapplicable(program, own) is None else None

    def confirming(self, program: CallProgram) -> tuple[Executor, ...]:
        return ("eager",)

    def judging(self, program: CallProgram) -> Judging:
        return _JudgingCalls(program)

    def exercised(self, program: CallProgram) -> frozenset[str]:
        return exercised_by_calls(program)

    def reduced(
        self, program: CallProgram, shows: Callable[[CallProgram], bool], tries: Tries
    ) -> CallProgram:
        best = program
        while True:
            for smaller in calls_smaller.candidates(best, REGISTRY):
                if tries.over():
                    return best
                tries.take()
                if shows(smaller):
                    best = smaller
                    break
            else:
                return best

    def beside(self, program: CallProgram, arm: Arm) -> list[Arm]:
        return self.arms(program, (), nnx_api.modes())


class _JudgingCalls(Judging):
    def __init__(self, program: CallProgram) -> None:
        self._runs = Runs(program)

    def verdict(
        self, arm: Arm, executor: Executor, loops: Loops | None, stage: Stage = _uncounted
    ) -> Verdict:
        with stage("transform"):
            return self._runs.verdict(arm)


def _devices(call: Call) -> int:
    """How many devices a call needs."""
    row = REGISTRY[call.transform]
    return row.devices(row.read(call.options))


def available() -> tuple[str, ...]:
    """The transforms of the registry that programs of the installed release may call outermost."""
    return tuple(filter(has_transform, REGISTRY))


def has_transform(name: str) -> bool:
    """Whether the installed release has a transform, with all that its calls are written with."""
    real, needed = getattr(flax.nnx, name, None), REGISTRY[name].needs
    return real is not None and (needed is None or needed in inspect.signature(real).parameters)


_LOOPS, _CALLS = Kind(), _Calls()


def kind_of(program: Program) -> Kind:
    """The kind of a program."""
    return _LOOPS if isinstance(program, Case) else _CALLS
