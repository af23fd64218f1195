"""Mistakes that a lax oracle would let pass, and right programs that a hasty one would report."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from nnxfuzz import compat
from nnxfuzz.arithmetic import Arithmetic, Unfit
from nnxfuzz.arms import plain_arms
from nnxfuzz.case import (
    Arm,
    Array,
    ArraySlot,
    Bind,
    Call,
    Case,
    Const,
    Draw,
    Drop,
    Form,
    Input,
    Layer,
    Loop,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfVariable,
    Output,
    Raise,
    Read,
    StateSlot,
    Streams,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
    check,
)
from nnxfuzz.judge import examine
from nnxfuzz.reference import run_python
from nnxfuzz.verdict import Agrees, Finding, Refused

INT = ArraySlot(Array("int32"))
SUM = ("carry", 0)


def variable(dtype: Any = "int32", shape: tuple[int, ...] = (), fill: int = 1) -> Variable:
    return Variable(value=Array(dtype, shape, fill))


def verdict(case: Case, arm: Arm, loops: Any = None) -> Any:
    check(case)
    try:
        return examine(case, arm, "trace", loops)
    except Unfit as unfit:
        return unfit


def planted(transform: str, after: Callable[[Any, Any], None]) -> Any:
    """Flax's loops, of which one ends with `after(given, returned)`; scans have the carry alone or
    first.
    """
    real = compat.transforms()

    def fori_loop(lower: Any, upper: Any, body: Any, carry: Any, **options: Any) -> Any:
        out = real["fori_loop"](lower, upper, body, carry, **options)
        after(carry, out)
        return out

    def scan(function: Any, **options: Any) -> Any:
        scanned = real["scan"](function, **options)

        def call(*arguments: Any) -> Any:
            before = [(v, compat.get_raw(v)) for v in compat.variables_below(arguments[0])]
            out = scanned(*arguments)
            after(before, out)
            return out

        return call

    return real | {transform: {"fori_loop": fori_loop, "scan": scan}[transform]}


# --- mistakes -------------------------------------------------------------------------------


@pytest.mark.parametrize("trips", [1, 2, 5])
def test_lost_updates_of_a_layer_are_seen_after_any_number_of_trips(trips: int) -> None:
    called = Call(("carry", 0), ("carry", 1), total=True)
    case = Case(
        nodes=(Layer("BatchNorm"),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot()),
        loop=Loop(0, trips),
        body=(Update(("carry", 1), operand=called),),
    )

    def restore(before: Any, out: Any) -> None:
        for held, raw in before:
            compat.set_raw(held, raw)

    assert isinstance(verdict(case, Arm("scan"), planted("scan", restore)), Finding)


def test_partition_names_are_demanded_of_graph_mode() -> None:
    if "partition" not in compat.features():
        pytest.skip("this release has no partition names")
    real = compat.transforms()

    def scan(function: Any, **options: Any) -> Any:
        options.pop("transform_metadata")
        return real["scan"](function, **options)

    case = Case(
        variables=(Variable(value=Array("int32", (2,)), names=(None,)),),
        carry=(TupleSlot((1,)), INT),
        loop=Loop(0, 2),
        form=Form(partition="l"),
        ys=(Output(OfVariable(0)),),
    )
    assert isinstance(verdict(case, Arm("scan")), Agrees)
    assert isinstance(verdict(case, Arm("scan"), real | {"scan": scan}), Finding)


def test_a_broadcast_stream_that_is_carried_on_is_seen() -> None:
    if "gnu" not in compat.modes():
        pytest.skip("this release has one mode")
    real = compat.transforms()

    def scan(function: Any, **options: Any) -> Any:
        return real["scan"](function, **options | {"graph_updates": False})

    case = Case(
        nodes=(Streams({"params": 0}),),
        carry=(TupleSlot((1,)), INT),
        loop=Loop(0, 3),
        inputs=(Input(OfNode(0), None),),
        body=(Update(SUM, operand=Draw(("inputs", 0, "params"))),),
    )
    assert isinstance(verdict(case, Arm("scan")), Agrees)
    assert isinstance(verdict(case, Arm("scan"), real | {"scan": scan}), Finding)


def test_a_finding_stays_one_where_the_plain_meaning_allows_no_comparison() -> None:
    if "bare-variables" not in compat.features():
        pytest.skip("this release scans over no bare Variables")
    case = Case(
        variables=(variable("float32", fill=3), variable()),
        carry=(TupleSlot((1,)), VariableSlot(1)),
        loop=Loop(0, 6),
        inputs=(Input(OfVariable(0), None),),
        body=(
            Update(("inputs", 0), "mul", Const(1000)),
            Update(SUM, "set", Read(("inputs", 0))),
        ),
    )

    def more(before: Any, out: Any) -> None:
        compat.set_raw(before[0][0], compat.get_raw(before[0][0]) + 7)

    assert isinstance(verdict(case, Arm("scan")), Agrees)
    assert isinstance(verdict(case, Arm("scan"), planted("scan", more)), Finding)


def test_random_keys_are_no_numbers() -> None:
    case = Case(nodes=(Streams({"params": 0}),), carry=(TupleSlot((1,)), NodeSlot(0)))

    def to_numbers(given: Any, out: Any) -> None:
        for held in compat.variables_below(out):
            raw = compat.get_raw(held)
            if jax.dtypes.issubdtype(raw.dtype, jax.dtypes.prng_key):
                compat.set_raw(held, jax.random.key_data(raw))

    assert isinstance(verdict(case, Arm(), planted("fori_loop", to_numbers)), Finding)


def test_the_metadata_of_what_a_state_holds_is_seen() -> None:
    case = Case(
        variables=(Variable(tag="x"),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(StateSlot(0),),
    )
    found = run_python(case, "graph").after
    assert found is not None
    assert found["result", "a"].detail == "[('tag', 'x')]"


def test_a_gradient_in_bfloat16_is_compared() -> None:
    case = Case(
        nodes=(Module({"a": OfVariable(0)}),),
        variables=(variable("bfloat16", fill=2),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 2),
        body=(Update(("carry", 0, "a"), "mul", Const(3)),),
    )

    def stopped(given: Any, out: Any) -> None:
        for held in compat.variables_below(out):
            compat.set_raw(held, jax.lax.stop_gradient(compat.get_raw(held)))

    arm = Arm("fori_loop", "graph", "grad")
    assert isinstance(verdict(case, arm), Agrees)
    assert isinstance(verdict(case, arm, planted("fori_loop", stopped)), Finding)


def test_an_infinity_frees_no_other_number() -> None:
    case = Case(
        variables=(variable("float32", (2,), 0),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 14),
        body=(Update(("carry", 0, "a"), "mul", Const(1000)),),
    )

    def other(given: Any, out: Any) -> None:
        for held in compat.variables_below(out):
            compat.set_raw(held, jnp.full_like(compat.get_raw(held), 12345.0))

    assert isinstance(verdict(case, Arm(), planted("fori_loop", other)), Finding)


def test_the_own_exception_of_a_program_is_told_from_one_that_it_should_not_raise() -> None:
    case = Case(
        variables=(variable(),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        body=(Update(("carry", 0, "a")), Raise()),
    )
    real = compat.transforms()

    def fori_loop(lower: Any, upper: Any, body: Any, carry: Any, **options: Any) -> Any:
        def without(i: Any, carry: Any) -> Any:
            del carry[0].a
            return body(i, carry)

        return real["fori_loop"](lower, upper, without, carry, **options)

    assert isinstance(verdict(case, Arm()), Refused)
    assert isinstance(verdict(case, Arm(), real | {"fori_loop": fori_loop}), Finding)


def test_a_program_without_a_meaning_may_not_be_accepted() -> None:
    if "bare-variables" not in compat.features():
        pytest.skip("this release scans over no bare Variables")
    case = Case(
        variables=(variable(shape=(2,)),),
        carry=(TupleSlot((1,)), VariableSlot(0)),
        loop=Loop(0, 2),
        inputs=(Input(OfVariable(0)),),
    )

    def scan(function: Any, **options: Any) -> Any:
        return lambda carry, v: carry

    assert isinstance(verdict(case, Arm("scan")), Refused)
    accepted = verdict(case, Arm("scan"), compat.transforms() | {"scan": scan})
    assert isinstance(accepted, Finding)
    assert accepted.differences[0].expected == "ValueError is raised"


# --- facts ----------------------------------------------------------------------------------


def test_a_number_of_the_closure_that_is_put_into_the_carry_is_no_object_of_it() -> None:
    case = Case(
        nodes=(Module({"a": OfArray()}),),
        carry=(TupleSlot((1,)), ArraySlot()),
        closure=(OfNode(0),),
        body=(Swap(SUM, ("closure", 0, "a")),),
    )
    assert not run_python(case, "graph").facts.closure_returned


def test_what_a_block_does_with_the_closure_is_a_fact_too() -> None:
    called = Update(SUM, operand=Call(("closure", 0), SUM, total=True))
    case = Case(
        nodes=(Layer("RNN"),),
        carry=(TupleSlot((1,)), ArraySlot()),
        closure=(OfNode(0),),
        body=(Within(0, "jit"),),
        blocks=((called,),),
    )
    assert run_python(case, "graph").facts.closure_nested
    straight = msgspec.structs.replace(case, body=(called,), blocks=())
    assert run_python(straight, "graph").facts.closure_nested


def test_a_variable_that_is_carried_and_broadcast_has_a_meaning_and_one_that_is_cut_has_none() -> (
    None
):
    both = Case(
        variables=(variable(),),
        carry=(TupleSlot((1,)), VariableSlot(0)),
        loop=Loop(0, 2),
        inputs=(Input(OfVariable(0), None),),
    )
    facts = run_python(both, "gnu").facts
    assert facts.inputs_inconsistent
    assert not facts.inputs_meaningless
    cut = msgspec.structs.replace(
        both, variables=(variable(shape=(2,)),), inputs=(Input(OfVariable(0)),)
    )
    assert run_python(cut, "gnu").facts.inputs_meaningless


def test_what_an_inner_transform_is_given_twice_is_a_fact() -> None:
    case = Case(
        variables=(variable(), variable()),
        nodes=(Module({"a": OfVariable(0), "b": OfVariable(1)}),),
        carry=(TupleSlot((1, 2)), INT, NodeSlot(0)),
        body=(Bind(("carry", 1, "b"), ("carry", 1, "a")), Within(0, "cond", at=SUM)),
        blocks=((Update(SUM),),),
    )
    check(case)
    assert run_python(case, "tree").facts.variables_aliased
    alone = msgspec.structs.replace(case, body=case.body[:1], blocks=())
    assert not run_python(alone, "tree").facts.variables_aliased


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
    assert (arithmetic.bounds.of(total) == 0.0) is exact
