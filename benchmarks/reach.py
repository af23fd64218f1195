"""How much of Flax's loops the fuzzer executes, beside Flax's own loop tests.

    python benchmarks/reach.py --time 5m --flax-repo ../flax --out docs/reach.md

Line and branch coverage of the installed `flax/nnx/transforms/iteration.py`, of one worker's
batches in this process, then of the tests of the same release that are about its loops (from a git
checkout).  Writes the figures, and the lines that the fuzzer never reached, by function.
"""

import itertools
import json
import re
import subprocess
import tempfile
import time
import unittest
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import coverage
import msgspec
from all_known import AllKnown
from flax.nnx.transforms import iteration

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Settings, Statistics
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.cli.common import Duration

FILE = Path(iteration.__file__)

#: Every finding is known, so that no batch ends early.
EVERYTHING = AllKnown()

#: The functions of the file that are loops or serve them; `vmap` and `pmap` are no concern here.
_LOOPS = re.compile(r"scan|fori|while|loop|carr", re.IGNORECASE)


class Reached(msgspec.Struct, frozen=True):
    """Of the loops' part of the file: lines and branches, and which lines were not reached."""

    lines: int
    lines_of: int
    branches: int
    branches_of: int
    #: By function.
    missing: dict[str, list[int]]


def measured(work: Callable[[], object]) -> Reached:
    """What `work` reaches."""
    with tempfile.TemporaryDirectory() as folder:
        meter = coverage.Coverage(f"{folder}/data", branch=True, include=[str(FILE)])
        meter.start()
        try:
            work()
        finally:
            meter.stop()
        meter.json_report(outfile=f"{folder}/report.json")
        report = json.loads(Path(folder, "report.json").read_text())
    (file,) = report["files"].values()
    own = {name: each for name, each in file["functions"].items() if _LOOPS.search(name)}
    total: Counter[str] = Counter()
    for each in own.values():
        total.update({name: n for name, n in each["summary"].items() if isinstance(n, int)})
    return Reached(
        total["covered_lines"],
        total["num_statements"],
        total["covered_branches"],
        total["num_branches"],
        {name: each["missing_lines"] for name, each in own.items() if each["missing_lines"]},
    )


def fuzz(seconds: float, seed: int) -> Statistics:
    """Batches with every feature on, for so long."""
    statistics = Statistics()
    deadline = time.monotonic() + seconds
    explorer = Explorer(Settings(seed=seed), statistics, EVERYTHING, deadline)
    for number in itertools.count():
        if explorer.over():
            return statistics
        explorer.explore(number, 100)
    raise AssertionError


def own_tests(repo: Path, commit: str) -> int:
    """Run the tests of the installed release that are about loops; how many there were."""
    where = f"{commit}:tests/nnx/transforms_test.py"
    text = subprocess.run(["git", "-C", repo, "show", where], capture_output=True, check=True)
    scope: dict[str, object] = {"__name__": "transforms_test"}
    exec(compile(text.stdout, where, "exec"), scope)
    suite = unittest.TestSuite(
        test
        for kind in scope.values()
        if isinstance(kind, type) and issubclass(kind, unittest.TestCase)
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(kind)
        if _LOOPS.search(str(test))
    )
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    return result.testsRun


def share(part: int, whole: int) -> str:
    """`12 of 20 (60%)`."""
    return f"{part} of {whole} ({part / whole:.0%})"


def _listed(lines: list[int]) -> str:
    return ", ".join(map(str, lines))


def page(ours: Reached, theirs: Reached | None, told: str, tests: int) -> str:
    """The page."""
    lines = [
        "# Coverage of Flax's loops",
        "",
        f"Made by `benchmarks/reach.py` on {date.today()}, flax {nnx_api.FLAX}, jax {nnx_api.JAX}:",
        "`nnx/transforms/iteration.py`, its functions and classes that are about loops.",
        "",
        "| | lines | branches |",
        "| --- | --- | --- |",
    ]
    rows = [(told, ours), (f"Flax's own loop tests ({tests})", theirs)]
    for name, reached in rows:
        if reached is not None:
            counted = (
                share(reached.lines, reached.lines_of),
                share(reached.branches, reached.branches_of),
            )
            lines.append(f"| {name} | {' | '.join(counted)} |")
    lines += ["", "## Lines that the fuzzer did not reach", ""]
    for name, missing in ours.missing.items():
        there = [] if theirs is None else sorted(set(missing) - set(theirs.missing.get(name, ())))
        also = f" (reached by Flax's tests: {_listed(there)})" if there else ""
        lines.append(f"- `{name}`: {_listed(missing)}{also}")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--time", "seconds", type=Duration(), default="5m", help="Fuzzing (default: 5m).")
@click.option("--seed", default=0, show_default=True)
@click.option("--flax-repo", type=click.Path(path_type=Path), help="For Flax's own tests.")
@click.option("--commit", default=f"v{nnx_api.FLAX}", help="Of those tests (default: the tag).")
@click.option("--out", type=click.Path(path_type=Path), default=Path("reach.md"))
def main(seconds: float, seed: int, flax_repo: Path | None, commit: str, out: Path) -> None:
    """Measure, and write OUT."""
    nnx_api.quiet()
    counts: list[Statistics] = []
    ours = measured(lambda: counts.append(fuzz(seconds, seed)))
    told = f"{seconds:g} s of fuzzing, {counts[0].programs} programs on {counts[0].arms} arms"
    tests: list[int] = []
    theirs = None
    if flax_repo is not None:
        repo = flax_repo
        theirs = measured(lambda: tests.append(own_tests(repo, commit)))
    out.write_text(page(ours, theirs, told, sum(tests)))
    click.echo(out.read_text())


if __name__ == "__main__":
    main()
