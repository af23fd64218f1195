"""What drawn programs shrink to: how small it has to be is known by heart."""

from collections.abc import Callable

import pytest
from drawn import minimal, shows

from nnxfuzz.programs.case import (
    ArraySlot,
    Case,
    Input,
    Linear,
    Loop,
    Module,
    NodeSlot,
    NoneSlot,
    OfNode,
    OfVariable,
    Optimizer,
    Part,
    RecordSlot,
    Swap,
    Train,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
    canonical,
    trips,
)

pytestmark = pytest.mark.slow


def assert_small(condition: Callable[[Case], bool], known: Case) -> None:
    """What is left of a drawn program is no larger than the smallest case that is known.

    Which of several as small (a list or a tuple, `a` or `b`) depends on the program that was drawn.
    """
    assert condition(known)
    found = minimal(condition)
    assert len(canonical(found)) <= len(canonical(known)), found


def distinct_modules_in_the_carry(case: Case) -> bool:
    rows = {slot.node for slot in case.carry if isinstance(slot, NodeSlot)}
    return sum(isinstance(case.nodes[row], Module) for row in rows) > 1


def swaps(case: Case) -> bool:
    return any(isinstance(s, Swap) and s.at != s.other for s in case.body) and trips(case.loop) > 1


def shares_a_variable(case: Case) -> bool:
    slots = [slot.variable for slot in case.carry if isinstance(slot, VariableSlot)]
    return len(set(slots)) < len(slots)


def writes_in_place(case: Case) -> bool:
    carried = [s for s in case.body if isinstance(s, Update) and s.at[0] == "carry"]
    return not case.nodes and any(update.style == "setitem" for update in carried)


def test_two_distinct_modules_shrink_to_the_case_of_flax_4436() -> None:
    assert_small(
        distinct_modules_in_the_carry,
        Case(nodes=(Module(), Module()), carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1))),
    )


def test_a_shared_variable_shrinks_to_two_slots() -> None:
    assert_small(
        shares_a_variable,
        Case(variables=(Variable(),), carry=(TupleSlot((1, 2)), VariableSlot(0), VariableSlot(0))),
    )


def test_a_write_in_place_shrinks_to_one_variable_and_one_statement() -> None:
    assert_small(
        writes_in_place,
        Case(
            variables=(Variable(),),
            carry=(VariableSlot(0),),
            body=(Update(("carry",), style="setitem"),),
        ),
    )


def test_a_swap_over_two_trips_shrinks_to_two_places() -> None:
    assert_small(
        swaps,
        Case(
            variables=(Variable(), Variable()),
            nodes=(Module({"a": OfVariable(0), "c": OfVariable(1)}),),
            carry=(NodeSlot(0),),
            loop=Loop(0, 2),
            body=(Swap(("carry", "a"), ("carry", "c")),),
        ),
    )


def test_an_array_in_a_record_shrinks_to_the_least_record() -> None:
    def condition(case: Case) -> bool:
        return any(isinstance(slot, RecordSlot) and slot.items for slot in case.carry)

    assert_small(condition, Case(carry=(RecordSlot({"a": 1}), NoneSlot())))


def test_a_carry_by_parts_shrinks_to_one_input() -> None:
    assert_small(
        shows("parts:carry"), Case(nodes=(Module(),), inputs=(Input(OfNode(0), (Part("carry"),)),))
    )


def test_training_shrinks_to_a_model_and_its_optimizer() -> None:
    assert_small(
        shows("statement:train"),
        Case(
            nodes=(Linear(), Optimizer(0)),
            carry=(TupleSlot((1, 2, 3)), ArraySlot(), NodeSlot(0), NodeSlot(1)),
            body=(Train(("carry", 2), ("carry", 1), ("carry", 0)),),
        ),
    )


def test_a_transform_within_shrinks_to_one_block() -> None:
    assert_small(shows("within:remat"), Case(body=(Within(0, "remat"),), blocks=((),)))
