"""Every planted bug is found within 600 programs, and shrunk to a case that cannot be smaller.

Under the planted bug lie plain Python loops and not Flax's, so nothing but the bug can show.
"""

from collections.abc import Iterator

import pytest
from clean_loops import clean_loops, decidable
from planted import PLANTED

from nnxfuzz.campaign import Discovery, Explorer, KnownBugs, Settings, Statistics
from nnxfuzz.campaign.minimal import alike
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import Arm, Case, fits
from nnxfuzz.programs.shrink import candidates
from nnxfuzz.runners.judge import examine
from nnxfuzz.runners.loops import Loops

PROGRAMS = 600
#: The second seed doubles the time, and is not for every run.
SEEDS = (0, pytest.param(1, marks=pytest.mark.slow))


class Tracing(Explorer):
    """An explorer that keeps to programs over which a Python loop can be traced."""

    def plain(self, case: Case) -> list[Arm]:
        return super().plain(case) if decidable(case) else []


def explored(loops: Loops, seed: int, count: int = PROGRAMS) -> tuple[Discovery | None, Statistics]:
    """One batch on `loops` in graph mode."""
    options = Settings(seed=seed, programs=count, modes=("graph",), wrappers=("plain",))
    statistics = Statistics()
    explorer = Tracing(options, statistics, known=KnownBugs(), deadline=None, loops=loops)
    return explorer.batch(0, count), statistics


def rows(case: Case) -> int:
    """The size of a shrunk case: its Variables, nodes and statements."""
    return len(case.variables) + len(case.nodes) + len(case.body)


def still_showing(found: Discovery, loops: Loops) -> Iterator[Case]:
    """The cases one step smaller that show the same, in the same words."""
    for smaller in candidates(found.case):
        if fits(smaller, found.arm):
            try:
                verdict = examine(smaller, found.arm, "trace", loops)
            except Inconclusive:
                continue
            if isinstance(verdict, Finding) and alike(verdict, found.finding):
                yield smaller


#: Bugs that take some seconds to show and to shrink.
LONG = ("nan-to-zero", "raw-array-lost", "rebinding-lost", "update-lost", "values-swapped")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in PLANTED]
)
def test_a_planted_bug_is_found_and_shrunk(name: str, seed: int) -> None:
    planted = PLANTED[name]
    loops = planted.wrap(clean_loops())
    found, statistics = explored(loops, seed)
    assert found is not None, f"not found in {statistics.programs} programs"
    assert statistics.programs <= PROGRAMS
    assert found.finding.signature.kind == planted.kind
    assert found.finding.signature.where.startswith(planted.where)
    assert rows(found.case) <= planted.most, found.case
    assert not list(still_showing(found, loops)), found.case


@pytest.mark.parametrize("count", [60, pytest.param(PROGRAMS, marks=pytest.mark.slow)])
def test_nothing_is_found_where_nothing_is_planted(count: int) -> None:
    """Most bugs above show in so few programs; `test_clean_reference` draws others."""
    found, statistics = explored(clean_loops(), 0, count)
    assert found is None
    assert statistics.agreed > 0
