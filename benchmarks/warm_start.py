"""From the start of `nnxfuzz fuzz` to its last program, the first and the second time on a machine:
`python benchmarks/warm_start.py OTHER`, where OTHER is a checkout of another commit.

Both builds take turns in one run, each with a cache folder of its own that is empty at first.
Processor time is of all processes of the run.  Read the ratios.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from builds import environment

HERE = Path(__file__).parent.parent


def run(build: Path, cache: Path, programs: int, seed: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor that one run takes."""
    environ = environment(PYTHONPATH=str(build), XDG_CACHE_HOME=str(cache))
    words = ["--programs", str(programs), "--seed", str(seed), "--workers", "1"]
    with tempfile.TemporaryDirectory() as finds:
        command = [sys.executable, "-m", "nnxfuzz", "fuzz", *words, "--finds", finds]
        used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        ran = subprocess.run(command, env=environ, cwd=build, capture_output=True, check=False)
        wall = time.perf_counter() - began
    if ran.returncode not in (0, 1):
        raise click.ClickException(ran.stderr.decode()[-2000:])
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


@click.command()
@click.argument("other", type=click.Path(path_type=Path, exists=True))
@click.option("--rounds", default=3, show_default=True, help="Runs of each build.")
@click.option("--programs", default=100, show_default=True, help="Programs a run.")
def main(other: Path, rounds: int, programs: int) -> None:
    """Compare this build with another one."""
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for seed in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            for which in ("first", "second"):
                for build, folder in (("other", other.resolve()), ("this", HERE)):
                    cache = Path(name) / build
                    seconds = run(folder, cache, programs, seed)
                    taken.setdefault((build, which), []).append(seconds)
                    told = f"{seconds[0]:.1f} s by the clock, {seconds[1]:.1f} s of the processor"
                    click.echo(f"seed {seed}, {build}, {which} run: {told}")
    click.echo(
        f"\nMedians of {rounds} runs of {programs} programs (and by the first of the other build):"
    )
    base = [statistics.median(column) for column in zip(*taken["other", "first"], strict=True)]
    for (build, which), rows in taken.items():
        middle = [statistics.median(column) for column in zip(*rows, strict=True)]
        pairs = zip(middle, base, strict=True)
        ratios = ", ".join(f"{value:.1f} s ({value / of:.2f})" for value, of in pairs)
        click.echo(f"{build}, {which} run: {ratios}")


if __name__ == "__main__":
    main()
