"""A small case with a bit of everything, and the places in it, for tests of the Python loop."""

from typing import Any

from nnxfuzz.plain.observations import Kind
from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Case,
    DictSlot,
    Loop,
    Module,
    NodeSlot,
    OfArray,
    OfStatic,
    OfVariable,
    Statement,
    TreePath,
    TupleSlot,
    Variable,
    check,
)

INT = Array("int32")
ONE_TRIP = Loop()

#: The kinds of observations that say what a trip changed of the carry.
CHANGES: tuple[Kind, ...] = (
    "structure-changed",
    "aval-changed",
    "variable-replaced",
    "node-replaced",
)


def zoo(*body: Statement, loop: Loop = ONE_TRIP, **more: Any) -> Case:
    """Two modules with a Variable, a raw array and a static each, a dict, two arrays."""
    case = Case(
        variables=(Variable(value=INT), Variable(value=INT), Variable(value=INT)),
        nodes=tuple(
            Module({"p": OfVariable(k), "raw": OfArray(INT), "flag": OfStatic(1)}) for k in (0, 1)
        ),
        carry=(
            TupleSlot((1, 2, 3, 4, 5)),
            NodeSlot(0),
            NodeSlot(1),
            DictSlot({"a": 6}),
            ArraySlot(INT),
            ArraySlot(Array("int32", (2,))),
            ArraySlot(INT),
        ),
        closure=(OfVariable(2),),
        loop=loop,
        body=body,
        **more,
    )
    check(case)
    return case


P: TreePath = ("carry", 0, "p")
Q: TreePath = ("carry", 1, "p")
RAW: TreePath = ("carry", 0, "raw")
X: TreePath = ("carry", 3)
CAUGHT: TreePath = ("closure", 0)
