"""How outcomes by entries and targets look on a terminal."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nnxfuzz.corpus.outcomes import SIGNS, Outcome

#: Names are not cut further than this.
SHORTEST = 12

WIDEST = 10_000

_COLOURS: dict[Outcome, str] = {
    "still fails": "yellow",
    "passes": "green",
    "fixed": "bold green",
    "fails differently": "bold red",
    "regressed": "bold red",
    "not applicable": "cyan",
    "unreadable": "bold red",
}


def table(
    paths: Sequence[Path], labels: Sequence[str], cells: Mapping[tuple[Path, int], Outcome]
) -> Table:
    """A row for each entry, a column for each target, by the number of its label."""
    heads = [downwards(label) for label in labels]
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("entry", no_wrap=True, overflow="ellipsis", vertical="bottom")
    for head in heads:
        grid.add_column(head, justify="right", no_wrap=True, min_width=2)
    for path in paths:
        marks = (cells.get((path, k)) for k in range(len(labels)))
        grid.add_row(Text(path.stem), *(_mark(outcome) for outcome in marks))
    return grid


def fitted(grid: Table, console: Console) -> Table:
    """The table with names cut, where it is for a terminal and that is too narrow for it."""
    if console.is_terminal:
        wanted = console.measure(grid, options=console.options.update(width=WIDEST)).maximum
        names = max((len(str(cell)) for cell in grid.columns[0].cells), default=0)
        grid.columns[0].max_width = max(SHORTEST, names - max(0, wanted - console.width))
    return grid


def downwards(label: str) -> str:
    """`0.12.8` in three lines without the points, so that many releases fit side by side."""
    return "\n".join(part for word in label.split() for part in _parts(word))


def _parts(word: str) -> list[str]:
    return word.split(".") if re.fullmatch(r"\d+\.\d+\.\d+", word) else [word]


def _mark(outcome: Outcome | None) -> Text:
    return Text(" ") if outcome is None else Text(SIGNS[outcome], _COLOURS[outcome])


def legend(outcomes: Sequence[Outcome]) -> str:
    """The signs of these outcomes, in the order of their table."""
    return "   ".join(f"{sign} {name}" for name, sign in SIGNS.items() if name in outcomes)


def rendered(grid: Table, console: Console) -> str:
    """The table as text, as wide as it is: lines may break, but no cell is left out."""
    console.width = WIDEST
    with console.capture() as captured:
        console.print(grid)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
