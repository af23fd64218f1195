"""Random object graphs and carries: modules, containers, layers, shared and distinct.

Rows are appended to a draft as they are drawn, so a reference always has something to refer to.
Simpler alternatives stand first, because Hypothesis shrinks towards them.
"""

from typing import Any, Protocol

from hypothesis import strategies as st

from nnxfuzz.case import (
    Array,
    ArraySlot,
    Attribute,
    DictSlot,
    Feature,
    Linear,
    ListSlot,
    Module,
    Node,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    ScalarSlot,
    Sequence,
    Slot,
    TupleSlot,
    Variable,
    VariableSlot,
)
from nnxfuzz.strategies.layers import linear_configs

NAMES = ("a", "b", "c", "d")
#: Few shapes, so that eager operations stay in jax's cache.
SHAPES: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))


class Draw(Protocol):
    """Hypothesis's `draw`."""

    def __call__(self, strategy: st.SearchStrategy[Any]) -> Any: ...


arrays = st.builds(
    Array,
    dtype=st.sampled_from(("float32", "int32", "float32", "int32", "bfloat16")),
    shape=st.sampled_from(SHAPES),
    fill=st.sampled_from((0, 1, 2, -3, 5, 0, 1, 2, "nan", "inf")),
).map(lambda array: _finite(array) if array.dtype == "int32" else array)

variables = st.builds(
    Variable,
    kind=st.sampled_from(("Param", "BatchStat", "Cache", "Custom")),
    value=arrays,
    tag=st.sampled_from((None, None, None, "x")),
)

statics = st.sampled_from((None, 1, 2, "s", True))
scalars = st.sampled_from((0, 1, 2.0, 0.5, True))


def _finite(array: Array) -> Array:
    fill = array.fill if isinstance(array.fill, int) else 0
    return Array(array.dtype, array.shape, fill)


class Draft:
    """The rows of a case while they are being drawn."""

    def __init__(self, draw: Draw, features: frozenset[Feature]) -> None:
        self.draw = draw
        self.features = features
        self.variables: list[Variable] = []
        self.nodes: list[Node] = []
        self.carry: list[Slot] = []

    def pick(self, *names: str) -> str:
        """One of the names; repeat one to make it likelier."""
        return str(self.draw(st.sampled_from(names)))

    def size(self, *sizes: int) -> int:
        """One of the sizes; repeat one to make it likelier."""
        return int(self.draw(st.sampled_from(sizes)))

    def count(self, most: int) -> int:
        """A number from 0 to `most`."""
        return int(self.draw(st.integers(0, most)))

    # --- objects ----------------------------------------------------------------------------

    def new_variable(self) -> int:
        self.variables.append(self.draw(variables))
        return len(self.variables) - 1

    def some_variable(self) -> int:
        """The row of a Variable that exists, or a new one's if there is none."""
        return self.count(len(self.variables) - 1) if self.variables else self.new_variable()

    def some_node(self, depth: int) -> int:
        """The row of a node that exists, or a new one's if there is none.

        A list under construction is left out: a cycle has to go through a module, since a plain
        list that holds itself is no pytree.
        """
        rows = [row for row, node in enumerate(self.nodes) if isinstance(node, Module | Linear)]
        return rows[self.count(len(rows) - 1)] if rows else self.new_node(depth)

    def new_node(self, depth: int) -> int:
        """A new node.  Its row is taken before its attributes are drawn, so they may name it."""
        row = len(self.nodes)
        sequence = ("sequence",) if depth or "bare-variables" in self.features else ()
        kind = self.pick("module", "module", "module", "module", "linear", *sequence)
        self.nodes.append(Sequence() if kind == "sequence" else Module())
        match kind:
            case "module":
                held = [self.attribute(depth) for _ in range(self.size(0, 1, 2, 3, 1, 2))]
                self.nodes[row] = Module(dict(zip(NAMES, held, strict=False)))
            case "sequence":
                items = [self.item(depth) for _ in range(self.size(0, 1, 2, 2))]
                self.nodes[row] = Sequence(tuple(items))
            case _:
                self.nodes[row] = Linear(self.draw(linear_configs()), self.count(3))
        return row

    def attribute(self, depth: int) -> Attribute:
        """What a module's attribute holds; modules no deeper than two."""
        deeper = ("module", "module", "shared module") if depth < 2 else ()
        array = ("array",) if "raw-arrays" in self.features else ()
        variable = ("variable", "variable", "variable", "shared variable")
        match self.pick(*variable, "static", "static", *array, *deeper):
            case "static":
                return OfStatic(self.draw(statics))
            case "array":
                return OfArray(self.draw(arrays))
            case kind:
                return self._object(kind, depth)

    def item(self, depth: int) -> Attribute:
        """What a list holds: objects only, because a plain list (old releases) is no object."""
        deeper = ("module", "shared module") if depth < 2 else ()
        return self._object(self.pick("variable", "shared variable", *deeper), depth)

    def _object(self, kind: str, depth: int) -> OfVariable | OfNode:
        match kind:
            case "shared variable":
                return OfVariable(self.some_variable())
            case "variable":
                return OfVariable(self.new_variable())
            case "shared module":
                return OfNode(self.some_node(depth + 1))
            case _:
                return OfNode(self.new_node(depth + 1))

    # --- the carry --------------------------------------------------------------------------

    def slot(self, depth: int = 0) -> int:
        """A slot and what is below it; returns its row."""
        row = len(self.carry)
        self.carry.append(NoneSlot())
        self.carry[row] = self._slot(depth)
        return row

    def _slot(self, depth: int) -> Slot:
        match self.pick(*self._slot_kinds(depth)):
            case "module":
                return NodeSlot(self.new_node(0))
            case "shared module":
                return NodeSlot(self.some_node(0))
            case "variable":
                return VariableSlot(self.new_variable())
            case "shared variable":
                return VariableSlot(self.some_variable())
            case "array":
                return ArraySlot(self.draw(arrays))
            case "scalar":
                return ScalarSlot(self.draw(scalars))
            case "none":
                return NoneSlot()
            case "dict":
                size = self.size(0, 1, 2, 2)
                return DictSlot({name: self.slot(depth + 1) for name in NAMES[:size]})
            case kind:
                items = tuple(self.slot(depth + 1) for _ in range(self.size(0, 1, 2, 3, 2, 3, 2)))
                return TupleSlot(items) if kind == "tuple" else ListSlot(items)

    def _slot_kinds(self, depth: int) -> tuple[str, ...]:
        """The kinds of slot at a depth: the root is mostly a container."""
        bare = "bare-variables" in self.features
        variable = ("variable", "shared variable") if bare else ()
        if depth == 0:
            return (*("tuple",) * 6, "module", "module", "list", "dict", "array", *variable)
        containers = ("tuple", "tuple", "list", "dict") if depth < 2 else ()
        leaves = (*("module", "array") * 2, "shared module", "scalar", "none", *("module",) * 4)
        return (*leaves, *variable, *variable, *containers)
