"""The reference dressed as the transform: there is nothing to find, so nothing is found.

Whatever shows here is a defect of nnxfuzz itself: of the builder, the two backends, the walk, the
contract's observations or the judge.
"""

import os

import pytest
from clean_loops import clean_loops, decidable
from hypothesis import given, settings
from zoo import CHANGES

from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import Expected
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    CallStyle,
    Case,
    Index,
    Input,
    Loop,
    Make,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfVariable,
    Read,
    Sow,
    Statement,
    TupleSlot,
    Update,
    Variable,
    Within,
    canonical,
    check,
)
from nnxfuzz.programs.case.queries import statements
from nnxfuzz.runners import Executor, observe
from nnxfuzz.runners.arms import plain_arms
from nnxfuzz.runners.judge import Oracle
from nnxfuzz.strategies import programs

LOOPS = clean_loops()

#: How many programs the slow tests draw.
MANY = int(os.environ.get("NNXFUZZ_CLEAN_PROGRAMS", "500"))


def assert_clean(case: Case, executor: Executor) -> None:
    """Every arm of `case` agrees or is refused with a reason, where it can be compared."""
    oracle = Oracle(case)
    for arm in plain_arms(case):
        try:
            oracle.expected(arm, arm.mode)
            verdict = oracle.verdict(arm, observe(case, arm, executor, LOOPS))
        except Inconclusive:
            continue
        if isinstance(verdict, Finding):
            expected = oracle.expected(arm, arm.mode)
            if changes_rows(verdict, expected) or raises_in_no_trip(case, expected):
                continue
            if arm.mode == "graph" and sows_into_a_broadcast_module(case):
                continue
            if compares_static_arrays(case, verdict):
                continue
        assert not isinstance(verdict, Finding), (canonical(case), verdict)


def raises_in_no_trip(case: Case, expected: Expected) -> bool:
    """Whether the body raises, and a loop in it makes no trip: Flax traces that loop's body all the
    same and raises, and `plain` calls it not at all.
    """
    untried = [s for _, s in statements(case) if isinstance(s, Within) and s.times == 0]
    return expected.seen.raised is not None and bool(untried)


def sows_into_a_broadcast_module(case: Case) -> bool:
    """Whether the trips sow into an input that has no axis.

    Flax refuses that in graph mode (docs/findings.md), so nothing says what is sown in the end: the
    reference gathers it from all trips, and `plain` gives each trip a Variable of its own.
    """
    sown = [s.at for _, s in statements(case) if isinstance(s, Sow) and s.at[0] == "inputs"]
    return any(case.inputs[int(at[1])].axis is None for at in sown)


def compares_static_arrays(case: Case, finding: Finding) -> bool:
    """Whether Flax's own transform in the body gets an object that the body has made.

    An array of such an object is a static attribute (`made-arrays-static` in the contract), which
    jax compares with that of an earlier call of the process, and fails.
    """
    makes = any(isinstance(s, Make) for _, s in statements(case))
    within = any(isinstance(s, Within) for _, s in statements(case))
    words = "checking equality of metadata fields"
    return makes and within and finding.failure is not None and words in finding.failure.message


def changes_rows(finding: Finding, expected: Expected) -> bool:
    """Whether `plain` fails to stack rows of unlike shapes, of a carry that changes its shapes.

    Flax refuses the carry after the first trip, and comes to no rows.
    """
    failure = finding.failure
    unlike = failure is not None and failure.message.startswith("Cannot stack arrays")
    return unlike and bool(expected.seen.of(*CHANGES))


def executor_for(case: Case) -> Executor:
    """Eager where a traced value would have to decide on a trip."""
    return "trace" if decidable(case) else "eager"


@pytest.mark.parametrize("block", [(), (Update(("carry", 0)),)])
def test_an_array_that_is_made_under_a_trace_may_be_static_in_each_copy_of_its_node(
    block: tuple[Statement, ...],
) -> None:
    inner = Within(0, how="while_loop", times=2)
    case = Case(
        carry=(TupleSlot(items=(1, 2)), ArraySlot(Array(dtype="int32")), NodeSlot(0)),
        nodes=(Module(),),
        body=(Make(("carry", 1, "z"), OfArray()), inner),
        blocks=(block,),
    )
    check(case)
    assert_clean(case, "trace")


def test_an_object_that_the_body_makes_is_handed_to_a_transform_of_flax() -> None:
    """Alike in structure to the one in its place, so that no record has a reason."""
    nodes = (Module({"b": OfNode(1)}), Module({"a": OfArray()}))
    made = Make(("carry", 1, "b"), OfNode(1))
    case = Case(
        carry=(TupleSlot((1, 2)), ArraySlot(Array("int32")), NodeSlot(0)),
        nodes=nodes,
        body=(made, Within(0, how="jit")),
        blocks=((Update(("carry", 0)),),),
    )
    check(case)
    for _ in range(2):
        assert_clean(case, "trace")


def test_a_block_writes_to_a_slice_of_a_reference_that_it_reaches_by_closure() -> None:
    """A trip has a reference of its own to the slice, and a reference may be written anywhere."""
    add = Update(("inputs", 0, "a"), operand=Read(("carry", 1)), style="setitem")
    case = Case(
        variables=(Variable("Param", Array("int32", (1,)), ref=True),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1, 2)), ArraySlot(), ArraySlot(Array("int32", fill=1))),
        inputs=(Input(OfNode(0), 0),),
        loop=Loop(0, 1),
        body=(Within(0, how="jit"),),
        blocks=((add,),),
    )
    check(case)
    assert_clean(case, "trace")


def test_a_module_that_is_the_body_writes_to_its_closure_before_a_refusal() -> None:
    """In tree mode a cond refuses a module that holds one Variable twice."""
    case = Case(
        variables=(Variable(), Variable()),
        nodes=(Module({"a": OfVariable(0), "b": OfVariable(0)}),),
        carry=(TupleSlot((2, 1)), NodeSlot(0), ArraySlot(Array("int32"))),
        closure=(OfVariable(1),),
        loop=Loop(-1, 0),
        body=(Update(("closure", 0), operand=Index()), Within(0, how="cond", at=("carry", 0))),
        blocks=((Update(("carry", 1, "a"), operand=Read(("closure", 0))),),),
        call_style=CallStyle(asked="keyword", body="module"),
    )
    check(case)
    assert_clean(case, "trace")


@settings(max_examples=80)
@given(programs())
def test_untouched_python_loops_show_no_finding(case: Case) -> None:
    assert_clean(case, executor_for(case))


@pytest.mark.slow
@settings(max_examples=MANY)
@given(programs())
def test_untouched_python_loops_show_no_finding_in_many_programs(case: Case) -> None:
    assert_clean(case, executor_for(case))


@settings(max_examples=25)
@given(programs(about="inner"))
def test_transforms_inside_of_untouched_python_loops_show_no_finding(case: Case) -> None:
    assert_clean(case, executor_for(case))


@pytest.mark.slow
@settings(max_examples=MANY)
@given(programs(about="inner"))
def test_transforms_inside_show_no_finding_in_many_programs(case: Case) -> None:
    assert_clean(case, executor_for(case))
