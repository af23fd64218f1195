"""A fixed sample of drawn programs, made once for all tests of a run."""

import functools
from collections import Counter
from collections.abc import Callable
from random import Random

import same_draws  # noqa: F401
from hypothesis import HealthCheck, Phase, find, given, seed, settings

from nnxfuzz import nnx_api
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import Case, exercised, weight
from nnxfuzz.programs.shrink import Tries, reduced
from nnxfuzz.runners.kinds import available
from nnxfuzz.strategies import programs
from nnxfuzz.strategies.calls import call_programs

#: Runs of Hypothesis, each with a seed of its own: within one run, examples resemble each other.
RUNS, EXAMPLES = 15, 100
SAMPLE = RUNS * EXAMPLES

#: Programs from which `minimal` starts.
STARTS = 4


@functools.cache
def sample() -> list[Case]:
    """A fixed sample of programs, as a campaign draws them."""
    drawn: list[Case] = []
    for number in range(RUNS):
        collect(number, drawn.append)
    return drawn


def collect(number: int, keep: Callable[[Case], None]) -> None:
    """The programs of one run."""

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=False,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(programs())
    def run(case: Case) -> None:
        keep(case)

    run()


@functools.cache
def drawn_call_programs(transform: str, count: int) -> list[CallProgram]:
    """The first call programs of a fixed seed whose outermost call is of a transform."""
    found: list[CallProgram] = []

    @seed(0)
    @settings(
        max_examples=count,
        database=None,
        derandomize=False,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(call_programs((transform,), available(), nnx_api.features()))
    def run(program: CallProgram) -> None:
        found.append(program)

    run()
    return found


def some_draws(transform: str, hold: Callable[[list[CallProgram]], bool]) -> bool:
    """Whether drawn programs hold something: as few as will do."""
    drawn: list[CallProgram] = []
    for count in (50, 150, 400):
        drawn += drawn_call_programs(transform, count)
        if hold(drawn):
            return True
    return False


@functools.cache
def features() -> Counter[str]:
    """In how many programs of the sample each feature occurs."""
    return Counter(name for case in sample() for name in exercised(case))


def occurs(feature: str) -> bool:
    """Whether a feature occurs in the sample or, where chance has left it out, in some more."""
    more: list[Case] = []
    for number in range(RUNS, 12 * RUNS):
        if features()[feature] or any(feature in exercised(case) for case in more):
            return True
        more.clear()
        collect(number, more.append)
    return False


def minimal(condition: Callable[[Case], bool]) -> Case:
    """The smallest that our steps alone leave of some drawn programs that meet the condition."""
    quiet = settings(
        database=None,
        derandomize=False,
        max_examples=5_000,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    found = [find(programs(), condition, settings=quiet, random=Random(k)) for k in range(STARTS)]
    return min((reduced(case, condition, Tries(10**6)) for case in found), key=weight)


def shows(feature: str) -> Callable[[Case], bool]:
    """Whether a program exercises a feature."""
    return lambda case: feature in exercised(case)
