"""Right programs that a hasty oracle would report, and the facts that it goes by."""

import msgspec
import numpy as np
import pytest
from strict_tools import INT, SUM, variable, verdict

from nnxfuzz.oracle.arithmetic import Arithmetic
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Bind,
    Call,
    Case,
    Drop,
    Input,
    Layer,
    Loop,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Output,
    Read,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
    check,
)
from nnxfuzz.runners.arms import plain_arms

# --- facts ----------------------------------------------------------------------------------


def test_a_number_of_the_closure_that_is_put_into_the_carry_is_no_object_of_it() -> None:
    case = Case(
        nodes=(Module({"a": OfArray()}),),
        carry=(TupleSlot((1,)), ArraySlot()),
        closure=(OfNode(0),),
        body=(Swap(SUM, ("closure", 0, "a")),),
    )
    assert not run_python(case, "graph").seen.of("captured-returned")


def test_what_a_block_does_with_the_closure_is_a_fact_too() -> None:
    called = Update(SUM, operand=Call(("closure", 0), SUM, total=True))
    case = Case(
        nodes=(Layer("RNN"),),
        carry=(TupleSlot((1,)), ArraySlot()),
        closure=(OfNode(0),),
        body=(Within(0, "jit"),),
        blocks=((called,),),
    )
    assert run_python(case, "graph").seen.of("captured")
    straight = msgspec.structs.replace(case, body=(called,), blocks=())
    assert run_python(straight, "graph").seen.of("captured")


def test_a_static_attribute_is_dropped_once_where_a_body_is_traced_once() -> None:
    """In the second trip of a Python loop it is gone; Flax traces the body of a scan once."""
    case = Case(
        nodes=(Module({"a": OfStatic(None)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 2),
        body=(Drop(("carry", 0, "a")),),
    )
    assert isinstance(verdict(case, Arm("scan", "graph")), Agrees)
    assert isinstance(verdict(case, Arm("fori_loop", "graph")), Refused)


def test_a_variable_that_is_carried_and_broadcast_has_a_meaning_and_one_that_is_cut_has_none() -> (
    None
):
    both = Case(
        variables=(variable(),),
        carry=(TupleSlot((1,)), VariableSlot(0)),
        loop=Loop(0, 2),
        inputs=(Input(OfVariable(0), None),),
    )
    facts = run_python(both, "graph-frozen").seen
    assert facts.of("inconsistent-axes")
    assert not facts.meaningless
    cut = msgspec.structs.replace(
        both, variables=(variable(shape=(2,)),), inputs=(Input(OfVariable(0)),)
    )
    assert run_python(cut, "graph-frozen").seen.meaningless


def test_what_an_inner_transform_is_given_twice_is_a_fact() -> None:
    case = Case(
        variables=(variable(), variable()),
        nodes=(Module({"a": OfVariable(0), "b": OfVariable(1)}),),
        carry=(TupleSlot((1, 2)), INT, NodeSlot(0)),
        body=(Bind(("carry", 1, "b"), ("carry", 1, "a")), Within(0, "cond", at=SUM)),
        blocks=((Update(SUM),),),
    )
    check(case)
    assert "cond" in {alias.transform for alias in run_python(case, "tree").seen.of("aliased")}
    alone = msgspec.structs.replace(case, body=case.body[:1], blocks=())
    assert {alias.transform for alias in run_python(alone, "tree").seen.of("aliased")} == {""}


# --- right programs -------------------------------------------------------------------------

RIGHT = {
    "a node shared inside of an input": Case(
        variables=(variable(shape=(2,)),),
        nodes=(Module({"a": OfNode(1), "b": OfNode(1)}), Module({"p": OfVariable(0)})),
        carry=(TupleSlot((1,)), INT),
        loop=Loop(0, 2),
        inputs=(Input(OfNode(0)),),
        body=(Update(SUM, operand=Read(("inputs", 0, "a", "p"))),),
    ),
    "an array of a broadcast module that is written": Case(
        variables=(variable(),),
        nodes=(Module({"p": OfVariable(0), "a": OfArray(Array("int32"))}),),
        carry=(TupleSlot((1,)), INT),
        loop=Loop(0, 2),
        inputs=(Input(OfNode(0), None),),
        body=(
            Update(("inputs", 0, "a")),
            Update(SUM, operand=Read(("inputs", 0, "a"))),
        ),
    ),
    "an array of a module that is carried and broadcast": Case(
        nodes=(Module({"a": OfArray(Array("int32"))}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 2),
        inputs=(Input(OfNode(0), None),),
        body=(Update(("carry", 0, "a")),),
    ),
    "a broadcast Variable that changes its dtype": Case(
        variables=(variable(),),
        carry=(TupleSlot((1,)), INT),
        loop=Loop(0, 2),
        inputs=(Input(OfVariable(0), None),),
        body=(Update(("inputs", 0), dtype="float32"),),
    ),
    "a place that is gone": Case(
        variables=(variable(),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        body=(Drop(("carry", 0, "a")), Update(("carry", 0, "a"))),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_no_finding_in_any_mode(name: str) -> None:
    for arm in plain_arms(RIGHT[name]):
        assert not isinstance(verdict(RIGHT[name], arm), Finding), arm


@pytest.mark.parametrize(
    ("numbers", "exact"),
    [
        ([2.0**22, -(2.0**22), 3.0], True),
        ([0.5, 0.25, 7.0], True),
        ([-8e6, 0.25, 8e6], False),
        ([2.0**24, 1.0], False),
        ([np.inf, 1.0], True),
    ],
)
def test_a_sum_is_exact_where_no_order_of_it_rounds(numbers: list[float], exact: bool) -> None:
    arithmetic = Arithmetic()
    total = arithmetic.total(np.asarray(numbers, np.float32))
    assert arithmetic.shadows.rounded(total) is not exact


@pytest.mark.parametrize("trips", [0, 2])
def test_rows_without_a_place_for_the_axis_are_left_as_they_are(trips: int) -> None:
    """One Variable is scanned over and broadcast, so the row that is emitted is a slice of it."""
    whole = Variable("Param", Array("int32", (trips, 2)))
    case = Case(
        variables=(whole,),
        carry=(TupleSlot(()),),
        loop=Loop(0, trips),
        inputs=(Input(OfVariable(0), 0), Input(OfVariable(0), None)),
        ys=(Output(Read(("inputs", 1)), 2),),
    )
    for arm in plain_arms(case):
        if arm.transform == "scan":
            assert isinstance(verdict(case, arm), Refused)


def test_a_variable_in_a_shared_module_is_named_by_more_places_than_a_reason_has() -> None:
    """It stands in one module, which stands in another module of the carry; and it is broadcast."""
    case = Case(
        variables=(variable(),),
        nodes=(Module({"a": OfVariable(0)}), Module({"a": OfNode(0)})),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
        loop=Loop(0, 1),
        inputs=(Input(OfVariable(0), None),),
    )
    for arm in plain_arms(case):
        if arm.transform == "scan":
            assert isinstance(verdict(case, arm), Refused)
