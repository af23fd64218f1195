"""A drawing as data: boxes with rows, and arrows from rows to boxes.

A box is one object, however many arrows lead to it; so sharing is what has several arrows, and a
cycle is drawn as one.  Whatever has no identity (arrays, static attributes) stands in a row of its
holder.  Where a box or a row differs from what it is compared with, `marks` names the aspects.
"""

from collections.abc import Iterator
from typing import Literal

from nnxfuzz.oracle.verdict import Difference
from nnxfuzz.programs.case import Data, TreePath

Kind = Literal["root", "container", "node", "variable"]

#: What differs, by path.
Marks = dict[TreePath, tuple[str, ...]]


class Row(Data, frozen=True):
    """A line of a box: a name, and a text or an arrow to the box number `target`."""

    name: str
    text: str = ""
    target: int | None = None
    marks: tuple[str, ...] = ()


class Box(Data, frozen=True):
    """An object, a container or a root; `note` says more of it than its title."""

    kind: Kind
    title: str
    note: str = ""
    rows: tuple[Row, ...] = ()
    marks: tuple[str, ...] = ()


class Picture(Data, frozen=True):
    """What is drawn, and what it is called."""

    title: str
    boxes: tuple[Box, ...]

    def arrows(self) -> Iterator[tuple[int, int, Row]]:
        """Each arrow: the box it leaves, the number of the row there, and the row."""
        for box, each in enumerate(self.boxes):
            for number, row in enumerate(each.rows):
                if row.target is not None:
                    yield box, number, row

    def shared(self) -> dict[int, int]:
        """The objects with more than one arrow, and how many."""
        counts: dict[int, int] = {}
        for _, _, row in self.arrows():
            if row.target is not None:
                counts[row.target] = counts.get(row.target, 0) + 1
        return {box: count for box, count in counts.items() if count > 1}


class Sheet:
    """Boxes while they are being put together: one is entered before what it holds (cycles)."""

    def __init__(self) -> None:
        self._boxes: list[Box] = []
        self._marks: dict[int, list[str]] = {}

    def enter(self, kind: Kind, title: str, note: str = "") -> int:
        """A new box without rows; its number."""
        self._boxes.append(Box(kind, title, note))
        return len(self._boxes) - 1

    def fill(self, box: int, rows: list[Row]) -> None:
        """Give the box its rows."""
        old = self._boxes[box]
        self._boxes[box] = Box(old.kind, old.title, old.note, tuple(rows))

    def mark(self, box: int, aspects: tuple[str, ...]) -> None:
        """Add to the marks of a box, which may stand at several paths."""
        self._marks.setdefault(box, []).extend(aspects)

    def picture(self, title: str) -> Picture:
        """The picture of all of it."""
        boxes = [
            Box(b.kind, b.title, b.note, b.rows, tuple(dict.fromkeys(self._marks.get(k, ()))))
            for k, b in enumerate(self._boxes)
        ]
        return Picture(title, tuple(boxes))


#: Aspects of the place and not of what stands there: the arrow or row is marked.
OF_THE_PLACE = ("missing", "extra", "identity")


def marks_of(differences: tuple[Difference, ...]) -> Marks:
    """The aspects that differ, by path."""
    found: dict[TreePath, list[str]] = {}
    for difference in differences:
        found.setdefault(difference.path, []).append(difference.aspect)
    return {path: tuple(aspects) for path, aspects in found.items()}


def split(aspects: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The aspects of the place, and those of the object that stands there."""
    place = tuple(a for a in aspects if a in OF_THE_PLACE)
    return place, tuple(a for a in aspects if a not in OF_THE_PLACE)
