"""How fast nnxfuzz is beside a plain test and beside the limit: `throughput.py [PROGRAMS] [SEED]`.

On the same programs, in one process:

a. what a user would write instead: a Hypothesis test that calls the transform, eagerly, and
   compares with a Python loop;
b. nnxfuzz on one worker: a batch, with its statistics, its share of XLA and its notes;
c. the limit: the bare tracing of the same arms, with nothing around it.

All three do one batch of other programs first, unmeasured.  Then they take turns, each time in
another order and on new programs, so that what else the machine does hits all alike; the ratios are
medians over the rounds.  Then how the cost of an arm grows, and what a second worker brings, again
in turns.  Read the ratios; the absolute figures are of this machine on this day.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jax
from all_known import AllKnown

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Settings, Workers
from nnxfuzz.campaign.carry_out import carry_out
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.campaign.statistics import Counts, Statistics
from nnxfuzz.campaign.work import Batch
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.programs.case import Arm, Case, trips
from nnxfuzz.runners import confirming
from nnxfuzz.runners.arms import in_turn, wrapped_arms
from nnxfuzz.runners.judge import examine
from nnxfuzz.runners.kinds import kind_of
from nnxfuzz.runners.staged import Staged

#: Every finding is known, so that no batch ends early.
EVERYTHING = AllKnown()

FEATURES = tuple(sorted(nnx_api.choices()))


class Drawing(Explorer):
    """Draws the programs of a batch, and runs none."""

    def __init__(self, options: Settings) -> None:
        super().__init__(options, Statistics(), EVERYTHING, None)
        self.cases: list[Case] = []

    def _visit(self, case: Case) -> None:
        self.cases.append(case)


def drawn(options: Settings, number: int = 0) -> list[Case]:
    """The programs of a batch."""
    drawing = Drawing(options)
    drawing.explore(number, options.batch)
    return drawing.cases[: options.batch]


def arms_of(cases: list[Case], options: Settings) -> list[tuple[Case, Arm]]:
    """The arms on which a batch runs its programs: all plain ones, and each wrapper in turn."""
    found = []
    for turn, case in enumerate(cases, start=1):
        plain = kind_of(case).arms(case, options.transforms, options.modes)
        around = in_turn(wrapped_arms(case, plain, options.wrappers), turn)
        found += [(case, arm) for arm in (*plain, *around)]
    return found


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def plain(case: Case, arm: Arm) -> None:
    """The transform as a user calls it, and the comparison."""
    try:
        examine(case, arm, confirming(case)[0])
    except Inconclusive:
        return


def bare(case: Case, arm: Arm) -> None:
    """The tracing of an arm."""
    staged = Staged(case, arm, nnx_api.transforms())
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
        return carry_out(work, options, EVERYTHING, note=note).counts


class Round:
    """One batch by all three, in an order of its own; `rates` are arms a second."""

    def __init__(self, options: Settings, number: int) -> None:
        self.options = options
        self.number = number
        self.arms: list[tuple[Case, Arm]] = []
        drawing = seconds(lambda: self.arms.extend(arms_of(drawn(options, number), options)))
        self.rates: dict[str, float] = {}
        turns = {"a": lambda: self._plain(drawing), "b": self._batch, "c": self._bare}
        for name in ("abc", "cba", "bac")[number % 3]:
            count, spent = turns[name]()
            self.rates[name] = count / spent

    def _plain(self, drawing: float) -> tuple[int, float]:
        return len(self.arms), drawing + seconds(lambda: each(plain, self.arms))

    def _batch(self) -> tuple[int, float]:
        counts: list[Counts] = []
        spent = seconds(lambda: counts.append(batch(self.options, self.number)))
        self.stages = counts[0].seconds
        return counts[0].arms, spent

    def _bare(self) -> tuple[int, float]:
        return len(self.arms), seconds(lambda: each(bare, self.arms))


def compare(options: Settings, rounds: int = 3) -> None:
    """Print a, b and c."""
    Round(options, 99)
    done = [Round(options, number) for number in range(rounds)]
    arms = [arm for one in done for arm in one.arms]
    print(f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}: {rounds} rounds, {len(arms)} arms")
    for name, told in (("a", "a plain test"), ("b", "nnxfuzz"), ("c", "bare tracing")):
        rates = [one.rates[name] for one in done]
        print(f"  {name} {told:14} {statistics.median(rates):7.1f} arms/s")
    faster = statistics.median(one.rates["b"] / one.rates["a"] for one in done)
    share = statistics.median(one.rates["b"] / one.rates["c"] for one in done)
    print(f"  b is {faster:.1f} times as fast as a, and {share:.0%} of c")
    stages = {name: sum(one.stages[name] for one in done) for name in done[0].stages}
    shares = [f"{name} {spent / sum(stages.values()):.0%}" for name, spent in stages.items()]
    print(f"  of b: {', '.join(shares)}")
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


def scaling(options: Settings, rounds: int = 3, batches: int = 8) -> None:
    """Print what a second worker brings: two pools take turns at the same batches."""
    with Workers(1, options.patience) as one, Workers(2, options.patience) as two:
        rate(one, options, range(90, 92))
        rate(two, options, range(90, 94))
        numbers = [range(k * batches, (k + 1) * batches) for k in range(rounds)]
        rates = [(rate(one, options, some), rate(two, options, some)) for some in numbers]
    single, double = (statistics.median(column) for column in zip(*rates, strict=True))
    times = statistics.median(more / less for less, more in rates)
    print(f"  1 worker {single:.0f} arms/s, 2 workers {double:.0f}: {times:.2f} times")


def rate(workers: Workers, options: Settings, numbers: range) -> float:
    """Arms a second over some batches."""
    before = time.perf_counter()
    work = [workers.submit(batch, options, number) for number in numbers]
    return sum(one.result().arms for one in work) / (time.perf_counter() - before)


def main(count: int, number: int) -> None:
    """Print it all."""
    nnx_api.quiet()
    print(f"load average {os.getloadavg()[0]:.1f} before, on {os.cpu_count()} cores")
    compare(Settings(number, batch=count))
    scaling(Settings(number, batch=20))
    print(f"load average {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["40", "0"][len(sys.argv) - 1 :])))
