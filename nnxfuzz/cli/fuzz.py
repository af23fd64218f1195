"""`nnxfuzz fuzz`: a campaign with a live report."""

import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnxfuzz.cli.common import CORPUS, FINDS, Duration, Several, Whole
from nnxfuzz.cli.elsewhere import Elsewhere
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.errors import Misuse

if TYPE_CHECKING:  # importing it would import jax
    from nnxfuzz.campaign import Settings


@click.command(
    cls=Elsewhere,
    epilog="""\b
Examples:
  nnxfuzz fuzz
  nnxfuzz fuzz --time 10m --transforms scan --modes graph,tree
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
@click.option("--seed", type=Whole(0), help="Draw the same programs again (default: random).")
@click.option(
    "--transforms",
    type=Several("transform", "TRANSFORMS"),
    help="Which of fori_loop,while_loop,scan (default: all).",
)
@click.option(
    "--modes", type=Several("mode", "MODES"), help="Which of graph,gnu,tree (default: all)."
)
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
    default=CORPUS,
    help="Folder of known ones; it need not exist (default: corpus).",
)
@click.option(
    "--json",
    "events",
    type=click.Path(path_type=Path),
    help="Write events to this file, one JSON object a line; - is standard output (default: none).",
)
def fuzz(
    seconds: float | None,
    programs: int | None,
    seed: int | None,
    transforms: tuple[str, ...] | None,
    modes: tuple[str, ...] | None,
    finds: Path,
    corpus_folder: Path,
    events: Path | None,
) -> int:
    """Draw programs, run each on every arm, and save what breaks the promise.

    Ends by itself: after --time, after --programs, or after a minute.  Ctrl-C ends it early, with
    the same table.  Signatures that --corpus or --finds hold already are counted and stepped over.

    Exit code 1 if something new was found, 0 if not, however it ended.
    """
    require_flax()
    _check_folder(finds)
    from nnxfuzz import case, compat, corpus
    from nnxfuzz.campaign import Settings, run
    from nnxfuzz.cli.report import Report

    options = Settings(
        seed=random.SystemRandom().randrange(2**32) if seed is None else seed,
        seconds=60.0 if seconds is None and programs is None else seconds,
        programs=programs,
        transforms=_available("transform", transforms or case.TRANSFORMS, compat.transforms()),
        modes=_available("mode", modes or case.MODES, compat.modes()),
    )
    known = corpus.signatures(corpus_folder) | corpus.signatures(finds)
    again = _again(options, corpus_folder)
    with Report(events, again, finds) as report:
        ended = run(options, finds, known, report.hear)
    return 1 if ended.findings else 0


def _again(options: "Settings", corpus_folder: Path) -> list[object]:
    """The words of a command with these options.

    The budgets are those asked for and not those used: Hypothesis draws by them too.
    """
    from nnxfuzz import compat

    words: list[object] = ["fuzz", "--seed", options.seed]
    if options.seconds is not None:
        words += ["--time", f"{options.seconds:g}s"]
    if options.programs is not None:
        words += ["--programs", options.programs]
    if len(options.transforms) < len(compat.transforms()):
        words += ["--transforms", ",".join(options.transforms)]
    if len(options.modes) < len(compat.modes()):
        words += ["--modes", ",".join(options.modes)]
    return [*words, "--corpus", corpus_folder] if corpus_folder != CORPUS else words


def _available(what: str, asked: tuple[Any, ...], there: Any) -> tuple[Any, ...]:
    """Those asked for that the installed Flax has."""
    kept = tuple(name for name in asked if name in there)
    if not kept:
        from nnxfuzz import compat

        raise Misuse(
            f"flax {compat.FLAX} has no {what} {' or '.join(asked)}; choose from {', '.join(there)}"
        )
    return kept


def _check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written before anything is found, and leave no trace there."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"\0" * 4096)
            probe.flush()
    except OSError as error:
        raise Misuse(
            f"cannot save findings in {folder}: {error.strerror}; name another folder with --finds"
        ) from None
