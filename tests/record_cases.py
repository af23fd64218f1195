"""Cases of carries with named attributes: named tuples and dataclasses, alone and in others."""

from typing import Any

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Case,
    Const,
    Everywhere,
    Index,
    Loop,
    Module,
    NodeSlot,
    NoneSlot,
    OfVariable,
    Read,
    RecordSlot,
    Slot,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
)

PAIR = Array(shape=(2,), fill=1)
A, B = ("carry", "a"), ("carry", "b")


def carried(*slots: Slot, body: tuple[Any, ...], **more: Any) -> Case:
    """Two modules, the first of which holds the Variable of the second row too."""
    return Case(
        variables=(Variable(value=PAIR), Variable("BatchStat", PAIR)),
        nodes=(Module({"p": OfVariable(0)}), Module({"p": OfVariable(1)})),
        carry=slots,
        loop=Loop(0, 3),
        body=body,
        **more,
    )


_ADDS = (Update((*A, "p"), "add", Index()), Update(B, "add", Read((*A, "p"))))

RECORDS: dict[str, Case] = {
    f"{kind}, {name}": case
    for kind in ("namedtuple", "dataclass")
    for name, case in {
        "the whole carry": carried(
            RecordSlot({"a": 1, "b": 2}, kind), NodeSlot(0), ArraySlot(PAIR), body=_ADDS
        ),
        "in a tuple": carried(
            TupleSlot((1, 2)),
            RecordSlot({"b": 3, "a": 4}, kind),
            RecordSlot({}, kind),
            VariableSlot(1),
            NodeSlot(0),
            body=(
                Update(("carry", 0, "b"), "mul", Const(2)),
                Update(("carry", 0, "a", "p"), "add", Read(("carry", 0, "b"))),
            ),
        ),
        "in another": carried(
            RecordSlot({"a": 1, "b": 2}, kind),
            RecordSlot({"a": 3}, "namedtuple"),
            NoneSlot(),
            ArraySlot(PAIR),
            body=(Update((*A, "a"), "add", Index()),),
        ),
        "entries traded": carried(
            RecordSlot({"a": 1, "b": 2}, kind),
            ArraySlot(PAIR),
            ArraySlot(Array(shape=(2,), fill=5)),
            body=(Swap(A, B), Update(A, "add", Const(1))),
        ),
        "a loop inside": carried(
            RecordSlot({"a": 1, "b": 2}, kind),
            NodeSlot(0),
            ArraySlot(PAIR),
            body=(Within(0, "fori_loop", 2), Within(1, "jit"), Everywhere(A)),
            blocks=(_ADDS, (Update(B, "mul", Const(2)),)),
        ),
    }.items()
}
