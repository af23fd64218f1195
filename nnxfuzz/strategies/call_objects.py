"""The objects of a call program to try, and where its choices come from."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from nnxfuzz.programs import case as c
from nnxfuzz.strategies.subjects import WEIGHTED

T = TypeVar("T")

_SHAPES: tuple[tuple[int, ...], ...] = ((2,), (), (2, 2), (2, 3))
_KINDS: tuple[c.VariableType, ...] = ("Param", "Param", "BatchStat", "Cache", "Custom")
_DTYPES: tuple[c.DType, ...] = ("float32", "float32", "float32", "int32", "bfloat16")
_LAYERS: tuple[c.LayerKind, ...] = ("BatchNorm", "LayerNorm", "Dropout", "MultiMetric")
_WHOLE: tuple[c.LayerKind, ...] = ("RNN", "LSTMCell", "GRUCell", "MultiHeadAttention", "Conv")
_HOOKS: tuple[Any, ...] = ("get", "set")
_RULES: tuple[Any, ...] = ("sgd", "momentum", "adam", "chain", "partition", "masked", "second")

#: What a row may be, by its sort or as a list; a module most often.
_NODES = ("module",) * 4 + ("Whole", "Whole", "layer", "list", "Streams", "Optimizer")


class Draws:
    """Choices of Hypothesis."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices; the first is the simplest."""
        return choices[self.number(0, len(choices) - 1)]

    def chance(self, often: int) -> bool:
        """True once in so many times."""
        return self.number(0, often - 1) == often - 1

    def number(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""
        return low if low == high else int(self._draw(st.integers(low, high)))


class Objects:
    """Rows of Variables and nodes that need no more than `features`."""

    def __init__(self, draws: Draws, features: frozenset[c.Choice]) -> None:
        self.draws = draws
        self.features = features
        #: What half of the statements do, and objects that they are for.
        self.subject = draws.pick(WEIGHTED)

    def tables(self) -> tuple[tuple[c.Variable, ...], tuple[c.Node, ...], dict[str, c.Attribute]]:
        """Variables, nodes, and objects by name."""
        variables = tuple(self._row() for _ in range(self.draws.number(1, 3)))
        nodes: list[c.Node] = []
        for _ in range(self.draws.number(0, 3)):
            nodes += self._node(self.draws.pick(_NODES), len(variables), nodes)
        if self.subject.sort:
            nodes += self._node(self.subject.sort, len(variables), nodes)
        return variables, tuple(nodes), self._objects(variables, nodes)

    def _row(self) -> c.Variable:
        """A Variable, at times one of hijax, which no function can make and then write to."""
        if "hijax" in self.features and self.draws.chance(24):
            return c.Variable(self.draws.pick(_KINDS), self.array(), hijax=True)
        return self.variable()

    def array(self) -> c.Array:
        """An array of small integers."""
        dtype = self.draws.pick(_DTYPES)
        return c.Array(dtype, self.draws.pick(_SHAPES), self.draws.number(0, 3))

    def variable(self) -> c.Variable:
        """A Variable, at times with a reference, a hook or metadata."""
        array, kind = self.array(), self.draws.pick(_KINDS)
        names = ("x", None)[: len(array.shape)]
        match self.draws.number(0, 11):
            case 10 | 11 if "array-refs" in self.features:
                return c.Variable(kind, array, ref=True)
            case 9 if "hooks" in self.features:
                return c.Variable(kind, array, hook=self.draws.pick(_HOOKS))
            case 8:
                return c.Variable(kind, array, tag="tag")
            case 7 if names:
                return c.Variable(kind, array, names=names)
        return c.Variable(kind, array)

    def layer(self) -> c.Layer | c.Linear:
        """A real layer, or a metric."""
        if self.draws.chance(3):
            return c.Linear(c.LinearConfig(2, 2, init="ones"))
        return c.Layer(self.draws.pick(_WHOLE if self.draws.chance(4) else _LAYERS))

    def streams(self) -> c.Streams:
        """A stream of random numbers."""
        return c.Streams({"params": self.draws.number(0, 3)})

    def _node(self, kind: str, variables: int, nodes: Sequence[c.Node]) -> list[c.Node]:
        """A row, after those that it alone needs."""
        linear = c.Linear(c.LinearConfig(2, 2, init="ones"))
        match kind:
            case "MultiMetric":
                return [c.Layer(kind)]
            case "Whole":
                return [c.Layer(self.draws.pick(_WHOLE if self.draws.chance(2) else _LAYERS))]
            case "layer":
                many = "rng-split" in self.features and self.draws.chance(2)
                return [c.Linear(stack=2)] if many else [linear]
            case "Streams":
                return [self.streams()]
            case "Optimizer":
                wrt: Any = "..." if self.draws.chance(4) else "nnx.Param"
                return [linear, c.Optimizer(len(nodes), self.draws.pick(_RULES), wrt)]
        count = self.draws.number(1, 3)
        held = [self._attribute(variables, len(nodes), kind == "module") for _ in range(count)]
        if kind == "list":
            return [c.Sequence(tuple(held))]
        return [c.Module(dict(zip("abc", held, strict=False)))]

    def _attribute(self, variables: int, nodes: int, static: bool) -> c.Attribute:
        kinds = ["variable", "variable", "variable"]
        kinds += ["node"] * (2 if nodes else 0) + ["static"] * static
        kinds += ["array"] * (static and "raw-arrays" in self.features)
        match self.draws.pick(kinds):
            case "variable":
                return c.OfVariable(self.draws.number(0, variables - 1))
            case "node":
                return c.OfNode(self.draws.number(0, nodes - 1))
            case "array":
                return c.OfArray(self.array())
            case _:
                return c.OfStatic(self.draws.number(0, 1))

    def _objects(self, variables: Sequence[Any], nodes: Sequence[Any]) -> dict[str, c.Attribute]:
        objects: dict[str, c.Attribute] = {f"m{k}": c.OfNode(k) for k in range(len(nodes))}
        for k in range(len(variables)):
            if not nodes or self.draws.chance(3):
                objects[f"v{k}"] = c.OfVariable(k)
        for k in range(self.draws.number(0, 2)):
            objects[f"x{k}"] = c.OfArray(self.array())
        return objects
