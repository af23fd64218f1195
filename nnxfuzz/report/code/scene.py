"""What is known of a case without running it: which kind of thing stands where, dtype and shape.

The source needs it to write `v.value` for a Variable but `a` for an array, and to write a cast
only where one is needed.  A scene follows the body's statements through one trip; what it knows of
later trips is only as good as that.
"""

from dataclasses import dataclass, field
from typing import Literal, assert_never

import msgspec

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import entries_of, held_by, trips
from nnxfuzz.programs.case.places import Cut, Holder, attribute_thing, parameters, reached
from nnxfuzz.report.code.axes import Axis
from nnxfuzz.report.code.rows import needs

Kind = Literal["node", "variable", "array", "number", "static", "tuple", "list", "dict", "state"]

#: Jax's promotion among the dtypes of a case: the later wins.
PROMOTION = ("bool", "int32", "bfloat16", "float32")


@dataclass(eq=False)
class Thing:
    """One object, array or value.  `dtype` and `shape` are those of what it holds.

    `layer` is the kind of a real layer other than a Linear, `model` the row that an optimizer is
    for.
    """

    kind: Kind
    dtype: str = "int32"
    shape: tuple[int, ...] = ()
    parts: dict[str | int, "Thing"] = field(default_factory=dict)
    layer: c.LayerKind | None = None
    model: int | None = None


class Scene:
    """The things of a case by path, changed by `play` as the body would change them."""

    def __init__(self, case: c.Case) -> None:
        self.case = case
        self._variables: dict[int, Thing] = {}
        self._nodes: dict[int, Thing] = {}
        outer = Thing("tuple", parts={k: self._attribute(h) for k, h in enumerate(case.closure)})
        self.roots: dict[str | int, Thing] = {"carry": self._slot(0), "closure": outer}
        slices: dict[str | int, Thing] = {
            k: fresh(case, row.what, row.axis) for k, row in enumerate(case.inputs)
        }
        self.roots["inputs"] = Thing("tuple", parts=slices)

    def find(self, path: c.TreePath) -> Thing | None:
        """What stands at `path`; None if nothing does."""
        thing: Thing | None = self.roots[path[0]]
        for step in path[1:]:
            thing = None if thing is None else thing.parts.get(step)
        return thing

    def get(self, path: c.TreePath) -> Thing:
        """What stands at `path`, an array of no known dtype if nothing does."""
        return self.find(path) or Thing("array")

    def put(self, path: c.TreePath, thing: Thing) -> None:
        """Rebind the place at `path`, which may be the carry itself."""
        holder = self.roots if len(path) == 1 else self.get(path[:-1]).parts
        holder[path[-1]] = thing

    def drop(self, path: c.TreePath) -> None:
        """Remove the place at `path`; the entries of a list close up."""
        holder = self.get(path[:-1])
        holder.parts.pop(path[-1], None)
        if holder.kind == "list":
            holder.parts = dict(enumerate(holder.parts.values()))

    def play(self, statement: c.Statement) -> None:
        """Do to the things what the statement does."""
        match statement:
            case c.Update():
                self._update(statement)
            case c.Swap(at, other):
                first, second = self.get(at), self.get(other)
                self.put(at, second)
                self.put(other, first)
            case c.Bind(at, source):
                self.put(at, self.get(source))
            case c.Make(at, what):
                self.put(at, fresh(self.case, what))
            case c.Drop(at):
                self.drop(at)
            case c.Sow(at, name):
                self.put((*at, name), Thing("node"))
            case c.Within():
                self._within(statement)
            case c.Raise() | c.Everywhere() | c.Pop() | c.Train():
                pass
            case unknown:
                assert_never(unknown)

    def _within(self, statement: c.Within) -> None:
        for block in (statement.block, statement.otherwise):
            for inner in () if block is None else self.case.blocks[block]:
                self.play(inner)

    def _update(self, statement: c.Update) -> None:
        target = self.get(statement.at)
        shape = target.shape if statement.op == "set" else self._joined(target, statement.operand)
        dtype = statement.dtype or target.dtype
        if target.kind == "variable":
            target.dtype, target.shape = dtype, shape
        else:
            self.put(statement.at, Thing("array", dtype, shape))

    def _joined(self, target: Thing, operand: c.Operand) -> tuple[int, ...]:
        """The shape of an addition, near enough: that of the larger side."""
        return max(target.shape, self.operand(operand).shape, key=len)

    def operand(self, operand: c.Operand) -> Thing:
        """The dtype and shape of an operand (an Index and a Const are Python-like numbers)."""
        match operand:
            case c.Const() | c.Index():
                return Thing("number")
            case c.Read(at, total):
                held = self.get(at)
            case c.Call(layer, at, total):
                kernel = self.get((*layer, "kernel"))
                held = self.get(at)
                held = Thing("array", "float32", (*held.shape[:-1], *kernel.shape[-1:]))
            case c.Draw():
                return Thing("array")
            case unknown:
                assert_never(unknown)
        kind: Kind = "number" if held.kind == "number" and not total else "array"
        return Thing(kind, held.dtype, () if total else held.shape)

    # --- building ---------------------------------------------------------------------------

    def _slot(self, row: int) -> Thing:
        slot = self.case.carry[row]
        match slot:
            case c.TupleSlot() | c.ListSlot() | c.DictSlot() | c.RecordSlot():
                kinds: dict[type, Kind] = {c.ListSlot: "list", c.DictSlot: "dict"}
                parts = {step: self._slot(item) for step, item in entries_of(slot)}
                return Thing(kinds.get(type(slot), "tuple"), parts=parts)
            case c.NoneSlot():
                return Thing("static")
            case c.NodeSlot(node):
                return self._node(node)
            case c.VariableSlot(variable):
                return self._variable(variable)
            case c.StateSlot():
                return Thing("state")
            case c.ArraySlot(array):
                return _of_array("array", array)
            case c.ScalarSlot(value):
                names = {bool: "bool", int: "int32", float: "float32"}
                return Thing("number", names[type(value)])
            case unknown:
                assert_never(unknown)

    def _variable(self, row: int) -> Thing:
        if row not in self._variables:
            self._variables[row] = _of_array("variable", self.case.variables[row].value)
        return self._variables[row]

    def _node(self, row: int) -> Thing:
        if row not in self._nodes:
            node = self.case.nodes[row]
            self._nodes[row] = thing = Thing("node")
            thing.parts.update({key: self._attribute(held) for key, held in held_by(node)})
            if isinstance(node, c.Linear):
                for name, shape in parameters(node).items():
                    thing.parts[name] = Thing("variable", "float32", shape)
            if isinstance(node, c.Streams):
                thing.parts.update({name: Thing("node") for name in node.seeds})
            if isinstance(node, c.Layer):
                thing.layer = node.kind
            if isinstance(node, c.Optimizer):
                thing.model = node.model
        return self._nodes[row]

    def _attribute(self, held: c.Attribute) -> Thing:
        match held:
            case c.OfVariable(row):
                return self._variable(row)
            case c.OfNode(row):
                return self._node(row)
            case c.OfArray(array):
                return _of_array("array", array)
            case c.OfStatic():
                return Thing("static")
            case unknown:
                assert_never(unknown)


def fresh(case: c.Case, what: c.Attribute, axis: Axis = None) -> Thing:
    """A newly built `what`, which shares nothing with what stands there already.

    Of what is scanned over, one slice.
    """
    scene = Scene(msgspec.structs.replace(case, inputs=()))
    scene.roots = {"made": scene._attribute(what)}
    seen: set[int] = set()
    for path, held in reached(case, ("made",), attribute_thing(case, what, Cut(axis))):
        thing = scene.get(path)
        if isinstance(held, Holder) and id(thing) not in seen:
            if held.form == "variable" or len(path) == 1:
                thing.shape = held.shape
            seen.add(id(thing))
    return scene.roots["made"]


def may_raise(case: c.Case) -> bool:
    """Whether the loop may raise of itself."""
    return trips(case.loop) > 0 and trip_may_raise(case)


def trip_may_raise(case: c.Case) -> bool:
    """Whether a trip may raise: the body says so, or it uses a place that it took away."""
    if any(isinstance(s, c.Raise | c.Drop) for s in case.body):
        return True
    scene = Scene(case)
    for _ in range(min(max(trips(case.loop), 1), 3)):
        for statement in case.body:
            if any(scene.find(path) is None for path in needs(statement)):
                return True
            scene.play(statement)
    return False


def _of_array(kind: Kind, array: c.Array) -> Thing:
    return Thing(kind, array.dtype, array.shape)
