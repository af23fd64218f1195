"""How soon a campaign finds historical bugs of Flax by itself, on the release that had them.

    python benchmarks/rediscovery.py --seeds 5 --time 120

For each bug and seed, `nnxfuzz fuzz` runs on the bad release (in an environment made by uv) until a
finding of the bug's signature is saved whose entry passes on the first good release.  Prints a
Markdown table: programs and seconds to the first such finding, median and range.
"""

import json
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import click
import msgspec

from nnxfuzz import elsewhere, environments
from nnxfuzz.targets import targets


class Bug(msgspec.Struct, frozen=True):
    """A bug that was fixed.  `signature` matches what it shows as; `options` narrow the search."""

    name: str
    bad: str
    good: str
    signature: str
    good_jax: str | None = None
    options: tuple[str, ...] = ()


_REFUSED = "spurious-refusal {} graph: {}"
BUGS = (
    Bug("#4436 two modules in fori_loop", "0.10.2", "0.10.3", _REFUSED.format("fori_loop", "")),
    Bug("#4522 two objects in while_loop", "0.10.2", "0.10.3", _REFUSED.format("while_loop", "")),
    Bug("#4606 bare Variable in scan", "0.10.5", "0.10.6", "wrong-world scan graph: caller"),
    Bug("#4700 while_loop in vmap", "0.10.5", "0.10.7", "while_loop graph in vmap: ValueError"),
    Bug("#5051 sow, module in the carry", "0.12.0", "0.12.1", _REFUSED.format("scan", "TypeError")),
    Bug("#5053 bound method", "0.10.4", "0.10.5", "in bound: closure variable tracer"),
    Bug("#5113 State in fori_loop", "0.12.0", "0.12.3", _REFUSED.format("fori_loop", "")),
    Bug("scan loses the carry's arrays", "0.12.6", "0.12.7", "wrong-world scan (gnu|tree): result"),
)


class Found(msgspec.Struct, frozen=True):
    """The first finding of a bug: programs and seconds that it took."""

    programs: int
    seconds: float


def passes(entry: Path, release: str, jax: str | None) -> bool:
    """Whether an entry passes on a release."""
    place = elsewhere.prepare(targets([release], jax)[0], environments.default_cache())
    words = ["replay", str(entry.resolve()), "--json"]
    cache = environments.default_cache()
    with elsewhere.start(place, words, cache, stdout=subprocess.PIPE) as child:
        out = child.communicate()[0].splitlines()
    return bool(out) and json.loads(out[-1])["outcome"] in ("fixed", "passes")


def search(bug: Bug, seed: int, seconds: float) -> Found | None:
    """Fuzz the bad release until the bug is found, or the time is over."""
    cache = environments.default_cache()
    place = elsewhere.prepare(targets([bug.bad], None)[0], cache)
    with tempfile.TemporaryDirectory() as folder:
        words = ["fuzz", "--seed", str(seed), "--time", f"{seconds:g}s", "--workers", "1"]
        words += ["--finds", f"{folder}/finds", "--corpus", f"{folder}/none", "--json", "-"]
        started = time.monotonic()
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "cwd": folder}
        with elsewhere.start(place, [*words, *bug.options], cache, **options) as child:
            assert child.stdout is not None
            for line in child.stdout:
                event = json.loads(line)
                taken = time.monotonic() - started
                if event["is"] == "finding" and _is(bug, event, Path(folder)):
                    child.terminate()
                    return Found(event["programs"], taken)
    return None


def _is(bug: Bug, event: dict[str, object], folder: Path) -> bool:
    """Whether a saved finding is this bug: by its signature, and by passing once it was fixed."""
    told = msgspec.convert(event["signature"], dict[str, str])
    around = "" if told.get("wrapper", "plain") == "plain" else f" in {told['wrapper']}"
    text = f"{told['kind']} {told['transform']} {told['mode']}{around}: {told['where']}"
    if not re.search(bug.signature, text):
        return False
    entry = folder / str(event["path"])  # gone if its shrunk form took its place already
    return entry.exists() and passes(entry, bug.good, bug.good_jax)


def row(bug: Bug, seeds: int, seconds: float) -> str:
    """One line of the table."""
    results = [search(bug, seed, seconds) for seed in range(seeds)]
    found = [result for result in results if result is not None]
    if not found:
        return f"| {bug.name} | {bug.bad} | {bug.good} | 0 of {seeds} | | |"
    programs, times = [f.programs for f in found], [f.seconds for f in found]
    return (
        f"| {bug.name} | {bug.bad} | {bug.good} | {len(found)} of {seeds} "
        f"| {statistics.median(programs):g} ({min(programs)}-{max(programs)}) "
        f"| {statistics.median(times):.0f} ({min(times):.0f}-{max(times):.0f}) |"
    )


@click.command()
@click.option("--seeds", default=5, show_default=True, help="Seeds for each bug.")
@click.option("--time", "seconds", default=120.0, show_default=True, help="Seconds a seed.")
@click.option("--only", default="", help="Only bugs whose name matches.")
def main(seeds: int, seconds: float, only: str) -> None:
    """Print the table."""
    print("| bug | first bad tried | first good | found | programs | seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    for bug in BUGS:
        if re.search(only, bug.name):
            print(row(bug, seeds, seconds), flush=True)


if __name__ == "__main__":
    main()
