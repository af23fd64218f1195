"""What the objects of a case are called in the source code that is written for people.

A name is short and says the kind: `m0` a module, `layers` a list, `linear` a layer, `v` a bare
Variable, `a`, `b` the arrays of the carry.  A number is added only where there is more than one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import assert_never

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import entries_of
from nnxfuzz.programs.text import joined
from nnxfuzz.report.code.layers import LAYERS
from nnxfuzz.report.code.reach import Shape, reach, shape_of
from nnxfuzz.report.code.rows import rebound, statements

CLASS_NAMES = ("Block", "Layer", "Cell", "Stage", "Unit")
LETTERS = "abcdefgh"
CONTAINERS = (c.TupleSlot, c.ListSlot, c.DictSlot)


def is_prefix(short: c.TreePath, path: c.TreePath) -> bool:
    """Whether `path` is `short` or lies below it."""
    return path[: len(short)] == short


def row_at(case: c.Case, path: c.TreePath) -> int | None:
    """The row of the carry's table at `path`, None if that is inside an object."""
    row: int | None = 0
    for step in path[1:]:
        row = None if row is None else dict(entries_of(case.carry[row])).get(step)
    return row


def opaque_containers(case: c.Case) -> set[c.TreePath]:
    """Containers of the carry that the body treats as objects: it moves them or drops from them."""
    named: list[c.TreePath] = []
    for statement in case.body:
        match statement:
            case c.Swap(at, other) | c.Bind(at, other):
                named += [at, other]
            case c.Make(at, _):
                named.append(at)
            case c.Drop(at):
                named += [at, at[:-1]]
            case _:
                pass
    return {path for path in named if _is_container(case, path)}


def edited_containers(case: c.Case, opaque: set[c.TreePath]) -> list[c.TreePath]:
    """Containers in which the body rebinds or drops entries by index; outer ones first."""
    places = [at for statement in statements(case) for at in rebound(statement)]
    changed = {at[:-1] for at in places if _is_container(case, at[:-1])}
    around = {path[:end] for path in changed for end in range(1, len(path) + 1)}
    inside = {path for path in around if any(is_prefix(o, path) for o in opaque)}
    return sorted(inside, key=lambda path: (len(path), [str(step) for step in path]))


def _is_container(case: c.Case, path: c.TreePath) -> bool:
    row = row_at(case, path) if path[:1] == ("carry",) else None
    return row is not None and isinstance(case.carry[row], CONTAINERS)


def leaves(case: c.Case, opaque: set[c.TreePath]) -> Iterator[tuple[c.TreePath, int]]:
    """The carry's places that get a name of their own, with their rows, in order."""
    stack: list[tuple[c.TreePath, int]] = [(("carry",), 0)]
    while stack:
        path, row = stack.pop()
        slot = case.carry[row]
        if path in opaque or not isinstance(slot, c.Container):
            yield path, row
        else:
            stack += [((*path, step), child) for step, child in reversed(entries_of(slot))]


class Names:
    """The names of one case."""

    def __init__(self, case: c.Case) -> None:
        self.case = case
        self.opaque = opaque_containers(case)
        self.edited = edited_containers(case, self.opaque)
        self.rows = dict(leaves(case, self.opaque))
        self.live = reach(case, self.roots())
        made = [reach(case, [what]) for what in made_in_the_body(case)]
        every = [self.live, *made]
        nodes = sorted({row for found in every for row in found.nodes})
        self.nodes = self._node_names(nodes)
        self.variables = self._variable_names()
        #: Attributes and items that close a cycle, so they are set after construction.
        self.closing = {edge for found in every for edge in found.back}
        self.classes, self.deferred = self._class_names(nodes)
        self._taken: Counter[str] = Counter()
        self.slots = self._slot_names()
        self.inputs = self._input_names()
        self.closure = self._closure_names()
        #: The names of what an inner function is given beside the carry, by place.
        self.arguments: dict[c.TreePath, str] = {}

    def roots(self) -> list[c.Attribute]:
        """What the carry, the closure and the inputs hold."""
        found: list[c.Attribute] = []
        for slot in (self.case.carry[row] for _, row in leaves(self.case, set())):
            match slot:
                case c.NodeSlot(node) | c.StateSlot(node):
                    found.append(c.OfNode(node))
                case c.VariableSlot(variable):
                    found.append(c.OfVariable(variable))
                case _:
                    pass
        return [*found, *self.case.closure, *(row.what for row in self.case.inputs)]

    def _node_names(self, rows: list[int]) -> dict[int, str]:
        stems: dict[str, list[int]] = {}
        for row in rows:
            stems.setdefault(stem_of(self.case.nodes[row]), []).append(row)
        return {row: name for stem, same in stems.items() for row, name in _numbered(stem, same)}

    def _variable_names(self) -> dict[int, str]:
        bare = {root.variable for root in self.roots() if isinstance(root, c.OfVariable)}
        shared = {row for row, uses in self.live.uses.items() if uses > 1}
        return dict(_numbered("v", sorted(bare | shared)))

    def _class_names(self, rows: list[int]) -> tuple[dict[Shape, str], dict[Shape, set[str]]]:
        """A class name per shape, and the attributes that are set after construction."""
        shapes: dict[Shape, str] = {}
        deferred: dict[Shape, set[str]] = {}
        for row in rows:
            node = self.case.nodes[row]
            if isinstance(node, c.Module):
                shape, spare = shape_of(node), f"Block{len(shapes)}"
                known = len(shapes) < len(CLASS_NAMES)
                shapes.setdefault(shape, CLASS_NAMES[len(shapes)] if known else spare)
                late = {str(key) for owner, key in self.closing if owner == row}
                # An attribute called `self` cannot be a parameter of `__init__`.
                deferred.setdefault(shape, {"self"} & set(shape)).update(late)
        return shapes, deferred

    def _closure_names(self) -> list[str]:
        """Names of the closure's objects: not those that the body binds locally."""
        names = [self._object_name(held) for held in self.case.closure]
        local = {*self.slots.values(), *self.inputs}
        return [("outer_" if name in local else "") + name for name in names]

    def _object_name(self, held: c.OfNode | c.OfVariable) -> str:
        if isinstance(held, c.OfNode):
            return self.nodes[held.node]
        return self.variables[held.variable]

    def _slot_names(self) -> dict[c.TreePath, str]:
        return _lettered({p: self._free(self._stem(p, row)) for p, row in self.rows.items()})

    def _input_names(self) -> list[str]:
        """The names of the inputs in the body; an object's is its name outside of it too."""
        arrays = [k for k, row in enumerate(self.case.inputs) if isinstance(row.what, c.OfArray)]
        slices = dict(_numbered("x", arrays))
        return [
            slices[k]
            if isinstance(row.what, c.OfArray)
            else self._free(self._object_name(row.what))
            for k, row in enumerate(self.case.inputs)
        ]

    def _free(self, stem: str) -> str:
        """The stem, or if it is taken the stem with an addition."""
        self._taken[stem] += 1
        taken = self._taken[stem]
        return stem + ("" if taken == 1 else "_again" + str(taken - 1) * (taken > 2))

    def _stem(self, path: c.TreePath, row: int) -> str:
        slot = self.case.carry[row]
        match slot:
            case c.NodeSlot(node):
                return self.nodes[node]
            case c.VariableSlot(variable):
                return self.variables[variable]
            case c.ArraySlot() | c.ScalarSlot():
                return f"?{row}"
            case c.StateSlot(node):
                return f"state_of_{self.nodes[node]}"
            case c.NoneSlot():
                return f"nothing{row}"
            case c.TupleSlot() | c.ListSlot() | c.DictSlot() | c.RecordSlot():
                return "carry" if path == ("carry",) else f"part{row}"
            case other:
                assert_never(other)

    def place(self, path: c.TreePath) -> str:
        """The place at `path` as the body, or the inner function being written, has it."""
        for given, name in self.arguments.items():
            if is_prefix(given, path):
                return name + spelled(self.case, None, path[len(given) :])
        if path[0] == "closure":
            return self.closure[int(path[1])] + spelled(self.case, None, path[2:])
        if path[0] == "inputs":
            return self.inputs[int(path[1])] + spelled(self.case, None, path[2:])
        holder = next(p for p in self.slots if is_prefix(p, path))
        return self.slots[holder] + spelled(self.case, self.rows[holder], path[len(holder) :])

    def argument(self, path: c.TreePath) -> str:
        """What an inner function calls the argument that is the place at `path`: as the body does,
        but for what is an attribute there.
        """
        place = self.place(path)
        name = "_".join(re.findall(r"\w+", place))
        return name if name == place else f"the_{name}"


def stem_of(node: c.Node) -> str:
    """What a node is called after."""
    match node:
        case c.Module():
            return "m"
        case c.Sequence():
            return "layers"
        case c.Mapping():
            return "named"
        case c.Linear():
            return "linear"
        case c.Layer(kind):
            return LAYERS[kind].stem
        case c.Streams():
            return "rngs"
        case c.Optimizer():
            return "optimizer"
        case other:
            assert_never(other)


def made_in_the_body(case: c.Case) -> list[c.Attribute]:
    """What the body makes anew, to put it somewhere or to emit it."""
    made = [s.what for s in case.body if isinstance(s, c.Make)]
    emitted = [y.value for y in case.ys if isinstance(y.value, c.OfNode | c.OfVariable)]
    return [*made, *emitted]


def spelled(case: c.Case, row: int | None, steps: c.TreePath) -> str:
    """Steps from a row of the carry (None: from an object) as Python writes them."""
    text = ""
    for step in steps:
        slot = None if row is None else case.carry[row]
        text += step_code(slot, step)
        if slot is not None and not isinstance(slot, c.StateSlot):
            row = dict(entries_of(slot)).get(step)
    return text


def step_code(slot: c.Slot | None, step: str | int) -> str:
    """One step below a slot of the carry (None: below an object) as Python writes it."""
    if isinstance(step, int):
        return f"[{step}]"
    return f'["{step}"]' if isinstance(slot, c.DictSlot | c.StateSlot) else f".{step}"


def container_code(case: c.Case, slot: c.Slot, parts: list[str]) -> str:
    """A container of the carry that has these expressions as its entries."""
    match slot:
        case c.DictSlot(named):
            pairs = zip(named, parts, strict=True)
            return "{" + ", ".join(f'"{name}": {part}' for name, part in pairs) + "}"
        case c.RecordSlot(named):
            pairs = zip(named, parts, strict=True)
            fields = ", ".join(f"{name}={part}" for name, part in pairs)
            return f"{record_name(case, slot)}({fields})"
        case c.TupleSlot() | c.ListSlot():
            return joined(parts, "list" if isinstance(slot, c.ListSlot) else "tuple")
        case _:
            raise AssertionError(f"no container: {slot}")


def record_name(case: c.Case, slot: c.RecordSlot) -> str:
    """The class of a record: one for each kind and its names."""
    same = [
        row
        for row, other in enumerate(case.carry)
        if isinstance(other, c.RecordSlot)
        and (other.kind, list(other.items)) == (slot.kind, list(slot.items))
    ]
    return f"Record{same[0]}"


def _numbered(stem: str, rows: list[int]) -> list[tuple[int, str]]:
    """`stem` alone for a single row, else `stem0`, `stem1`, ..."""
    if len(rows) == 1:
        return [(rows[0], stem)]
    return [(row, f"{stem}{k}") for k, row in enumerate(rows)]


def _lettered(names: dict[c.TreePath, str]) -> dict[c.TreePath, str]:
    """The names, with a letter for each array (`?`): a, b, ..., h, a1, b1, ..."""
    arrays = [path for path, name in names.items() if name.startswith("?")]
    letters = {
        path: LETTERS[k % len(LETTERS)] + str(k // len(LETTERS) or "")
        for k, path in enumerate(arrays)
    }
    return {path: letters.get(path, name) for path, name in names.items()}
