"""`nnxfuzz report`: findings for people who have not run nnxfuzz."""

from pathlib import Path

import click

from nnxfuzz.cli.common import CORPUS, command_line, write_out
from nnxfuzz.cli.installed import require_flax
from nnxfuzz.errors import Misuse

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""\b
Examples:
  nnxfuzz report --html findings.html
  nnxfuzz report --html night.html finds
  nnxfuzz replay --flax '*' --json > releases.json
  nnxfuzz report --html findings.html --releases releases.json"""
)
@click.argument("path", type=click.Path(path_type=Path), default=CORPUS)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write one page with all entries of a folder, to a file or to - (default: none).",
)
@click.option(
    "--releases",
    "seen",
    type=_FILE,
    help="What a replay on other releases has printed as JSON, for a matrix (default: none).",
)
@click.option(
    "--run/--no-run",
    default=True,
    help="Run each case on the installed Flax, to draw what it leaves behind (the default).",
)
def report(path: Path, html: Path | None, seen: Path | None, run: bool) -> None:
    """Write a page of findings: their causes, drawings, programs, evidence and scripts.

    PATH is a folder of entries, or one of them (default: the folder corpus).  The page is one file,
    opens from a disk and loads nothing.  A folder of finds has its campaigns on it.  Drawings need
    nnxfuzz[report].
    """
    if html is None:
        raise Misuse("report writes a page; give it a file with --html, as in --html findings.html")
    require_flax()
    from nnxfuzz.page import Releases, page, releases

    found = Releases() if seen is None else releases(seen)
    write_out(html, page(path, found, command_line, run).encode())
