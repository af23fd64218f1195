"""Rule W25: what a trip may emit, and along which axis it is stacked."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    Attribute,
    Call,
    Case,
    Draw,
    Index,
    Layer,
    Linear,
    LinearConfig,
    Module,
    Node,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Output,
    Part,
    Read,
    Sequence,
    Streams,
    Swap,
    TupleSlot,
    Variable,
    VariableSlot,
)

SHAPE = Array(shape=(2, 3))


def made(node: Node, axis: int | tuple[Part, ...] = 0, *others: Node) -> Case:
    """A loop that emits a new object of each trip."""
    return Case((Variable(value=SHAPE), Variable()), (node, *others), ys=(Output(OfNode(0), axis),))


def module(**attributes: Attribute) -> Module:
    return Module(dict(attributes))


def number(output: Output, *body: Swap) -> Case:
    return Case(
        (Variable(value=SHAPE), Variable()),
        (Linear(LinearConfig(3, 2)), Layer(), Streams({"params": 0})),
        (TupleSlot((1, 2, 3, 4, 5)), VariableSlot(0), VariableSlot(1), *map(NodeSlot, range(3))),
        body=body,
        ys=(output,),
    )


V, CALL = Read(("carry", 0)), Call(("carry", 2), ("carry", 0))

BROKEN: Broken = [
    (
        25,
        made(module(a=OfNode(0))),
        "$.ys[0].value: row 0 of nodes reaches itself; name a node that does not",
    ),
    (
        25,
        made(module(a=OfNode(1)), 0, Optimizer(2), Linear()),
        "$.ys[0].value: row 1 of nodes is an optimizer; leave it out",
    ),
    (
        25,
        made(Sequence((OfArray(),))),
        "$.ys[0].value: row 0 of nodes holds a raw array; make it a Variable",
    ),
    *(
        (
            25,
            case,
            f"$.ys[0].axis: what has the shape {shape} is not stacked along axis {axis}; "
            f"use {-len(shape) - 1} to {len(shape)}",
        )
        for case, shape, axis in [
            (number(Output(axis=1)), [], 1),
            (number(Output(Index(), -2)), [], -2),
            (number(Output(Draw(("carry", 4, "params")), 1)), [], 1),
            (number(Output(V, 3)), [2, 3], 3),
            (number(Output(V, -4)), [2, 3], -4),
            (number(Output(Read(("carry", 0), total=True), 1)), [], 1),
            (number(Output(CALL, 3)), [2, 2], 3),
            (number(Output(Call(("carry", 3), ("carry", 0), total=True), 1)), [], 1),
            (number(Output(OfVariable(0), 3)), [2, 3], 3),
            (made(module(a=OfVariable(0), b=OfVariable(1)), 1), [], 1),
            (made(Linear(), 2), [1], 2),
            (made(module(a=OfNode(1)), 1, Layer()), [], 1),
            (made(Streams(), -2), [], -2),
        ]
    ),
]

PARTS = (Part(2, "Cache"), Part(0))
TWO = module(a=OfVariable(0))
BROKEN += [
    (
        25,
        number(Output(OfVariable(0), PARTS)),
        "$.ys[0].axis: only a node has parts; give it an axis, or emit a node",
    ),
    (
        25,
        made(TWO, (Part(0, "Param"), Part(1, "Param"), Part(0))),
        "$.ys[0].axis: two of its parts are of the same types; leave one of them out",
    ),
    (
        25,
        made(TWO, PARTS[:1]),
        "$.ys[0].axis: its parts do not say what becomes of the rest; end them with '...'",
    ),
    *(
        (
            25,
            made(TWO, (part, Part(0))),
            "$.ys[0].axis[0]: a part of an output has no axis, or is told by a path; "
            "give it an axis, and leave out 'under'",
        )
        for part in (Part(None, "Cache"), Part("carry", "Cache"), Part(0, "Cache", "a"))
    ),
    (
        25,
        made(TWO, (Part(0, "Cache"), Part(3))),
        "$.ys[0].axis: what has the shape [2, 3] is not stacked along axis 3; use -3 to 2",
    ),
    (
        2,
        made(TWO, (Part(0),) * 5),
        "$.ys[0].axis: it has 5 parts; keep to 4",
    ),
]

WELL_FORMED: dict[str, Case] = {
    "a number": number(Output(axis=-1)),
    "an axis in the middle": number(Output(V, 1)),
    "the last axis": number(Output(V, 2)),
    "the first axis from behind": number(Output(CALL, -3)),
    "what has moved": number(Output(V, 3), Swap(("carry", 0), ("carry", 1))),
    "a Variable": number(Output(OfVariable(0), 2)),
    "parts by type": made(TWO, (Part(2, "Param"), Part(9))),
    "a layer by parts": made(Linear(), (Part(1, "Param"), Part(5))),
    "a layer": made(Linear(), 1),
    "Rngs": made(Streams({"a": 0}), -1),
    "a node that is shared": made(
        module(a=OfNode(1), b=OfNode(1), c=OfStatic()), 0, module(v=OfVariable(0))
    ),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)
