"""How soon a campaign finds historical bugs of Flax by itself, on the release that had them.

    python benchmarks/rediscovery.py --seeds 10 --programs 1000 --out docs/rediscovery

For each bug and seed, `nnxfuzz fuzz` runs on the bad release (in an environment made by uv) until a
finding of the bug's signature is saved that shows on the very releases on which the bug's own
script shows (`known_bugs.py`): those where it begins and ends, and those next to them.  So a bug is
told by what its program does on all of these, and not by its looks.  `--scripts` runs the scripts
alone.  Beside it stand the same search without swarm, the same strategies without sharing, and
Flax's own loop tests of the bad release (`--flax-repo`, a git checkout).

Results go to OUT.json as they come, and a run goes on from what is there; OUT.md is the table.
"""

import json
import re
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec

from nnxfuzz.releases import elsewhere, environments
from nnxfuzz.releases.table import release
from nnxfuzz.releases.targets import targets


class Bug(msgspec.Struct, frozen=True):
    """A bug that was fixed: its function in `known_bugs.py`, the releases on which it shows (the
    first is searched) and does not, and what the signatures of its findings match.
    """

    name: str
    script: str
    shows: tuple[str, ...]
    gone: tuple[str, ...]
    signature: str

    @property
    def bad(self) -> str:
        """The release that is searched."""
        return self.shows[0]


_REFUSED = "spurious-refusal {} graph: {}"
_SOW = _REFUSED.format("scan", "TypeError")
_VJP = "ValueError in current_update_context"
BUGS = (
    Bug(
        "#4379 one submodule twice, while_loop",
        "gh4379",
        ("0.10.1",),
        ("0.10.2",),
        "while_loop graph: Attribute",
    ),
    Bug(
        "#4436 two modules, fori_loop",
        "gh4436",
        ("0.10.2",),
        ("0.10.3",),
        _REFUSED.format("fori_loop", ""),
    ),
    Bug(
        "#4522 two objects, while_loop",
        "gh4522",
        ("0.10.2",),
        ("0.10.3",),
        _REFUSED.format("while_loop", ""),
    ),
    Bug(
        "#5053 writing to a closure",
        "gh5053",
        ("0.10.4",),
        ("0.10.5",),
        "closure variable tracer",
    ),
    Bug(
        "#4606 bare Variable, scan",
        "gh4606",
        ("0.10.5",),
        ("0.10.6",),
        "wrong-world scan graph: caller",
    ),
    Bug(
        "#4700 while_loop in vmap",
        "gh4700",
        ("0.10.5",),
        ("0.10.6",),
        "while_loop graph in vmap: ValueError",
    ),
    Bug(
        "#5051 sow, module in the carry",
        "gh5051",
        ("0.10.7", "0.12.0"),  # from 0.11.0 on #5130 has the same signature, and is found first
        ("0.12.1",),
        _SOW,
    ),
    Bug("#5130 sow and pop, scan", "gh5130_scan", ("0.12.0", "0.11.0"), ("0.12.1", "0.10.7"), _SOW),
    Bug(
        "#5130 sow and pop, cached_partial",
        "gh5130",
        ("0.12.2", "0.11.0"),
        ("0.12.3", "0.10.7"),
        "spurious-refusal cached_partial graph: ValueError in MergeContext",
    ),
    Bug(
        "#5113 State, fori_loop",
        "gh5113",
        ("0.12.0", "0.11.0", "0.12.2"),
        ("0.12.3", "0.10.7"),
        _REFUSED.format("fori_loop", ""),
    ),
    Bug(
        "#4760 a module is the function",
        "gh4760",
        ("0.10.4",),
        ("0.10.5",),
        # Of one cause a campaign tells one finding, and this is the cause of #5053.
        "graph( in .*)?: (caller|closure) .* tracer",
    ),
    Bug(
        "#4947 bare Variable, grad",
        "gh4947",
        ("0.10.5",),  # it shows up to 0.11.2, but from 0.11.0 on as an empty State
        ("0.12.0",),
        "graph: TypeError in _state",
    ),
    Bug(
        "#4989 static beside shardings",
        "gh4989",
        ("0.12.0", "0.10.1"),
        ("0.12.1",),
        "graph: ValueError in broadcast_prefix",
    ),
    Bug("#5044 jit of a custom_vjp", "gh5044", ("0.12.0", "0.10.4"), ("0.12.1", "0.10.3"), _VJP),
    Bug(
        "scan loses the carry's arrays",
        "simple_scan_loses_arrays",
        ("0.12.6",),
        ("0.12.7",),
        "wrong-world scan (graph-frozen|tree): result",
    ),
)

#: The ways to search that are compared, by the options that make them.
WAYS: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "no swarm": ("--no-swarm",),
    "no sharing": ("--without", "sharing"),
}


class Run(msgspec.Struct, frozen=True):
    """One search: programs and seconds to the first finding, None if the budget was too small."""

    bug: str
    way: str
    seed: int
    budget: int
    programs: int | None
    seconds: float | None


#: What became of an entry whose bug is not there, or that the release cannot run.
_GONE = ("fixed", "passes", "fails differently", "not applicable")


# --- one search -----------------------------------------------------------------------------


def place(flax: str) -> elsewhere.Installation:
    """The environment of a release."""
    return elsewhere.prepare(targets([flax])[0], environments.default_cache())


#: The scripts of the bugs.
SCRIPTS = Path(__file__).with_name("known_bugs.py")


def script_shows(bug: Bug, flax: str) -> bool:
    """Whether a bug's own script shows it on a release."""
    there = place(flax)
    words = [there.python, "-P", "-W", "ignore", str(SCRIPTS), bug.script]
    environ = elsewhere.environ(there, environments.default_cache())
    return subprocess.run(words, capture_output=True, env=environ).returncode == 1


def misplaced(bug: Bug) -> list[str]:
    """The releases on which a bug's script does otherwise than the table says."""
    expected = dict.fromkeys(bug.shows, True) | dict.fromkeys(bug.gone, False)
    return [flax for flax, bad in expected.items() if script_shows(bug, flax) != bad]


def gone(entry: Path, flax: str) -> bool:
    """Whether a release does not show what an entry records; it may have other bugs."""
    words = ["replay", str(entry.resolve()), "--json"]
    cache = environments.default_cache()
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with elsewhere.start(place(flax), words, cache, **options) as child:
        out = child.communicate()[0].splitlines()
    return bool(out) and json.loads(out[-1])["outcome"] in _GONE


def search(bug: Bug, way: str, seed: int, budget: int) -> Run:
    """Fuzz the bad release until the bug is found, or `budget` programs have run."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["fuzz", "--seed", str(seed), "--programs", str(budget), "--workers", "1"]
        words += ["--finds", f"{folder}/finds", "--corpus", "none", "--json", "-"]
        started, cache = time.monotonic(), environments.default_cache()
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [*words, *WAYS[way]]
        with elsewhere.start(place(bug.bad), command, cache, cwd=folder, **options) as child:
            assert child.stdout is not None
            for line in child.stdout:
                event, taken = json.loads(line), time.monotonic() - started
                if event["is"] == "finding" and _is(bug, event, Path(folder)):
                    child.terminate()
                    return Run(bug.name, way, seed, budget, event["programs"], taken)
            if (code := child.wait()) not in (0, 1):
                told = f"{' '.join(command)} on {bug.bad} ended with exit code {code}"
                if code != 3:  # a fault of nnxfuzz, which went on
                    raise click.ClickException(told)
                click.echo(told, err=True)
    return Run(bug.name, way, seed, budget, None, None)


def _is(bug: Bug, event: dict[str, Any], folder: Path) -> bool:
    """Whether a saved finding is this bug: by its signature, and by where it shows."""
    told: dict[str, str] = event["signature"]
    around = "" if told.get("wrapper", "plain") == "plain" else f" in {told['wrapper']}"
    text = f"{told['kind']} {told['transform']} {told['mode']}{around}: {told['where']}"
    if not re.search(bug.signature, text):
        return False
    entry = folder / str(event["path"])  # gone if its shrunk form took its place already
    if not entry.exists():
        return False
    return all(gone(entry, flax) for flax in bug.gone) and not any(
        gone(entry, flax) for flax in bug.shows[1:]
    )


#: What the names of tests about loops, or of their classes, have in them.
_LOOPS = ("Scan", "scan", "Fori", "fori", "While", "while")


# --- Flax's own tests -----------------------------------------------------------------------


def own_tests(bug: Bug, repo: Path) -> str:
    """What the loop tests of the bad release say about it: `0 of 120 fail`."""
    where = f"v{bug.bad}:tests/nnx/transforms_test.py"
    text = subprocess.run(["git", "-C", repo, "show", where], capture_output=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "transforms_test.py"
        file.write_bytes(text.stdout)
        words = [part for name in _LOOPS for part in ("-k", name)]
        there = place(bug.bad)
        done = subprocess.run(
            [there.python, "-m", "unittest", *words, "transforms_test"],
            cwd=folder,
            capture_output=True,
            text=True,
            env=elsewhere.environ(there, environments.default_cache()),
        )
    ran = re.search(r"Ran (\d+) tests?", done.stderr)
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", done.stderr))
    return f"{bad} of {ran[1]} fail" if ran else "do not run"


# --- the table ------------------------------------------------------------------------------


def cells(runs: list[Run]) -> str:
    """How many of the searches found it; programs and seconds, median and range."""
    found = [run for run in runs if run.programs is not None and run.seconds is not None]
    if not found:
        return f"0 of {len(runs)} | | "
    programs, times = [r.programs or 0 for r in found], [r.seconds or 0.0 for r in found]
    return (
        f"{len(found)} of {len(runs)} "
        f"| {statistics.median(programs):g} ({min(programs)}-{max(programs)}) "
        f"| {statistics.median(times):.0f} ({min(times):.0f}-{max(times):.0f})"
    )


def table(runs: list[Run], tests: dict[str, str], budget: int) -> str:
    """The page."""
    lines = [
        "# How soon known bugs are found",
        "",
        f"Made by `benchmarks/rediscovery.py` on {date.today()}; up to {budget} programs a search,",
        "one worker, no corpus; programs and seconds to the first finding: median (range) of the",
        "searches that found it.  Seconds count from the start of the process.",
        "",
        "| bug | bad (jax) | good | search | found | programs | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for bug in BUGS:
        jax = release(bug.bad).jax
        for way in WAYS:
            own = [run for run in runs if (run.bug, run.way) == (bug.name, way)]
            if own:
                told = f"| {bug.name} | {bug.bad} ({jax}) | {bug.gone[0]} | {way} | {cells(own)} |"
                lines.append(told)
    if tests:
        lines += ["", "Flax's own loop tests, those of the bad release on it:", ""]
        lines += [f"- {name}: {told}" for name, told in tests.items()]
    return "\n".join(lines) + "\n"


class Document(msgspec.Struct):
    """What OUT.json holds."""

    runs: list[Run] = []
    tests: dict[str, str] = {}


@click.command()
@click.option("--seeds", default=10, show_default=True, help="Seeds for each bug.")
@click.option("--programs", default=1000, show_default=True, help="Programs a search.")
@click.option("--workers", default=1, show_default=True, help="Searches at a time.")
@click.option("--only", default="", help="Only bugs whose name matches.")
@click.option("--scripts", is_flag=True, help="Run the scripts alone; exit code 1 if one is off.")
@click.option("--flax-repo", type=click.Path(path_type=Path), help="For Flax's own tests.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("rediscovery"))
def main(
    seeds: int,
    programs: int,
    workers: int,
    only: str,
    scripts: bool,
    flax_repo: Path | None,
    out: Path,
) -> None:
    """Search, and write OUT.json and OUT.md."""
    file = out.with_suffix(".json")
    kept = msgspec.json.decode(file.read_bytes(), type=Document) if file.exists() else Document()
    bugs = [bug for bug in BUGS if re.search(only, bug.name)]
    if scripts:
        off = {bug.name: found for bug in bugs if (found := misplaced(bug))}
        click.echo("\n".join(f"{name}: not so on {', '.join(x)}" for name, x in off.items()))
        raise SystemExit(bool(off))
    there = {(run.bug, run.way, run.seed) for run in kept.runs}
    asked = [(bug, way, seed) for way in WAYS for seed in range(seeds) for bug in bugs]
    missing = [each for each in asked if (each[0].name, *each[1:]) not in there]

    def write() -> None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
        out.with_suffix(".md").write_text(table(kept.runs, kept.tests, programs))

    with ThreadPoolExecutor(workers) as pool:
        for run in pool.map(lambda each: search(each[0], each[1], each[2], programs), missing):
            kept.runs.append(run)
            write()
            click.echo(f"{run.bug}, {run.way}, seed {run.seed}: {run.programs} programs")
    for bug in bugs if flax_repo is not None else ():
        assert flax_repo is not None
        kept.tests[bug.name] = own_tests(bug, flax_repo)
        write()


if __name__ == "__main__":
    main()
