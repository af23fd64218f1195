"""How outcomes by entries and targets look on a terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nnxfuzz.outcomes import Outcome

#: A sign and a colour for each outcome.
SIGNS: dict[Outcome, tuple[str, str]] = {
    "still fails": ("F", "yellow"),
    "passes": (".", "green"),
    "fixed": ("+", "bold green"),
    "fails differently": ("?", "bold red"),
    "regressed": ("!", "bold red"),
    "not applicable": ("-", "cyan"),
    "unreadable": ("x", "bold red"),
}


def table(
    paths: Sequence[Path], labels: Sequence[str], cells: Mapping[tuple[Path, int], Outcome]
) -> Table:
    """A row for each entry, a column for each target, by the number of its label."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("entry", no_wrap=True, overflow="ellipsis", vertical="bottom")
    for label in labels:
        grid.add_column(downwards(label), justify="right", no_wrap=True, min_width=2)
    for path in paths:
        marks = (cells.get((path, k)) for k in range(len(labels)))
        grid.add_row(Text(path.stem), *(_mark(outcome) for outcome in marks))
    return grid


def downwards(label: str) -> str:
    """`0.12.8` in three short lines, so that many releases fit side by side."""
    return label.replace(".", ".\n", 2) if label[:1].isdigit() else label.replace(" ", "\n")


def _mark(outcome: Outcome | None) -> Text:
    return Text(" ") if outcome is None else Text(*SIGNS[outcome])


def legend(outcomes: Sequence[Outcome]) -> str:
    """The signs of these outcomes, in the order of the table above."""
    return "   ".join(f"{sign} {name}" for name, (sign, _) in SIGNS.items() if name in outcomes)


def rendered(grid: Table, console: Console) -> str:
    """The table as text; where nobody looks at a terminal, as wide as it wants to be."""
    width = console.width if console.is_terminal else 10_000
    with console.capture() as captured:
        console.print(grid, width=width)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
