"""How fast a campaign is, and where its time goes: `python benchmarks/rate.py [PROGRAMS] [SEED]`.

The same programs are run twice in one process: explored as a campaign does (traced, evaluated with
numpy) and compiled by XLA as a user's own test would.  Read the ratio; the absolute figures are of
this machine on this day.
"""

import sys
import time
from collections.abc import Callable

from builds import drawn

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.programs.case import MODES, TRANSFORMS, Arm, Case
from nnxfuzz.runners import Executor, confirming, observe
from nnxfuzz.strategies import programs


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def python_loops(cases: list[Case]) -> None:
    """The reference in every mode."""
    for case in cases:
        for mode in nnx_api.modes():
            if nnx_api.inapplicable(case, Arm("scan", mode)) is None:
                try:
                    run_python(case, mode)
                except Inconclusive:
                    continue


def transforms(cases: list[Case], executor: Executor | None) -> int:
    """Every arm of every program; `None`: by the executor that confirms. Returns their number."""
    arms = [
        (case, arm)
        for case in cases
        for transform in TRANSFORMS
        for mode in MODES
        if nnx_api.inapplicable(case, arm := Arm(transform, mode)) is None
    ]
    for case, arm in arms:
        observe(case, arm, executor or confirming(case)[0])
    return len(arms)


def main(count: int, number: int) -> None:
    """Print one table."""
    nnx_api.quiet()
    strategy = programs(nnx_api.choices())
    transforms(drawn(strategy, 5, 0), "trace")  # imports and first traces are no part of a rate
    cases: list[Case] = []
    spent = {"drawing": seconds(lambda: cases.extend(drawn(strategy, count, number)))}
    spent["reference"] = seconds(lambda: python_loops(cases))
    arms: list[int] = []
    spent["transform (traced)"] = seconds(lambda: arms.append(transforms(cases, "trace")))
    explored = sum(spent.values())
    spent["transform (XLA)"] = seconds(lambda: transforms(cases, None))
    print(f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}: {len(cases)} programs, {arms[0]} arms")
    for stage, each in spent.items():
        print(f"  {stage:20} {each:7.1f} s  {each / arms[0] * 1e3:6.1f} ms an arm")
    print(f"exploring: {len(cases) / explored:.1f} programs/s, {arms[0] / explored:.0f} arms/s")
    ratio = spent["transform (XLA)"] / spent["transform (traced)"]
    print(f"XLA takes {ratio:.1f} times as long as tracing and numpy")


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["200", "0"][len(sys.argv) - 1 :])))
