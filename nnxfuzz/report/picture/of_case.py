"""The objects of a program before it runs, as a picture; nothing is built, no Flax is needed."""

import re
from collections.abc import Sequence
from typing import assert_never

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import entries_of
from nnxfuzz.report.code import Code
from nnxfuzz.report.code.names import step_code
from nnxfuzz.report.picture.model import Kind, Marks, Picture, Row, Sheet, split
from nnxfuzz.report.picture.naming import Naming
from nnxfuzz.report.show import array_text, axis_text, container_text, described, variable_text


def of_case(
    case: c.Case,
    arm: c.Arm,
    title: str,
    naming: Naming | None = None,
    marks: Marks | None = None,
) -> Picture:
    """The picture; `naming` learns the numbers of the objects, for pictures of what came after."""
    drawer = _Drawer(case, arm, Naming() if naming is None else naming, marks or {})
    return drawer.picture(title)


def of_calls(program: CallProgram, title: str) -> Picture:
    """The picture of the objects that a call program is given, by their names."""
    held = tuple(o for o in program.objects.values() if isinstance(o, c.OfVariable | c.OfNode))
    case = c.Case(variables=program.variables, nodes=program.nodes, closure=held)
    drawer = _Drawer(case, c.Arm(), Naming(), {})
    box = drawer.sheet.enter("root", "objects")
    rows = [drawer.row(name, ("objects", name), what) for name, what in program.objects.items()]
    drawer.sheet.fill(box, rows)
    return drawer.sheet.picture(title)


class _Drawer:
    def __init__(self, case: c.Case, arm: c.Arm, naming: Naming, marks: Marks) -> None:
        names = Code(case, arm).names
        self.case, self.naming, self.marks = case, naming, marks
        self.classes, self.outer, self.inner = names.classes, names.closure, names.inputs
        self.sheet = Sheet()
        self._met: dict[tuple[str, int], int] = {}

    def picture(self, title: str) -> Picture:
        carry = self.sheet.enter("root", "carry", self._container(0))
        if self._container(0):
            self.sheet.fill(carry, self._items(("caller",), 0))
        else:
            self.sheet.fill(carry, [self._slot("", ("caller",), 0)])
        self._inputs()
        self._closure()
        return self.sheet.picture(title)

    def _inputs(self) -> None:
        if self.case.inputs:
            box = self.sheet.enter("root", "inputs")
            labels = [
                f"{name}, {axis_text(row)}"
                for name, row in zip(self.inner, self.case.inputs, strict=True)
            ]
            held = [row.what for row in self.case.inputs]
            self.sheet.fill(box, self._rows(("inputs",), list(zip(labels, held, strict=True))))

    def _closure(self) -> None:
        if self.case.closure:
            box = self.sheet.enter("root", "closure")
            held = list(zip(self.outer, self.case.closure, strict=True))
            self.sheet.fill(box, self._rows(("closure",), held))

    # --- the carry --------------------------------------------------------------------------

    def _container(self, row: int) -> str:
        """What a slot with slots below it is; empty for any other."""
        slot = self.case.carry[row]
        return container_text(slot) if isinstance(slot, c.Container) else ""

    def _items(self, path: c.TreePath, row: int) -> list[Row]:
        slot = self.case.carry[row]
        return [
            self._slot(step_code(slot, step).removeprefix("."), (*path, step), item)
            for step, item in entries_of(slot)
        ]

    def _slot(self, name: str, path: c.TreePath, row: int) -> Row:
        match self.case.carry[row]:
            case c.TupleSlot() | c.ListSlot() | c.DictSlot() | c.RecordSlot():
                box = self.sheet.enter("container", self._container(row))
                self.sheet.fill(box, self._items(path, row))
                return self._arrow(name, path, box)
            case c.NodeSlot(node):
                return self.row(name, path, c.OfNode(node))
            case c.StateSlot(node):
                box = self.sheet.enter("container", "nnx.State")
                self.sheet.fill(box, [self.row("of", path, c.OfNode(node))])
                return self._arrow(name, path, box)
            case c.VariableSlot(variable):
                return self.row(name, path, c.OfVariable(variable))
            case c.ArraySlot(array):
                return self._inline(name, path, array_text(array))
            case c.ScalarSlot(value):
                return self._inline(name, path, f"{value!r} (a Python {type(value).__name__})")
            case c.NoneSlot():
                return self._inline(name, path, "None")
            case other:
                assert_never(other)

    # --- objects ----------------------------------------------------------------------------

    def _rows(self, path: c.TreePath, held: Sequence[tuple[str, c.Attribute]]) -> list[Row]:
        """The rows of what stands below `path`, below a root or in a list by their positions."""
        by_position = len(path) == 1 or (held[:1] and held[0][0].startswith("["))
        steps = range(len(held)) if by_position else [_step(name) for name, _ in held]
        return [
            self.row(name, (*path, step), what)
            for step, (name, what) in zip(steps, held, strict=True)
        ]

    def row(self, name: str, path: c.TreePath, held: c.Attribute) -> Row:
        match held:
            case c.OfVariable(row):
                kind, _, text = variable_text(self.case.variables[row]).partition(" ")
                return self._arrow(name, path, self._object("variable", row, path, kind, text)[0])
            case c.OfNode(row):
                kind, below = described(self.case.nodes[row], self.classes)
                title, note = _parted(kind)
                box, new = self._object("node", row, path, title, note)
                if new:
                    self.sheet.fill(box, self._rows(path, below))
                return self._arrow(name, path, box)
            case c.OfArray(array, marked):
                text = f"{array_text(array)}{' (nnx.data)' if marked else ''}"
                return self._inline(name, path, text)
            case c.OfStatic(value, marked):
                text = f"{value!r} ({'nnx.static' if marked else 'static'})"
                return self._inline(name, path, text)
            case other:
                assert_never(other)

    def _object(
        self, kind: Kind, row: int, path: c.TreePath, title: str, note: str
    ) -> tuple[int, bool]:
        """The box of a row of a table, and whether it is new."""
        known = self._met.get((kind, row))
        if known is not None:
            return known, False
        number = self.naming.learn(path, title)
        box = self._met[kind, row] = self.sheet.enter(kind, f"#{number} {title}", note)
        return box, True

    def _arrow(self, name: str, path: c.TreePath, box: int) -> Row:
        place, there = split(self.marks.get(path, ()))
        self.sheet.mark(box, there)
        return Row(name, target=box, marks=place)

    def _inline(self, name: str, path: c.TreePath, text: str) -> Row:
        return Row(name, text, marks=self.marks.get(path, ()))


def _parted(kind: str) -> tuple[str, str]:
    """The name of a class and its arguments: `nnx.Linear` and `(2, 3), seed 4`."""
    name = re.match(r"[\w.]*", kind)
    end = 0 if name is None else name.end()
    return kind[:end], kind[end:].removeprefix(", ")


def _step(name: str) -> str | int:
    """An attribute's name as a step of a world's path."""
    return int(name) if name.isdigit() else name
