"""Cases for the tests of `script`, of what newer releases have: `nnx.prefix`, and references."""

from script_cases import PAIR, X0, X1
from wider_cases import ROWS, WRITES, scanned

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Case,
    Const,
    Form,
    Index,
    Input,
    Loop,
    Module,
    OfArray,
    OfNode,
    OfVariable,
    Part,
    Read,
    Update,
    Variable,
)

NEWER: dict[str, Case] = {
    "parts as a prefix": scanned(*WRITES, form=Form(parts="prefix")),
    "parts of two objects as a prefix": scanned(
        Update((*X1, "p"), "add", Read(X0)),
        Update(("inputs", 2, "p"), "add", Const(1)),
        Update(("carry",), "add", Read((*X1, "s"), total=True)),
        nodes=(
            Module({"p": OfVariable(0), "s": OfVariable(1)}),
            Module({"p": OfVariable(0), "n": OfNode(0)}),
        ),
        inputs=(
            Input(OfArray(Array(shape=(3, 2), fill=1))),
            Input(OfNode(0), (Part(None, "BatchStat"), Part(0))),
            Input(OfNode(1), (Part(None, "BatchStat"), Part(0))),
        ),
        form=Form(parts="prefix"),
    ),
    "a reference that is captured": Case(
        variables=(Variable(value=PAIR, ref=True),),
        nodes=(Module({"p": OfVariable(0)}),),
        carry=(ArraySlot(PAIR),),
        closure=(OfNode(0),),
        loop=Loop(0, 3),
        body=(
            Update(("closure", 0, "p"), "mul", Const(2), "setitem"),
            Update(("closure", 0, "p"), "add", Index(), "setitem"),
            Update(("carry",), "add", Read(("closure", 0, "p"))),
        ),
    ),
    "slices of a reference": scanned(
        Update(("carry",), "add", Read((*X1, "p"))),
        variables=(Variable(value=ROWS, ref=True), Variable("BatchStat", ROWS)),
        inputs=(Input(OfArray(Array(shape=(3, 2), fill=1))), Input(OfNode(0))),
    ),
}
