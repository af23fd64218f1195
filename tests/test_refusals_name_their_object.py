"""A refusal about one object is not explained by what happens to another."""

from typing import Any

import msgspec
import pytest
from strict_tools import INT, variable, verdict

from nnxfuzz import nnx_api
from nnxfuzz.oracle.contract import explanation
from nnxfuzz.oracle.observations import Evidence, observation
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Failure, Finding, Refused
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Bind,
    Case,
    DictSlot,
    Input,
    Loop,
    Make,
    Module,
    NodeSlot,
    OfNode,
    OfStatic,
    OfVariable,
    Raise,
    Statement,
    Swap,
    TreePath,
    TupleSlot,
    Update,
    Within,
)
from nnxfuzz.runners.judge import examine
from nnxfuzz.runners.loops import Loops

GUILTY, INNOCENT = ("carry", 0), ("carry", 1)


def program(*body: Statement, closure: int = 0) -> Case:
    """Two modules with two Variables each, a dict and two arrays; some Variables by closure."""
    return Case(
        variables=tuple(variable() for _ in range(4)) + (variable(),) * closure,
        nodes=(
            Module({"a": OfVariable(0), "b": OfVariable(1)}),
            Module({"a": OfVariable(2), "b": OfVariable(3)}),
        ),
        carry=(
            TupleSlot((1, 2, 3, 5)),
            NodeSlot(0),
            NodeSlot(1),
            DictSlot({"x": 4}),
            INT,
            ArraySlot(Array("int32", (2,))),
        ),
        closure=tuple(OfVariable(4 + k) for k in range(closure)),
        loop=Loop(0, 2),
        body=body,
    )


def refusing(error: type[Exception], message: str) -> Loops:
    """Loops that refuse every program with these words."""

    def refuse(*arguments: Any, **options: Any) -> Any:
        raise error(message)

    scan = lambda function, **options: refuse  # noqa: E731
    return {"fori_loop": refuse, "while_loop": refuse, "scan": scan}


def types(place: str) -> str:
    return (
        "scan body function carry input and carry output must have equal types, but they differ:"
        f"\n\nThe input carry component loop_carry[1]{place} has type int32[] but the "
        "corresponding output carry component has type float32[], so the dtypes do not match.\n"
    )


def structure(place: str) -> str:
    return (
        f"pytree structure error: different pytree metadata at key path\n    tree_map tree{place}\n"
        "At that key path, the prefix pytree tree_map tree has a subtree of type\n"
    )


def duplicate(one: str, other: str) -> str:
    return (
        f"Duplicate Param(\n  value=1\n)\nfound at paths:\n\n  - .carry{one}\n  - .carry{other}\n\n"
        "nnx.scan with graph_updates=False does not support Variable aliasing"
    )


#: The program, the error, its words about the object with the reason, and about an innocent one.
ABOUT: dict[str, tuple[Case, str, str, str]] = {
    "a dtype": (
        program(Update((*GUILTY, "a"), dtype="float32")),
        "TypeError",
        types("[0].a.value"),
        types("[1].a.value"),
    ),
    "another Variable of the module": (
        program(Update((*GUILTY, "a"), dtype="float32")),
        "TypeError",
        types("[0].a.value"),
        types("[0].b.value"),
    ),
    "a static": (
        program(Make((*GUILTY, "z"), OfStatic(7))),
        "ValueError",
        structure("[0]"),
        structure("[1]"),
    ),
    "an alias": (
        program(Bind((*GUILTY, "a"), (*GUILTY, "b")), Within(0, "cond", at=("carry", 3))),
        "ValueError",
        duplicate("[0].a", "[0].b").replace("nnx.scan", "nnx.cond"),
        duplicate("[1].a", "[1].b").replace("nnx.scan", "nnx.cond"),
    ),
    "the keys of a dict": (
        program(Make((*GUILTY, "z"), OfStatic(7))),
        "ValueError",
        structure("[0]"),
        "Dict key mismatch; expected keys: ['x'], dict: {'y': 1}.",
    ),
}


def refused(case: Case, arm: Arm, error: str, message: str) -> Any:
    kind = {"TypeError": TypeError, "ValueError": ValueError}[error]
    return verdict(case, arm, refusing(kind, message))


@pytest.mark.parametrize("name", ABOUT)
def test_a_refusal_of_an_innocent_object_is_spurious(name: str) -> None:
    case, error, right, wrong = ABOUT[name]
    if "tree" not in nnx_api.modes():
        pytest.skip("this release has no tree mode")
    if name == "an alias":
        case = with_block(case)
    arm = Arm("fori_loop", "tree")
    assert isinstance(refused(case, arm, error, right), Refused)
    found = refused(case, arm, error, wrong)
    assert isinstance(found, Finding)
    assert found.signature.kind == "spurious-refusal"


def with_block(case: Case) -> Case:
    """The case with a block that its inner transform runs."""
    return msgspec.structs.replace(case, blocks=((Update(("carry", 3)),),))


def test_a_swap_explains_the_variables_that_moved_and_no_others() -> None:
    case = program(Swap((*GUILTY, "a"), (*GUILTY, "b")))
    words = "Carry references must be the same between iterations. Got arg=1 and out=2 at carry"
    assert isinstance(refused(case, Arm("scan"), "ValueError", f"{words}[0]"), Refused)
    assert isinstance(refused(case, Arm("scan"), "ValueError", f"{words}[1]"), Finding)


def test_a_write_by_closure_explains_the_class_that_it_writes() -> None:
    seen = Evidence(seen=[observation("captured-written", "Param", ("closure", 0))])
    arm, release = Arm(), nnx_api.release()
    for words, reason in [
        ("Cannot mutate Param from a different trace level", "closure-written"),
        ("Cannot mutate BatchStat from a different trace level", None),
        ("Cannot mutate 'Block' from different trace level", None),
    ]:
        assert explanation(arm, seen, Failure("TraceContextError", words), release) == reason


def test_the_own_exception_has_its_own_text() -> None:
    case = program(Raise())

    class Raised(Exception):
        """Another exception of the name that the program's own has."""

    assert isinstance(verdict(case, Arm()), Refused)
    found = verdict(case, Arm(), refusing(Raised, "another text"))
    assert isinstance(found, Finding)
    same = verdict(case, Arm(), refusing(Raised, "raised by the body"))
    assert isinstance(same, Refused)


def test_the_loop_that_refuses_is_the_one_that_was_handed_the_object() -> None:
    seen = Evidence(seen=[observation("variable-replaced", "Param", ("carry", 0, "a"))])
    arm, release = Arm("fori_loop", "graph-frozen"), nnx_api.release()
    for transform, reason in [("fori_loop", "carry-references"), ("scan", None)]:
        words = f"{transform} Variable identity must be preserved across iterations."
        assert explanation(arm, seen, Failure("ValueError", words), release) == reason


def test_an_inner_transform_is_blamed_for_what_it_was_handed() -> None:
    twice = observation("aliased", "Param", ("carry", 0, "a"), ("carry", 0, "b"), by="cond")
    seen = Evidence(seen=[twice])
    arm, release = Arm("fori_loop", "tree"), nnx_api.release()
    for by, reason in [("cond", "tree-aliasing"), ("jit", None)]:
        words = duplicate("[0].a", "[0].b").replace("nnx.scan", f"nnx.{by}")
        assert explanation(arm, seen, Failure("ValueError", words), release) == reason


def inconsistent(*nodes: tuple[str, str]) -> str:
    listed = "\n".join(f"Node: {kind}\n  0/0/{at}: Carry\n  1/{at}: None" for kind, at in nodes)
    return f"Inconsistent aliasing detected. The following nodes have different prefixes:\n{listed}"


@pytest.mark.parametrize(
    ("nodes", "explained"),
    [
        ((("Param", "a"),), True),
        ((("Param", "a"), ("Block", "m")), True),
        ((("Param", "b"),), False),
        ((("BatchStat", "a"),), False),
        ((("Param", "a"), ("Block", "n")), False),
    ],
)
def test_inconsistent_aliasing_is_of_the_variable_and_the_module_that_are_named(
    nodes: tuple[tuple[str, str], ...], explained: bool
) -> None:
    places: list[TreePath] = [("carry", 0), ("inputs", 0)]
    variable_twice = observation("inconsistent-axes", "Param", *((*at, "a") for at in places))
    module_twice = observation("inconsistent-node", "Block", *((*at, "m") for at in places))
    seen = Evidence(seen=[variable_twice, module_twice])
    failure = Failure("ValueError", inconsistent(*nodes))
    found = explanation(Arm("scan", "graph-frozen"), seen, failure, nnx_api.release())
    assert (found == "inconsistent-aliasing") is explained


def test_modules_are_observed_beside_the_variable_that_is_reached_with_two_axes() -> None:
    case = Case(
        variables=(variable(),),
        nodes=(Module({"m": OfNode(1)}), Module({"a": OfVariable(0)})),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 2),
        inputs=(Input(OfNode(1), None),),
    )
    found = run_python(case, "graph-frozen").seen.of("inconsistent-axes", "inconsistent-node")
    assert {(seen.detail, seen.paths) for seen in found} == {
        ("Param", ("carry[0].m.a", "inputs[0].a")),
        ("Block", ("carry[0].m", "inputs[0]")),
    }


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_while_loop_names_the_parameter_of_the_users_function(mode: Any) -> None:
    """jax reads it off the function of Flax around the user's, which stands for that."""
    if "while_loop" not in nnx_api.transforms():
        pytest.skip("this flax has no while_loop")
    case = Case(
        carry=(TupleSlot((1,)), ArraySlot(Array("int32"))),
        body=(Update(("carry", 0), dtype="float32"),),
    )
    arm = Arm("while_loop", mode)
    seen = examine(case, arm, "trace")
    assert isinstance(seen, Refused) and "input carry component value[1]" in seen.failure.message
    internal = seen.failure.message.replace("component value[", "component val[")
    wrong = examine(case, arm, "trace", refusing(TypeError, internal))
    assert isinstance(wrong, Finding) and wrong.signature.kind == "spurious-refusal"
