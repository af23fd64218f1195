"""Shrinking is exact: every step is well formed and smaller, and what is left is known."""

from collections.abc import Callable

import pytest
from drawn import shows
from flax import nnx
from hypothesis import given

from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Call,
    CallStyle,
    Case,
    Const,
    DictSlot,
    Form,
    Index,
    Input,
    Layer,
    Linear,
    Loop,
    Mapping,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfVariable,
    Optimizer,
    Output,
    Part,
    Read,
    RecordSlot,
    Sequence,
    StateSlot,
    Swap,
    TreePath,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
    check,
    exercised,
    trips,
    weight,
)
from nnxfuzz.programs.case.places import Holder, input_thing, reached
from nnxfuzz.programs.shrink import Tries, candidates, reduced
from nnxfuzz.runners.kinds import kind_of
from nnxfuzz.strategies import programs


def smallest(case: Case, condition: Callable[[Case], bool]) -> Case:
    """What single steps from a well-formed case lead to."""
    check(case)
    assert condition(case)
    return reduced(case, condition, Tries(10**6))


# --- what replaces what ---------------------------------------------------------------------


def test_a_dict_shrinks_to_a_tuple_and_what_names_its_entries_follows() -> None:
    def condition(case: Case) -> bool:
        return any(isinstance(s, Swap) and s.at != s.other for s in case.body)

    named = Case(
        carry=(DictSlot({"a": 1, "b": 2}), NoneSlot(), NoneSlot()),
        body=(Swap(("carry", "a"), ("carry", "b")),),
    )
    assert reduced(named, condition, Tries(10**6)) == Case(
        carry=(TupleSlot((1, 2)), NoneSlot(), NoneSlot()),
        body=(Swap(("carry", 0), ("carry", 1)),),
    )


def test_a_record_shrinks_to_what_needs_no_name() -> None:
    def condition(case: Case) -> bool:
        return any(isinstance(slot, ArraySlot) for slot in case.carry)

    record = Case(carry=(RecordSlot({"a": 1}, "dataclass"), ArraySlot()))
    assert reduced(record, condition, Tries(10**6)) == Case(carry=(ArraySlot(),))


def test_a_record_without_entries_has_candidates() -> None:
    assert smallest(Case(carry=(RecordSlot(),)), lambda case: True) == Case()


def test_an_earlier_loop_goes_if_it_has_no_part_in_it() -> None:
    case = Case(call_style=CallStyle("config", "object", "chained"))
    assert reduced(case, lambda c: c.call_style.body == "object", Tries(10**6)) == Case(
        call_style=CallStyle(body="object")
    )


# --- every step -----------------------------------------------------------------------------


@given(programs())
def test_every_candidate_is_well_formed_and_smaller(case: Case) -> None:
    for candidate in candidates(case):
        check(candidate)
        assert weight(candidate) < weight(case)


def test_the_smallest_case_has_no_candidate() -> None:
    assert list(candidates(Case())) == []


def test_paths_move_along_when_a_slot_before_them_goes() -> None:
    arrays = (ArraySlot(), ArraySlot(Array("int32")))
    at = ("carry", 1)
    body = (Update(at, operand=Const(3)), Update(at, operand=Read(at)))
    case = Case(carry=(TupleSlot((1, 2)), *arrays), body=body)

    def condition(smaller: Case) -> bool:
        updates = [s for s in smaller.body if isinstance(s, Update)]
        return len(updates) == 2 and arrays[1] in smaller.carry

    smaller = smallest(case, condition)
    root = ("carry",)
    assert smaller == Case(carry=(arrays[1],), body=(Update(root), Update(root)))


# --- what is renumbered ---------------------------------------------------------------------


def test_paths_move_along_when_an_input_before_them_goes() -> None:
    case = Case(
        carry=(ArraySlot(),),
        inputs=(Input(OfArray(Array(shape=(1, 2)))), Input(OfArray(Array(shape=(1,))))),
        form=Form(carry_in=2),
        body=(Update(("carry",), operand=Read(("inputs", 1))),),
    )
    assert smallest(case, shows("operand:read")) == Case(
        carry=(ArraySlot(),),
        inputs=(Input(OfArray(Array(shape=(1,)))),),
        body=(Update(("carry",), operand=Read(("inputs", 0))),),
    )


def test_paths_move_along_when_an_object_of_the_closure_goes() -> None:
    case = Case(
        variables=(Variable(),),
        nodes=(Module(),),
        closure=(OfNode(0), OfVariable(0)),
        body=(Update(("closure", 1)),),
    )
    assert smallest(case, shows("closure:written")) == Case(
        variables=(Variable(),), closure=(OfVariable(0),), body=(Update(("closure", 0)),)
    )


def test_blocks_are_renumbered() -> None:
    at: TreePath = ("carry",)
    case = Case(
        carry=(ArraySlot(),),
        body=(Within(0), Within(1, "cond", at=at, otherwise=2)),
        blocks=((Update(at),), (Update(at), Update(at)), (Update(at),)),
    )
    assert smallest(case, shows("within:otherwise")) == Case(
        carry=(ArraySlot(),), body=(Within(0, "cond", at=at, otherwise=0),), blocks=((),)
    ) or smallest(case, shows("within:otherwise")) == Case(
        carry=(ArraySlot(),), body=(Within(0, "cond", at=at, otherwise=1),), blocks=((), ())
    )


def test_a_block_takes_the_place_of_what_runs_it() -> None:
    at: TreePath = ("carry",)
    inner = (Update(at, "mul"), Update(at, "set"))
    case = Case(carry=(ArraySlot(),), body=(Within(1, times=3),), blocks=((), inner))

    def condition(smaller: Case) -> bool:
        runs = any(isinstance(s, Within) for s in smaller.body)
        return "update:mul" in exercised(smaller) and (runs or not smaller.blocks)

    assert smallest(case, condition) == Case(carry=(ArraySlot(),), body=(Update(at, "mul"),))


def test_the_model_of_an_optimizer_is_renumbered() -> None:
    case = Case(nodes=(Module(), Linear(), Optimizer(1)), carry=(NodeSlot(2),))
    smaller = Case(nodes=(Linear(), Optimizer(0)), carry=(NodeSlot(1),))
    assert smallest(case, shows("node:optimizer")) == smaller


def test_an_optimizer_goes_with_its_model() -> None:
    case = Case(nodes=(Linear(), Optimizer(0)), carry=(NodeSlot(1),))
    assert Case(nodes=(Module(),), carry=(NodeSlot(0),)) in candidates(case)


def test_the_node_of_a_state_is_renumbered_and_goes() -> None:
    case = Case(nodes=(Module(), Module()), carry=(StateSlot(1),))
    found = list(candidates(case))
    assert Case(nodes=(Module(),), carry=(StateSlot(0),)) in found
    assert Case(nodes=(Module(),), carry=(NoneSlot(),)) in found


def test_a_name_that_is_called_as_an_index_stays() -> None:
    # The slot's entry `node` is a row of the carry, whatever goes from the nodes.
    slots = (DictSlot({"node": 1}), ArraySlot())
    case = Case(nodes=(Module(),), carry=slots)
    assert Case(carry=slots) in candidates(case)


# --- what goes together ---------------------------------------------------------------------


def test_inputs_are_shortened_with_the_loop() -> None:
    case = Case(
        variables=(Variable(value=Array(shape=(2, 5))),),
        nodes=(Module({"n": OfNode(1), "v": OfNode(2)}), Layer(stack=5), Module()),
        inputs=(
            Input(OfNode(0)),
            Input(OfArray(Array(shape=(2, 5))), -1),
            Input(OfVariable(0), 1),
        ),
        loop=Loop(0, 5),
        form=Form(length=5),
    )

    def condition(smaller: Case) -> bool:
        given = {"length:given", "input:stacked layer", "input:variable", "axis:negative"}
        return given <= exercised(smaller) and trips(smaller.loop) > 0

    smaller = smallest(case, condition)
    assert smaller.loop == Loop(0, 1)
    assert smaller.form == Form(length=1)
    assert any(isinstance(node, Layer) and node.stack == 1 for node in smaller.nodes)


def test_an_input_is_cut_along_the_first_axis_in_the_end() -> None:
    case = Case(
        variables=(Variable(value=Array(shape=(2, 3, 4))),),
        nodes=(Module({"v": OfVariable(0)}),),
        inputs=(Input(OfNode(0), -1),),
        loop=Loop(0, 4),
    )

    def condition(smaller: Case) -> bool:
        things = [
            t for row in smaller.inputs for _, t in reached(smaller, (), input_thing(smaller, row))
        ]
        cut = [t for t in things if isinstance(t, Holder) and t.axis is not None]
        return any(t.form == "variable" for t in cut) and trips(smaller.loop) > 1

    assert smallest(case, condition) == Case(
        variables=(Variable(value=Array(shape=(2,))),),
        inputs=(Input(OfVariable(0)),),
        loop=Loop(0, 2),
    )


def test_what_a_node_holds_takes_its_place() -> None:
    at: TreePath = ("carry", 1)
    case = Case(
        nodes=(Module({"inner": OfNode(1)}), Mapping({"layer": OfNode(2)}), Layer("Conv")),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot()),
        body=(Update(at, operand=Call(("carry", 0, "inner", "layer"), at, total=True)),),
    )
    assert smallest(case, shows("called:Conv")) == Case(
        nodes=(Layer("Conv"),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot()),
        body=(Update(at, operand=Call(("carry", 0), at, total=True)),),
    )


def test_the_parts_and_the_form_go_one_by_one() -> None:
    case = Case(
        nodes=(Module(),),
        inputs=(Input(OfNode(0), (Part(0, "Param"), Part(1, under="a"), Part("carry"))),),
        ys=(Output(axis=-1), Output()),
        form=Form(carry_in=1, carry_out=1, partition="layers", length=1),
    )
    assert smallest(case, shows("parts:by path")) == Case(
        nodes=(Module(),), inputs=(Input(OfNode(0), (Part(under="a"), Part())),)
    )
    assert smallest(case, shows("carry out:between")) == Case(
        form=Form(carry_out=1), ys=(Output(), Output())
    )


def test_an_operand_shrinks_to_the_index_where_a_constant_will_not_do() -> None:
    called = Call(("carry", 1), ("carry", 0), total=True)
    case = Case(
        nodes=(Layer("BatchNorm"),),
        carry=(TupleSlot((1, 2)), ArraySlot(), NodeSlot(0)),
        form=Form(length=1),
        ys=(Output(called),),
    )
    varies = smallest(case, lambda c: any(not isinstance(y.value, Const) for y in c.ys))
    assert varies == Case(carry=varies.carry, ys=(Output(Index()),))
    assert smallest(case, lambda c: bool(c.ys)).ys == (Output(Const()),)


def test_modules_that_need_one_class_lose_an_attribute_together() -> None:
    case = Case(
        nodes=(Module({"a": OfNode(1)}), Module(), Module({"a": OfNode(3)}), Module()),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(2)),
    )

    def of_one_class(smaller: Case) -> bool:
        rows = [slot.node for slot in smaller.carry if isinstance(slot, NodeSlot)]
        nodes = [smaller.nodes[row] for row in rows]
        names = [set(node.attributes) for node in nodes if isinstance(node, Module)]
        return len(set(rows)) == 2 and len(names) == 2 and names[0] == names[1]

    assert smallest(case, of_one_class) == Case(
        nodes=(Module(), Module()), carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1))
    )


def test_variables_that_need_one_shape_lose_it_together() -> None:
    wide = Variable(value=Array(shape=(2, 3)))
    case = Case(variables=(wide, wide), carry=(TupleSlot((1, 2)), VariableSlot(0), VariableSlot(1)))

    def of_one_shape(smaller: Case) -> bool:
        rows = [slot.variable for slot in smaller.carry if isinstance(slot, VariableSlot)]
        return len(set(rows)) == 2 and len({smaller.variables[r].value.shape for r in rows}) == 1

    assert smallest(case, of_one_shape).variables == (Variable(), Variable())


def test_a_path_that_goes_round_a_cycle_gets_shorter() -> None:
    case = Case(
        nodes=(Module({"a": OfArray(), "b": OfNode(0)}),),
        carry=(NodeSlot(0),),
        body=(Update(("carry", "b", "b", "a")),),
    )
    found = [candidate.body for candidate in candidates(case)]
    assert (Update(("carry", "b", "a")),) in found


def test_a_smaller_program_has_no_arm_that_the_release_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without `nnx.List` a sequence is a list of Python; if it holds itself, no walk ends."""
    itself = Case(nodes=(Sequence((OfNode(0),)),), carry=(NodeSlot(0),))
    another = Case(nodes=(Sequence((OfNode(1),)), Sequence()), carry=(NodeSlot(0),))
    arm = Arm("fori_loop")
    monkeypatch.delattr(nnx, "List", raising=False)
    assert kind_of(itself).arm_of(itself, arm) is None
    assert kind_of(another).arm_of(another, arm) == arm
