"""`nnxfuzz atlas`: what every transform does with every construct, in every mode."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnxfuzz.cli.common import check_writable, say, several_flax, write_out
from nnxfuzz.cli.installed import require_flax, require_page
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress

if TYPE_CHECKING:  # importing them would import jax
    from nnxfuzz.checker.atlas import Cell
    from nnxfuzz.releases.elsewhere import Installation
    from nnxfuzz.releases.targets import Target


@click.command(
    epilog="""\b
Examples:
  nnxfuzz atlas
  nnxfuzz atlas one-module-is-two-arguments
  nnxfuzz atlas --flax 0.12.12 --flax ../flax      what a change of Flax changes
  nnxfuzz atlas --flax '*' --page docs/atlas.md --html atlas.html
  nnxfuzz atlas --flax '*' --json > cells.jsonl
  nnxfuzz atlas --cells cells.jsonl --html atlas.html"""
)
@click.argument("names", nargs=-1, metavar="[CONSTRUCT]...")
@several_flax("may be repeated, and then the changes from one to the next are listed")
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the atlas there, in Markdown (default: none).",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write it as one page that can be searched and filtered, to a file or to - "
    "(default: none).",
)
@click.option(
    "--cells",
    "measured",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the cells from a file (default: run them), as --json writes it.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a cell, no table.")
def atlas(
    names: tuple[str, ...],
    words: tuple[str, ...],
    page: Path | None,
    html: Path | None,
    measured: Path | None,
    as_json: bool,
) -> int:
    """Say what each transform does with each construct.

    A construct is a small program.  Each cell is run, some minutes for all: a construct, by a way
    to call a transform, in a mode.

    \b
    =  as plain Python
    d  deviates from Python, as its record says
    r  refused for a documented reason
    W  differs from Python, and no documentation of Flax says so
    U  refused, and no documented reason holds
    E  fails with an error that is no refusal
    ?  inconclusive
    -  the release has no such transform, mode or object

    Exit code 0, or 2 if a construct is not known or a release cannot be had.
    """
    if measured is not None and (words or as_json):
        raise Misuse("--cells runs nothing; leave out --flax and --json")
    if html is not None:
        require_page()
    for file in filter(None, (page, html)):
        check_writable(file)
    require_flax()
    from nnxfuzz.checker.atlas import CONSTRUCTS

    for name in names:
        if name not in CONSTRUCTS:
            raise Misuse(f"there is no construct {name!r}; nnxfuzz atlas lists them all")
    asked = names or tuple(CONSTRUCTS)
    columns = _ran(asked, words, as_json) if measured is None else _read(measured, asked)
    _write(columns, page, html, quiet=as_json)
    return 0


def _write(
    columns: "Mapping[str, Sequence[Cell]]", page: Path | None, html: Path | None, quiet: bool
) -> None:
    from nnxfuzz.report.atlas import changes, markdown, table

    if page is not None:
        write_out(page, markdown(columns).encode(), told=True)
    if html is not None:
        from nnxfuzz.report.page.atlas import atlas_page

        write_out(html, atlas_page(columns).encode(), told=True)
    if page is None and html is None and not quiet:
        say("\n".join([*table(columns), *changes(columns)]))


def _read(path: Path, names: Sequence[str]) -> "dict[str, list[Cell]]":
    """The cells of these constructs in a file, by release.  Raises Misuse."""
    import msgspec

    from nnxfuzz import nnx_api
    from nnxfuzz.checker.atlas import Cell

    class Line(Cell, frozen=True):
        flax: str = nnx_api.FLAX  # what ran on the installed one names none

    columns: dict[str, list[Cell]] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            cell = msgspec.json.decode(line, type=Line)
            columns.setdefault(cell.flax, []).extend([cell] if cell.construct in names else [])
    except (OSError, ValueError) as error:
        raise Misuse(
            f"{path} holds no cells ({error}); make it with nnxfuzz atlas --json"
        ) from None
    if not any(columns.values()):
        raise Misuse(
            f"{path} holds no cells of these constructs; make it with nnxfuzz atlas --json"
        )
    return columns


def _ran(names: Sequence[str], words: Sequence[str], as_json: bool) -> "dict[str, list[Cell]]":
    """The cells of these constructs, by release."""
    columns: dict[str, list[Cell]] = {}
    asked = list(names)
    with Progress(f"runs {asked[0]}") as progress:
        for label, cells in _columns(asked, words, progress):
            columns[label] = []
            for cell in cells:
                columns[label].append(cell)
                at = asked.index(cell.construct) + 1
                progress.at(f"flax {label}: runs construct {at} of {len(asked)}, {cell.construct}")
                if as_json:
                    _write_json(cell, label if words else None)
    return columns


def _write_json(cell: "Cell", label: str | None) -> None:
    import msgspec

    where = {} if label is None else {"flax": label}
    say(msgspec.json.encode(where | msgspec.to_builtins(cell)).decode())


def _columns(
    names: Sequence[str], words: Sequence[str], progress: Progress
) -> Iterator[tuple[str, Iterator["Cell"]]]:
    """The cells of each release, by its label."""
    if not words:
        from nnxfuzz import nnx_api
        from nnxfuzz.checker.atlas import cells

        yield nnx_api.FLAX, cells(names)
        return
    from nnxfuzz.releases import environments
    from nnxfuzz.releases.elsewhere import prepare
    from nnxfuzz.releases.targets import targets

    cache = environments.default_cache()
    for target in targets(words, None):
        progress.at(f"flax {target.label}: its environment")
        yield target.label, _elsewhere(target, prepare(target, cache), names, cache)


def _elsewhere(
    target: "Target", place: "Installation", names: Sequence[str], cache: Path
) -> Iterator["Cell"]:
    """The cells there.  A child that dies takes one construct with it, by one way."""
    from nnxfuzz.checker.atlas import CONSTRUCTS, Cell
    from nnxfuzz.releases.matrix import ChildEnded, answers, check_ended

    left = [(name, way) for name in names for way in CONSTRUCTS[name].ways]
    while left:
        ended = ChildEnded(0, False, "")
        asked = dict.fromkeys(name for name, _ in left)
        for answer in answers(place, ("atlas", "--json", "--", *asked), Cell, cache):
            if isinstance(answer, ChildEnded):
                ended = answer
                continue
            at = answer.construct, answer.way
            if at in left:  # a row's cells come together
                del left[: left.index(at) + 1]
            yield answer
        check_ended(target, ended)
        if not ended.code:
            return
        if left:
            name, way = left[0]
            yield Cell(name, way, "graph", "internal error", ended.how)
            left = [pair for pair in left if pair[0] != name]
