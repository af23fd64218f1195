"""What it takes to report a mutant of Flax, in processor seconds and programs from the start of
`nnxfuzz fuzz`: `python benchmarks/detection.py PYTHON`, where PYTHON has another build.

The builds take turns at each mutant, on one machine, with a cache folder each that one run of Flax
as it is has filled.  What that run reports counts for nothing.  A run that reports nothing is taken
to need what it used up.  Mutants that neither build reports are left out.  Read the ratios.
"""

import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from builds import environment
from mutants import overlay, scope
from mutants.files import FILES
from mutants.lines import installed
from mutants.operators import Site, mutated

#: Samples of the bootstrap, and the share of them that an interval leaves out at each end.
_SAMPLES, _TAIL = 10_000, 0.025


class Run(msgspec.Struct, frozen=True):
    """One run: what it used until its first report, or until its programs were used up."""

    build: str
    mutant: str
    seed: int
    programs: int
    seconds: float
    signature: str | None


class Build:
    """A build to be measured; `python` has it installed."""

    def __init__(self, name: str, python: Path, cache: Path, programs: int) -> None:
        self.name, self.python, self.cache, self.programs = name, python, cache, programs
        self.innocent: dict[int, set[str]] = {}

    def run(self, mutant: str, flax: Path | None, seed: int) -> Run:
        """Until the first report that Flax as it is does not show."""
        with tempfile.TemporaryDirectory() as finds, self._fuzz(flax, seed, finds) as fuzz:
            programs, signature, seconds = 0, None, 0.0
            for event in _events(fuzz):
                seconds = max(seconds, used(fuzz.pid))
                match event:
                    case {"is": "progress" | "end", "statistics": {"programs": int(so_far)}}:
                        programs = so_far
                    case {"is": "finding", "signature": dict(told), "programs": int(so_far)}:
                        text = json.dumps(told, sort_keys=True)
                        if flax is None:
                            self.innocent.setdefault(seed, set()).add(text)
                        elif text not in self.innocent.get(seed, ()):
                            programs, signature = so_far, text
                            break
            _end(fuzz)
        return Run(self.name, mutant, seed, programs, round(seconds, 2), signature)

    def check(self, flax: Path) -> None:
        """Raise ClickException if the build would run another Flax than the one in this folder."""
        ask = "import importlib.util; print(importlib.util.find_spec('flax').origin)"
        environ = environment(PYTHONPATH=str(flax))
        command = [str(self.python), "-c", ask]
        told = subprocess.run(command, env=environ, text=True, capture_output=True, check=True)
        if flax not in Path(told.stdout.strip()).parents:
            raise click.ClickException(f"{self.python} runs {told.stdout.strip()}, not {flax}")

    def _fuzz(self, flax: Path | None, seed: int, finds: str) -> "subprocess.Popen[str]":
        environ = environment(
            XDG_CACHE_HOME=str(self.cache),
            PYTHONPATH=str(flax or ""),
            PYTHONDONTWRITEBYTECODE="1",
        )
        words = ["--programs", self.programs, "--seed", seed, "--workers", 1, "--json", "-"]
        return subprocess.Popen(
            [str(self.python), "-m", "nnxfuzz", "fuzz", *map(str, words), "--finds", finds],
            env=environ,
            cwd=finds,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )


def _events(fuzz: "subprocess.Popen[str]") -> Iterator[object]:
    assert fuzz.stdout is not None
    for line in fuzz.stdout:
        yield json.loads(line)


def _end(fuzz: "subprocess.Popen[str]") -> None:
    """End the run and whatever it started: its session is its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(fuzz.pid, signal.SIGKILL)
    fuzz.wait()


def used(root: int) -> float:
    """Processor seconds of a process and all below it, those that have ended included."""
    ticks: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    total, below = 0, [root]
    while below:
        pid = below.pop()
        total += ticks.get(pid, (0, 0))[1]
        below += [child for child, (parent, _) in ticks.items() if parent == pid]
    return total / float(os.sysconf("SC_CLK_TCK"))


def ratios(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """The ratio of the medians, this build's by the other's, and its interval by bootstrap."""

    def ratio(sample: list[tuple[float, float]]) -> float:
        this = statistics.median(pair[0] for pair in sample)
        return this / max(statistics.median(pair[1] for pair in sample), 1e-9)

    rng = random.Random(0)
    drawn = sorted(ratio(rng.choices(pairs, k=len(pairs))) for _ in range(_SAMPLES))
    return ratio(pairs), drawn[int(_SAMPLES * _TAIL)], drawn[int(_SAMPLES * (1 - _TAIL)) - 1]


def table(runs: list[Run]) -> str:
    """Markdown: quartiles of each build, and the ratio of the medians."""
    paired: dict[tuple[str, int], dict[str, Run]] = {}
    for run in runs:
        paired.setdefault((run.mutant, run.seed), {})[run.build] = run
    kept = [p for p in paired.values() if len(p) == 2 and any(r.signature for r in p.values())]
    if len(kept) < 2:
        return f"too few of {len(paired)} targets were reported"
    lines = [
        f"{len(kept)} of {len(paired)} targets were reported by a build.\n",
        "| build | reported | processor seconds: quartiles | programs: quartiles |",
        "| --- | --- | --- | --- |",
    ]
    for name in ("other", "this"):
        own = [pair[name] for pair in kept]
        columns = ([run.seconds for run in own], [float(run.programs) for run in own])
        told = [", ".join(f"{q:.1f}" for q in statistics.quantiles(c, n=4)) for c in columns]
        lines.append(
            f"| {name} | {sum(r.signature is not None for r in own)} | {' | '.join(told)} |"
        )
    both = [("processor seconds", "seconds"), ("programs", "programs")]
    for told_as, field in both:
        pairs = [(getattr(p["this"], field), getattr(p["other"], field)) for p in kept]
        value, low, high = ratios(pairs)
        lines.append(f"\nRatio of the medians, {told_as}: {value:.2f} ({low:.2f} to {high:.2f}).")
    return "\n".join(lines)


@click.command()
@click.argument("python", type=click.Path(path_type=Path, exists=True))
@click.option("--count", default=60, show_default=True, help="Mutants.")
@click.option("--sample", default=1, show_default=True, help="The seed that chooses the mutants.")
@click.option("--seeds", default=1, show_default=True, help="Seeds of programs for each mutant.")
@click.option("--programs", default=200, show_default=True, help="Programs of a run, at most.")
@click.option("--seconds", default=1200.0, show_default=True, help="Begin no mutant after that.")
@click.option("--results", type=click.Path(path_type=Path), required=True, help="JSON to write.")
def main(
    python: Path, count: int, sample: int, seeds: int, programs: int, seconds: float, results: Path
) -> None:
    """Compare this build with another one."""
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as name:
        folder, total = Path(name), 0.0
        builds = [
            Build("other", python.absolute(), folder / "other", programs),
            Build("this", Path(sys.executable), folder / "this", programs),
        ]
        for seed in range(seeds):
            for build in builds:
                click.echo(build.run("Flax as it is", None, seed))
        for site in scope.sample(installed(), count, sample):
            if total >= seconds:
                break
            flax = _mutant(site, folder)
            for build in builds:
                build.check(flax)
            for seed in range(seeds):
                for build in builds:
                    runs.append(build.run(site.id, flax, seed))
                    total += runs[-1].seconds
                    click.echo(runs[-1])
            results.write_bytes(msgspec.json.format(msgspec.json.encode(runs)))
    click.echo(table(runs))


def _mutant(site: Site, folder: Path) -> Path:
    """A folder with a Flax that has the mutant."""
    # A colon would end the path in PYTHONPATH.
    there = folder / "mutants" / site.id.replace("/", "-").replace(":", "-")
    if not there.exists():
        source = (installed() / FILES[site.file]).read_text()
        overlay.write(installed(), there, FILES[site.file], mutated(source, site.file, site.id))
    return there


if __name__ == "__main__":
    main()
