"""Arms a processor second of this build and of an older one, on the same programs:
`python benchmarks/arms.py OTHER`, where OTHER is a checkout of another commit.

The older build draws the programs, since this one reads what that one writes.  Both then take turns
with them, each in a process of its own: a third of the programs unmeasured, so that what is
compiled once is compiled, then the others on every plain arm, traced, judged by the plain loop.
Where the numbers allow no comparison, the arm counts as well.  Read the ratio.
"""

import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from builds import drawn, environment

HERE = Path(__file__).parent.parent


def either(new: str, old: str) -> Any:
    """What this build calls `new`; 0c56a6e called it `old`."""
    for name in (new, old):
        module, _, last = name.rpartition(".")
        try:
            return getattr(importlib.import_module(f"nnxfuzz{module and '.' + module}"), last)
        except (ImportError, AttributeError):
            continue
    raise click.ClickException(f"the build has neither nnxfuzz.{new} nor nnxfuzz.{old}")


class Build:
    """The installed nnxfuzz, this one or an older one."""

    def __init__(self) -> None:
        self.decode_case = either("programs.case.codec.decode_case", "case.codec.decode_case")
        self.inconclusive = either("oracle.arithmetic.Inconclusive", "arithmetic.Unfit")
        self.observe = either("runners.observe", "executors.observe")
        self.oracle = either("runners.judge.Oracle", "judge.Oracle")
        self.plain_arms = either("runners.arms.plain_arms", "arms.plain_arms")
        either("nnx_api.quiet", "compat.quiet")()

    def draw(self, count: int, number: int, file: Path) -> None:
        """Write the programs of a seed, a line each, with the number of their format."""
        from nnxfuzz.strategies import programs

        choices = either("nnx_api.choices", "compat.choices")
        encode = either("programs.case.codec.encode", "case.codec.encode")
        number_of_format = either("corpus.entries.FORMAT", "corpus.FORMAT")
        cases = drawn(programs(choices()), count, number)
        entries = ({"format": number_of_format, "case": json.loads(encode(c))} for c in cases)
        file.write_text("\n".join(map(json.dumps, entries)))

    def read(self, file: Path) -> list[Any]:
        """The programs of that file."""
        migrated = either("corpus.entries.migrated", "corpus.migrated")
        cases = []
        for line in file.read_bytes().splitlines():
            case = migrated(json.loads(line))["case"]
            cases.append(self.decode_case(json.dumps(case).encode()))
        return cases

    def judge(self, cases: list[Any]) -> int:
        """Every plain arm of the programs; how many they are."""
        count = 0
        for case in cases:
            oracle = self.oracle(case)
            for arm in self.plain_arms(case):
                count += 1
                try:
                    oracle.expected(arm, arm.mode)
                    oracle.verdict(arm, self.observe(case, arm, "trace"))
                except self.inconclusive:
                    continue
        return count


def work(file: Path) -> None:
    """Measure the installed build, and print how many arms and how many seconds."""
    build = Build()
    cases = build.read(file)
    first = len(cases) // 3
    build.judge(cases[:first])
    before = time.process_time()
    count = build.judge(cases[first:])
    print(json.dumps([count, time.process_time() - before]))


def run(build: Path, *words: str) -> str:
    """What this file prints with another build in the place of this one."""
    environ = environment(PYTHONPATH=str(build))
    command = [sys.executable, __file__, *words]
    ran = subprocess.run(command, env=environ, cwd=build, capture_output=True, text=True)
    if ran.returncode:
        raise click.ClickException(ran.stderr[-2000:])
    return ran.stdout.splitlines()[-1] if ran.stdout else ""


@click.command()
@click.argument("other", type=click.Path(path_type=Path, exists=True, resolve_path=True))
@click.option("--programs", default=180, show_default=True, help="To be drawn.")
@click.option("--seed", default=1, show_default=True, help="Of the programs.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each build.")
@click.option("--part", type=click.Choice(["all", "draw", "judge"]), default="all", hidden=True)
@click.option("--file", type=click.Path(path_type=Path), hidden=True)
def main(other: Path, programs: int, seed: int, rounds: int, part: str, file: Path | None) -> None:
    """Compare this build with that of the checkout OTHER."""
    if file is not None:
        return work(file) if part == "judge" else Build().draw(programs, seed, file)
    with tempfile.TemporaryDirectory() as folder:
        held = str(Path(folder) / "programs")
        numbers = ["--programs", str(programs), "--seed", str(seed)]
        run(other, str(other), *numbers, "--part", "draw", "--file", held)
        ratios = []
        for turn in range(rounds):
            rates = {}
            for build in (HERE, other) if turn % 2 else (other, HERE):
                count, seconds = json.loads(run(build, ".", "--part", "judge", "--file", held))
                rates[build] = count / seconds
                name = "this" if build == HERE else other.name
                click.echo(f"{name}: {count} arms, {seconds:.1f} s, {count / seconds:.1f} a second")
            ratios.append(rates[HERE] / rates[other])
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    click.echo(f"this / {other.name}: {each}; median {statistics.median(ratios):.2f}")
    return None


if __name__ == "__main__":
    main()
