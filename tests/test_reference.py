"""The Python loop: what it computes, and the world that it leaves."""

from typing import Any

import numpy as np
import pytest
from zoo import INT, ONE_TRIP, RAW, P, Q, X, zoo

from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import Expected, run_python
from nnxfuzz.oracle.verdict import World
from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Bind,
    Call,
    Case,
    Const,
    Index,
    Input,
    Linear,
    Loop,
    Mode,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    Output,
    Raise,
    Read,
    ScalarSlot,
    Statement,
    Swap,
    TreePath,
    TupleSlot,
    Until,
    Update,
    check,
)


def after(case: Case, mode: Mode = "graph") -> World:
    expected = run_python(case, mode)
    assert expected.after is not None
    return expected.after


def numbers(world: World | None, *path: str | int) -> Any:
    assert world is not None
    array = world[path].array
    assert array is not None
    return array.tolist()


# --- the loop -------------------------------------------------------------------------------


def test_trips_run_from_lower_to_upper() -> None:
    case = zoo(Update(P, "mul", Const(10)), Update(P, "add", Index()), loop=Loop(2, 5))
    assert numbers(after(case), "caller", 0, "p") == 234
    assert numbers(after(case), "counter") == 5


def test_reverse_runs_from_the_end_and_stacks_by_position() -> None:
    case = zoo(
        Update(P, "mul", Const(10)),
        Update(P, "add", Index()),
        loop=Loop(2, 5, reverse=True),
        ys=(Output(Read(P)), Output(Index())),
    )
    assert numbers(after(case), "caller", 0, "p") == 432
    assert numbers(after(case), "ys", 0) == [432, 43, 4]
    assert numbers(after(case), "ys", 1) == [2, 3, 4]


def test_until_stops_before_the_trip_at_which_the_sum_reaches_the_limit() -> None:
    case = zoo(Update(P), loop=Loop(0, 9, until=Until(P, 3)))
    assert numbers(after(case), "caller", 0, "p") == 3
    assert numbers(after(case), "counter") == 3


def test_inputs_are_sliced_by_trip() -> None:
    inputs = (Input(OfArray(Array("int32", (3,), 5))),)
    case = zoo(Update(P, "add", Read(("inputs", 0))), loop=Loop(1, 4), inputs=inputs)
    assert numbers(after(case), "caller", 0, "p") == 5 + 6 + 7


@pytest.mark.parametrize("bounds", [(0, 0), (3, 1)])
def test_a_loop_of_no_trip_changes_nothing_and_is_tried_for_its_facts(
    bounds: tuple[int, int],
) -> None:
    loop = Loop(*bounds)
    expected = run_python(zoo(Swap(P, Q), loop=loop), "graph")
    assert expected.after is not None
    assert numbers(expected.after, "caller", 0, "p") == 0
    assert expected.after[("result", 0)].identity == "caller[0]"
    assert numbers(expected.after, "counter") == bounds[0]
    assert expected.seen.of("variable-replaced")


def test_a_loop_of_no_trip_emits_empty_arrays() -> None:
    inputs = (Input(OfArray(Array("float32", (0, 2)))),)
    ys = (Output(Read(("carry", 4))), Output(Index()))
    case = zoo(loop=Loop(0, 0), ys=ys, inputs=inputs)
    world = after(case)
    shapes = {p: e.array.shape for p, e in world.items() if p[0] == "ys" and e.array is not None}
    assert shapes == {("ys", 0): (0, 2), ("ys", 1): (0,)}


def test_a_raise_that_python_never_reaches_is_still_a_fact() -> None:
    expected = run_python(zoo(Raise(), loop=Loop(0, 0)), "graph")
    assert expected.after is not None
    assert expected.seen.raised is not None
    assert expected.seen.raised.error == "Raised"


def test_a_raise_leaves_no_world_after() -> None:
    expected = run_python(zoo(Update(P), Raise()), "graph")
    assert expected.after is None
    assert expected.seen.raised is not None
    assert expected.seen.raised.error == "Raised"
    assert numbers(expected.before, "caller", 0, "p") == 0


def test_emitted_arrays_whose_shape_changes_from_trip_to_trip_are_no_crash() -> None:
    case = zoo(Swap(X, ("carry", 4)), loop=Loop(0, 2), ys=(Output(Read(X)),))
    assert run_python(case, "graph").seen.of("aval-changed")


def test_emitted_arrays_whose_dtype_changes_from_trip_to_trip_are_no_crash() -> None:
    case = Case(
        carry=(TupleSlot((1, 2)), ArraySlot(INT), ArraySlot(Array("bfloat16"))),
        loop=Loop(0, 2),
        body=(Swap(("carry", 0), ("carry", 1)),),
        ys=(Output(Read(("carry", 0))),),
    )
    check(case)
    assert run_python(case, "graph").seen.of("aval-changed")


# --- modes ----------------------------------------------------------------------------------


SIMPLE: tuple[Mode, ...] = ("graph-frozen", "tree")


def test_in_graph_mode_the_result_is_the_callers_own_objects() -> None:
    world = after(zoo(Update(P), Update(RAW)))
    assert world[("result", 0)].identity == "caller[0]"
    assert numbers(world, "caller", 0, "p") == 1
    assert numbers(world, "caller", 0, "raw") == 1


@pytest.mark.parametrize("mode", SIMPLE)
def test_without_graph_updates_only_variables_reach_the_caller(mode: Mode) -> None:
    world = after(zoo(Update(P), Update(RAW)), mode)
    assert world[("result", 0)].identity == "new result[0]"
    assert world[("result", 0, "p")].identity == "caller[0].p"
    assert numbers(world, "caller", 0, "p") == 1
    assert numbers(world, "caller", 0, "raw") == 0
    assert numbers(world, "result", 0, "raw") == 1


def test_a_shared_module_is_two_in_tree_mode() -> None:
    case = Case(nodes=(Module(),), carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(0)))
    shared = {
        mode: after(case, mode)[("result", 1)].identity
        for mode in ("graph", "graph-frozen", "tree")
    }
    assert shared == {
        "graph": "caller[0]",
        "graph-frozen": "new result[0]",
        "tree": "new result[1]",
    }


# --- numbers --------------------------------------------------------------------------------


def tolerances(case: Case) -> dict[TreePath, Any]:
    """The tolerance of every entry that was rounded, in the world after the loop."""
    world = run_python(case, "graph").after
    assert world is not None
    return {path: entry.tolerance for path, entry in world.items() if entry.reach}


def arrays_case(array: Array, *body: Statement, loop: Loop = ONE_TRIP) -> Case:
    case = Case(carry=(ArraySlot(array),), loop=loop, body=body)
    check(case)
    return case


def test_small_integers_in_floats_are_exact() -> None:
    assert not tolerances(
        arrays_case(Array("float32", (3,), 5), Update(("carry",), "mul", Const(3)))
    )
    assert not tolerances(
        arrays_case(Array("bfloat16", (3,), 5), Update(("carry",), "add", Const(3)))
    )


def test_a_rounded_bfloat16_has_a_tolerance_of_a_few_roundings() -> None:
    case = arrays_case(Array("bfloat16", (), 255), Update(("carry",), "mul", Const(3)))
    (found,) = tolerances(case).values()
    assert 765 * 2.0**-8 < found < 16 * 765 * 2.0**-8


def test_what_is_computed_from_a_rounded_number_has_a_tolerance_and_nothing_else_has() -> None:
    slots = (Array("bfloat16", (), 256), Array(), Array())
    first, second, third = (("carry", k) for k in range(3))
    case = Case(
        carry=(TupleSlot((1, 2, 3)), *map(ArraySlot, slots)),
        loop=ONE_TRIP,
        body=(Update(first), Update(second, "set", Read(first)), Update(third)),
    )
    check(case)
    assert tolerances(case).keys() == {("result", 0), ("result", 1)}


def test_a_rounded_number_may_not_decide_when_the_loop_stops() -> None:
    rounded = Update(("carry",))
    loop = Loop(upper=8, until=Until(("carry",), 258))
    with pytest.raises(Inconclusive):
        run_python(arrays_case(Array("bfloat16", (), 256), rounded, loop=loop), "graph")


def test_a_called_layer_counts_as_rounded() -> None:
    x: TreePath = ("carry", 1)
    case = Case(
        nodes=(Linear(),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot(Array(shape=(1,), fill=1))),
        body=(Update(x, "add", Call(("carry", 0), x)),),
    )
    check(case)
    assert 0 < tolerances(case)[("result", 1)] < 1e-4


def test_int32_wraps_around_as_in_jax() -> None:
    case = arrays_case(
        Array("int32", (), 1000), Update(("carry",), "mul", Const(1000)), loop=Loop(0, 3)
    )
    wrapped = np.asarray(1000**4, np.int64).astype(np.int32)
    assert numbers(after(case), "result") == wrapped
    assert not tolerances(case)


def test_a_non_finite_float_that_becomes_an_int_is_inconclusive() -> None:
    case = Case(
        carry=(TupleSlot((1, 2)), ArraySlot(INT), ArraySlot(Array("float32", fill="nan"))),
        body=(Update(("carry", 0), "add", Read(("carry", 1))),),
    )
    check(case)
    with pytest.raises(Inconclusive, match="becomes an int"):
        run_python(case, "graph")


def test_a_module_that_a_trip_makes_reach_itself_is_inconclusive_in_tree_mode_only() -> None:
    case = Case(
        nodes=(Module({"a": OfNode(1)}), Module({"b": OfStatic()})),
        carry=(NodeSlot(0),),
        body=(Bind(("carry", "a"), ("carry",)),),
    )
    with pytest.raises(Inconclusive, match="reaches itself"):
        run_python(case, "tree")


def test_python_numbers_are_computed_with_as_arrays() -> None:
    case = Case(carry=(ScalarSlot(2.0),), body=(Update(("carry",), "add", Const(1)),))
    array = after(case)[("result",)].array
    assert array is not None
    assert (str(array.dtype), array.tolist()) == ("float32", 3.0)


def test_the_same_case_always_comes_to_the_same_world() -> None:
    case = zoo(Update(P), Swap(P, Q), loop=Loop(0, 3))

    def told(expected: Expected) -> str:
        return str((expected.before, expected.after, expected.seen))

    assert told(run_python(case, "graph")) == told(run_python(case, "graph"))
