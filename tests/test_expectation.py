"""Each Python loop is run once, and what is handed out is what running it anew would give."""

import pytest
from hypothesis import given, settings

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.expectation import Runs, expectation
from nnxfuzz.oracle.reference import Expected, run_python
from nnxfuzz.programs.case import (
    MODES,
    Arm,
    Array,
    Case,
    Loop,
    Mode,
    Module,
    NodeSlot,
    OfNode,
    OfVariable,
    TupleSlot,
    Update,
    Variable,
    fits,
)
from nnxfuzz.runners.judge import compare
from nnxfuzz.strategies import programs


def anew(case: Case, mode: Mode) -> Expected | str:
    try:
        return run_python(case, mode)
    except Inconclusive as error:
        return str(error)


def handed_out(runs: Runs, mode: Mode) -> Expected | str:
    try:
        return runs.run(mode)
    except Inconclusive as error:
        return str(error)


def assert_alike(one: Expected | str, other: Expected | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert one.seen == other.seen
    assert not compare(one.before, other.before)
    assert (one.after is None) == (other.after is None)
    assert not compare(one.after or {}, other.after or {})


@settings(max_examples=60, deadline=None)
@given(programs(nnx_api.choices()))
def test_a_run_that_stands_for_another_is_like_it(case: Case) -> None:
    runs = Runs(case)
    for mode in MODES:
        if fits(case, Arm("fori_loop", mode)) or fits(case, Arm("scan", mode)):
            assert_alike(handed_out(runs, mode), anew(case, mode))


@pytest.mark.parametrize("shared", [True, False])
def test_tree_mode_has_a_run_of_its_own_where_a_node_stands_twice(shared: bool) -> None:
    inner, second = Module({"p": OfVariable(0)}), Module({"p": OfVariable(1)})
    outer = Module({"a": OfNode(1), "b": OfNode(1 if shared else 2)})
    case = Case(
        variables=(Variable(), Variable()), nodes=(outer, inner, second), carry=(NodeSlot(0),)
    )
    runs = Runs(case)
    assert (runs.run("tree") is runs.run("graph-frozen")) is not shared
    assert runs.run("tree") is runs.run("tree")


def test_examples_of_vmap_that_end_with_other_dtypes_are_unlike() -> None:
    """One makes a trip that changes a dtype, and the other none."""
    case = Case(
        variables=(Variable(value=Array("int32")),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 1),
        body=(Update(("carry", 0, "a"), dtype="bfloat16"),),
    )
    with pytest.raises(Inconclusive, match="unlike"):
        expectation(Runs(case), Arm("while_loop", "graph", "vmap"), "graph")
