"""Where the boxes and arrows of a picture go: Graphviz decides, from their sizes alone.

Boxes are measured here, in a font whose letters are all of one width, so a drawing looks the same
whatever fonts there are.  Graphviz gets numbers only, none of a picture's texts.
"""

import json
import subprocess
from typing import Any

from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.report.picture.model import Box, Picture, Row

#: Pixels: a letter's width at 12 px, the height of a line, the space around texts.
LETTER, LINE, PAD = 7.3, 20.0, 10.0

#: Letters of a line, before it is cut.
WIDEST = 46

#: Space around the whole.
MARGIN = 6.0

_INSTALL = "run pip install 'nnxfuzz[report]'"

#: Why there is no drawing where there is no Graphviz.
NO_GRAPHVIZ = f"a drawing needs Graphviz, as pygraphviz has it; {_INSTALL}"


class Line(Data, frozen=True):
    """A line of a box: what it shows, and whether something about it differs."""

    style: str
    text: str
    differs: bool = False


class Placed(Data, frozen=True):
    """A box and its lines, with its upper left corner."""

    box: Box
    lines: tuple[Line, ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return LINE * len(self.lines)


class Arrow(Data, frozen=True):
    """A curve as the data of an SVG path, from a dot at `start` to a head at its end."""

    path: str
    start: tuple[float, float]
    head: str
    differs: bool


class Layout(Data, frozen=True):
    """The whole drawing."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    arrows: tuple[Arrow, ...]


# --- boxes ----------------------------------------------------------------------------------


def lines_of(box: Box, arrows: int) -> list[Line]:
    """The lines of a box with so many arrows into it; each row has one of its own."""
    shared = f" (shared, {arrows} arrows)" if arrows > 1 else ""
    lines = [Line("title", box.title + shared)]
    lines += [Line("note", box.note)] if box.note else []
    lines += [Line("row", _row_text(row), bool(row.marks)) for row in box.rows]
    lines += [Line("mark", f"≠ {', '.join(box.marks)}", True)] if box.marks else []
    return lines


def _row_text(row: Row) -> str:
    differs = f" ≠ {', '.join(row.marks)}" if row.marks else ""
    text = "" if row.target is not None else row.text
    return f"{row.name}{': ' if row.name and text else ''}{text}{differs}"


def first_row(box: Box) -> int:
    """The number of the line that the first row has."""
    return 2 if box.note else 1


def cut(text: str) -> str:
    """The text as far as it is shown."""
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _widths(picture: Picture, lines: list[list[Line]]) -> list[float]:
    """The widths of the boxes; the roots, which stand in one column, have the same."""
    letters = [max(len(cut(line.text)) for line in each) for each in lines]
    widths = [round(count * LETTER + 2 * PAD + 8) for count in letters]
    roots = [box.kind == "root" for box in picture.boxes]
    widest = max((w for w, root in zip(widths, roots, strict=True) if root), default=0)
    return [widest if root else width for width, root in zip(widths, roots, strict=True)]


# --- Graphviz -------------------------------------------------------------------------------


def layout(picture: Picture) -> Layout:
    """The picture laid out.  Raises Misuse if there is no Graphviz."""
    shared = picture.shared()
    lines = [lines_of(box, shared.get(k, 0)) for k, box in enumerate(picture.boxes)]
    widths = _widths(picture, lines)
    found = _graphviz(_dot(picture, lines, widths))
    _, _, width, height = map(float, found["bb"].split(","))
    boxes = []
    for one in found.get("objects", ()):
        if "pos" not in one:  # the rank of the roots
            continue
        k, (x, y) = int(one["name"]), map(float, one["pos"].split(","))
        left, top = x - widths[k] / 2, height - y - LINE * len(lines[k]) / 2
        shown = (picture.boxes[k], tuple(lines[k]), _at(left), _at(top), widths[k])
        boxes.append(Placed(*shown))
    rows = [row for _, _, row in picture.arrows()]
    edges = [edge for edge in found.get("edges", ()) if "id" in edge]
    arrows = [_arrow(edge["pos"], height, rows[int(edge["id"])]) for edge in edges]
    return Layout(width + 2 * MARGIN, height + 2 * MARGIN, tuple(boxes), tuple(arrows))


def _dot(picture: Picture, lines: list[list[Line]], widths: list[float]) -> str:
    """The picture in Graphviz's language: tables of empty cells, one for each line."""
    text = [
        "digraph { rankdir=LR; ranksep=0.55; nodesep=0.25; node [shape=plain] edge [arrowsize=0.7]"
    ]
    for k, each in enumerate(lines):
        size = f'FIXEDSIZE="TRUE" WIDTH="{widths[k]:.0f}" HEIGHT="{LINE:.0f}"'
        cells = "".join(f'<TR><TD PORT="l{n}" {size}></TD></TR>' for n in range(len(each)))
        table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
        text.append(f"{k} [label=<{table}{cells}</TABLE>>]")
    roots = [str(k) for k, box in enumerate(picture.boxes) if box.kind == "root"]
    text.append(f"{{ rank=source; {' -> '.join(roots)} [style=invis] }}")
    for number, (box, row, held) in enumerate(picture.arrows()):
        line = row + first_row(picture.boxes[box])
        text.append(f"{box}:l{line}:e -> {held.target}:l0:w [id={number}]")
    return "\n".join([*text, "}"])


def _graphviz(dot: str) -> Any:
    try:
        import pygraphviz
    except ImportError:
        raise Misuse(NO_GRAPHVIZ) from None
    try:
        graph = pygraphviz.AGraph(dot)
        return json.loads(graph.draw(format="json", prog="dot"))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise Misuse(f"Graphviz does not run ({error}); {_INSTALL}") from None


def _arrow(spline: str, height: float, row: Row) -> Arrow:
    """An arrow from Graphviz's `e,x,y x,y x,y ...`: the tip, then the points of a curve."""
    tip, *points = ([float(n) for n in p.removeprefix("e,").split(",")] for p in spline.split())
    flipped = [(_at(x), _at(height - y)) for x, y in points]
    start, *rest = flipped
    path = f"M{start[0]},{start[1]} C" + " ".join(f"{x},{y}" for x, y in rest)
    end, point = flipped[-1], (_at(tip[0]), _at(height - tip[1]))
    return Arrow(path, start, _head(end, point), bool(row.marks))


def _head(end: tuple[float, float], tip: tuple[float, float]) -> str:
    """The triangle of an arrow from `end` to `tip`."""
    dx, dy = tip[0] - end[0], tip[1] - end[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-6)
    across = (-dy / length * 4, dx / length * 4)
    corners = [
        tip,
        (end[0] + across[0], end[1] + across[1]),
        (end[0] - across[0], end[1] - across[1]),
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _at(number: float) -> float:
    return round(number + MARGIN, 1)
