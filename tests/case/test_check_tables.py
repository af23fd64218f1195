"""Rules W20 to W22 and W27: what is stacked, models, what states are made of, closures."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    Case,
    Input,
    Layer,
    Linear,
    ListSlot,
    Make,
    Mapping,
    Module,
    Node,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Output,
    Sequence,
    StateSlot,
    Streams,
    TupleSlot,
    Variable,
    VariableSlot,
)

HOLDER = Module({"n": OfNode(1)})
SINGLE = "let an input hold it, or leave out its 'stack' or 'splits'"
STATE = "use modules, mappings and linear layers, without raw arrays"
OWN = "give the state a tree of its own"


def state(*nodes: Node, **more: object) -> Case:
    """A state of the first node beside nothing."""
    tables: dict[str, object] = {"carry": (StateSlot(0),), "variables": (Variable(),)}
    return Case(nodes=nodes, **(tables | more))  # type: ignore[arg-type]


ELSEWHERE: list[tuple[dict[str, object], int, int]] = [
    ({"closure": (OfNode(1),)}, 0, 1),
    ({"inputs": (Input(OfNode(0), None),)}, 0, 0),
    ({"ys": (Output(OfNode(0)),)}, 0, 0),
    ({"carry": (TupleSlot((1, 2)), StateSlot(0), NodeSlot(1))}, 1, 1),
]

BROKEN: Broken = [
    # W20 what is stacked
    *(
        (
            20,
            Case(nodes=(HOLDER, node), **table),  # type: ignore[arg-type]
            f"{where}: row 1 of nodes is stacked, and this is no input; {SINGLE}",
        )
        for node in (Linear(stack=1), Layer("Conv", stack=2), Streams(splits=1))
        for table, where in [
            ({"carry": (NodeSlot(1),)}, "$.carry[0].node"),
            ({"carry": (NodeSlot(0),)}, "$.carry[0].node"),
            ({"closure": (OfNode(0),)}, "$.closure[0].node"),
            ({"ys": (Output(OfNode(0)),)}, "$.ys[0].value.node"),
        ]
    ),
    (
        20,
        Case(
            nodes=(Module(), Linear(stack=1)),
            carry=(NodeSlot(0),),
            body=(Make(("carry", "new"), OfNode(1)),),
        ),
        f"$.body[0].what.node: row 1 of nodes is stacked, and this is no input; {SINGLE}",
    ),
    (
        20,
        state(HOLDER, Linear(stack=1)),
        f"$.carry[0].node: row 1 of nodes is stacked, and this is no input; {SINGLE}",
    ),
    # W21 models
    *(
        (
            21,
            Case(nodes=(Optimizer(1), model)),
            "$.nodes[0].model: row 1 of nodes is no single linear layer; "
            "name a linear layer without 'stack'",
        )
        for model in (Module(), Layer(), Linear(stack=1))
    ),
    *(
        (
            21,
            Case(nodes=(optimizer, Linear()), carry=(NodeSlot(0),)),
            f"$.nodes[0]: a case has no optimizer of {optimizer.rule} by {optimizer.wrt}; "
            "use sgd, momentum, adam by nnx.Param",
        )
        for optimizer in (Optimizer(1, "chain"), Optimizer(1, wrt="..."))
    ),
    # W27 closures
    *(
        (
            27,
            Case((Variable(),), (Module({"a": OfVariable(0)}),), closure=(top,), **elsewhere),  # type: ignore[arg-type]
            f"$.closure[0]: row 0 of {table} has a place in the carry or the inputs too; "
            "give the closure rows of its own",
        )
        for top, table, elsewhere in [
            (OfVariable(0), "variables", {"carry": (NodeSlot(0),)}),
            (OfNode(0), "nodes", {"carry": (ListSlot((1,)), NodeSlot(0))}),
            (OfNode(0), "variables", {"carry": (VariableSlot(0),)}),
            (OfVariable(0), "variables", {"inputs": (Input(OfNode(0), None),)}),
        ]
    ),
    # W22 states
    *(
        (22, state(HOLDER, node), f"$.carry[0].node: row 1 of nodes is not for a state; {STATE}")
        for node in (Sequence(), Layer(), Streams(), Module({"a": OfArray()}))
    ),
    (
        22,
        state(Module({"n": OfNode(0)})),
        f"$.carry[0].node: row 0 of nodes has a place elsewhere too; {OWN}",
    ),
    (
        22,
        state(Module({"a": OfVariable(0), "b": OfVariable(0)})),
        f"$.carry[0].node: row 0 of variables has a place elsewhere too; {OWN}",
    ),
    *(
        (
            22,
            state(HOLDER, Linear(), **more),
            f"$.carry[{k}].node: row {row} of nodes has a place elsewhere too; {OWN}",
        )
        for more, k, row in ELSEWHERE
    ),
    (
        22,
        state(HOLDER, Linear(), Optimizer(1)),
        f"$.carry[0].node: row 1 of nodes has a place elsewhere too; {OWN}",
    ),
    (
        22,
        state(
            Module({"a": OfVariable(0)}),
            carry=(TupleSlot((1, 2)), StateSlot(0), VariableSlot(0)),
        ),
        f"$.carry[1].node: row 0 of variables has a place elsewhere too; {OWN}",
    ),
]

WELL_FORMED: dict[str, Case] = {
    "a model": Case(nodes=(Optimizer(1), Linear()), carry=(NodeSlot(0),)),
    "a stacked input": Case(nodes=(HOLDER, Linear(stack=1)), inputs=(Input(OfNode(0)),)),
    "a state": state(
        Module({"a": OfVariable(0), "b": OfStatic(1), "c": OfNode(1)}),
        Mapping({"d": OfNode(2)}),
        Linear(),
    ),
    "two states": Case(
        (Variable(), Variable(value=Array(shape=(2,)))),
        (Module({"a": OfVariable(0)}), Module({"a": OfVariable(1)})),
        (TupleSlot((1, 2)), StateSlot(0), StateSlot(1)),
    ),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)


def test_every_rule_of_tables_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == {20, 21, 22, 27}
