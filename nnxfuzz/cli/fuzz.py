"""`nnxfuzz fuzz`: a campaign with a live report."""

import random
from pathlib import Path
from typing import Any

import click

from nnxfuzz import corpus
from nnxfuzz.case import MODES, TRANSFORMS
from nnxfuzz.cli.common import Duration, Several, require_flax


@click.command(
    epilog="""\b
Examples:
  nnxfuzz fuzz
  nnxfuzz fuzz --time 10m --transforms scan --modes graph,tree
  nnxfuzz fuzz --programs 1000 --seed 7 --json events.jsonl"""
)
@click.option("--time", "seconds", type=Duration(), help="Stop after this long (default 60s).")
@click.option("--programs", type=click.IntRange(min=1), help="Stop after so many programs.")
@click.option("--seed", type=click.IntRange(min=0), help="Draw the same programs again.")
@click.option(
    "--transforms", type=Several("transform", TRANSFORMS), default=TRANSFORMS, help="Which loops."
)
@click.option("--modes", type=Several("mode", MODES), default=MODES, help="Which modes.")
@click.option(
    "--finds",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("finds"),
    help="Folder for new findings (default: finds).",
)
@click.option(
    "--corpus",
    "corpus_folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("corpus"),
    help="Folder of known ones, which are stepped over (default: corpus).",
)
@click.option("--json", "events", type=click.Path(path_type=Path), help="Write events here.")
def fuzz(
    seconds: float | None,
    programs: int | None,
    seed: int | None,
    transforms: tuple[Any, ...],
    modes: tuple[Any, ...],
    finds: Path,
    corpus_folder: Path,
    events: Path | None,
) -> int:
    """Draw programs, run each on every arm, and save what breaks the promise.

    Ends by itself: after --time, after --programs, or after a minute.  Exit code 1 if something
    new was found.
    """
    require_flax()
    from nnxfuzz.campaign import Settings, run
    from nnxfuzz.cli.report import Report

    if seconds is None and programs is None:
        seconds = 60.0
    options = Settings(
        seed=random.SystemRandom().randrange(2**32) if seed is None else seed,
        seconds=seconds,
        programs=programs,
        transforms=transforms,
        modes=modes,
    )
    known = corpus.signatures(corpus_folder) | corpus.signatures(finds)
    with Report(events) as report:
        ended = run(options, finds, known, report.hear)
    return 1 if ended.findings else 0
