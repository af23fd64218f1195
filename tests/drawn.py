"""A fixed sample of drawn programs, made once for all tests of a run."""

import functools
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, find, given, seed, settings

from nnxfuzz.case import Case, exercised
from nnxfuzz.shrink import reduced
from nnxfuzz.strategies import programs

SAMPLE = 3_000


@functools.cache
def sample() -> list[Case]:
    """A fixed sample of programs, as a campaign draws them."""
    drawn: list[Case] = []

    @seed(0)
    @settings(
        max_examples=SAMPLE,
        database=None,
        derandomize=False,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(programs())
    def collect(case: Case) -> None:
        drawn.append(case)

    collect()
    return drawn


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
