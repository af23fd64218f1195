"""One small program for each thing that a case can hold or do beyond carries and plain arrays.

Each says what it shows in its name; `tests/test_rich.py` runs them all, by hand-computed numbers
in the reference and on every arm of the installed release.
"""

from typing import Any, get_args

import msgspec

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Attribute,
    Call,
    Case,
    Const,
    Draw,
    Everywhere,
    Form,
    Index,
    Input,
    Layer,
    LayerKind,
    Linear,
    LinearConfig,
    Loop,
    Manner,
    Mapping,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Output,
    Part,
    Pop,
    Read,
    Slot,
    Sow,
    StateSlot,
    Streams,
    Train,
    TupleSlot,
    Update,
    Variable,
    Within,
)

C, CLOSED = ("carry", 0), ("closure", 0)
INT = Array("int32")


def ints(*shape: int, fill: int = 0) -> Array:
    return Array("int32", shape, fill)


def holding(*arrays: Array, **options: Any) -> dict[str, Any]:
    """A module with Variables `a`, `b`, ... that hold the arrays."""
    variables = tuple(Variable(value=array, **options) for array in arrays)
    held: dict[str, Attribute] = {
        name: OfVariable(k) for k, name in zip(range(len(arrays)), "abc", strict=False)
    }
    return {"variables": variables, "nodes": (Module(held),)}


def scanning(*inputs: Input, body: tuple[Any, ...] = (), trips: int = 3, **more: Any) -> Case:
    """A scan over the inputs that carries a tuple of one int32 number."""
    more.setdefault("carry", (TupleSlot((1,)), ArraySlot(INT)))
    return Case(loop=Loop(0, trips), inputs=inputs, body=body, **more)


def carrying(*nodes: Any, body: tuple[Any, ...], **more: Any) -> Case:
    """Two trips that carry the first node, the second if there is one, and an int32 number."""
    rows = range(min(len(nodes), 2))
    slots: tuple[Slot, ...] = (
        TupleSlot(tuple(range(1, len(rows) + 2))),
        *map(NodeSlot, rows),
        ArraySlot(INT),
    )
    return Case(nodes=nodes, carry=slots, loop=Loop(0, 2), body=body, **more)


def add(at: tuple[str | int, ...], operand: Any) -> Update:
    return Update(at, "add", operand)


X0, X1 = Input(OfArray(ints(3))), Input(OfArray(ints(2, 3)), 1)
IN0 = Read(("inputs", 0))
STACKED: dict[str, Any] = {
    "variables": (Variable(value=ints(3, 2)),),
    "nodes": (Module({"a": OfVariable(0)}),),
}
A0, A1 = ("inputs", 0, "a"), ("inputs", 1, "a")
A = ("carry", 0, "a")
NUMBER = ("carry", 1)

INPUTS: dict[str, Case] = {
    "an array along axis 0": scanning(X0, body=(add(C, IN0),)),
    "an array along its last axis": scanning(
        Input(OfArray(ints(2, 3)), -1),
        body=(add(C, Read(("inputs", 0), True)),),
        ys=(Output(IN0, 1),),
    ),
    "a broadcast array": scanning(
        X1,
        Input(OfArray(ints(2)), None),
        body=(add(C, Read(("inputs", 0), True)), add(C, Read(("inputs", 1), True))),
    ),
    "a Variable": scanning(
        Input(OfVariable(0)),
        variables=(Variable(value=ints(3, 2)),),
        body=(add(("inputs", 0), Const(5)), add(C, Read(("inputs", 0), True))),
    ),
    "a module along axis 1": scanning(
        Input(OfNode(0), 1),
        **holding(ints(2, 3)),
        body=(add(A0, Read(C)), add(C, Read(A0, True))),
    ),
    "a broadcast module that is written": scanning(
        Input(OfNode(0), None), **holding(ints(2)), body=(add(A0, Const(1)), add(C, Read(A0, True)))
    ),
    "stacked layers": scanning(
        Input(OfNode(0)),
        Input(OfArray(Array("float32", (3, 2)))),
        nodes=(Linear(LinearConfig(2, 1), 0, 3),),
        carry=(TupleSlot((1,)), ArraySlot(Array("float32"))),
        body=(add(C, Call(("inputs", 0), ("inputs", 1), True)),),
    ),
    "state axes by type": scanning(
        Input(OfNode(0), (Part(0, "Param"), Part("carry", "BatchStat"), Part(None))),
        variables=(
            Variable("Param", ints(3, 2)),
            Variable("BatchStat", ints(2)),
            Variable("Cache", ints(2)),
        ),
        nodes=(Module({"a": OfVariable(0), "b": OfVariable(1), "c": OfVariable(2)}),),
        body=(
            add(("inputs", 0, "b"), Read(A0)),
            add(("inputs", 0, "c"), Const(1)),
            add(C, Read(("inputs", 0, "b"), True)),
        ),
    ),
    "state axes by path": scanning(
        Input(OfNode(0), (Part(0, under="a"), Part("carry"))),
        **holding(ints(3, 2), ints(2)),
        body=(add(("inputs", 0, "b"), Read(A0)),),
    ),
    "sowing into a scanned part": scanning(
        Input(OfNode(0), (Part(0, "Intermediate"), Part("carry"))),
        **holding(ints(2)),
        body=(add(A0, Const(1)), Sow(("inputs", 0), "s", Read(A0))),
    ),
    "one module in two arguments": scanning(
        Input(OfNode(0)), Input(OfNode(0)), **STACKED, body=(add(A0, Const(1)),)
    ),
    "one module with two axes": scanning(Input(OfNode(0)), Input(OfNode(0), None), **STACKED),
}

FORMS: dict[str, Case] = {
    "objects made in the body": scanning(
        **holding(ints(2)), ys=(Output(OfNode(0), 1), Output(OfVariable(0)))
    ),
    "packed, the carry last": scanning(
        X0,
        X1,
        body=(add(C, IN0), add(C, Index())),
        ys=(Output(Index()), Output(Read(("inputs", 1)), -1)),
        form=Form(packed=True, carry_in=1, carry_out=1),
    ),
    "the carry in the middle and last": scanning(
        X0,
        X1,
        body=(add(C, IN0),),
        ys=(Output(Index()), Output(Read(("inputs", 1)), -1)),
        form=Form(carry_in=1, carry_out=2),
    ),
    "a method": scanning(
        Input(OfNode(0)),
        X0,
        **STACKED,
        body=(add(A0, Read(("inputs", 1))),),
        form=Form(carry_in=1, style="method"),
    ),
    "by keyword": scanning(X0, body=(add(C, IN0),), form=Form(style="keyword")),
    "the length": scanning(X0, body=(add(C, IN0),), form=Form(length=3)),
    "a wrong length": scanning(X0, body=(add(C, IN0),), form=Form(length=2)),
    "partition names": scanning(
        Input(OfNode(0)),
        **holding(ints(3, 2), names=("l", "x")),
        body=(add(A0, Const(1)),),
        ys=(Output(OfVariable(0), 1),),
        form=Form(partition="l"),
    ),
    "partition names at a negative axis": scanning(
        Input(OfNode(0), -1),
        **holding(ints(2, 3), names=("x", "l")),
        body=(add(A0, Const(1)),),
        form=Form(partition="l"),
    ),
}

STREAMS: dict[str, Case] = {
    "streams in the carry": carrying(
        Streams({"params": 0, "dropout": 1}), body=(add(NUMBER, Draw(("carry", 0, "params"))),)
    ),
    "a fork": carrying(Streams({"params": 0}), body=(add(NUMBER, Draw((*C, "params"), True)),)),
    "broadcast streams": scanning(
        Input(OfNode(0), None),
        nodes=(Streams({"params": 0}),),
        body=(add(C, Draw(("inputs", 0, "params"))),),
    ),
    "split streams": scanning(
        Input(OfNode(0)),
        nodes=(Streams({"params": 0}, 3),),
        body=(add(C, Draw(("inputs", 0, "params"))),),
    ),
}

STATES: dict[str, Case] = {
    "a State, rebuilt": Case(
        nodes=(Linear(LinearConfig(2, 1)),),
        carry=(StateSlot(0),),
        loop=Loop(0, 2),
        body=(Everywhere(("carry",)),),
    ),
    "state and update": Case(
        **holding(ints(2)), carry=(NodeSlot(0),), loop=Loop(0, 3), body=(Everywhere(("carry",), 2),)
    ),
    "split and merge": Case(
        **holding(ints(2)),
        carry=(NodeSlot(0),),
        loop=Loop(0, 3),
        body=(Everywhere(("carry",), 2, "merge"),),
    ),
    "sowing twice": carrying(Module(), body=(Sow(C, "s"),)),
    "sowing and popping": carrying(Module(), body=(Sow(C, "s"), Pop(C))),
    "popping by two filters": carrying(Module(), body=(Sow(C, "s"), Sow(C, "t"), Pop(C, "s"))),
    "sowing into a sum": carrying(
        Module({"s": OfVariable(0)}),
        variables=(Variable("Intermediate", INT),),
        body=(Sow(C, "s", Const(1), True),),
    ),
    "a reference": Case(
        variables=(Variable(value=ints(2), ref=True),),
        carry=(ArraySlot(ints(2)),),
        closure=(OfVariable(0),),
        loop=Loop(0, 3),
        body=(Update(CLOSED, "mul", Const(2), "setitem"), Update(("carry",), "add", Read(CLOSED))),
    ),
    "hooks": Case(
        variables=(Variable(value=ints(2), hook="get"), Variable(value=ints(2), hook="set")),
        nodes=(Module({"a": OfVariable(0), "b": OfVariable(1)}),),
        carry=(NodeSlot(0),),
        loop=Loop(0, 2),
        body=(add(("carry", "a"), Const(1)), add(("carry", "b"), Read(("carry", "a")))),
    ),
    "marked attributes": carrying(
        Module({"a": OfArray(INT, True), "b": OfStatic(3, True)}), body=(add((*C, "a"), Const(1)),)
    ),
    "a dict of Variables": carrying(
        Mapping({"a": OfVariable(0)}),
        variables=(Variable(value=INT),),
        body=(add((*C, "a"), Const(1)),),
    ),
}

TRAINING: dict[str, Case] = {
    f"training by {rule}": carrying(
        Linear(LinearConfig(2, 1, init="ones")),
        Optimizer(0, rule),
        body=(Train(("carry", 1), C, ("carry", 2)),),
    )
    for rule in ("sgd", "momentum", "adam")
}

LAYERS: dict[str, Case] = {
    kind: Case(
        nodes=(Layer(kind, 1),),
        carry=(
            TupleSlot((1, 2, 3)),
            NodeSlot(0),
            ArraySlot(Array("float32")),
            ArraySlot(INT),
        ),
        loop=Loop(0, 2),
        body=(add(NUMBER, Call(C, ("carry", 2), True)), add(("carry", 2), Const(1))),
    )
    for kind in get_args(LayerKind)
}

INNER: dict[str, Case] = {
    f"{how} inside": carrying(
        Module({"a": OfVariable(0)}),
        variables=(Variable(value=ints(2)),),
        blocks=((add((*C, "a"), Const(1)), add(NUMBER, Read((*C, "a"), True))),),
        body=(
            Within(0, how, 2, at=NUMBER if how in ("cond", "switch") else None),
            add(NUMBER, Const(1)),
        ),
    )
    for how in ("fori_loop", "while_loop", "scan", "jit", "remat", "cond", "switch")
}

#: How the transform is called; the first two may be called by any of them.
_ADDS = carrying(
    Module({"a": OfVariable(0)}),
    variables=(Variable(value=ints(2)),),
    body=(add(A, Index()), add(NUMBER, Read(A, True))),
)
_SCANS = scanning(X0, Input(OfNode(0)), **STACKED, body=(add(A1, IN0), add(C, Read(A1, True))))
_OF_MANNER = {
    "mode by config": Manner("config"),
    "mode by context": Manner("context"),
    "a partial": Manner(body="partial"),
    "a callable object": Manner(body="object"),
    "an object with an attribute f": Manner(body="wrapper"),
    "a callable module": Manner(body="module"),
    "the same loop twice": Manner(earlier="chained"),
    "after another mode": Manner(earlier="mode"),
}
MANNERS: dict[str, Case] = {
    **{name: msgspec.structs.replace(_ADDS, manner=m) for name, m in _OF_MANNER.items()},
    **{
        f"{name}, scanned": msgspec.structs.replace(_SCANS, manner=m)
        for name, m in _OF_MANNER.items()
    },
    "the carry alone": msgspec.structs.replace(
        _ADDS, body=(add(A, Const(1)), add(NUMBER, Read(A, True))), form=Form(carry="alone")
    ),
    "an output by parts": scanning(
        nodes=(Module({"a": OfVariable(0), "b": OfVariable(1)}),),
        variables=(Variable(value=ints(2)), Variable("Cache", ints(2))),
        ys=(Output(OfNode(0), (Part(1, "Cache"), Part(0))),),
    ),
    "no carry": scanning(
        X0,
        Input(OfNode(0)),
        **STACKED,
        carry=(TupleSlot(),),
        body=(add(A1, IN0),),
        ys=(Output(Read(A1), 1), Output(Index())),
        form=Form(carry="none"),
    ),
    "a decorator": msgspec.structs.replace(_SCANS, form=Form(style="decorator")),
}

RICH: dict[str, Case] = MANNERS | INPUTS | FORMS | STREAMS | STATES | TRAINING | LAYERS | INNER
