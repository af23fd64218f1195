"""How much of Flax's transforms the fuzzer executes, beside Flax's own tests of them.

    python benchmarks/reach.py --time 20m --flax-repo ../flax --out docs/reach.md

Line and branch coverage of the installed `flax/nnx/transforms/` and of `extract.py`, which takes
their arguments apart: of the batches of `nnxfuzz fuzz`, in this process, then of Flax's own
`transforms_test.py` (from a git checkout).  Writes the figures, and the lines that the fuzzer never
reached, by function or class.  What runs in processes of its own, over several devices, does not
count.  It needs `coverage`, which no extra has.
"""

import itertools
import json
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click
import coverage
import flax.nnx
from all_known import AllKnown

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Settings, Statistics, boundary
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.cli.common import Duration
from nnxfuzz.cli.fuzz import CALLS_EACH
from nnxfuzz.transforms import REGISTRY

NNX = Path(flax.nnx.__file__).parent

#: Every finding is known, so that no batch ends early.
EVERYTHING = AllKnown()


#: What is counted, and of how many: by the names that coverage gives them.
COUNTS = {"covered_lines": "num_statements", "covered_branches": "num_branches"}


class Reached(NamedTuple):
    """Of a file: each count, and which lines were not reached, by function or class."""

    counts: dict[str, int]
    missing: dict[str, list[int]]


def measured(work: Callable[[], object]) -> dict[str, Reached]:
    """What `work` reaches of each file.

    What runs while a module is imported was run before, so lines outside of functions do not count.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{NNX}/transforms/*.py", f"{NNX}/extract.py"]
        meter = coverage.Coverage(f"{folder}/data", branch=True, include=files)
        meter.start()
        try:
            work()
        finally:
            meter.stop()
        meter.json_report(outfile=f"{folder}/report.json")
        report = json.loads(Path(folder, "report.json").read_text())
    found = {}
    for path, file in sorted(report["files"].items()):
        functions = {name: each for name, each in file["functions"].items() if name}
        summaries = [each["summary"] for each in functions.values()]
        keys = (*COUNTS, *COUNTS.values())
        counts = {key: sum(each[key] for each in summaries) for key in keys}
        missing: dict[str, list[int]] = {}
        for name, each in functions.items():
            if each["missing_lines"]:
                missing.setdefault(name.partition(".")[0], []).extend(each["missing_lines"])
        if counts["num_statements"]:
            found[Path(path).name] = Reached(counts, missing)
    return found


def fuzz(seconds: float, seed: int) -> Statistics:
    """The batches of `nnxfuzz fuzz` with every feature on, for so long."""
    statistics = Statistics()
    deadline = time.monotonic() + seconds
    options = Settings(seed=seed, transforms=tuple(REGISTRY), calls_each=CALLS_EACH)
    for number in itertools.count():
        explorer = Explorer(options, statistics, EVERYTHING, deadline, drawn=options.drawn(number))
        if explorer.over():
            return statistics
        explorer.run_through(boundary.part(number))
        explorer.explore(number, options.batch)
    raise AssertionError


def own_tests(repo: Path, commit: str) -> int:
    """Run `transforms_test.py` of a commit; how many tests there were."""
    where = f"{commit}:tests/nnx/transforms_test.py"
    text = subprocess.run(["git", "-C", repo, "show", where], capture_output=True, check=True)
    scope: dict[str, object] = {"__name__": "transforms_test"}
    exec(compile(text.stdout, where, "exec"), scope)
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(kind)
        for kind in scope.values()
        if isinstance(kind, type) and issubclass(kind, unittest.TestCase)
    )
    return unittest.TextTestRunner(verbosity=0).run(suite).testsRun


def share(part: int, whole: int) -> str:
    """`12 of 20 (60%)`."""
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "none"


def _listed(lines: list[int]) -> str:
    return ", ".join(map(str, lines))


def page(ours: dict[str, Reached], theirs: dict[str, Reached], told: str, tests: int) -> str:
    """The page."""
    lines = [
        "# Coverage of Flax's transforms",
        "",
        f"Made by `benchmarks/reach.py` on {date.today()}, flax {nnx_api.FLAX}, jax {nnx_api.JAX}.",
        f"The fuzzer: {told}. Flax's own `transforms_test.py`: {tests} tests.",
        "",
        "| file | lines: fuzzer | Flax's tests | branches: fuzzer | Flax's tests |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, own in ours.items():
        cells = [
            share(reached.counts[part], reached.counts[whole]) if reached else "not run"
            for part, whole in COUNTS.items()
            for reached in (own, theirs.get(name))
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for name, own in ours.items():
        lines += ["", f"## Lines of {name} that the fuzzer did not reach", ""]
        for function, missing in own.missing.items():
            other = theirs[name].missing.get(function, []) if name in theirs else missing
            there = sorted(set(missing) - set(other))
            also = f" (reached by Flax's tests: {_listed(there)})" if there else ""
            lines.append(f"- `{function}`: {_listed(missing)}{also}")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--time", "seconds", type=Duration(), default="20m", help="Fuzzing (default: 20m).")
@click.option("--seed", default=0, show_default=True)
@click.option("--flax-repo", type=click.Path(path_type=Path), help="For Flax's own tests.")
@click.option("--commit", default=f"v{nnx_api.FLAX}", help="Of those tests (default: the tag).")
@click.option("--out", type=click.Path(path_type=Path), default=Path("reach.md"))
def main(seconds: float, seed: int, flax_repo: Path | None, commit: str, out: Path) -> None:
    """Measure, and write OUT."""
    nnx_api.quiet()
    counts: list[Statistics] = []
    ours = measured(lambda: counts.append(fuzz(seconds, seed)))
    told = f"{seconds:g} s, {counts[0].programs} programs on {counts[0].arms} arms"
    tests: list[int] = []
    theirs: dict[str, Reached] = {}
    if flax_repo is not None:
        repo = flax_repo
        theirs = measured(lambda: tests.append(own_tests(repo, commit)))
    out.write_text(page(ours, theirs, told, sum(tests)))
    click.echo(out.read_text())


if __name__ == "__main__":
    main()
