"""Statements of the functions of a call program to try, but for calls."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import permutations
from typing import Any

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import states
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.relations import relation_of
from nnxfuzz.strategies.call_objects import Objects
from nnxfuzz.strategies.subjects import CHANGES

_OPERATORS: tuple[d.Operator, ...] = ("add", "add", "multiply", "set")
_DTYPES: tuple[c.DType, ...] = ("int32", "float32", "bfloat16")

#: What a statement does, the most frequent first; "change" is one of `CHANGES`.
_KINDS = ("update",) * 8 + ("let",) * 4 + ("apply",) * 3 + ("change",) * 3
_MORE = (
    *("random", "random", "sow", "step", "measure", "fork", "make", "make", "cast", "raise"),
    *("mark", "split", "split", "merge", "state", "load", "clone", "treemap", "turn", "reseed"),
)
#: What is done with an object, by its sort.
_USES: dict[str, tuple[str, ...]] = {
    "Definition": ("merge",),
    "MultiMetric": ("measure",),
    "Optimizer": ("step",),
    "Streams": ("random", "random", "fork", "reseed"),
    "Variable": ("update", "update", "mark"),
    "Whole": ("apply", "apply", "relate"),
    "layer": ("apply",) * 5 + ("split", "clone", "relate", "treemap", "turn"),
    "module": ("sow", "sow", "change", "change", "change", "split", "state", "clone", "treemap"),
    "state": ("merge", "load", "treemap"),
}

#: How many kinds of statements are tried: most of them need objects that few scopes have.
_TRIES = 4


class Statements:
    """Statements that read what is `near` and change what is `mine`, both names of a scope."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.draws = objects.draws
        self.features = objects.features
        self._names = 0

    def name(self, letter: str) -> str:
        """A new name."""
        self._names += 1
        return f"{letter}{self._names}"

    def places(self, scope: t.Scope, near: Sequence[str], kinds: Any) -> list[d.Place]:
        """Places of some kinds: below the names that are near, or, at times, below any."""
        names = [name for name in scope if name in near]
        if self.draws.chance(40) or not names:
            names = list(scope)
        return [
            d.Place(name, path)
            for name in names
            for path, type_ in t.places(scope[name])
            if isinstance(type_, kinds)
        ]

    def operand(self, scope: t.Scope, near: Sequence[str]) -> d.Operand:
        """A number: a constant, or what an array or a Variable holds."""
        usable = self.places(scope, near, (t.Array, t.Variable))
        if not usable or self.draws.chance(2):
            return d.Const(self.draws.number(1, 3))
        return d.Read(self.draws.pick(usable))

    def let(self, name: str, left: d.Operand, scope: t.Scope, near: Sequence[str]) -> d.Let:
        """`name` as `left` changed by another number."""
        return d.Let(name, left, self.draws.pick(_OPERATORS[1:3]), self.operand(scope, near))

    def statement(
        self, scope: t.Scope, near: Sequence[str], mine: Sequence[str], first: bool = False
    ) -> d.Statement | None:
        """A statement, if possible the `first` that the subject has, or None; raises Unfit where
        nothing is there for any that was tried.
        """
        kinds = [self.objects.subject.statements[0]] if first else []
        for _ in range(_TRIES):
            kind = kinds.pop() if kinds else self._what(scope, mine)
            try:
                return self._statement(kind, scope, near, mine)
            except t.Unfit:
                continue
        raise t.Unfit("nothing is there for a statement")

    def _statement(
        self, kind: str, scope: t.Scope, near: Sequence[str], mine: Sequence[str]
    ) -> d.Statement | None:
        match kind:
            case "update":
                place = self._pick(scope, mine, self._writable)
                op = self.draws.pick(_OPERATORS)
                return d.Update(place, op, self.operand(scope, near))
            case "let":
                return self.let(self.name("a"), self.operand(scope, near), scope, near)
            case "apply":
                place = self._pick(scope, mine, _is_layer)
                return d.Apply(self.name("a"), place, self.operand(scope, near))
            case "relate":
                place = self._pick(scope, mine, lambda held: relation_of(held) is not None)
                return d.Relate(self.name("a"), place, self.operand(scope, near))
            case "random":
                place = self._pick(scope, mine, self._one_stream)
                return d.Random(self.name("a"), place)
            case "fork" if "rng-fork" in self.features:
                place = self._pick(scope, mine, self._one_stream)
                return d.Fork(self.name("s"), place, self.draws.pick((None, 2)))
            case "change":
                return self._change(self.draws.pick(CHANGES), scope, near, mine)
            case _ if kind in CHANGES:
                return self._change(kind, scope, near, mine)
            case _:
                return self._seldom(kind, scope, near, mine)

    def _what(self, scope: t.Scope, mine: Sequence[str]) -> str:
        """What a statement does: in half of them what the program is about, and in half of the
        others what one of the objects that are there is for.
        """
        if self.draws.chance(2):
            return self.draws.pick(self.objects.subject.statements)
        held = [below for name in mine for _, below in t.places(scope[name])]
        there = sorted({sort_of(below) for below in held} & _USES.keys())
        if there and self.draws.chance(2):
            return self.draws.pick(_USES[self.draws.pick(there)])
        return self.draws.pick((*_KINDS, *_MORE))

    def _seldom(
        self, kind: str, scope: t.Scope, near: Sequence[str], mine: Sequence[str]
    ) -> d.Statement | None:
        match kind:
            case "step":
                return self._step(scope, near, mine)
            case "sow":
                place = self._pick(scope, mine, lambda held: _kind(held) == "module")
                return d.Sow(place, self.operand(scope, near))
            case "measure":
                place = self._pick(scope, mine, lambda held: _kind(held) == "MultiMetric")
                return d.Measure(place, self.operand(scope, near))
            case "make":
                made: Any = (d.New, self.objects.streams, self.objects.layer)
                return d.Make(self.name("n"), self.draws.pick(made)())
            case "turn":
                place = self._pick(
                    scope, mine, lambda held: _is_layer(held) or _kind(held) == "module"
                )
                return d.Turn(place, self.draws.pick(("eval", "eval", "train")))
            case "reseed":
                return d.Reseed(self._pick(scope, mine, self._one_stream), self.draws.number(0, 3))
            case "treemap":
                return self._tree_map(scope, mine)
            case "split" | "merge" | "state" | "load" | "clone":
                return self._functional(kind, scope, near, mine)
            case "cast" if self.draws.chance(2):
                place = self._pick(scope, mine, self._writable)
                return d.Cast(place, self.draws.pick(_DTYPES))
            case "mark":
                place = self._pick(scope, mine, lambda held: isinstance(held, t.Variable))
                return d.Mark(place)
            case "raise" if self.draws.chance(3):
                return d.Raise()
        return None

    def _functional(
        self, kind: str, scope: t.Scope, near: Sequence[str], mine: Sequence[str]
    ) -> d.Statement:
        """A statement of the functional API."""
        if kind == "merge":
            return self._merge(scope)
        place = self._pick(scope, mine, lambda held: _kind(held) == "module" or _is_layer(held))
        filter_: d.Filter = self.draws.pick(("", "", "nnx.Param"))
        match kind:
            case "split":
                return d.Split(self.name("s"), place, filter_)
            case "state":
                return d.State(self.name("s"), place, filter_)
            case "load":
                return d.Load(place, self._pick(scope, near, _is_state))
        return d.Clone(self.name("n"), place)

    def _tree_map(self, scope: t.Scope, mine: Sequence[str]) -> d.TreeMap:
        """A map over the arrays of a State, or of a module where that is a tree."""

        def fits(held: t.Type) -> bool:
            with suppress(t.Unfit):
                return states.mappable(held).kind == "state" or "tree-modules" in self.features
            return False

        return d.TreeMap(self.name("n"), self._pick(scope, mine, fits))

    def _merge(self, scope: t.Scope) -> d.Merge:
        """A merge of States that fit; a GraphDef may come from anywhere, for it is static."""
        place = self._pick(scope, tuple(scope), lambda held: isinstance(held, t.Definition))
        every = self.places(scope, tuple(scope), t.Node)
        held = [p for p in every if _is_state(t.at(scope[p.name], p.path))]
        fit = []
        for parts in (*zip(held, strict=True), *permutations(held, 2)):
            merge = d.Merge(self.name("n"), place, parts)
            with suppress(t.Unfit):
                states.written(merge, dict(scope))
                fit.append(merge)
        if not fit:
            raise t.Unfit("no State is there of such a GraphDef")
        return self.draws.pick(fit)

    def _step(self, scope: t.Scope, near: Sequence[str], mine: Sequence[str]) -> d.Statement | None:
        place = self._pick(scope, mine, lambda held: isinstance(held, t.Optimizer))
        optimizer = t.at(scope[place.name], place.path)
        model = self._pick(scope, mine, lambda held: is_model(held, optimizer))
        return d.Step(place, model, self.operand(scope, near))

    def _change(
        self, kind: str, scope: t.Scope, near: Sequence[str], mine: Sequence[str]
    ) -> d.Statement | None:
        """A statement that changes what a module holds."""
        place = self._pick(scope, mine, lambda held: _kind(held) == "module")
        held = [str(step) for step, _ in t.children(t.at(scope[place.name], place.path))]
        match kind:
            case "attach":
                return d.Attach(place, "n", d.New() if self.draws.chance(2) else 1)
            case "add":
                other = self._pick(scope, near, lambda at: isinstance(at, t.Variable))
                value: Any = self.draws.pick((d.New(), 1, d.Read(other)))
                return d.Attach(place, "n", value, update=True)
            case "replace" if held:
                return d.Attach(place, self.draws.pick(held), d.New(self.objects.variable()))
            case "share":
                other = self._pick(scope, near, lambda at: isinstance(at, t.Variable | t.Node))
                name = self.draws.pick(["n", *held])
                return d.Attach(place, name, d.Read(other))
            case "detach" if held:
                return d.Detach(d.Place(place.name, (*place.path, self.draws.pick(held))))
            case "swap" if len(held) > 1:
                return d.Swap(place, held[0], self.draws.pick(held[1:]))
            case "pop":
                return d.Pop(self.name("o"), place)
        return None

    def _pick(self, scope: t.Scope, names: Sequence[str], fits: Any) -> d.Place:
        """A place of which the type fits, below the names if possible; Unfit if there is none."""
        usable = [
            place
            for place in self.places(scope, names, object)
            if fits(t.at(scope[place.name], place.path)) and self._is_below(place, scope)
        ]
        if not usable:
            raise t.Unfit("nothing is there for such a statement")
        return self.draws.pick(usable)

    def _is_below(self, place: d.Place, scope: t.Scope) -> bool:
        """Whether it is an object, or an attribute of one: what stands there can be changed."""
        held = t.at(scope[place.name], place.path)
        return not isinstance(held, t.Array) or bool(place.path)

    def _writable(self, held: t.Type) -> bool:
        return isinstance(held, t.Variable | t.Array)

    def _one_stream(self, held: t.Type) -> bool:
        return isinstance(held, t.Streams) and held.lanes is None and bool(held.names)


def sort_of(held: t.Type) -> str:
    """What something is: one sort can be put to uses that another cannot."""
    if isinstance(held, t.Node):
        return "layer" if held.layer else held.kind
    return type(held).__name__


def is_model(held: t.Type, optimizer: t.Type) -> bool:
    """Whether an optimizer is one of this layer, which is still whole."""
    return (
        isinstance(held, t.Node)
        and isinstance(optimizer, t.Optimizer)
        and (held.kind, held.row, held.layer) == ("Linear", optimizer.model, True)
    )


def _kind(held: t.Type) -> str:
    return held.kind if isinstance(held, t.Node) else ""


def _is_layer(held: t.Type) -> bool:
    return isinstance(held, t.Whole) or (isinstance(held, t.Node) and held.layer)


def _is_state(held: t.Type) -> bool:
    return _kind(held) == "state"
