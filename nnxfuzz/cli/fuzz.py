"""`nnxfuzz fuzz`: a campaign with a live report."""

import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnxfuzz.cli.common import (
    FINDS,
    Duration,
    Several,
    SeveralTransforms,
    Share,
    Whole,
    check_folder,
)
from nnxfuzz.cli.elsewhere import Elsewhere
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.cli.stopping import stopping
from nnxfuzz.programs.errors import Misuse, Unsaved

if TYPE_CHECKING:  # importing it would import jax
    from nnxfuzz.campaign import Settings


#: One batch of so many draws call programs.
CALLS_EACH = 2

#: Workers for each core, at most: more would do nothing but start.
_MOST = 8


@click.command(
    cls=Elsewhere,
    epilog="""\b
Examples:
  nnxfuzz fuzz
  nnxfuzz fuzz --time 10m --transforms scan --modes graph,tree
  nnxfuzz fuzz --forever --workers 8
  nnxfuzz fuzz --programs 1000 --seed 7 --json events.jsonl
  nnxfuzz fuzz --json - | jq -r 'select(.is == "finding").path'""",
)
@click.option(
    "--time",
    "seconds",
    type=Duration(),
    help="Stop after this long: 90, 60s, 5m, 1h30m (default: 60s, without --programs).",
)
@click.option("--programs", type=Whole(1), help="Stop after so many programs (default: any).")
@click.option("--forever", is_flag=True, help="Stop only when told to, by Ctrl-C or SIGTERM.")
@click.option("--workers", type=Whole(1), help="Worker processes (default: one for each core).")
@click.option(
    "--scheduler",
    metavar="URL",
    help="Run on the cluster of this dask scheduler, such as tcp://host:8786 (default: here).",
)
@click.option("--seed", type=Whole(0), help="Draw the same programs again (default: random).")
@click.option(
    "--resume/--no-resume",
    default=True,
    help="Go on where the last run on this folder left off, if it had the same settings, "
    "or draw from the beginning (default: go on).",
)
@click.option(
    "--transforms",
    type=SeveralTransforms("transform", "TRANSFORMS"),
    help="Which transforms, such as scan,vmap,grad (default: all).",
)
@click.option(
    "--modes",
    type=Several("mode", "MODES"),
    help="Which of graph,graph-frozen,tree (default: all).",
)
@click.option(
    "--xla-share",
    type=Share(),
    default="2%",
    help="The share of programs that XLA runs too, though tracing showed nothing (default: 2%).",
)
@click.option(
    "--case-timeout",
    type=Duration(),
    default="60s",
    help="A program that takes more processor time than this, or stands still for as long, is a "
    "finding: hang (default: 60s).",
)
@click.option(
    "--swarm/--no-swarm",
    default=True,
    help="Let each batch draw which features are on, or have all on (default: draw).",
)
@click.option(
    "--without",
    type=Several("part of programs", "CHOICES"),
    help="What programs are to do without, such as sharing,layers (default: nothing).",
)
@click.option("--coverage", is_flag=True, help="End with a table of features, and missing pairs.")
@click.option(
    "--finds",
    type=click.Path(path_type=Path, file_okay=False),
    default=FINDS,
    help="Folder for new findings, made if need be (default: finds).",
)
@click.option(
    "--corpus",
    "corpus_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of known ones beside those that nnxfuzz comes with (see nnxfuzz corpus), or none "
    "(default: the folder corpus, if it holds entries).",
)
@click.option(
    "--json",
    "events",
    type=click.Path(path_type=Path),
    help="Write events to this file, one JSON object a line; - is standard output (default: none).",
)
def fuzz(finds: Path, corpus_folder: Path | None, events: Path | None, **asked: Any) -> int:
    """Look for bugs: run random programs, and save what is wrong.

    Each program runs with every transform and mode that fits, and is compared with plain Python.

    Ends by itself: after --time, after --programs, or after a minute.  Ctrl-C ends it early, with
    the same table.  Bugs that are known already (see --corpus), or are in --finds, are counted and
    stepped over, if their range has the installed release.

    However it ends, even by SIGKILL, nothing found is lost, and the same command goes on from
    there.  Budgets are those of one run.  See docs/campaigns.md.

    Exit code 1 if something new was found, 0 if not, however it ended; 2 if no program was
    finished in time; 3 if nnxfuzz itself failed
    at some program, which it notes in --finds before it goes on.
    """
    if asked["forever"] and (asked["seconds"] is not None or asked["programs"] is not None):
        raise Misuse("--forever has no end; leave it out, or --time and --programs")
    began = time.monotonic()
    if "jax" not in sys.modules:
        click.echo("nnxfuzz: imports jax and flax", err=True)
        require_flax(_fork_workers)
    else:
        require_flax()
    check_folder(finds)
    from nnxfuzz.campaign import known_bugs, run
    from nnxfuzz.campaign.finds import HERE
    from nnxfuzz.cli.listen import Report
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.corpus import shipped
    from nnxfuzz.corpus.causes import all_causes

    folders = [*shipped.known(corpus_folder), finds]
    options = _settings(finds, asked)
    found, unread = corpus.readable(folders)
    causes = all_causes(folders)
    known = known_bugs(found, *HERE, causes)
    for error in unread:
        click.echo(f"nnxfuzz: its bug counts as new: {error}", err=True)
    again = _again(options, corpus_folder, asked)
    pool = _pool(options, asked)
    with Report(events, again, finds, causes, asked["coverage"]) as report, stopping() as stopped:
        try:
            ended = run(
                options, finds, known, report.on_event, pool, asked["resume"], stopped, began
            )
        except Misuse as error:
            raise Unsaved(str(error)) if report.found else error from None
    if not ended.programs and ended.reason == "budget" and not ended.findings:
        raise Misuse(
            "no program was finished, so nothing is known; give more time, as in --time 5m"
        )
    return 3 if ended.faults else 1 if ended.findings else 0


def _fork_workers() -> None:
    """Import what workers need, and have them forked from here."""
    from nnxfuzz.campaign import forkserver  # the package has all that workers need

    forkserver.start()


def _settings(finds: Path, asked: dict[str, Any]) -> "Settings":
    """The settings asked for; without a seed, that of the campaign that goes on, or a new one."""
    import msgspec

    from nnxfuzz import nnx_api
    from nnxfuzz.campaign import Settings
    from nnxfuzz.campaign.state import resumable
    from nnxfuzz.programs import case as case
    from nnxfuzz.runners.kinds import available
    from nnxfuzz.transforms import REGISTRY

    seconds, programs, seed = asked["seconds"], asked["programs"], asked["seed"]
    bounded = asked["forever"] or seconds is not None or programs is not None
    options = Settings(
        seed=random.SystemRandom().randrange(2**32) if seed is None else seed,
        seconds=seconds if bounded else 60.0,
        programs=programs,
        transforms=_available("transform", asked["transforms"] or tuple(REGISTRY), available()),
        modes=_available("mode", asked["modes"] or case.MODES, nnx_api.modes()),
        case_seconds=asked["case_timeout"],
        xla_share=asked["xla_share"],
        swarm=asked["swarm"],
        without=asked["without"] or (),
        calls_each=CALLS_EACH,
        boundary=not asked["without"],
    )
    before = resumable(finds, options) if seed is None and asked["resume"] else None
    return options if before is None else msgspec.structs.replace(options, seed=before)


def _pool(options: "Settings", asked: dict[str, Any]) -> Any:
    """Who does the work: processes here, or a cluster."""
    from nnxfuzz.campaign import cluster, workers

    if asked["scheduler"] is not None:
        if asked["workers"] is not None:
            raise Misuse("--workers is for this machine; leave it out with --scheduler")
        return cluster.pool(asked["scheduler"])
    cores = os.cpu_count() or 1
    count = asked["workers"] or cores
    if count > _MOST * cores:
        raise Misuse(
            f"{count} workers are too many for {cores} cores; give at most {_MOST * cores}, "
            "or use more machines with --scheduler"
        )
    return workers.here(count, options.patience)


def _again(options: "Settings", corpus_folder: Path | None, asked: dict[str, Any]) -> list[object]:
    """The words of a command with these options.

    The budgets are those asked for and not those used: Hypothesis draws by them too.
    """
    from nnxfuzz import nnx_api
    from nnxfuzz.runners.kinds import available

    words: list[object] = ["fuzz", "--seed", options.seed, "--no-resume"]
    if options.seconds is not None:
        words += ["--time", f"{options.seconds:.3f}".rstrip("0").rstrip(".") + "s"]
    if options.programs is not None:
        words += ["--programs", options.programs]
    if asked["forever"]:
        words += ["--forever"]
    if asked["workers"] is not None:
        words += ["--workers", asked["workers"]]
    if len(options.transforms) < len(available()):
        words += ["--transforms", ",".join(options.transforms)]
    if len(options.modes) < len(nnx_api.modes()):
        words += ["--modes", ",".join(options.modes)]
    if not options.swarm:
        words += ["--no-swarm"]
    if options.without:
        words += ["--without", ",".join(options.without)]
    return words if corpus_folder is None else [*words, "--corpus", corpus_folder]


def _available(what: str, asked: tuple[Any, ...], there: Any) -> tuple[Any, ...]:
    """Those asked for that the installed Flax has."""
    kept = tuple(name for name in asked if name in there)
    if not kept:
        from nnxfuzz import nnx_api

        choice = f"choose from {', '.join(there)}"
        raise Misuse(f"flax {nnx_api.FLAX} has no {what} {' or '.join(asked)}; {choice}")
    return kept
