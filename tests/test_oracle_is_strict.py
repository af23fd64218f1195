"""Mistakes that a lax oracle would let pass."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from strict_tools import INT, SUM, planted, variable, verdict

from nnxfuzz import nnx_api
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Agrees, Entry, Finding, Refused, World
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Call,
    Case,
    Const,
    Draw,
    Form,
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
    Raise,
    Read,
    StateSlot,
    Streams,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
)
from nnxfuzz.programs.live.build import Objects
from nnxfuzz.runners.judge import compare


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
            nnx_api.set_raw(held, raw)

    assert isinstance(verdict(case, Arm("scan"), planted("scan", restore)), Finding)


def test_partition_names_are_demanded_of_graph_mode() -> None:
    if "partition" not in nnx_api.features():
        pytest.skip("this release has no partition names")
    real = nnx_api.transforms()

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
    if "graph-frozen" not in nnx_api.modes():
        pytest.skip("this release has one mode")
    real = nnx_api.transforms()

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
    if "bare-variables" not in nnx_api.features():
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
        nnx_api.set_raw(before[0][0], nnx_api.get_raw(before[0][0]) + 7)

    assert isinstance(verdict(case, Arm("scan")), Agrees)
    assert isinstance(verdict(case, Arm("scan"), planted("scan", more)), Finding)


def test_random_keys_are_no_numbers() -> None:
    case = Case(nodes=(Streams({"params": 0}),), carry=(TupleSlot((1,)), NodeSlot(0)))

    def to_numbers(given: Any, out: Any) -> None:
        for held in nnx_api.variables_below(out):
            raw = nnx_api.get_raw(held)
            if jax.dtypes.issubdtype(raw.dtype, jax.dtypes.prng_key):
                nnx_api.set_raw(held, jax.random.key_data(raw))

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
        for held in nnx_api.variables_below(out):
            nnx_api.set_raw(held, jax.lax.stop_gradient(nnx_api.get_raw(held)))

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
        for held in nnx_api.variables_below(out):
            nnx_api.set_raw(held, jnp.full_like(nnx_api.get_raw(held), 12345.0))

    assert isinstance(verdict(case, Arm(), planted("fori_loop", other)), Finding)


def test_the_own_exception_of_a_program_is_told_from_one_that_it_should_not_raise() -> None:
    case = Case(
        variables=(variable(),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        body=(Update(("carry", 0, "a")), Raise()),
    )
    real = nnx_api.transforms()

    def fori_loop(lower: Any, upper: Any, body: Any, carry: Any, **options: Any) -> Any:
        def without(i: Any, carry: Any) -> Any:
            del carry[0].a
            return body(i, carry)

        return real["fori_loop"](lower, upper, without, carry, **options)

    assert isinstance(verdict(case, Arm()), Refused)
    assert isinstance(verdict(case, Arm(), real | {"fori_loop": fori_loop}), Finding)


def test_a_program_without_a_meaning_may_not_be_accepted() -> None:
    if "bare-variables" not in nnx_api.features():
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
    accepted = verdict(case, Arm("scan"), nnx_api.transforms() | {"scan": scan})
    assert isinstance(accepted, Finding)
    assert accepted.differences[0].expected == "ValueError is raised"


def test_a_variable_that_holds_a_reference_has_to_hold_one_afterwards() -> None:
    if "array-refs" not in nnx_api.features():
        pytest.skip("this release has no references")
    row = Variable(value=Array("int32", (1,)), ref=True)
    case = Case((row,), inputs=(Input(OfVariable(0)),), carry=(INT,))
    assert verdict(case, Arm("scan")) == Agrees()

    def dereferenced(before: Any, out: Any) -> None:
        for held, raw in before:
            nnx_api.set_raw(held, raw)

    found = verdict(case, Arm("scan"), planted("scan", dereferenced))
    assert isinstance(found, Finding)
    assert found.signature.where == "inputs variable metadata"


def test_a_data_attribute_that_turns_static_is_seen() -> None:
    held = Module({"a": OfArray(Array()), "b": OfStatic(1)})
    case = Case(nodes=(held,), carry=(TupleSlot((1,)), NodeSlot(0)))
    if not nnx_api.marks(held_by(case)):
        pytest.skip("this release has no such marks")

    def forgets(carry: Any, out: Any) -> None:
        nodes = carry[0]._pytree__nodes.update({"a": False})
        object.__setattr__(carry[0], "_pytree__nodes", nodes)

    assert verdict(case, Arm()) == Agrees()
    found = verdict(case, Arm(), planted("fori_loop", forgets))
    assert isinstance(found, Finding)
    assert found.signature.where == "caller node metadata"
    first = found.differences[0]
    assert (first.expected, first.got) == ("{'a': True, 'b': False}", "{'a': False, 'b': False}")


def held_by(case: Case) -> Any:
    """The first object in the carry."""
    return Objects(case, jnp.asarray).carry[0]


def test_marks_follow_from_what_is_missing() -> None:
    def node(marks: str) -> Entry:
        return Entry("node", "Block", "caller", marks)

    whole: World = {("caller",): node("{'a': True}"), ("caller", "a"): Entry("array", "array")}
    flipped: World = {("caller",): node("{'a': False}"), ("caller", "a"): Entry("array", "keys")}
    assert [d.aspect for d in compare(whole, flipped)] == ["kind", "metadata"]
    gone: World = {("caller",): node("")}
    assert [d.aspect for d in compare(whole, gone)] == ["missing"]
