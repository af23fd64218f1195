"""How fast nnxfuzz is beside a plain test and beside the limit: `throughput.py [PROGRAMS] [SEED]`.

On the same programs, in one process after another:

a. what a user would write instead: a Hypothesis test that calls the transform, eagerly, and
   compares with a Python loop;
b. nnxfuzz on one worker: a batch, with its statistics, its share of XLA and its notes;
c. the limit: the bare tracing of the same arms, with nothing around it.

Then how the cost of an arm grows, and what a second worker brings.  Read the ratios; the absolute
figures are of this machine on this day.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jax

from nnxfuzz import compat
from nnxfuzz.arithmetic import Unfit
from nnxfuzz.campaign import Pattern, Settings, Stepping, Workers
from nnxfuzz.campaign.arms import arms_of
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.campaign.perform import perform
from nnxfuzz.campaign.statistics import Counts, Statistics
from nnxfuzz.campaign.work import Batch
from nnxfuzz.case import Arm, Case, trips
from nnxfuzz.executors import confirming
from nnxfuzz.executors.staged import Staged
from nnxfuzz.judge import examine

#: Every finding is known, so that no batch ends early.
EVERYTHING = Stepping(patterns=(Pattern("everything", "", ""),))

FEATURES = tuple(sorted(compat.choices()))


class Drawing(Explorer):
    """Draws the programs of a batch, and runs none."""

    def __init__(self, options: Settings) -> None:
        super().__init__(options, Statistics(), EVERYTHING, None)
        self.cases: list[Case] = []

    def _visit(self, case: Case) -> None:
        self.cases.append(case)


def drawn(options: Settings) -> list[Case]:
    """The programs of batch 0."""
    drawing = Drawing(options)
    drawing.explore(0, options.batch)
    return drawing.cases[: options.batch]


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def plain(case: Case, arm: Arm) -> None:
    """The transform as a user calls it, and the comparison."""
    try:
        examine(case, arm, confirming(case)[0])
    except Unfit:
        return


def bare(case: Case, arm: Arm) -> None:
    """The tracing of an arm."""
    staged = Staged(case, arm, compat.transforms())
    try:
        jax.make_jaxpr(staged)(*staged.inputs)
    except jax.errors.UnexpectedTracerError:
        return


def each(work: Callable[[Case, Arm], None], arms: list[tuple[Case, Arm]]) -> None:
    """Do it on all arms."""
    for case, arm in arms:
        work(case, arm)


def batch(options: Settings, number: int = 0) -> Counts:
    """What nnxfuzz makes of a batch."""
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "a.note"
        work = Batch(number, options.batch, FEATURES)
        return perform(work, options, EVERYTHING, note=note).counts


def compare(options: Settings) -> None:
    """Print a, b and c."""
    cases = drawn(options)
    arms = [(case, arm) for case in cases for arm in arms_of(case, options)]
    drawing = seconds(lambda: drawn(options))
    counts: list[Counts] = []
    took = {
        "a plain test": drawing + seconds(lambda: each(plain, arms)),
        "b nnxfuzz": seconds(lambda: counts.append(batch(options))),
        "c bare tracing": seconds(lambda: each(bare, arms)),
    }
    print(f"flax {compat.FLAX}, jax {compat.JAX}: {len(cases)} programs, {len(arms)} arms")
    for name, spent in took.items():
        print(f"  {name:16} {spent:7.1f} s  {len(arms) / spent:7.1f} arms/s")
    a, b, c = took.values()
    print(f"  b is {a / b:.1f} times as fast as a, and {c / b:.0%} of c")
    stages = counts[0].seconds
    total = sum(stages.values())
    shares = ", ".join(f"{name} {spent / total:.0%}" for name, spent in stages.items())
    print(f"  of b: {shares}")
    growth(arms)


def growth(arms: list[tuple[Case, Arm]]) -> None:
    """Print what tracing an arm costs, by size of the program and by trips."""
    cost = [(arm[0], seconds(lambda: bare(*arm)) * 1e3) for arm in arms]  # noqa: B023 - run at once
    for name, of, width in (("rows", rows, 4), ("trips", lengths, 1)):
        table: dict[int, list[float]] = {}
        for case, spent in cost:
            table.setdefault(min(of(case) // width, 5), []).append(spent)
        told = [
            f"from {key * width}: {statistics.median(costs):.1f} ms ({len(costs)})"
            for key, costs in sorted(table.items())
        ]
        print(f"  tracing an arm by {name}, median: {'; '.join(told)}")


def rows(case: Case) -> int:
    """How large a program is."""
    return len(case.nodes) + len(case.variables) + len(case.body)


def lengths(case: Case) -> int:
    """How many trips its loop makes."""
    return trips(case.loop)


def scaling(options: Settings, batches: int = 6) -> None:
    """Print what a second worker brings."""
    rates = []
    for count in (1, 2):
        with Workers(count, options.patience) as workers:
            warm = [workers.submit(batch, options, 100 + k) for k in range(count)]
            for each in warm:
                each.result()
            before = time.perf_counter()
            work = [workers.submit(batch, options, k) for k in range(batches)]
            arms = sum(each.result().arms for each in work)
            rates.append(arms / (time.perf_counter() - before))
    one, two = rates
    print(f"  1 worker {one:.0f} arms/s, 2 workers {two:.0f}: {two / one:.2f} times")


def main(count: int, number: int) -> None:
    """Print it all."""
    compat.quiet()
    options = Settings(number, batch=count)
    batch(Settings(number + 1, batch=5))  # imports and first traces are no part of a rate
    compare(options)
    scaling(Settings(number, batch=60))


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["100", "0"][len(sys.argv) - 1 :])))
