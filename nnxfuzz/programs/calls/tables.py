"""The types of what the tables of a call program hold."""

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import types as t

_WEIGHTS: dict[str, tuple[tuple[str, str], ...]] = {
    "BatchNorm": (
        ("bias", "Param"),
        ("mean", "BatchStat"),
        ("scale", "Param"),
        ("var", "BatchStat"),
    ),
    "LayerNorm": (("bias", "Param"), ("scale", "Param")),
}


class Tables:
    """The types of what a program's tables hold; raises Unfit for rows that are not there."""

    def __init__(self, variables: tuple[c.Variable, ...], nodes: tuple[c.Node, ...]) -> None:
        self.variables = variables
        self.nodes = nodes

    def of(self, held: c.Attribute, above: tuple[int, ...] = ()) -> t.Type:
        """The type of what an attribute holds."""
        match held:
            case c.OfVariable(row):
                if not 0 <= row < len(self.variables):
                    raise t.Unfit(f"there is no Variable {row}")
                return variable(self.variables[row])
            case c.OfArray(array):
                return t.Array(array.shape, array.dtype)
            case c.OfNode(row):
                if row in above or not 0 <= row < len(self.nodes):
                    raise t.Unfit(f"node {row} holds itself, or is not there")
                return self._node(row, self.nodes[row], (*above, row))
            case _:
                return t.Static()

    def _node(self, row: int, node: c.Node, above: tuple[int, ...]) -> t.Type:
        match node:
            case c.Module(attributes) | c.Mapping(attributes):
                kind = "module" if isinstance(node, c.Module) else "dict"
                held = tuple((n, self.of(a, above)) for n, a in sorted(attributes.items()))
                return t.Node(row, kind, held)
            case c.Sequence(items):
                return t.Node(
                    row, "list", tuple((k, self.of(a, above)) for k, a in enumerate(items))
                )
            case c.Layer() | c.Linear() if (made := layer(node, row)) is not None:
                return made
            case c.Optimizer(model):
                own = self.nodes[model] if 0 <= model < len(self.nodes) else None
                if not isinstance(own, c.Linear) or own.stack is not None:
                    raise t.Unfit("an optimizer has a Linear")
                return t.Optimizer(model)
            case c.Streams() if (rngs := streams(node)) is not None:
                return rngs
            case _:
                raise t.Unfit(f"a call program has no {type(node).__name__}")


def layer(node: c.Linear | c.Layer, row: int) -> t.Node | t.Whole | None:
    """The type of a layer; None if a call program has no such one."""
    match node:
        case c.Linear(stack=size):
            kernel, bias = t.Variable(t.Array((2, 2))), t.Variable(t.Array((2,)))
            one = t.Node(row, "Linear", (("bias", bias), ("kernel", kernel)), True)
            return one if size is None else t.stacked(one, 0, size)  # type: ignore[return-value]
        case c.Layer(kind) if kind in _WEIGHTS:
            held = tuple((n, t.Variable(t.Array((2,)), k)) for n, k in _WEIGHTS[kind])
            return t.Node(row, kind, held, True)
        case c.Layer("Dropout"):
            return t.Node(row, "Dropout", (("rngs", t.Streams(())),), True)
        case c.Layer("MultiMetric"):
            numbers = (("count", "int32"), ("total", "float32"))
            held = tuple((n, t.Variable(t.Array((), dtype), "MetricState")) for n, dtype in numbers)
            return t.Node(row, "MultiMetric", (("loss", t.Node(row, "Average", held)),))
        case c.Layer(kind):
            return t.Whole(kind)
    return None


def streams(node: c.Streams) -> t.Streams | None:
    """The type of streams; None if a call program has no such ones."""
    return t.Streams(tuple(sorted(node.seeds))) if node.splits is None and node.seeds else None


def variable(row: c.Variable) -> t.Variable:
    """The type of a row."""
    return t.Variable(t.Array(row.value.shape, row.value.dtype), row.kind, row.ref, row.hijax)
