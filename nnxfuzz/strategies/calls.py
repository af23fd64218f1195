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
from nnxfuzz.programs.calls.places import argument
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.walk import as_data
from nnxfuzz.programs.calls.writer import BINDING, METHODS, Writer, text
from nnxfuzz.strategies.call_objects import Draws, Objects
from nnxfuzz.strategies.call_statements import Statements, is_model, sort_of
from nnxfuzz.transforms import REGISTRY, Transform

_PLAIN_STYLES: tuple[d.Style, ...] = ("def",) * 8 + ("lambda",)
_GROUPS: tuple[Any, ...] = ("tuple", "list", "dict", "record")
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


class _Drawing(Statements):
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
        #: By the name of a carry's array, what it is after the trip.
        self._next: dict[str, str] = {}
        self._writer = Writer(REGISTRY)

    def program(self) -> d.CallProgram | None:
        """A program; None where the choices led to none."""
        variables, nodes, objects = self.objects.tables()
        tables = t.Tables(variables, nodes)
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
            types = tuple(self._type(arg, scope) for arg in args)
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
            blocks = tuple(self._block(row, entered, k, scope, style, depth) for k in range(count))
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
            first = self._type(args[0], scope)
            if isinstance(first, t.Node) and first.kind == "module":
                styles += ["method", "instance"] * 2
                styles += ["decorated"] * (3 if row.decorates else 0)
        return self.draws.pick(styles)

    def _type(self, operand: d.Operand, scope: t.Scope) -> t.Type:
        return argument(operand, scope)[1]

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
        held = self._type(argument, scope) if isinstance(argument, d.Read) else None
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
                return self._group([self._argument(scope, near, True) for _ in range(2)])
        usable = self.places(scope, near, self._given)
        return self._of_any_sort(usable, scope) if usable else d.Const(1)

    def _of_any_sort(self, usable: list[d.Place], scope: t.Scope) -> d.Operand:
        """What stands at one of the places; each sort has the same chance, for most are arrays, and
        that of the subject a half.
        """
        sorts: dict[str, list[d.Place]] = {}
        for place in usable:
            sorts.setdefault(sort_of(t.at(scope[place.name], place.path)), []).append(place)
        asked = sorts.get(self.objects.subject.sort)
        if asked and self.draws.chance(2):
            return d.Read(self.draws.pick(asked))
        return d.Read(self.draws.pick(self.draws.pick([*sorts.values()])))

    def _group(self, items: list[d.Operand]) -> d.Group:
        kind = self.draws.pick(_GROUPS)
        short = kind != "record" and self.draws.chance(4)
        return d.Group(kind, tuple(items[:1] if short else items))

    def _block(
        self, row: Transform, entered: Any, k: int, scope: t.Scope, style: d.Style, depth: int
    ) -> d.Block:
        types = entered.parameters(k)
        params = tuple(self.name("p") for _ in types)
        inner = {} if style in METHODS else dict(scope)
        inner |= dict(zip(params, types, strict=True))
        near = [*params, *(name for name in scope if name in inner and self.draws.chance(4))]
        # What is written, and handed on, is seldom captured: transforms refuse that.
        mine = list(near) if self.draws.chance(16) else list(params)
        body = self._body(inner, near, mine, depth + 1, style)
        own = params[len(entered.bound) :]
        if row.returned(k) == "carry" and style != "lambda":
            body += self._next_arrays(row, entered, inner, own, near)
        returns = self._returns(row, k, entered, inner, own, near)
        free = row.returned(k) == "free"
        # Transforms put what stands beside a derivative together apart from it, and people make
        # their models in a transform.
        aux = getattr(entered.options, "has_aux", False)
        if style != "lambda" and (free or aux) and self.draws.chance(8 if free else 4):
            made = d.Make(self.name("n"), self.objects.layer())
            first = () if free else returns[:1]
            body, returns = (*body, made), (*first, d.Read(d.Place(made.name)))
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
                new = self.name("c")
                made.append(self.let(new, d.Read(d.Place(name)), scope, near))
                scope[new] = array
                self._next[name] = new
        return tuple(made)

    def _returns(
        self,
        row: Transform,
        k: int,
        entered: Any,
        scope: t.Scope,
        own: Sequence[str],
        near: Sequence[str],
    ) -> tuple[d.Operand, ...]:
        results: list[d.Operand] = []
        wanted = row.returned(k)
        if wanted == "number":
            usable = self.places(scope, own, (t.Array, t.Variable))
            return (d.Read(self.draws.pick(usable)) if usable else d.Const(1),)
        if wanted in ("float", "loss"):
            results = [self._number(scope, near, floats=True)]
            more = self.draws.number(0, 1) if getattr(entered.options, "has_aux", False) else 0
            if more:
                return (*results, self._anything(scope, near, own))
        elif wanted == "carry":
            first = len(row.leading)
            for name in own[first : first + row.carried(entered.options, entered.given)]:
                is_array = isinstance(scope[name], t.Array)
                mine = d.Read(d.Place(self._next.get(name, name)))
                other = is_array and name not in self._next
                results.append(self._number(scope, near) if other else mine)
            more = self.draws.number(0, 1) if row.emits else 0
        elif wanted == "free":
            count = self.draws.number(0, 2)
            return tuple(self._anything(scope, near, own) for _ in range(count))
        else:
            more = self.draws.number(0, 2)
        return (*results, *(self._number(scope, near) for _ in range(more)))

    def _anything(self, scope: t.Scope, near: Sequence[str], own: Sequence[str]) -> d.Operand:
        """A number, or at times an object, such as one that the function made, or a container."""
        match self.draws.number(0, 9):
            case 6 | 7 | 8:
                made = [name for name in scope if name in near and name not in own]
                objects = self.places(scope, made or near, (t.Variable, t.Node, t.Whole, t.Results))
                usable = [p for p in objects if _returnable(t.at(scope[p.name], p.path))]
                return self._of_any_sort(usable, scope) if usable else self._number(scope, near)
            case 9:
                return self._group([self._number(scope, near) for _ in range(2)])
        return self._number(scope, near)

    def _number(self, scope: t.Scope, near: Sequence[str], floats: bool = False) -> d.Operand:
        """An operand that is an array, not a Variable."""
        usable = [
            place
            for place in self.places(scope, near, (t.Array,))
            if not floats or t.is_float(t.at(scope[place.name], place.path))
        ]
        return d.Read(self.draws.pick(usable)) if usable else d.Const(self.draws.number(0, 3))


def _returnable(held: t.Type) -> bool:
    """Whether jax returns it: no reference, and no text, which the error of `checkify` is."""
    items = held.items if isinstance(held, t.Results) else ()
    mine = t.has_reference(held) or t.holds_hijax(held)
    return not mine and not any(isinstance(one, t.Static) for one in items)
