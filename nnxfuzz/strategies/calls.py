"""Call programs to try: objects, and a call of a transform on them, with calls in its functions.

What is drawn is kept only if the writer finds it well formed; a call or a statement that does not
fit is left out.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.walk import as_data
from nnxfuzz.programs.calls.writer import BINDING, Writer, text
from nnxfuzz.transforms import REGISTRY, Transform

T = TypeVar("T")

_SHAPES: tuple[tuple[int, ...], ...] = ((2,), (), (2, 2), (2, 3))
_KINDS: tuple[c.VariableType, ...] = ("Param", "Param", "BatchStat", "Cache", "Custom")
_DTYPES: tuple[c.DType, ...] = ("float32", "float32", "float32", "int32", "bfloat16")
_OPERATORS: tuple[d.Operator, ...] = ("add", "add", "multiply", "set")
_LAYERS: tuple[c.LayerKind, ...] = ("BatchNorm", "LayerNorm", "Dropout")

_PLAIN_STYLES: tuple[d.Style, ...] = ("def",) * 8 + ("lambda",)

#: Statements of a function, at most.
_MOST = 3


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


@st.composite
def call_programs(
    draw: Any,
    transforms: Sequence[str] = tuple(REGISTRY),
    inner: Sequence[str] = tuple(REGISTRY),
    references: bool = True,
) -> d.CallProgram:
    """A well-formed call program whose outermost call is of one of `transforms`, and those in it of
    some of `inner`.

    `references`: Variables may hold references to their arrays.
    """
    program = _Drawing(Draws(draw), transforms, inner, references).program()
    if program is None:
        reject()
    return program


class _Drawing:
    """One program in the making."""

    def __init__(
        self, draws: Draws, transforms: Sequence[str], inner: Sequence[str], references: bool
    ) -> None:
        self.draws = draws
        self.outermost = sorted(transforms)
        self.inner = sorted(inner)
        self.references = references
        self._names = 0
        #: By the name of a carry's array, what it is after the trip.
        self._next: dict[str, str] = {}
        self._writer = Writer(REGISTRY)

    def program(self) -> d.CallProgram | None:
        """A program; None where the choices led to none."""
        variables = tuple(self._variable() for _ in range(self.draws.number(1, 3)))
        nodes: list[c.Node] = []
        for _ in range(self.draws.number(0, 3)):
            nodes.append(self._node(len(variables), len(nodes)))
        objects = self._objects(variables, nodes)
        tables = t.Tables(variables, tuple(nodes))
        scope = {name: tables.of(held) for name, held in objects.items()}
        call = self._call(scope, tuple(scope), 0, self.outermost)
        if call is None:
            return None
        program = d.CallProgram(call, variables, tuple(nodes), objects)
        try:
            text(program, REGISTRY)
        except Unfit:
            return None
        return program

    # --- objects ----------------------------------------------------------------------------

    def _array(self) -> c.Array:
        dtype = self.draws.pick(_DTYPES)
        return c.Array(dtype, self.draws.pick(_SHAPES), self.draws.number(0, 3))

    def _variable(self) -> c.Variable:
        ref = self.references and self.draws.chance(6)
        return c.Variable(self.draws.pick(_KINDS), self._array(), ref=ref)

    def _node(self, variables: int, nodes: int) -> c.Node:
        kind = self.draws.pick(("module", "module", "module", "layer", "linear", "list", "streams"))
        if kind == "layer":
            return c.Layer(self.draws.pick(_LAYERS))
        if kind == "linear":
            return c.Linear(c.LinearConfig(2, 2, init="ones"))
        if kind == "streams":
            return c.Streams({"params": self.draws.number(0, 3)})
        count = self.draws.number(1, 3)
        held = [self._attribute(variables, nodes, kind == "module") for _ in range(count)]
        if kind == "list":
            return c.Sequence(tuple(held))
        return c.Module(dict(zip("abc", held, strict=False)))

    def _attribute(self, variables: int, nodes: int, static: bool) -> c.Attribute:
        kinds = ["variable", "variable", "variable"]
        kinds += ["node"] * (2 if nodes else 0) + ["array", "static"] * static
        match self.draws.pick(kinds):
            case "variable":
                return c.OfVariable(self.draws.number(0, variables - 1))
            case "node":
                return c.OfNode(self.draws.number(0, nodes - 1))
            case "array":
                return c.OfArray(self._array())
            case _:
                return c.OfStatic(self.draws.number(0, 1))

    def _objects(self, variables: Sequence[Any], nodes: Sequence[Any]) -> dict[str, c.Attribute]:
        objects: dict[str, c.Attribute] = {f"m{k}": c.OfNode(k) for k in range(len(nodes))}
        for k in range(len(variables)):
            if not nodes or self.draws.chance(3):
                objects[f"v{k}"] = c.OfVariable(k)
        for k in range(self.draws.number(0, 2)):
            objects[f"x{k}"] = c.OfArray(self._array())
        return objects

    # --- calls ------------------------------------------------------------------------------

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def _call(
        self, scope: dict[str, t.Type], near: Sequence[str], depth: int, among: Sequence[str]
    ) -> d.Call | None:
        """A call of one of some transforms, which prefers the names that are `near`."""
        row = REGISTRY[self.draws.pick(among)]
        args = tuple(self._argument(scope, near) for _ in range(self.draws.number(1, 3)))
        style = self._style(row, args, scope)
        call = d.Call(row.name, self._name("y"), {}, args, (), style)
        try:
            first = 1 if style in BINDING else 0
            types = tuple(self._type(arg, scope) for arg in args)
            options = row.draw(self.draws, types[first:], depth)
            call = d.Call(row.name, call.name, as_data(options), args, (), style)
            entered, _ = self._writer.entered(call, scope, depth)
            count = self.draws.number(*row.blocks)
            blocks = tuple(self._block(row, entered, k, scope, style, depth) for k in range(count))
            call = d.Call(row.name, call.name, call.options, args, blocks, style)
            Writer(REGISTRY).call(call, dict(scope), depth)
        except Unfit:
            return None
        return call

    def _style(self, row: Transform, args: Sequence[d.Operand], scope: t.Scope) -> d.Style:
        styles: list[d.Style] = [*_PLAIN_STYLES]
        if row.styles:
            styles.append("partial")
            first = self._type(args[0], scope)
            if isinstance(first, t.Node) and first.kind == "module":
                styles += ["method", "instance"]
        return self.draws.pick(styles)

    def _type(self, operand: d.Operand, scope: t.Scope) -> t.Type:
        if isinstance(operand, d.Const):
            return t.Array(())
        return t.at(scope[operand.place.name], operand.place.path)

    def _argument(self, scope: t.Scope, near: Sequence[str]) -> d.Operand:
        if self.draws.chance(10):
            return d.Const(self.draws.number(0, 3))
        usable = self._places(scope, near, (t.Array, t.Variable, t.Node, t.Streams))
        return d.Read(self.draws.pick(usable)) if usable else d.Const(1)

    def _places(self, scope: t.Scope, near: Sequence[str], kinds: Any) -> list[d.Place]:
        """Places of some kinds: below the names that are near, or, at times, below any."""
        names = [name for name in scope if name in near and not self.draws.chance(12)]
        return [
            d.Place(name, path)
            for name in names or scope
            for path, type_ in t.places(scope[name])
            if isinstance(type_, kinds)
        ]

    def _block(
        self, row: Transform, entered: Any, k: int, scope: t.Scope, style: d.Style, depth: int
    ) -> d.Block:
        types = entered.parameters(k)
        params = tuple(self._name("p") for _ in types)
        inner = {} if style in ("method", "instance") else dict(scope)
        inner |= dict(zip(params, types, strict=True))
        near = [*params, *(name for name in scope if name in inner and self.draws.chance(4))]
        body = self._body(inner, near, depth + 1, style)
        own = params[len(entered.bound) :]
        if row.returns == "carry" and style != "lambda":
            body += self._next_arrays(row, entered, inner, own, near)
        return d.Block(params, body, self._returns(row, entered, inner, own, near))

    def _body(
        self, scope: dict[str, t.Type], near: list[str], depth: int, style: d.Style
    ) -> tuple[d.Statement, ...]:
        body: list[d.Statement] = []
        for _ in range(0 if style == "lambda" else self.draws.number(0, _MOST)):
            known = set(scope)
            try:
                statement = self._statement(scope, near, depth)
                if statement is not None:
                    Writer(REGISTRY).statement(statement, scope, depth)
                    body.append(statement)
            except Unfit:
                continue
            near += [name for name in scope if name not in known]
        return tuple(body)

    def _next_arrays(
        self,
        row: Transform,
        entered: Any,
        scope: dict[str, t.Type],
        own: Sequence[str],
        near: list[str],
    ) -> tuple[d.Statement, ...]:
        """At times, what the arrays of a carry are next, made of what they were."""
        made = []
        first = len(row.leading)
        for name in own[first : first + row.carried(entered.options, entered.given)]:
            array = scope[name]
            if isinstance(array, t.Array) and self.draws.chance(2):
                new = self._name("c")
                op = self.draws.pick(_OPERATORS[1:3])
                made.append(d.Let(new, d.Read(d.Place(name)), op, self._operand(scope, near)))
                scope[new] = array
                self._next[name] = new
        return tuple(made)

    def _returns(
        self, row: Transform, entered: Any, scope: t.Scope, own: Sequence[str], near: Sequence[str]
    ) -> tuple[d.Operand, ...]:
        results: list[d.Operand] = []
        if row.returns in ("float", "loss"):
            results = [self._number(scope, near, floats=True)]
            more = self.draws.number(0, 1) if getattr(entered.options, "has_aux", False) else 0
        elif row.returns == "carry":
            first = len(row.leading)
            for name in own[first : first + row.carried(entered.options, entered.given)]:
                is_array = isinstance(scope[name], t.Array)
                mine = d.Read(d.Place(self._next.get(name, name)))
                other = is_array and name not in self._next
                results.append(self._number(scope, near) if other else mine)
            more = self.draws.number(0, 1) if row.name == "scan" else 0
        else:
            more = self.draws.number(0, 2)
        any_ = row.returns == "free" or (row.returns == "loss" and more > 0)
        one = self._anything if any_ else self._number
        return (*results, *(one(scope, near) for _ in range(more)))

    def _anything(self, scope: t.Scope, near: Sequence[str]) -> d.Operand:
        """An array or, at times, an object; jax returns no references."""
        if not self.draws.chance(3):
            return self._number(scope, near)
        objects = self._places(scope, near, (t.Variable, t.Node))
        usable = [p for p in objects if not t.has_reference(t.at(scope[p.name], p.path))]
        return d.Read(self.draws.pick(usable)) if usable else self._number(scope, near)

    def _number(self, scope: t.Scope, near: Sequence[str], floats: bool = False) -> d.Operand:
        """An operand that is an array, not a Variable."""
        usable = [
            place
            for place in self._places(scope, near, (t.Array,))
            if not floats or t.is_float(t.at(scope[place.name], place.path))
        ]
        return d.Read(self.draws.pick(usable)) if usable else d.Const(self.draws.number(0, 3))

    # --- statements -------------------------------------------------------------------------

    def _operand(self, scope: t.Scope, near: Sequence[str]) -> d.Operand:
        usable = self._places(scope, near, (t.Array, t.Variable))
        if not usable or self.draws.chance(2):
            return d.Const(self.draws.number(1, 3))
        return d.Read(self.draws.pick(usable))

    def _statement(
        self, scope: dict[str, t.Type], near: Sequence[str], depth: int
    ) -> d.Statement | None:
        kinds = ["update"] * 5 + ["let"] * 3 + ["apply", "random", "change"]
        kinds += ["call"] * (4 if depth < d.DEPTH else 0)
        match self.draws.pick(kinds):
            case "update":
                return self._update(scope, near)
            case "let":
                left = self._operand(scope, near)
                op = self.draws.pick(_OPERATORS[1:3])
                return d.Let(self._name("a"), left, op, self._operand(scope, near))
            case "apply":
                layers = self._places(scope, near, (t.Node,))
                usable = [p for p in layers if getattr(t.at(scope[p.name], p.path), "layer", False)]
                if not usable:
                    return None
                place = self.draws.pick(usable)
                return d.Apply(self._name("a"), place, self._operand(scope, near))
            case "random":
                usable = self._places(scope, near, (t.Streams,))
                return d.Random(self._name("a"), self.draws.pick(usable)) if usable else None
            case "change":
                return self._change(scope, near)
            case _:
                return self._call(scope, near, depth, self.inner)

    def _update(self, scope: t.Scope, near: Sequence[str]) -> d.Statement | None:
        usable = self._places(scope, near, (t.Variable, t.Array))
        usable = [p for p in usable if p.path or isinstance(scope[p.name], t.Variable)]
        if not usable:
            return None
        place = self.draws.pick(usable)
        op = self.draws.pick(_OPERATORS)
        return d.Update(place, op, self._operand(scope, near))

    def _change(self, scope: t.Scope, near: Sequence[str]) -> d.Statement | None:
        if not self.draws.chance(3):
            return None
        nodes = self._places(scope, near, (t.Node,))
        usable = [p for p in nodes if getattr(t.at(scope[p.name], p.path), "kind", "") == "module"]
        if not usable:
            return None
        place = self.draws.pick(usable)
        return d.Attach(place, "n", c.Variable(value=c.Array()) if self.draws.chance(2) else 1)
