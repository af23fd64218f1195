"""`nnxfuzz report`: findings for people who have not run nnxfuzz."""

from pathlib import Path

import click

from nnxfuzz.cli.common import check_writable, command_line, say, write_out
from nnxfuzz.cli.elsewhere import Elsewhere
from nnxfuzz.cli.installed import require_flax, require_page
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    cls=Elsewhere,
    epilog="""\b
Examples:
  nnxfuzz report corpus/some-entry.json > issue.md
  nnxfuzz report --html findings.html
  nnxfuzz report --html night.html finds
  nnxfuzz replay --flax '*' --json > releases.json
  nnxfuzz report --html findings.html --releases releases.json""",
)
@click.argument("path", type=click.Path(path_type=Path), required=False)
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
def report(path: Path | None, html: Path | None, seen: Path | None, run: bool) -> None:
    """Print an upstream issue, or write a page of findings.

    PATH is an entry: its text is printed as Markdown, in the form of Flax's bug template.  With
    --html it may be a folder, too (default: what `replay` runs), and a page is written with
    causes, drawings, programs, evidence and scripts.  The page is one file, opens from a disk and
    loads nothing.  A folder of finds has its campaigns on it.  A page needs nnxfuzz[report];
    without pygraphviz it has no drawings.
    """
    from nnxfuzz.corpus import shipped

    path = path or shipped.default()
    if html is None:
        if seen is not None:
            raise Misuse(f"--releases {seen} is for a page; name one with --html")
        _issue(path)
        return
    _check_holds_something(path)
    drawn = require_page()
    check_writable(html)
    require_flax()
    from nnxfuzz.report.page import Releases, page, releases
    from nnxfuzz.report.picture import NO_GRAPHVIZ

    found = Releases() if seen is None else releases(seen)
    with Progress("reads the entries") as progress:
        text = page(path, found, command_line, run, drawn, progress.at)
    write_out(html, text.encode(), told=True)
    _tell_unread(path)
    if not drawn:
        click.echo(f"nnxfuzz: the page has no drawings: {NO_GRAPHVIZ}", err=True)


def _tell_unread(path: Path) -> None:
    """Say which files of a folder the page has no more of than their names."""
    from nnxfuzz.corpus.entries import readable

    for error in readable([path])[1] if path.is_dir() else []:
        click.echo(f"nnxfuzz: not read: {error}", err=True)


def _check_holds_something(path: Path) -> None:
    """Raise Misuse for a folder with no entry and no campaign."""
    from nnxfuzz.campaign.state import FOLDER
    from nnxfuzz.corpus.entries import entries

    if path.is_dir() and not entries([path]) and not (path / FOLDER).is_dir():
        raise Misuse(f"{path} holds no entry and no campaign; name a file or another folder")


def _issue(path: Path) -> None:
    """Print the text of an upstream issue."""
    from nnxfuzz.corpus import entries as corpus
    from nnxfuzz.corpus.causes import causes
    from nnxfuzz.report.issue import issue_text

    if path.is_dir():
        raise Misuse(
            f"{path} is a folder; name one entry of it, "
            "or make a page of all with --html, as in --html findings.html"
        )
    entry = corpus.load(path)
    say(issue_text(entry, causes(path.parent).get(entry.cause or "")))
