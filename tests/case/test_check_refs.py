"""Rule W28 has cases that break just it, each with its whole sentence."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Bind,
    Case,
    Everywhere,
    Input,
    Loop,
    Make,
    Module,
    NodeSlot,
    OfNode,
    OfVariable,
    Output,
    Statement,
    StateSlot,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
)

ROWS = Variable(value=Array(shape=(2, 2)), ref=True)
HELD = Module({"a": OfVariable(0), "b": OfVariable(1)})
A, B = ("closure", 0, "a"), ("closure", 0, "b")


def holding(**changes: object) -> Case:
    """The Variable of row 0 holds a reference, that of row 1 none; a module holds both."""
    plain: dict[str, object] = {
        "variables": (ROWS, Variable(value=ROWS.value)),
        "nodes": (HELD,),
        "loop": Loop(0, 2),
    }
    return Case(**plain | changes)  # type: ignore[arg-type]


def captured(*body: Statement, **changes: object) -> Case:
    return holding(closure=(OfNode(0),), body=body, **changes)


BROKEN: Broken = [
    (28, case, f"$.variables[0].ref: it holds a reference and {why}; leave out 'ref'")
    for why, case in (
        ("is carried", holding(carry=(VariableSlot(0),))),
        ("is carried", holding(carry=(TupleSlot((1,)), NodeSlot(0)))),
        ("is carried", holding(carry=(StateSlot(0),))),
        ("is emitted", holding(ys=(Output(OfNode(0)),))),
        ("is made in the body", captured(Make((*A[:2], "c"), OfVariable(0)))),
        ("is not scanned over along axis 0", holding(inputs=(Input(OfNode(0), None),))),
        ("is not scanned over along axis 0", holding(inputs=(Input(OfVariable(0), 1),))),
        ("is not scanned over along axis 0", holding(inputs=(Input(OfVariable(0), -2),))),
        (
            "is scanned over in no trip",
            holding(
                variables=(Variable(value=Array(shape=(0,)), ref=True),),
                nodes=(),
                loop=Loop(0, 0),
                inputs=(Input(OfVariable(0)),),
            ),
        ),
        ("is moved", captured(Swap(A, B))),
        ("is moved", captured(Bind(B, A))),
        ("is mapped as a State", captured(Everywhere(A))),
        ("is given another dtype", captured(Update(A, style="setitem", dtype="int32"))),
        ("is assigned and not written in place", captured(Update(A))),
        (
            "has names or a hook",
            holding(variables=(Variable(value=ROWS.value, hook="get", ref=True), ROWS)),
        ),
    )
]

SOUND: dict[str, Case] = {
    "slices": holding(inputs=(Input(OfNode(0)),)),
    "a slice by itself, beside a carry": holding(
        carry=(TupleSlot((1,)), ArraySlot()), inputs=(Input(OfVariable(0)),)
    ),
    "captured and written": captured(Update(A, "mul", style="setitem")),
    "another Variable is retyped": captured(Update(B, dtype="int32")),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN)
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("name", SOUND)
def test_a_case_that_keeps_the_rule_passes(name: str) -> None:
    passes(SOUND[name])
