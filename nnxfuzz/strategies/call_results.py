"""What the functions of a call program return."""

from collections.abc import Sequence
from typing import Any

from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.places import argument
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.strategies.call_objects import Objects
from nnxfuzz.strategies.call_statements import Statements, sort_of
from nnxfuzz.transforms import Transform

_GROUPS: tuple[Any, ...] = ("tuple", "list", "dict", "record")


class Results(Statements):
    """Draws what a function returns."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects)
        #: By the name of a carry's array, what it is after the trip.
        self._next: dict[str, str] = {}

    def type(self, operand: d.Operand, scope: t.Scope) -> t.Type:
        return argument(operand, scope)[1]

    def of_any_sort(self, usable: list[d.Place], scope: t.Scope) -> d.Operand:
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

    def group(self, items: list[d.Operand]) -> d.Group:
        kind = self.draws.pick(_GROUPS)
        short = kind != "record" and self.draws.chance(4)
        return d.Group(kind, tuple(items[:1] if short else items))

    def next_arrays(
        self,
        row: Transform,
        entered: Any,
        scope: dict[str, t.Type],
        own: Sequence[str],
        near: list[str],
    ) -> tuple[d.Statement, ...]:
        """At times, what the arrays of a carry are next, made of what they were."""
        made = []
        for name in _carried(row, entered, own):
            array = scope[name]
            if isinstance(array, t.Array) and self.draws.chance(2):
                new = self.name("c")
                made.append(self.let(new, d.Read(d.Place(name)), scope, near))
                scope[new] = array
                self._next[name] = new
        return tuple(made)

    def returns(
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
            results = [self.number(scope, near, floats=True)]
            more = self.draws.number(0, 1) if getattr(entered.options, "has_aux", False) else 0
            if more:
                return (*results, self._anything(scope, near, own))
        elif wanted == "carry":
            for name in _carried(row, entered, own):
                is_array = isinstance(scope[name], t.Array)
                mine = d.Read(d.Place(self._next.get(name, name)))
                other = is_array and name not in self._next
                results.append(self.number(scope, near) if other else mine)
            more = self.draws.number(0, 1) if row.emits else 0
        elif wanted in ("free", "alike"):
            count = self.draws.number(0, 2)
            return tuple(self._anything(scope, near, own) for _ in range(count))
        return (*results, *(self.number(scope, near) for _ in range(more)))

    def as_the_first(
        self, first: d.Block, as_first: t.Scope, scope: t.Scope, near: Sequence[str]
    ) -> tuple[list[d.Statement], tuple[d.Operand, ...]]:
        """What a further branch makes and returns: what the first does, of objects of its own."""
        made: dict[d.Operand, d.Make] = {
            d.Read(d.Place(one.name)): one for one in first.body if isinstance(one, d.Make)
        }
        body: list[d.Statement] = []
        returns: list[d.Operand] = []
        for operand in first.returns:
            want = self.type(operand, as_first)
            if operand in made:
                again = d.Make(self.name("n"), made[operand].value)
                body.append(again)
                returns.append(d.Read(d.Place(again.name)))
            elif isinstance(want, t.Array):
                returns.append(self.number(scope, near))
            else:
                returns.append(self._like(want, scope, near))
        return body, tuple(returns)

    def _like(self, want: t.Type, scope: t.Scope, near: Sequence[str]) -> d.Operand:
        """An object of the same form; raises Unfit if there is none."""
        places = self.places(scope, near, (type(want),))
        usable = [p for p in places if t.same_form(t.at(scope[p.name], p.path), want)]
        if not usable:
            raise Unfit("a branch has nothing like what the first returns")
        return d.Read(self.draws.pick(usable))

    def _anything(self, scope: t.Scope, near: Sequence[str], own: Sequence[str]) -> d.Operand:
        """A number, or at times an object, such as one that the function made, or a container."""
        match self.draws.number(0, 9):
            case 6 | 7 | 8:
                made = [name for name in scope if name in near and name not in own]
                objects = self.places(scope, made or near, (t.Variable, t.Node, t.Whole, t.Results))
                usable = [p for p in objects if _returnable(t.at(scope[p.name], p.path))]
                return self.of_any_sort(usable, scope) if usable else self.number(scope, near)
            case 9:
                return self.group([self.number(scope, near) for _ in range(2)])
        return self.number(scope, near)

    def number(self, scope: t.Scope, near: Sequence[str], floats: bool = False) -> d.Operand:
        """An operand that is an array, not a Variable."""
        usable = [
            place
            for place in self.places(scope, near, (t.Array,))
            if not floats or t.is_float(t.at(scope[place.name], place.path))
        ]
        return d.Read(self.draws.pick(usable)) if usable else d.Const(self.draws.number(0, 3))


def _carried(row: Transform, entered: Any, own: Sequence[str]) -> Sequence[str]:
    """The parameters of a loop's function that are its carry."""
    first = len(row.leading)
    return own[first : first + row.carried(entered.options, entered.given)]


def _returnable(held: t.Type) -> bool:
    """Whether jax returns it: no reference, and no text, which the error of `checkify` is."""
    items = held.items if isinstance(held, t.Results) else ()
    mine = t.has_reference(held) or t.holds_hijax(held)
    return not mine and not any(isinstance(one, t.Static) for one in items)
