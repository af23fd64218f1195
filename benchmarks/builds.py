"""What benchmarks of two builds share: the environment of a run, and the programs of a seed.

Nothing of nnxfuzz is imported: an older build may be in its place.
"""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy


def environment(**added: str) -> dict[str, str]:
    """This environment without the settings of jax and nnxfuzz, on the CPU, with others added."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "NNXFUZZ_"))}
    return environ | {"JAX_PLATFORMS": "cpu"} | added


def drawn(strategy: SearchStrategy[Any], count: int, number: int) -> list[Any]:
    """The first examples that a seed stands for."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(strategy)
    def keep(one: Any) -> None:
        found.append(one)

    keep()
    return found
