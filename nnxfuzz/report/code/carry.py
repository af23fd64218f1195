"""The carry in a body's source: taken apart into named places, and put together again."""

from collections.abc import Callable

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import entries_of
from nnxfuzz.programs.text import bare, joined
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.names import Names, container_code, is_prefix, row_at, step_code
from nnxfuzz.report.code.rows import places, statements


class CarryCode:
    """Writes the carry of one case."""

    def __init__(self, case: c.Case, names: Names) -> None:
        self.case = case
        self.names = names

    def pattern(self, source: str) -> tuple[str, Lines]:
        """What to unpack the carry into, and lines for the dicts, which have no pattern.

        A pattern that is `source` itself needs no unpacking.
        """
        lines: Lines = []
        text = self._pattern(0, ("carry",), source, lines)
        return text, lines

    def _pattern(self, row: int, path: c.TreePath, source: str, lines: Lines) -> str:
        """The pattern of one row; appends to `lines` what has to be done after it."""
        slot = self.case.carry[row]
        name = self.names.slots.get(path)
        if name is not None:
            lines += [self._copied(p) for p in self.names.edited if is_prefix(path, p)]
            return "_" if isinstance(slot, c.NoneSlot) and not self._mentioned(path) else name
        match slot:
            case c.TupleSlot(items) | c.ListSlot(items):
                later: Lines = []
                parts = [
                    self._pattern(item, (*path, k), f"part{item}", later)
                    for k, item in enumerate(items)
                ]
                lines += later
                kind = "list" if isinstance(slot, c.ListSlot) else "tuple"
                return joined(parts, kind) if parts else "_"
            case c.DictSlot() | c.RecordSlot():
                for key, item in slot.items.items():
                    later = []
                    part = self._pattern(item, (*path, key), f"part{item}", later)
                    at = step_code(slot, key)
                    lines += [f"{bare(part)} = {source}{at}", *later] if part != "_" else []
                return source if slot.items else "_"
            case _:
                raise AssertionError(f"a leaf of the carry has no name: {path}")

    def _copied(self, path: c.TreePath) -> str:
        """A container of the carry as one that may be changed without changing the caller's."""
        row = row_at(self.case, path)
        slot = None if row is None else self.case.carry[row]
        place, kind = self.names.place(path), "dict" if isinstance(slot, c.DictSlot) else "list"
        return f"{place} = {kind}({place})  # a copy, to change it"

    def _mentioned(self, path: c.TreePath) -> bool:
        """Whether the body names the place at all (`None`s usually go unnamed)."""
        paths = [p for s in statements(self.case) for p in places(s)]
        return any(is_prefix(path, p) for p in paths)

    def rebuilt(self) -> str:
        """The carry, put together again."""
        return self._rebuilt(0, ("carry",))

    def _rebuilt(self, row: int, path: c.TreePath) -> str:
        slot: c.Slot = self.case.carry[row]
        name = self.names.slots.get(path)
        if name is not None:
            if isinstance(slot, c.NoneSlot) and not self._mentioned(path):
                return "None"
            listed = path in self.names.edited and isinstance(slot, c.TupleSlot)
            return f"tuple({name})" if listed else name
        parts = [self._rebuilt(item, (*path, step)) for step, item in entries_of(slot)]
        return container_code(self.case, slot, parts)

    def parameter(self) -> tuple[str, Lines]:
        """The name of a parameter for the carry, and the lines that take it apart."""
        pattern, lines = self.pattern("carry")
        if pattern == "_":
            return "_", []
        if pattern.isidentifier():
            return pattern, lines
        return "carry", [f"{bare(pattern)} = carry", *lines]

    def arrays(self) -> list[str]:
        """The names of what is no object: an inner function returns that and nothing else."""
        return [
            name
            for path, name in self.names.slots.items()
            if not isinstance(self.case.carry[self.names.rows[path]], OBJECTS)
        ]


def written(
    case: c.Case, leaf: Callable[[c.TreePath], str], row: int = 0, steps: c.TreePath = ()
) -> str:
    """A carry of the same containers, with `leaf` of its steps in the place of each slot."""
    slot = case.carry[row]
    match slot:
        case c.TupleSlot() | c.ListSlot() | c.DictSlot() | c.RecordSlot():
            parts = [written(case, leaf, i, (*steps, step)) for step, i in entries_of(slot)]
            return container_code(case, slot, parts)
        case c.NoneSlot():
            return "None"
        case _:
            return leaf(steps)


def is_object_slot(case: c.Case, steps: c.TreePath) -> bool:
    """Whether a node or Variable stands at these steps of the carry."""
    row = row_at(case, ("carry", *steps))
    return row is not None and isinstance(case.carry[row], c.NodeSlot | c.VariableSlot)


#: Slots of which nothing has to be returned: objects are changed in place.
OBJECTS = (c.NodeSlot, c.VariableSlot, c.NoneSlot)
