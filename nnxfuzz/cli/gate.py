"""`nnxfuzz gate`: whether a change of Flax breaks what the release before it does right."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnxfuzz.cli.common import (
    FINDS,
    Duration,
    Whole,
    check_folder,
    check_writable,
    command_line,
    count_line,
    say,
    write_out,
)
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress

if TYPE_CHECKING:  # importing them would import numpy
    from nnxfuzz.releases.gate import Came, Compared
    from nnxfuzz.releases.targets import Target

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""\b
Examples:
  nnxfuzz gate --flax ../flax
  nnxfuzz gate --flax . --baseline 0.12.12 --time 10m --fail-fast
  nnxfuzz gate --flax . --junit-xml gate.xml --sarif gate.sarif --github"""
)
@click.option(
    "--flax",
    "change",
    required=True,
    metavar="FLAX",
    help="The change: a checkout of flax, a wheel or a release.",
)
@click.option(
    "--baseline",
    metavar="FLAX",
    help="What it is compared with (default: the release whose version the checkout carries).",
)
@click.option("--time", "seconds", type=Duration(), help="How long to fuzz (default: 5m).")
@click.option("--programs", type=Whole(1), help="How many programs to fuzz with (default: any).")
@click.option(
    "--min-programs",
    type=Whole(1),
    default=200,
    help="How many programs it takes to pass, if no fewer are asked for (default: 200).",
)
@click.option("--seed", type=Whole(0), help="Draw the same programs again (default: random).")
@click.option("--workers", type=Whole(1), help="Worker processes (default: one for each core).")
@click.option(
    "--finds",
    type=click.Path(path_type=Path, file_okay=False),
    default=FINDS,
    help="Folder for what is found; what it holds already is run too (default: finds).",
)
@click.option(
    "--corpus",
    "corpus_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of entries beside those that nnxfuzz comes with, or none (default: the folder "
    "corpus, if it holds entries).",
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first thing that the change breaks.")
@click.option("--max-findings", type=Whole(1), help="Stop at so many of them (default: never).")
@click.option("--junit-xml", type=_FILE, help="Write JUnit XML to this file (default: none).")
@click.option("--sarif", type=_FILE, help="Write SARIF 2.1.0 to this file (default: none).")
@click.option("--github", is_flag=True, help="Print an annotation of GitHub for each of them.")
def gate(change: str, baseline: str | None, corpus_folder: Path | None, **asked: Any) -> int:
    """Fail if a change of Flax breaks what its baseline does right.  One command for CI.

    Runs the corpus on the change, fuzzes it, and runs whatever fails there on the baseline.  Only
    what the baseline does right counts.  Each Flax runs in an environment of its own, which is
    made when it is first needed; how far it is goes to standard error.

    \b
    Exit code 0  the change breaks nothing that was found
              1  it breaks something: entries of the corpus, or finds
              2  misuse, an environment that cannot be made, a file that is no entry, or
                 it breaks nothing, but too few programs ran to say so (--min-programs)
              3  it breaks nothing, but nnxfuzz itself failed at some program
    """
    check_folder(asked["finds"])
    for file in filter(None, (asked["junit_xml"], asked["sarif"])):
        check_writable(file)
    from nnxfuzz.corpus import entries, shipped
    from nnxfuzz.releases import environments
    from nnxfuzz.releases.gate import Came, Gate

    files = entries.entries(
        [f for f in (*shipped.known(corpus_folder), asked["finds"]) if f.is_dir()]
    )
    for file in files:
        entries.load(file)  # what cannot be read is told before anything runs
    new, old = _targets(change, baseline)
    most = 1 if asked["fail_fast"] else asked["max_findings"]
    with Progress("makes the environments") as progress:
        both = Gate(new, old, environments.default_cache(), _hear, progress.at)
        ran = both.entries(files)
        left = None if most is None else most - sum(one.brought for one in ran)
        came = Came(tuple(ran), (), None)
        if left is None or left > 0:
            found, fuzzed = both.fuzz(_words(corpus_folder, asked), left)
            wanted = min(asked["min_programs"], asked["programs"] or asked["min_programs"])
            came = Came(tuple(ran), tuple(found), fuzzed, wanted)
    _show(came, new, old)
    _write(came, asked)
    if came.too_few:
        raise Misuse(came.too_few)
    return 1 if came.brought else 3 if came.fuzzed and came.fuzzed.faults else 0


def _targets(change: str, baseline: str | None) -> "tuple[Target, Target]":
    from nnxfuzz.releases.targets import targets

    new = _one("--flax", targets([change]))
    if baseline is None and new.base is None:
        raise Misuse(f"no release comes before {new.label}; name one with --baseline")
    old = _one("--baseline", targets([baseline or str(new.base)]))
    if old == new:
        raise Misuse(f"--flax and --baseline are both {new.label}; name another release")
    return new, old


def _one(option: str, found: "list[Target]") -> "Target":
    if len(found) > 1:
        labels = ", ".join(target.label for target in found)
        raise Misuse(f"{option} names {len(found)} releases; choose one of {labels}")
    return found[0]


def _words(corpus_folder: Path | None, asked: dict[str, Any]) -> list[str]:
    """The words of the search."""
    seconds = asked["seconds"] or (None if asked["programs"] else 300.0)
    words: list[str] = ["--no-resume", "--finds", str(asked["finds"])]
    if seconds is not None:
        words += ["--time", f"{seconds:g}s"]
    for name in ("programs", "seed", "workers"):
        if asked[name] is not None:
            words += [f"--{name}", str(asked[name])]
    return words if corpus_folder is None else [*words, "--corpus", str(corpus_folder)]


def _hear(text: str) -> None:
    click.echo(f"nnxfuzz: {text}", err=True)


# --- what is told ---------------------------------------------------------------------------


def _show(came: "Came", new: "Target", old: "Target") -> None:
    from nnxfuzz.corpus.outcomes import entries_text
    from nnxfuzz.releases.gate import outcomes

    say(f"{new.label} against flax {old.label}")
    ran = entries_text(len(came.entries)), count_line(outcomes(came))
    say(f"corpus: {': '.join(filter(None, ran))}")
    if came.fuzzed is not None:
        told = came.fuzzed
        say(f"fuzz: {told.programs} programs in {told.seconds:.0f}s, seed {told.seed}")
    for one, *more in came.causes:
        say(f"\n{click.style('broken by the change', fg='red')}: {one.seen}\n  {one.path}")
        say(f"  baseline: {one.told()}")
        say(f"  {command_line('show', one.path)}")
        for other in more:
            say(f"  like it: {other.seen}\n    {other.path}")
    left = [one for one in came.finds if not one.brought]
    _list("fails on the baseline, too", [one for one in left if one.seen])
    _list("did not show again", [one for one in left if not one.seen])
    _list("mended by the change", came.mended)
    if came.fuzzed is not None and came.fuzzed.faults:
        say(f"\nnnxfuzz itself failed at {came.fuzzed.faults} programs; see its notes in --finds")
    count = len(came.causes)
    things = "thing" if count == 1 else "things"
    breaks = f"{count} {things}" if count else "nothing"
    if not came.too_few:
        say(f"\nthe change breaks {breaks} that the baseline does right")


def _list(heading: str, ones: "list[Compared]") -> None:
    if ones:
        say("\n".join([f"\n{heading}:", *(f"  {one.path}" for one in ones)]))


def _write(came: "Came", asked: dict[str, Any]) -> None:
    from nnxfuzz.report import ci

    if asked["junit_xml"] is not None:
        write_out(asked["junit_xml"], ci.junit(came))
    if asked["sarif"] is not None:
        write_out(asked["sarif"], ci.sarif(came))
    if asked["github"]:
        say("\n".join(ci.github(came)), end=bool(came.brought))
