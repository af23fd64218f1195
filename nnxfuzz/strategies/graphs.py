"""Random object graphs: modules, containers, layers, streams, shared and distinct.

Rows are appended to a draft as they are drawn, so a reference always has something to refer to.
Simpler alternatives stand first, because Hypothesis shrinks towards them.
"""

from typing import Any, Literal, NamedTuple, Protocol, get_args

import msgspec
from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    About,
    Array,
    Attribute,
    Choice,
    Layer,
    LayerKind,
    Linear,
    Mapping,
    Module,
    Node,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Sequence,
    Slot,
    Streams,
    Variable,
)
from nnxfuzz.strategies.layers import linear_configs

NAMES = ("a", "b", "c", "d")
#: Few shapes, so that eager operations stay in jax's cache.
SHAPES: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))


def fewest(axis: object) -> int:
    """The fewest dimensions of a shape into which another can be put at `axis`."""
    if not isinstance(axis, int):
        return 0
    return axis if axis >= 0 else -axis - 1


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

#: What a program is about.  A plain one has nothing but modules, Variables and arrays.
Theme = Literal["plain", About]


class ThemeFacts(NamedTuple):
    """How often a theme is drawn, and the forms of loop that it is tried in: `any` fits all three
    transforms, `inputs` a scan alone.  A rich one has inputs and outputs of every kind; the others
    have arrays and numbers.
    """

    often: int
    loops: tuple[str, ...] = (*("any",) * 3, *("inputs",) * 2, "until", "unroll", "traced")
    rich: bool = False


#: There are many ways to scan, and twelve types of layer.
THEMES: dict[Theme, ThemeFacts] = {
    "plain": ThemeFacts(13),
    "scan": ThemeFacts(9, ("inputs",), rich=True),
    "layers": ThemeFacts(2, ("any", "inputs"), rich=True),
    "streams": ThemeFacts(3, ("any", "inputs"), rich=True),
    "training": ThemeFacts(2),
    "state": ThemeFacts(1),
    "sow": ThemeFacts(2, ("any", "inputs", "inputs"), rich=True),
    "metadata": ThemeFacts(1, rich=True),
    "inner": ThemeFacts(3, ("any", "unroll", *("traced",) * 2, *("inputs",) * 6), rich=True),
}
EACH_THEME = tuple(theme for theme, facts in THEMES.items() for _ in range(facts.often))

LAYERS: tuple[LayerKind, ...] = get_args(LayerKind)
STREAMS = ("params", "dropout")

statics = st.sampled_from((None, 1, 2, "s", True))
scalars = st.sampled_from((0, 1, 2.0, 0.5, True))


def _finite(array: Array) -> Array:
    fill = array.fill if isinstance(array.fill, int) else 0
    return Array(array.dtype, array.shape, fill)


class Draft:
    """The rows of a case while they are being drawn."""

    def __init__(self, draw: Draw, features: frozenset[Choice], theme: Theme) -> None:
        self.draw = draw
        self.features = features
        self.theme = theme
        self.variables: list[Variable] = []
        self.nodes: list[Node] = []
        self.carry: list[Slot] = []
        #: Rows that nothing else may name: what a state is made of, what is stacked.
        self.own_variables: set[int] = set()
        self.own_nodes: set[int] = set()

    @property
    def about_scans(self) -> bool:
        """Whether the program is about the forms of a scan."""
        return self.theme == "scan"

    def pick(self, *names: str) -> str:
        """One of the names; repeat one to make it likelier."""
        return str(self.draw(st.sampled_from(names)))

    def size(self, *sizes: int) -> int:
        """One of the sizes; repeat one to make it likelier."""
        return int(self.draw(st.sampled_from(sizes)))

    def count(self, most: int) -> int:
        """A number from 0 to `most`."""
        return int(self.draw(st.integers(0, most)))

    def shared(self, *names: str) -> tuple[str, ...]:
        """The names of alternatives that put one object in several places, if programs may."""
        return names if "sharing" in self.features else ()

    # --- objects ----------------------------------------------------------------------------

    def add_node(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def add_variable(self, variable: Variable) -> int:
        self.variables.append(self.decorated(variable))
        return len(self.variables) - 1

    def decorated(self, variable: Variable) -> Variable:
        """The Variable with metadata, where programs are about it, and now and then what a scan
        with partition names has to look after.
        """
        hooks = ("get", "set") if "hooks" in self.features else ()
        kinds = {"metadata": ("names", *hooks, "nothing"), "scan": (*("nothing",) * 3, "names")}
        match self.pick(*kinds.get(self.theme, ("nothing",))):
            case "names":
                first = ("x", None, "layers")[: len(variable.value.shape)]
                return msgspec.structs.replace(variable, names=first)
            case "get" | "set" as hook:
                return msgspec.structs.replace(variable, hook=hook)
            case _:
                return variable

    def new_variable(self) -> int:
        return self.add_variable(self.draw(variables))

    def shared_variables(self) -> list[int]:
        return [row for row in range(len(self.variables)) if row not in self.own_variables]

    def some_variable(self) -> int:
        """The row of a Variable that exists, or a new one's if there is none."""
        rows = self.shared_variables()
        return rows[self.count(len(rows) - 1)] if rows else self.new_variable()

    def some_node(self, depth: int) -> int:
        """The row of a node that exists, or a new one's if there is none.

        A list under construction is left out: a cycle has to go through a module, since a plain
        list that holds itself is no pytree.
        """
        kinds = Module | Linear | Layer | Streams
        rows = [row for row, node in enumerate(self.nodes) if isinstance(node, kinds)]
        rows = [row for row in rows if row not in self.own_nodes]
        return rows[self.count(len(rows) - 1)] if rows else self.new_node(depth)

    def new_node(self, depth: int) -> int:
        """A new node.  Its row is taken before its attributes are drawn, so they may name it."""
        sequence = ("sequence",) if depth or "bare-variables" in self.features else ()
        mapping = ("mapping",) if self.theme != "plain" and "mapping" in self.features else ()
        kind = self.pick("module", "module", "module", "module", "linear", *sequence, *mapping)
        match kind:
            case "module" | "mapping":
                row = self.add_node(Module())
                held = [self.attribute(depth) for _ in range(self.size(0, 1, 2, 3, 1, 2))]
                named = dict(zip(NAMES, held, strict=False))
                self.nodes[row] = Module(named) if kind == "module" else Mapping(named)
            case "sequence":
                row = self.add_node(Sequence())
                items = [self.item(depth) for _ in range(self.size(0, 1, 2, 2))]
                self.nodes[row] = Sequence(tuple(items))
            case _:
                row = self.add_node(Linear(self.draw(linear_configs()), self.count(3)))
        return row

    def new_streams(self, splits: int | None = None) -> int:
        names = STREAMS[: self.size(1, 2)]
        return self.add_node(Streams({name: self.count(3) for name in names}, splits))

    def new_layer(self, stack: int | None = None) -> int:
        kind: LayerKind = self.draw(st.sampled_from(LAYERS))
        return self.add_node(Layer(kind, self.count(3), stack))

    def attribute(self, depth: int) -> Attribute:
        """What a module's attribute holds; modules no deeper than two."""
        deeper = ("module", "module", *self.shared("shared module")) if depth < 2 else ()
        array = ("array",) if "raw-arrays" in self.features else ()
        variable = ("variable", "variable", "variable", *self.shared("shared variable"))
        special: tuple[str, ...] = ()
        if self.theme in ("streams", "layers"):
            special = (self.theme,) * 4
        elif self.theme == "metadata":
            special = (*array * 4, *("static",) * 4)
        match self.pick(*variable, "static", "static", *array, *deeper, *special):
            case "static":
                return OfStatic(self.draw(statics), self.marked())
            case "array":
                return OfArray(self.draw(arrays), self.marked())
            case "streams":
                return OfNode(self.new_streams())
            case "layers":
                return OfNode(self.new_layer())
            case kind:
                return self._object(kind, depth)

    def marked(self) -> bool:
        marks = self.theme == "metadata" and "marks" in self.features
        return marks and self.count(1) == 1

    def item(self, depth: int) -> Attribute:
        """What a list holds: objects only, because a plain list (old releases) is no object."""
        deeper = ("module", *self.shared("shared module")) if depth < 2 else ()
        return self._object(self.pick("variable", *self.shared("shared variable"), *deeper), depth)

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
