"""Cases for the tests of `script`: inputs and forms of scan, layers, streams, inner transforms.

Together they have every row that `script_cases` has not.
"""

from typing import Any, get_args

import msgspec
from given_cases import GIVEN
from script_cases import INTS, M0, M1, PAIR, TWO_MODULES, X0, X1, outputs, two_modules

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Call,
    Case,
    Const,
    DictSlot,
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
    Mapping,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Output,
    Part,
    Pop,
    Read,
    Sequence,
    Sow,
    Statement,
    StateSlot,
    Streams,
    Train,
    TupleSlot,
    Until,
    Update,
    Variable,
    VariableSlot,
    Within,
)

ROWS = Array(shape=(3, 2))
P0 = (*M0, "p")


def scanned(*body: Statement, **changes: Any) -> Case:
    """A carried array, an array and a module that are scanned over, and `body`."""
    fields: dict[str, Any] = {
        "variables": (Variable(value=ROWS), Variable("BatchStat", Array(shape=(2, 3)))),
        "nodes": (Module({"p": OfVariable(0), "s": OfVariable(1)}),),
        "carry": (ArraySlot(PAIR),),
        "inputs": (
            Input(OfArray(Array(shape=(3, 2), fill=1))),
            Input(OfNode(0), (Part(1, "BatchStat"), Part(0))),
        ),
        "loop": Loop(0, 3),
        "body": body,
    }
    return Case(**(fields | changes))


WRITES = (
    Update((*X1, "p"), "add", Read(X0)),
    Update((*X1, "s"), "mul", Const(2)),
    Update(("carry",), "add", Read((*X1, "p"))),
)

INPUTS: dict[str, Case] = {
    "module scanned over": scanned(*WRITES),
    "module scanned over in reverse": scanned(*WRITES, loop=Loop(2, 5, reverse=True)),
    "index last": scanned(*WRITES, Update(("carry",), "add", Index())),
    "other axes": scanned(
        Update(("carry",), "add", Read(X0)),
        Update(X1, "add", Read(X0)),
        variables=(Variable(value=Array(shape=(2, 3, 1))),),
        nodes=(),
        carry=(ArraySlot(Array(shape=(2, 1))),),
        inputs=(Input(OfArray(Array(shape=(2, 1, 3))), -1), Input(OfVariable(0), -2)),
    ),
    "broadcast": scanned(
        Update(("carry",), "add", Read((*X1, "p"), total=True)),
        Update(("carry",), "add", Read(X0, total=True)),
        inputs=(Input(OfArray(ROWS), None), Input(OfNode(0), None)),
    ),
    "carried part": scanned(
        *WRITES[:1],
        Update((*X1, "s"), "add", Index()),
        inputs=(
            Input(OfArray(Array(shape=(3, 2), fill=1))),
            Input(OfNode(0), (Part("carry", "BatchStat"), Part(0, under="p"), Part(None))),
        ),
    ),
    "carry in the middle": scanned(
        *WRITES,
        form=Form(carry_in=1, carry_out=1),
        ys=outputs(Read((*X1, "p")), Index()),
    ),
    "packed": scanned(
        *WRITES, Update(("carry",), "add", Index()), form=Form(packed=True), ys=outputs(Index())
    ),
    "packed before the carry": scanned(
        *WRITES,
        form=Form(carry_in=1, carry_out=1, packed=True),
        ys=outputs(Read(X0), Read(("carry",))),
    ),
    "by keyword": scanned(*WRITES, form=Form(style="keyword")),
    "as a method": scanned(
        Update((*X0, "p"), "add", Read(X1)),
        Update(("carry",), "add", Read((*X0, "p"))),
        inputs=(Input(OfNode(0), (Part(1, "BatchStat"), Part(0))), Input(OfArray(ROWS))),
        form=Form(carry_in=1, style="method"),
    ),
    "length given": scanned(*WRITES, form=Form(length=3)),
    "partition": scanned(
        *WRITES,
        variables=(
            Variable(value=ROWS, names=("layers", "x")),
            Variable("BatchStat", Array(shape=(2, 3)), names=(None, "layers")),
        ),
        form=Form(partition="layers"),
    ),
    "shared input": scanned(
        Update((*X0, "p"), "add", Const(1)),
        Update((*X1, 0, "p"), "mul", Const(2)),
        nodes=(Module({"p": OfVariable(0)}), Sequence((OfNode(0),))),
        inputs=(Input(OfNode(0)), Input(OfNode(1))),
    ),
    "stack of linears": scanned(
        Update(("carry",), "set", Call(X1, ("carry",))),
        Update((*X1, "bias"), "add", Read(X0)),
        nodes=(Linear(LinearConfig(2, 2, init="ones"), stack=3),),
        inputs=(Input(OfArray(ROWS)), Input(OfNode(0))),
        ys=(Output(Read(("carry",)), 1),),
    ),
    "objects emitted": scanned(
        *WRITES,
        nodes=(
            Module({"p": OfVariable(0), "s": OfVariable(1)}),
            Module({"v": OfVariable(2), "w": OfNode(2)}),
            Module({"v": OfVariable(3)}),
        ),
        variables=(
            Variable(value=ROWS),
            Variable("BatchStat", Array(shape=(2, 3))),
            Variable(value=PAIR),
            Variable("Cache", INTS),
        ),
        ys=(Output(OfNode(1), 1), Output(OfVariable(2)), Output(Read(X0), -1)),
    ),
    "sown into an input": scanned(
        Sow(X1, "h", Read(X0)),
        inputs=(Input(OfArray(ROWS)), Input(OfNode(0))),
        nodes=(Module({"p": OfVariable(0)}),),
    ),
}


def layer(kind: LayerKind) -> Case:
    """A layer in the carry, and a stack of them scanned over."""
    return Case(
        variables=(Variable(value=PAIR),),
        nodes=(Layer(kind, seed=1), Module({"p": OfVariable(0)}), Layer(kind, seed=2, stack=2)),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
        inputs=(Input(OfNode(2)),),
        loop=Loop(0, 2),
        body=(
            Update((*M1, "p"), "add", Call(M0, (*M1, "p"), total=True)),
            Update((*M1, "p"), "add", Call(X0, (*M1, "p"), total=True)),
        ),
    )


LAYERS: dict[str, Case] = {kind: layer(kind) for kind in get_args(LayerKind)}

ROWS_OF_THE_BODY: dict[str, Case] = {
    "streams": two_modules(
        Update(P0, "add", Draw((*M1, "params"))),
        Update(P0, "mul", Const(0)),
        Update(("carry", 2), "add", Draw((*M1, "dropout"), fork=True)),
        Update(("carry", 2), "add", Draw((*X0, "params"))),
        nodes=(
            *TWO_MODULES.nodes[:1],
            Streams({"params": 0, "dropout": 3}),
            Streams({"params": 1}, 3),
        ),
        carry=(TupleSlot((1, 2, 3)), NodeSlot(0), NodeSlot(1), ArraySlot(Array("int32"))),
        inputs=(Input(OfNode(2)),),
    ),
    "mapping": Case(
        variables=(Variable(value=PAIR),),
        nodes=(
            Mapping({"a": OfVariable(0), "n": OfStatic(2, marked=True), "inner": OfNode(1)}),
            Module({"v": OfVariable(0), "raw": OfArray(PAIR, marked=True)}),
        ),
        carry=(NodeSlot(0),),
        loop=Loop(0, 2),
        body=(Update(("carry", "inner", "v"), "add", Const(1)),),
    ),
    "hooks": Case(
        variables=(Variable(value=PAIR, hook="get"), Variable(value=PAIR, hook="set")),
        nodes=(Module({"g": OfVariable(0), "s": OfVariable(1)}),),
        carry=(NodeSlot(0),),
        loop=Loop(0, 2),
        body=(
            Update(("carry", "s"), "add", Read(("carry", "g"))),
            Update(("carry", "g"), "add", Const(1)),
        ),
    ),
    "everywhere": Case(
        variables=(*TWO_MODULES.variables, Variable("BatchStat", INTS), Variable(value=PAIR)),
        nodes=(
            Module({"p": OfVariable(0), "inner": OfNode(1)}),
            Module({"p": OfVariable(2)}),
            Module({"p": OfVariable(1)}),
        ),
        carry=(TupleSlot((1, 2, 3)), NodeSlot(0), StateSlot(2), VariableSlot(3)),
        loop=Loop(0, 2),
        body=(
            Everywhere(M0, 2),
            Everywhere(M0, -1, via="merge"),
            Everywhere(M1, 3),
            Everywhere(("carry", 2), 1),
        ),
    ),
    "training": Case(
        nodes=(Linear(LinearConfig(2, 1, init="ones")), Optimizer(0, "momentum")),
        carry=(DictSlot({"model": 1, "opt": 2, "x": 3}), NodeSlot(0), NodeSlot(1), ArraySlot()),
        loop=Loop(0, 2),
        body=(
            Train(("carry", "opt"), ("carry", "model"), ("carry", "x")),
            Update(("carry", "x"), "add", Const(1)),
        ),
    ),
    "sown and popped": two_modules(
        Sow(M0, "h", Read((*M1, "p"))),
        Pop(M0, "h"),
        Sow(M1, "total", Index(), total=True),
        variables=(*TWO_MODULES.variables, Variable("Intermediate", Array("int32"))),
        nodes=(
            TWO_MODULES.nodes[0],
            Module({"p": OfVariable(1), "total": OfVariable(2)}),
        ),
    ),
}


def within(how: Any, **options: Any) -> Case:
    """Statements inside of another transform, on a carry of modules and arrays."""
    return Case(
        variables=(Variable(value=PAIR), Variable(value=PAIR)),
        nodes=(Module({"p": OfVariable(0)}), Module({"p": OfVariable(1)})),
        carry=(
            TupleSlot((1, 2, 3)),
            NodeSlot(0),
            DictSlot({"m": 4, "a": 5}),
            ArraySlot(INTS),
            NodeSlot(1),
            ArraySlot(PAIR),
        ),
        loop=Loop(0, 3),
        body=(Update((*M1, "a"), "add", Const(-1)), Within(0, how, **options)),
        blocks=(
            (Update(P0, "add", Read((*M1, "a"))), Update((*M1, "a"), "add", Index())),
            (Update((*M1, "m", "p"), "mul", Const(2)), Everywhere(M0, 1)),
        ),
    )


WITHIN: dict[str, Case] = {
    "inner fori_loop": within("fori_loop", times=2),
    "inner while_loop": within("while_loop", times=2),
    "inner scan": within("scan", times=2),
    "inner jit": within("jit"),
    "inner remat": within("remat"),
    "inner cond": within("cond", at=(*M1, "a")),
    "inner cond with two branches": within("cond", at=(*M1, "a"), otherwise=1),
    "inner switch": within("switch", at=(*M1, "a"), otherwise=1),
    **GIVEN,
    "inner loop over one module": Case(
        variables=(Variable(value=PAIR),),
        nodes=(Module({"p": OfVariable(0)}),),
        carry=(NodeSlot(0),),
        loop=Loop(0, 2),
        body=(Within(0, "fori_loop", 2), Within(0, "jit")),
        blocks=((Update(("carry", "p"), "add", Const(1)),),),
    ),
}

#: Programs that fit every wrapper, each with closures left out or in.
MIXED = Case(
    variables=(Variable(value=PAIR), Variable(value=PAIR)),
    nodes=(Module({"p": OfVariable(0)}), Module({"p": OfVariable(1)})),
    carry=(
        TupleSlot((1, 2)),
        NodeSlot(0),
        DictSlot({"v": 3, "a": 4, "none": 5}),
        VariableSlot(1),
        ArraySlot(INTS),
        NoneSlot(),
    ),
    loop=Loop(1, 4),
    body=(
        Update(P0, "add", Read((*M1, "v"))),
        Update((*M1, "a"), "add", Index()),
        Update((*M1, "v"), "add", Const(1)),
    ),
)

AROUND: dict[str, Case] = {
    "mixed": MIXED,
    "mixed until": msgspec.structs.replace(MIXED, loop=Loop(0, 9, until=Until(P0, 12))),
    "mixed traced": msgspec.structs.replace(MIXED, loop=Loop(0, 3, bounds="traced")),
    "mixed that emits": msgspec.structs.replace(
        MIXED,
        inputs=(Input(OfArray(ROWS)),),
        ys=outputs(Read(P0), Read(X0, total=True)),
        body=(*MIXED.body, Update(P0, "add", Read(X0))),
    ),
    "one array": Case(
        carry=(ArraySlot(PAIR),),
        loop=Loop(0, 3),
        body=(Update(("carry",), "mul", Const(2)),),
    ),
    "captured module": msgspec.structs.replace(
        MIXED,
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot(PAIR)),
        closure=(OfNode(1),),
        body=(
            Update(P0, "add", Read(("closure", 0, "p"))),
            Update(M1, "add", Read(P0)),
        ),
    ),
}

WIDER: dict[str, Case] = AROUND | INPUTS | LAYERS | ROWS_OF_THE_BODY | WITHIN
