"""What the objects of a case are called in the source code that is written for people.

A name is short and says the kind: `m0` a module, `layers` a list, `linear` a layer, `v` a bare
Variable, `a`, `b` the arrays of the carry.  A number is added only where there is more than one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from nnxfuzz.case import (
    ArraySlot,
    Attribute,
    Bind,
    Case,
    DictSlot,
    Drop,
    Linear,
    ListSlot,
    Make,
    Module,
    Node,
    NodeSlot,
    NoneSlot,
    OfNode,
    OfVariable,
    Path,
    ScalarSlot,
    Sequence,
    Swap,
    TupleSlot,
    Update,
    VariableSlot,
)

CLASS_NAMES = ("Block", "Layer", "Cell", "Stage", "Unit")
LETTERS = "abcdefgh"
CONTAINERS = (TupleSlot, ListSlot, DictSlot)

#: The names of a Module's attributes: modules of equal shape share a class.
Shape = tuple[str, ...]


def shape_of(module: Module) -> Shape:
    """The shape of a module, in alphabetical order."""
    return tuple(sorted(module.attributes))


def held_by(node: Node) -> list[tuple[str | int, Attribute]]:
    """What a node holds, by attribute name or position (a Linear's own Variables are no rows)."""
    match node:
        case Module(attributes):
            return list(attributes.items())
        case Sequence(items):
            return list(enumerate(items))
        case Linear():
            return []
        case other:
            assert_never(other)


@dataclass
class Reach:
    """What is reached from some roots.

    `nodes` are in an order in which each comes after what it holds; `back` are the attributes
    for which that is impossible because they close a cycle.
    """

    nodes: list[int] = field(default_factory=list)
    uses: Counter[int] = field(default_factory=Counter)
    back: set[tuple[int, str | int]] = field(default_factory=set)
    met_again: set[int] = field(default_factory=set)

    def shares(self) -> bool:
        """Whether some node or Variable is reached in two ways."""
        return bool(self.met_again) or any(uses > 1 for uses in self.uses.values())


def reach(case: Case, roots: Iterable[Attribute]) -> Reach:
    """Everything below `roots`, depth first."""
    found = Reach()
    above: set[int] = set()

    def visit(held: Attribute) -> None:
        if isinstance(held, OfVariable):
            found.uses[held.variable] += 1
        if isinstance(held, OfNode) and (held.node in found.nodes or held.node in above):
            found.met_again.add(held.node)
        elif isinstance(held, OfNode):
            enter(held)

    def enter(held: OfNode) -> None:
        above.add(held.node)
        for key, below in held_by(case.nodes[held.node]):
            if isinstance(below, OfNode) and below.node in above:
                found.back.add((held.node, key))
            else:
                visit(below)
        above.remove(held.node)
        found.nodes.append(held.node)

    for root in roots:
        visit(root)
    return found


def is_prefix(short: Path, path: Path) -> bool:
    """Whether `path` is `short` or lies below it."""
    return path[: len(short)] == short


def row_at(case: Case, path: Path) -> int | None:
    """The row of the carry's table at `path`, None if that is inside an object."""
    row = 0
    for step in path[1:]:
        match case.carry[row]:
            case TupleSlot(items) | ListSlot(items) if isinstance(step, int) and step < len(items):
                row = items[step]
            case DictSlot(entries) if step in entries:
                row = entries[str(step)]
            case _:
                return None
    return row


def opaque_containers(case: Case) -> set[Path]:
    """Containers of the carry that the body treats as objects: it moves them or drops from them."""
    named: list[Path] = []
    for statement in case.body:
        match statement:
            case Swap(at, other) | Bind(at, other):
                named += [at, other]
            case Make(at, _):
                named.append(at)
            case Drop(at):
                named += [at, at[:-1]]
            case _:
                pass
    return {path for path in named if _is_container(case, path)}


def edited_containers(case: Case, opaque: set[Path]) -> list[Path]:
    """Containers in which the body rebinds or drops entries by index; outer ones first."""
    places: list[Path] = []
    for statement in case.body:
        match statement:
            case Swap(at, other):
                places += [at, other]
            case Update(at) | Bind(at) | Make(at) | Drop(at):
                places.append(at)
            case _:
                pass
    changed = {at[:-1] for at in places if _is_container(case, at[:-1])}
    around = {path[:end] for path in changed for end in range(1, len(path) + 1)}
    inside = {path for path in around if any(is_prefix(o, path) for o in opaque)}
    return sorted(inside, key=lambda path: (len(path), [str(step) for step in path]))


def _is_container(case: Case, path: Path) -> bool:
    row = row_at(case, path) if path[:1] == ("carry",) else None
    return row is not None and isinstance(case.carry[row], CONTAINERS)


def leaves(case: Case, opaque: set[Path]) -> Iterator[tuple[Path, int]]:
    """The carry's places that get a name of their own, with their rows, in order."""
    stack: list[tuple[Path, int]] = [(("carry",), 0)]
    while stack:
        path, row = stack.pop()
        slot = case.carry[row]
        below: list[tuple[str | int, int]] | None = None
        if path not in opaque:
            match slot:
                case TupleSlot(items) | ListSlot(items):
                    below = list(enumerate(items))
                case DictSlot(entries):
                    below = list(entries.items())
                case _:
                    pass
        if below is None:
            yield path, row
        else:
            stack += [((*path, step), child) for step, child in reversed(below)]


class Names:
    """The names of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.opaque = opaque_containers(case)
        self.edited = edited_containers(case, self.opaque)
        self.rows = dict(leaves(case, self.opaque))
        self.live = reach(case, self.roots())
        made = [reach(case, [s.what]) for s in case.body if isinstance(s, Make)]
        every = [self.live, *made]
        nodes = sorted({row for found in every for row in found.nodes})
        self.nodes = self._node_names(nodes)
        self.variables = self._variable_names()
        #: Attributes and items that close a cycle, so they are set after construction.
        self.closing = {edge for found in every for edge in found.back}
        self.classes, self.deferred = self._class_names(nodes)
        self.closure = self._closure_names()
        self.slots = self._slot_names()

    def roots(self) -> list[Attribute]:
        """What the carry and the closure hold."""
        found: list[Attribute] = []
        for slot in (self.case.carry[row] for _, row in leaves(self.case, set())):
            match slot:
                case NodeSlot(node):
                    found.append(OfNode(node))
                case VariableSlot(variable):
                    found.append(OfVariable(variable))
                case _:
                    pass
        return [*found, *self.case.closure]

    def _node_names(self, rows: list[int]) -> dict[int, str]:
        stems = {Module: "m", Sequence: "layers", Linear: "linear"}
        names: dict[int, str] = {}
        for kind, stem in stems.items():
            same = [row for row in rows if isinstance(self.case.nodes[row], kind)]
            names |= _numbered(stem, same)
        return names

    def _variable_names(self) -> dict[int, str]:
        bare = {root.variable for root in self.roots() if isinstance(root, OfVariable)}
        shared = {row for row, uses in self.live.uses.items() if uses > 1}
        return _numbered("v", sorted(bare | shared))

    def _class_names(self, rows: list[int]) -> tuple[dict[Shape, str], dict[Shape, set[str]]]:
        """A class name per shape, and the attributes that are set after construction."""
        shapes: dict[Shape, str] = {}
        deferred: dict[Shape, set[str]] = {}
        for row in rows:
            node = self.case.nodes[row]
            if isinstance(node, Module):
                shape, spare = shape_of(node), f"Block{len(shapes)}"
                known = len(shapes) < len(CLASS_NAMES)
                shapes.setdefault(shape, CLASS_NAMES[len(shapes)] if known else spare)
                late = {str(key) for owner, key in self.closing if owner == row}
                # An attribute called `self` cannot be a parameter of `__init__`.
                deferred.setdefault(shape, {"self"} & set(shape)).update(late)
        return shapes, deferred

    def _closure_names(self) -> list[str]:
        """Names of the closure's objects: not those of the carry, which the body binds locally."""
        slots = [self.case.carry[row] for row in self.rows.values()]
        carried = {s.node for s in slots if isinstance(s, NodeSlot)}
        bare = {s.variable for s in slots if isinstance(s, VariableSlot)}
        names: list[str] = []
        for held in self.case.closure:
            match held:
                case OfNode(row):
                    names.append(("outer_" if row in carried else "") + self.nodes[row])
                case OfVariable(row):
                    names.append(("outer_" if row in bare else "") + self.variables[row])
                case other:
                    assert_never(other)
        return names

    def _slot_names(self) -> dict[Path, str]:
        taken: Counter[str] = Counter()
        names: dict[Path, str] = {}
        for path, row in self.rows.items():
            stem = self._stem(path, row)
            taken[stem] += 1
            again = "" if taken[stem] == 1 else "_again" + str(taken[stem] - 1) * (taken[stem] > 2)
            names[path] = stem + again
        return _lettered(names)

    def _stem(self, path: Path, row: int) -> str:
        slot = self.case.carry[row]
        match slot:
            case NodeSlot(node):
                return self.nodes[node]
            case VariableSlot(variable):
                return self.variables[variable]
            case ArraySlot() | ScalarSlot():
                return f"?{row}"
            case NoneSlot():
                return f"nothing{row}"
            case TupleSlot() | ListSlot() | DictSlot():
                return "carry" if path == ("carry",) else f"part{row}"
            case other:
                assert_never(other)

    def place(self, path: Path) -> str:
        """The place at `path` as the body writes it."""
        if path[0] == "closure":
            return self.closure[int(path[1])] + spelled(self.case, None, path[2:])
        holder = next(p for p in self.slots if is_prefix(p, path))
        return self.slots[holder] + spelled(self.case, self.rows[holder], path[len(holder) :])


def spelled(case: Case, row: int | None, steps: Path) -> str:
    """Steps from a row of the carry (None: from an object) as Python writes them."""
    text = ""
    for step in steps:
        slot = None if row is None else case.carry[row]
        if isinstance(slot, DictSlot):
            text += f'["{step}"]'
            row = slot.items.get(str(step))
        elif isinstance(step, int):
            text += f"[{step}]"
            inside = isinstance(slot, TupleSlot | ListSlot) and step < len(slot.items)
            row = slot.items[step] if inside and isinstance(slot, TupleSlot | ListSlot) else None
        else:
            text += f".{step}"
            row = None
    return text


def _numbered(stem: str, rows: list[int]) -> dict[int, str]:
    """`stem` alone for a single row, else `stem0`, `stem1`, ..."""
    if len(rows) == 1:
        return {rows[0]: stem}
    return {row: f"{stem}{k}" for k, row in enumerate(rows)}


def _lettered(names: dict[Path, str]) -> dict[Path, str]:
    """The names, with a letter for each array (`?`): a, b, ..., h, a1, b1, ..."""
    arrays = [path for path, name in names.items() if name.startswith("?")]
    letters = {
        path: LETTERS[k % len(LETTERS)] + str(k // len(LETTERS) or "")
        for k, path in enumerate(arrays)
    }
    return {path: letters.get(path, name) for path, name in names.items()}
