"""A fixed sample of drawn programs, made once for all tests of a run."""

import functools
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, find, given, seed, settings

from nnxfuzz.case import Case, exercised
from nnxfuzz.shrink import reduced
from nnxfuzz.strategies import programs

#: Runs of Hypothesis, each with a seed of its own: within one run, examples resemble each other.
RUNS, EXAMPLES = 30, 100
SAMPLE = RUNS * EXAMPLES


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
def features() -> Counter[str]:
    """In how many programs of the sample each feature occurs."""
    return Counter(name for case in sample() for name in exercised(case))


def minimal(condition: Callable[[Case], bool]) -> Case:
    """What our steps alone leave of a drawn program that meets the condition."""
    quiet = settings(
        database=None,
        derandomize=True,
        max_examples=5_000,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    return reduced(find(programs(), condition, settings=quiet), condition, lambda: False)


def shows(feature: str) -> Callable[[Case], bool]:
    """Whether a program exercises a feature."""
    return lambda case: feature in exercised(case)
