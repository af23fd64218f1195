"""`nnxfuzz replay`: corpus entries against the installed Flax."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnxfuzz.cli.common import CORPUS, count_line, say
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.errors import Misuse

if TYPE_CHECKING:  # importing it would import jax
    from nnxfuzz.replay import Replayed

_COLOURS = {
    "still fails": "yellow",
    "fixed": "green",
    "passes": "green",
    "not applicable": "cyan",
}


@click.command(
    epilog="""\b
Examples:
  nnxfuzz replay
  nnxfuzz replay corpus finds/some-entry.json
  nnxfuzz replay finds --json | jq -r 'select(.outcome == "fixed").path'"""
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Write one JSON object a line (path, outcome, detail) and nothing else.",
)
def replay(paths: tuple[Path, ...], as_json: bool) -> int:
    """Run entries against the installed Flax, and say what became of each.

    PATHS are files or folders (default: the folder corpus).

    \b
    still fails        as recorded for this release
    passes             as recorded for this release
    fixed              recorded as failing here, but it passes: record the release
    fails differently  another bug than the one recorded
    regressed          recorded as good here, but it fails as it once did
    not applicable     this release cannot run it
    unreadable         no entry, or not of a format that this nnxfuzz knows

    Exit code 0 if none is a finding, 1 if one fails differently or has regressed, 2 if a file
    cannot be read; the others are run all the same.
    """
    from nnxfuzz import corpus

    files = corpus.entries(paths or (CORPUS,))
    require_flax()
    import msgspec

    from nnxfuzz import compat
    from nnxfuzz.replay import FINDINGS

    if not as_json:
        say(f"flax {compat.FLAX}, jax {compat.JAX}")
    outcomes: Counter[str] = Counter()
    for file in files:
        result = _replayed(file)
        outcomes[result.outcome] += 1
        say(msgspec.json.encode(result).decode() if as_json else _lines(result))
    if not as_json:
        say(f"{len(files)} entries" + (": " if files else "") + count_line(outcomes.items()))
    if outcomes["unreadable"]:
        return 2
    return 1 if FINDINGS & outcomes.keys() else 0


def _replayed(file: Path) -> "Replayed":
    """What became of the file; what is wrong with it is no reason not to run the others."""
    from nnxfuzz.replay import Replayed
    from nnxfuzz.replay import replay as run

    try:
        return run(file)
    except Misuse as error:
        return Replayed(str(file), "unreadable", str(error))


def _lines(result: "Replayed") -> str:
    """The outcome first, in a column, since paths are long."""
    outcome = click.style(f"{result.outcome:<17}", fg=_COLOURS.get(result.outcome, "red"))
    detail = f"\n{'':<17}  {result.detail}" if result.detail else ""
    return f"{outcome}  {result.path}{detail}"
