"""Call programs to try: objects, and a call of a transform on them, with calls in its functions.

What is drawn is kept only if the writer finds it well formed; a call or a statement that does not
fit is left out.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.tables import Tables
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.walk import as_data
from nnxfuzz.programs.calls.writer import BINDING, METHODS, Writer, text
from nnxfuzz.strategies.call_objects import Draws, Objects
from nnxfuzz.strategies.call_results import Results
from nnxfuzz.strategies.call_statements import is_model
from nnxfuzz.transforms import REGISTRY, Transform

_PLAIN_STYLES: tuple[d.Style, ...] = ("def",) * 8 + ("lambda",)
_NUMBERS = (None, 2, 1.5, True)

#: Statements of a function, at most.
_MOST = 3

#: How often a call is drawn anew where it came to none, and once more on numbers alone.
_AGAIN = 6


@st.composite
def call_programs(
    draw: Any,
    transforms: Sequence[str] = tuple(REGISTRY),
    inner: Sequence[str] = tuple(REGISTRY),
    features: frozenset[c.Choice] = frozenset(c.FEATURES),
) -> d.CallProgram:
    """A well-formed call program whose outermost call is of one of `transforms`, and those in it of
    some of `inner`, that needs no more than `features`.
    """
    program = _Drawing(Draws(draw), transforms, inner, features).program()
    if program is None:
        reject()
    return program


class _Drawing(Results):
    """One program in the making."""

    def __init__(
        self,
        draws: Draws,
        transforms: Sequence[str],
        inner: Sequence[str],
        features: frozenset[c.Choice],
    ) -> None:
        self.inner = sorted(inner)
        self._outer = draws.pick(sorted(transforms))
        # Each pair of transforms has the same chance, however seldom its calls fit.
        asked = draws.pick(self.inner) if draws.number(0, 15) else None
        #: The transform that has to be called in the outermost call, if one is still to be.
        self._within: str | None = asked
        if not all(REGISTRY[name].references for name in (self._outer, asked or self._outer)):
            features -= {"array-refs"}
        super().__init__(Objects(draws, features))
        kinds = (t.Array, t.Node, t.Whole, t.Streams, t.Optimizer, t.Definition)
        #: What an argument may be.
        self._given = (*kinds, t.Variable) if "bare-variables" in features else kinds
        self._writer = Writer(REGISTRY)

    def program(self) -> d.CallProgram | None:
        """A program; None where the choices led to none."""
        variables, nodes, objects = self.objects.tables()
        tables = Tables(variables, nodes)
        scope = {name: tables.of(held) for name, held in objects.items()}
        call = self._call(scope, tuple(scope), 0, self._outer)
        if call is None:
            return None
        program = d.CallProgram(call, variables, nodes, objects)
        try:
            text(program, REGISTRY)
        except Unfit:
            return None
        return program

    # --- calls ------------------------------------------------------------------------------

    def _call(
        self, scope: dict[str, t.Type], near: Sequence[str], depth: int, transform: str
    ) -> d.Call | None:
        """A call of a transform, which prefers the names that are `near`.

        Tried again where it has not the transform that it has to call.
        """
        row, within = REGISTRY[transform], self._within
        without: d.Call | None = None
        for _ in range(_AGAIN):
            args = self._arguments(scope, near)
            call = self._call_with(row, args, scope, depth)
            if call is not None and self._within is None:
                return call
            without, self._within = call or without, within
        plain = self._call_with(row, (d.Const(),), scope, depth)
        return plain if plain is not None and self._within is None else without or plain

    def _call_with(
        self, row: Transform, args: tuple[d.Operand, ...], scope: dict[str, t.Type], depth: int
    ) -> d.Call | None:
        """A call with these arguments; None where the choices led to none."""
        style = self._style(row, args, scope)
        call = d.Call(row.name, self.name("y"), {}, args, (), style)
        try:
            first = 1 if style in BINDING else 0
            types = tuple(self.type(arg, scope) for arg in args)
            if any(not t.needs(type_) <= self.features for type_ in types):
                return None
            if not row.references and any(map(t.has_reference, scope.values())):
                return None  # jax has none there, and says so with no refusal
            options = row.draw(self.draws, types[first:], depth)
            if not row.features(options) <= self.features:
                return None
            named = row.named and self.draws.chance(8)
            call = d.Call(row.name, call.name, as_data(options), args, (), style, int(named))
            entered, _ = self._writer.entered(call, scope, depth)
            count = self.draws.number(*row.blocks)
            blocks: tuple[d.Block, ...] = ()
            for k in range(count):
                blocks += (self._block(row, entered, k, scope, style, depth, blocks),)
            call = d.Call(row.name, call.name, call.options, args, blocks, style, int(named))
            Writer(REGISTRY).call(call, dict(scope), depth)
        except Unfit:
            return None
        return call

    def _style(self, row: Transform, args: Sequence[d.Operand], scope: t.Scope) -> d.Style:
        styles: list[d.Style] = [*_PLAIN_STYLES] if self._within is None else ["def"] * 4
        styles += ["factory"] if row.factory else []
        if row.styles:
            styles.append("partial")
            first = self.type(args[0], scope)
            if isinstance(first, t.Node) and first.kind == "module":
                styles += ["method", "instance"] * 2
                styles += ["decorated"] * (3 if row.decorates else 0)
        return self.draws.pick(styles)

    def _arguments(self, scope: t.Scope, near: Sequence[str]) -> tuple[d.Operand, ...]:
        """Arguments of a call; one object twice is refused in tree mode, so most are others."""
        args: list[d.Operand] = []
        for _ in range(self.draws.number(1, 3)):
            argument = self._argument(scope, near)
            if argument in args and not self.draws.chance(3):
                argument = d.Const(self.draws.number(0, 3))
            args.append(argument)
            args += self._model(argument, scope)
        return tuple(args)

    def _model(self, argument: d.Operand, scope: t.Scope) -> Sequence[d.Operand]:
        """The model of an optimizer, which takes no step without it."""
        held = self.type(argument, scope) if isinstance(argument, d.Read) else None
        if not isinstance(held, t.Optimizer):
            return []
        models = [
            d.Read(place)
            for place in self.places(scope, tuple(scope), t.Node)
            if is_model(t.at(scope[place.name], place.path), held)
        ]
        return models[:1]

    def _argument(self, scope: t.Scope, near: Sequence[str], inside: bool = False) -> d.Operand:
        match self.draws.number(0, 23):
            case 20 | 21:
                return d.Const(self.draws.number(0, 3))
            case 22:
                return d.Plain(self.draws.pick(_NUMBERS))
            case 23 if not inside:
                return self.group([self._argument(scope, near, True) for _ in range(2)])
        usable = self.places(scope, near, self._given)
        return self.of_any_sort(usable, scope) if usable else d.Const(1)

    def _block(
        self,
        row: Transform,
        entered: Any,
        k: int,
        scope: t.Scope,
        style: d.Style,
        depth: int,
        others: tuple[d.Block, ...],
    ) -> d.Block:
        types = entered.parameters(k)
        params = tuple(self.name("p") for _ in types)
        inner = _inside(params, types, scope, style)
        near = [*params, *(name for name in scope if name in inner and self.draws.chance(4))]
        # What is written, and handed on, is seldom captured: transforms refuse that.
        mine = list(near) if self.draws.chance(16) else list(params)
        body = self._body(inner, near, mine, depth + 1, style)
        own = params[len(entered.bound) :]
        if row.returned(k) == "carry" and style != "lambda":
            body += self.next_arrays(row, entered, inner, own, near)
        if others and row.returned(k) == "alike":
            first = others[0]
            as_first = _inside(first.params, entered.parameters(0), scope, style)
            Writer(REGISTRY).statements(first.body, as_first, depth + 1)
            more, returns = self.as_the_first(first, as_first, inner, near)
            return d.Block(params, (*body, *more), returns)
        returns = self.returns(row, k, entered, inner, own, near)
        free = row.returned(k) in ("free", "alike")
        # Transforms put what stands beside a derivative together apart from it, and people make
        # their models in a transform.
        aux = getattr(entered.options, "has_aux", False)
        if style != "lambda" and (free or aux) and self.draws.chance(8 if free else 4):
            made = d.Make(self.name("n"), self.objects.layer())
            beside = () if free else returns[:1]
            body, returns = (*body, made), (*beside, d.Read(d.Place(made.name)))
        return d.Block(params, body, returns)

    def _body(
        self,
        scope: dict[str, t.Type],
        near: list[str],
        mine: list[str],
        depth: int,
        style: d.Style,
    ) -> tuple[d.Statement, ...]:
        body: list[d.Statement] = []
        outermost = depth == 1
        count = 0 if style == "lambda" else self.draws.number(int(outermost), _MOST)
        within = self._within if style != "lambda" else None
        for k in range(count + (within is not None)):
            known = set(scope)
            wanted = within if self._within and k == count else None
            try:
                if wanted is not None:
                    again = depth + 1 < d.DEPTH and not self.draws.chance(4)
                    self._within = self.draws.pick(self.inner) if again else None
                    statement: d.Statement | None = self._call(scope, mine, depth, wanted)
                    self._within = wanted if statement is None else None
                else:
                    opening = outermost and not k
                    calls = not opening and depth < d.DEPTH and self.draws.chance(3)
                    transform = self.draws.pick(self.inner) if calls else None
                    statement = (
                        self._call(scope, mine, depth, transform)
                        if transform is not None
                        else self.statement(scope, near, mine, opening)
                    )
                for one in self._with_next(statement):
                    Writer(REGISTRY).statement(one, scope, depth)
                    body.append(one)
            except Unfit:
                self._within = wanted or self._within
                continue
            near += [name for name in scope if name not in known]
            mine += [name for name in scope if name not in known]
        return tuple(body)

    def _with_next(self, statement: d.Statement | None) -> list[d.Statement]:
        """The statement, if any; half of what is sown is popped at once, and half of what is split
        is merged, as most programs do.
        """
        match statement:
            case d.Sow(place) if self.draws.chance(2):
                return [statement, d.Pop(self.name("o"), place)]
            case d.Split(name, _, filter_) if self.draws.chance(2):
                states = tuple(d.Place(name, (k,)) for k in ((1, 2) if filter_ else (1,)))
                return [statement, d.Merge(self.name("n"), d.Place(name, (0,)), states)]
        return [] if statement is None else [statement]


def _inside(
    params: Sequence[str], types: Sequence[t.Type], scope: t.Scope, style: d.Style
) -> dict[str, t.Type]:
    """What a function's text sees before its first statement."""
    outside = {} if style in METHODS else dict(scope)
    return outside | dict(zip(params, types, strict=True))
