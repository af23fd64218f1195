"""The judge: which differences there are, in which order, and what a refusal is worth."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import ml_dtypes
import msgspec
import numpy as np
import pytest

from nnxfuzz.oracle.observations import Evidence, observation
from nnxfuzz.oracle.reference import Expected
from nnxfuzz.oracle.verdict import Agrees, Difference, Entry, Failure, Finding, Refused, World
from nnxfuzz.programs.case import (
    Arm,
    Array,
    Case,
    Module,
    NodeSlot,
    OfVariable,
    Statement,
    Swap,
    TupleSlot,
    Update,
    Variable,
)
from nnxfuzz.runners import Observed
from nnxfuzz.runners.judge import compare, examine, judge, undecided
from nnxfuzz.runners.loops import Loops

ARM = Arm("fori_loop", "graph")
EXACT = Evidence()


def array(*values: float, dtype: str = "float32") -> Entry:
    kinds = {"bfloat16": ml_dtypes.bfloat16}
    return Entry("array", "array", array=np.asarray(values, kinds.get(dtype, dtype)))


def variable(*values: float, kind: str = "Param", at: str = "result", tag: str = "[]") -> Entry:
    return Entry("variable", kind, at, tag, np.asarray(values, np.float32))


def only(expected: Entry | None, got: Entry | None) -> Difference:
    """The one difference between two worlds of one entry."""
    found = differences(expected, got)
    assert len(found) == 1
    return found[0]


def differences(expected: Entry | None, got: Entry | None) -> list[Difference]:
    one: World = {} if expected is None else {("result",): expected}
    other: World = {} if got is None else {("result",): got}
    return compare(one, other)


# --- aspects --------------------------------------------------------------------------------

NODE = Entry("node", "Block", "result")
TRACER = Entry("array", "array", tracer=True)

ASPECTS: dict[str, tuple[Entry | None, Entry | None, str, str, str]] = {
    "missing": (array(1), None, "missing", "array", "nothing"),
    "extra": (None, NODE, "extra", "nothing", "Block"),
    "kind": (variable(1), variable(1, kind="Cache"), "kind", "variable Param", "variable Cache"),
    "identity": (NODE, Entry("node", "Block", "caller"), "identity", "result", "caller"),
    "metadata": (variable(1), variable(1, tag="['x']"), "metadata", "[]", "['x']"),
    "static": (
        Entry("static", "int", detail="1"),
        Entry("static", "int", detail="7"),
        "static",
        "1",
        "7",
    ),
    "container": (
        Entry("container", "tuple", detail="of 1"),
        Entry("container", "list", detail="of 1"),
        "kind",
        "container tuple",
        "container list",
    ),
    "dtype": (array(1), array(1, dtype="int32"), "dtype", "float32", "int32"),
    "shape": (array(1), array(1, 1), "shape", "(1,)", "(2,)"),
    "value": (array(1, 2), array(2, 1), "value", "[1.0, 2.0]", "[2.0, 1.0]"),
    "tracer": (array(1), TRACER, "tracer", "no tracer", "a leaked tracer"),
}


@pytest.mark.parametrize("name", ASPECTS)
def test_each_aspect_is_one_difference_in_plain_words(name: str) -> None:
    expected, got, aspect, told, seen = ASPECTS[name]
    found = only(expected, got)
    assert (found.path, found.aspect, found.expected, found.got) == (
        ("result",),
        aspect,
        told,
        seen,
    )


def test_equal_entries_do_not_differ() -> None:
    for entry in (array(1, np.nan), variable(np.inf), NODE):
        assert differences(entry, entry) == []


def test_a_nan_is_a_nan_and_nothing_else() -> None:
    assert only(array(np.nan), array(0)).aspect == "value"
    assert only(array(np.inf), array(-np.inf)).aspect == "value"
    assert differences(array(np.nan, dtype="bfloat16"), array(np.nan, dtype="bfloat16")) == []


def test_all_aspects_that_differ_are_told_and_not_only_the_first() -> None:
    expected, got = variable(1), variable(2, kind="Cache", at="caller", tag="['x']")
    aspects = [difference.aspect for difference in differences(expected, got)]
    assert aspects == ["kind", "identity", "metadata", "value"]


# --- order ----------------------------------------------------------------------------------


def world_of(value: float) -> World:
    names = ("p", "q", "a", "z")
    entries = {(root, n): array(value) for root in ("ys", "result", "caller") for n in names}
    return entries | {("counter",): array(value), ("closure", 0): array(value)}


def test_differences_come_by_root_then_path_whatever_the_order_of_the_worlds() -> None:
    one, other = world_of(1), world_of(2)
    backwards = dict(reversed(list(other.items())))
    paths = [difference.path for difference in compare(one, backwards)]
    assert paths == [difference.path for difference in compare(one, other)]
    assert [path[0] for path in paths] == (
        ["caller"] * 4 + ["closure"] + ["result"] * 4 + ["ys"] * 4 + ["counter"]
    )
    assert paths[:4] == [("caller", name) for name in "apqz"]


_TELL = """
from test_judge import *
verdict = examine(two_modules(Update(P), Update(Q)), ARM, "trace", losing_all())
print(verdict.signature, [d.path for d in verdict.differences])
"""


@pytest.mark.slow
def test_the_verdict_does_not_depend_on_the_hash_seed() -> None:
    def told(hash_seed: str) -> str:
        paths = os.pathsep.join([os.path.dirname(__file__), *sys.path])
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths}
        return subprocess.run(
            [sys.executable, "-c", _TELL],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    texts = {told(hash_seed) for hash_seed in ("0", "1", "2")}
    assert texts == {
        "wrong-world fori_loop graph: caller variable value"
        " [('caller', 0, 'p'), ('caller', 1, 'p'),"
        " ('held', 'caller[0].p'), ('held', 'caller[1].p')]\n"
    }


# --- tolerance ------------------------------------------------------------------------------


def within(entry: Entry, tolerance: float, reach: float | None = None) -> Entry:
    reach = tolerance if reach is None else reach
    return msgspec.structs.replace(entry, tolerance=tolerance, reach=reach)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_slip_is_forgiven_within_its_own_tolerance_only(dtype: str) -> None:
    one, near, far = (array(value, dtype=dtype) for value in (0.0, 0.25, 1.0))
    assert only(one, near).aspect == "value"
    assert differences(within(one, 0.25), near) == []
    assert only(within(one, 0.25), far).aspect == "value"


def test_a_tolerance_forgives_no_int_and_no_nan() -> None:
    ints = array(1, dtype="int32"), array(2, dtype="int32")
    assert only(within(ints[0], 5.0), ints[1]).aspect == "value"
    assert only(within(array(np.nan), 5.0), array(0)).aspect == "value"


@pytest.mark.parametrize("reach", [1.0, np.inf, np.nan])
def test_what_is_beyond_the_tolerance_and_within_the_reach_is_undecided(reach: float) -> None:
    path = ("result",)
    one, near, far = (array(value) for value in (0.0, 0.25, 0.5))
    loose = within(one, 0.25, reach)
    assert differences(loose, far) == []
    assert undecided({path: loose}, {path: far}) == [path]
    assert undecided({path: loose}, {path: near}) == []


@pytest.mark.parametrize("tolerance", [np.inf, np.nan])
def test_no_infinite_tolerance_is_accepted(tolerance: float) -> None:
    path = ("result",)
    loose, far = within(array(0.0), tolerance), array(1e9)
    assert differences(loose, far) or undecided({path: loose}, {path: far}) == [path]


# --- refusals -------------------------------------------------------------------------------

BEFORE: World = {("caller",): variable(1, at="caller"), ("result",): variable(1, at="caller")}
TYPES = Failure("TypeError", "scan body: carry output must have equal types, got", "scan.f")
RETYPED = Evidence(seen=[observation("aval-changed", "array", ("carry", 0))])


def judged(
    failure: Failure,
    seen: Evidence = RETYPED,
    world: World = BEFORE,
    usable: bool = True,
    leaked: Failure | None = None,
) -> Refused | Finding:
    verdict = judge(ARM, Expected(BEFORE, BEFORE, seen), Observed(world, failure, leaked, usable))
    assert not isinstance(verdict, Agrees)
    return verdict


def told(verdict: Refused | Finding) -> str:
    if isinstance(verdict, Refused):
        return verdict.reason
    return f"{verdict.signature.kind}: {verdict.signature.where}"


def test_a_refusal_needs_the_fact_the_type_and_the_wording() -> None:
    assert told(judged(TYPES)) == "carry-types"
    assert told(judged(TYPES, seen=EXACT)) == "spurious-refusal: TypeError in scan.f"
    other_type = Failure("ValueError", TYPES.message, TYPES.function)
    assert told(judged(other_type)) == "spurious-refusal: ValueError in scan.f"
    reworded = Failure("TypeError", "no", TYPES.function)
    assert told(judged(reworded)) == "spurious-refusal: TypeError in scan.f"


def test_an_undocumented_exception_is_an_internal_error_whatever_holds() -> None:
    failure = Failure("AttributeError", "'NoneType' object has no attribute 'x'", "graph.update")
    for seen in (EXACT, RETYPED):
        assert told(judged(failure, seen)) == "internal-error: AttributeError in graph.update"


def test_a_failure_outside_of_flax_is_told_to_be_in_jax() -> None:
    failure = Failure("RecursionError", "maximum recursion depth exceeded")
    assert told(judged(failure)) == "internal-error: RecursionError in jax"


def test_the_programs_own_exception_has_to_come_through_as_it_is() -> None:
    raised = Evidence(raised=Failure("BodyRaised", "raised by the body"))
    assert told(judged(Failure("BodyRaised", "raised by the body"), raised)) == "body-raised"
    assert told(judged(Failure("BodyRaised", "raised by the body"), EXACT)) == (
        "spurious-refusal: BodyRaised in jax"
    )


def test_a_refusal_that_changed_the_callers_objects_is_poison() -> None:
    damaged = BEFORE | {("caller",): variable(2, at="caller")}
    assert told(judged(TYPES, world=damaged)) == "poisoned-state: caller variable value"


def test_a_refusal_that_left_a_tracer_is_poison() -> None:
    tracer = Entry("variable", "Param", "caller", "[]", tracer=True)
    assert told(judged(TYPES, world=BEFORE | {("caller",): tracer})) == (
        "poisoned-state: caller variable tracer"
    )


def test_a_refusal_after_which_nothing_works_is_poison() -> None:
    assert told(judged(TYPES, usable=False)) == "poisoned-state: TypeError in scan.f"


def test_an_executor_that_meets_an_escaped_tracer_is_poison() -> None:
    leaked = Failure("UnexpectedTracerError", "leaked")
    assert told(judged(TYPES, leaked=leaked)) == "poisoned-state: UnexpectedTracerError in jax"


def test_what_the_result_would_have_been_is_no_damage() -> None:
    other_result = BEFORE | {("result",): variable(9)}
    assert told(judged(TYPES, world=other_result)) == "carry-types"


def test_an_exception_that_does_not_come_through_is_a_wrong_world() -> None:
    expected = Expected(BEFORE, None, Evidence(raised=Failure("BodyRaised", "raised by the body")))
    verdict = judge(ARM, expected, Observed(BEFORE, None, None, True))
    assert isinstance(verdict, Finding)
    assert told(verdict) == "wrong-world: result container missing"
    assert verdict.differences[0].expected == "BodyRaised is raised"


def test_only_a_while_loop_hands_back_its_counter() -> None:
    after = BEFORE | {("counter",): array(3, dtype="int32")}
    expected, observed = Expected(BEFORE, after, EXACT), Observed(BEFORE, None, None, True)
    assert isinstance(judge(ARM, expected, observed), Agrees)
    verdict = judge(Arm("while_loop", "graph"), expected, observed)
    assert isinstance(verdict, Finding)
    assert verdict.signature.where == "counter array missing"


# --- with transforms ------------------------------------------------------------------------

P = ("carry", 0, "p")
Q = ("carry", 1, "p")


def two_modules(*body: Statement) -> Case:
    return Case(
        variables=(Variable(), Variable(value=Array(fill=1))),
        nodes=(Module({"p": OfVariable(0)}), Module({"p": OfVariable(1)})),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
        body=body,
    )


def returning(answer: Callable[[Any], Any]) -> Loops:
    """A fori_loop that does not run the body."""
    return {"fori_loop": lambda lower, upper, body, init, **options: answer(init)}


def losing_all() -> Loops:
    return returning(lambda init: init)


def swapping() -> Loops:
    def answer(carry: Any) -> Any:
        one, other = carry
        one.p, other.p = other.p, one.p
        return carry

    return returning(answer)


def test_a_loop_that_does_nothing_is_right_about_a_body_that_does_nothing() -> None:
    assert isinstance(examine(two_modules(), ARM, "eager", losing_all()), Agrees)


def test_a_loop_that_does_nothing_is_wrong_about_an_update() -> None:
    verdict = examine(two_modules(Update(P)), ARM, "eager", losing_all())
    assert isinstance(verdict, Finding)
    assert verdict.signature.where == "caller variable value"
    paths = [d.path for d in verdict.differences]
    assert paths == [("caller", 0, "p"), ("held", "caller[0].p")]


def test_leniency_is_allowed_but_not_with_another_answer() -> None:
    assert isinstance(examine(two_modules(Swap(P, Q)), ARM, "eager", swapping()), Agrees)
    verdict = examine(two_modules(Swap(P, Q)), ARM, "eager", losing_all())
    assert isinstance(verdict, Finding)
    assert verdict.signature.where == "caller variable identity"


def replacing() -> Loops:
    """A fori_loop after which the caller's module holds another Variable with the same value."""

    def answer(carry: Any) -> Any:
        carry[0].p = type(carry[0].p)(carry[0].p[...])
        return carry

    return returning(answer)


def test_another_variable_in_the_callers_module_is_a_difference() -> None:
    verdict = examine(two_modules(), ARM, "eager", replacing())
    assert isinstance(verdict, Finding)
