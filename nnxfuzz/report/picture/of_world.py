"""A world, what a run left behind, as a picture: one box for each object by identity.

The Variables that nothing reaches any more, which a world lists under `held`, get a root of their
own.
"""

import numpy as np

from nnxfuzz.oracle.verdict import Entry, World
from nnxfuzz.programs.case import TreePath
from nnxfuzz.report.picture.model import Kind, Marks, Picture, Row, Sheet, split
from nnxfuzz.report.picture.naming import Naming
from nnxfuzz.report.show import ENTRIES

#: What a root of a world is for a reader.
ROOTS = {"caller": "caller", "held": "held elsewhere"}


def of_world(world: World, title: str, naming: Naming, marks: Marks) -> Picture:
    """The picture; where a path of `marks` has nothing, its holder says so."""
    return _Drawer(world, naming, marks).picture(title)


class _Drawer:
    def __init__(self, world: World, naming: Naming, marks: Marks) -> None:
        self.world, self.naming, self.marks = world, naming, marks
        self.sheet = Sheet()
        self._met: dict[str, int] = {}
        self._below: dict[TreePath, list[TreePath]] = {}
        for path in [*world, *(path for path in marks if path not in world)]:
            self._below.setdefault(path[:-1], []).append(path)

    def picture(self, title: str) -> Picture:
        for (root,) in self._below.get((), []):
            self._root(str(root))
        self._held()
        return self.sheet.picture(title)

    def _root(self, root: str) -> None:
        path, entry = (root,), self.world.get((root,))
        name = ROOTS.get(root, root)
        if entry is not None and entry.role == "container":
            below = self._below.get(path, [])
            if below or root in ("caller", "result"):
                box = self.sheet.enter("root", name, f"{entry.kind} {_counted(entry)}")
                self.sheet.mark(box, self.marks.get(path, ()))
                self.sheet.fill(box, [self._row(each, entry) for each in below])
        else:
            box = self.sheet.enter("root", name)
            self.sheet.fill(box, [self._row(path, None)])

    def _held(self) -> None:
        """The Variables that are reached from nowhere else; the others have their marks."""
        lost = []
        for path in self._below.get(("held",), []):
            entry = self.world.get(path)
            known = None if entry is None else self._met.get(str(entry.identity))
            if known is None:
                lost.append(path)
            else:
                self.sheet.mark(known, split(self.marks.get(path, ()))[1])
        if lost:
            box = self.sheet.enter("root", ROOTS["held"])
            self.sheet.fill(box, [self._row(path, None, name="") for path in lost])

    def _row(self, path: TreePath, holder: Entry | None, name: str | None = None) -> Row:
        label = _label(path, holder) if name is None else name
        entry = self.world.get(path)
        marks = self.marks.get(path, ())
        if entry is None:
            return Row(label, "nothing", marks=marks)
        if entry.role in ("array", "static"):
            return Row(label, _text(entry), marks=marks)
        place, there = split(marks)
        box = self._box(path, entry)
        self.sheet.mark(box, there)
        return Row(label, target=box, marks=place)

    def _box(self, path: TreePath, entry: Entry) -> int:
        if entry.identity is None:
            box = self.sheet.enter("container", f"{entry.kind} {_counted(entry)}")
        elif entry.identity in self._met:
            return self._met[entry.identity]
        else:
            kind: Kind = "variable" if entry.role == "variable" else "node"
            title = self.naming.title(entry.identity, entry.kind)
            box = self._met[entry.identity] = self.sheet.enter(kind, title, self._note(path, entry))
        self.sheet.fill(box, [self._row(each, entry) for each in self._below.get(path, [])])
        return box

    def _note(self, path: TreePath, entry: Entry) -> str:
        if entry.role != "variable":
            return "left in a trace" if entry.tracer else ""
        told = [_text(entry)] if entry.array is not None or entry.tracer else []
        told += [entry.detail] if "metadata" in self.marks.get(path, ()) else []
        return ", ".join(told)


def _label(path: TreePath, holder: Entry | None) -> str:
    """What the last step of a path is called in its holder."""
    if len(path) == 1:
        return ""
    step = path[-1]
    if isinstance(step, int):
        return f"[{step}]"
    return f'["{step}"]' if holder is not None and holder.kind in ("dict", "State") else step


def _counted(entry: Entry) -> str:
    return entry.detail if entry.kind in ("tuple", "list") else ""


def _text(entry: Entry) -> str:
    """An array or a static attribute in one line."""
    if entry.tracer:
        return "a leaked tracer"
    if entry.array is None:
        return f"{entry.detail} (static)" if entry.detail != "None" else "None"
    shape = ", ".join(map(str, entry.array.shape))
    return f"{entry.array.dtype}[{shape}] {_numbers(entry.array)}"


def _numbers(array: np.ndarray) -> str:
    flat = array.reshape(-1)
    shown = [_number(value) for value in flat[:ENTRIES].tolist()]
    return " ".join([*shown, *(["..."] if flat.size > ENTRIES else [])]) or "empty"


def _number(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
