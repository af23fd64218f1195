"""Transforms inside of a body, given what their blocks reach, as people write them."""

import msgspec
import pytest
from given_cases import GIVEN, LOOPS

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Agrees, Difference, Finding, Refused, Signature, Verdict
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Bind,
    Case,
    Draw,
    Input,
    Loop,
    OfNode,
    OfVariable,
    Read,
    Streams,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
    canonical,
    check,
)
from nnxfuzz.programs.case.arms import How
from nnxfuzz.programs.case.codec import decode_case
from nnxfuzz.programs.versions import version
from nnxfuzz.report.script import script
from nnxfuzz.runners.arms import plain_arms
from nnxfuzz.runners.judge import examine


def verdicts(case: Case) -> dict[Arm, Verdict]:
    check(case)
    return {arm: examine(case, arm, "trace") for arm in plain_arms(case)}


def uses(case: Case) -> set[str]:
    return {s.how for s in case.body if isinstance(s, Within)}


@pytest.mark.parametrize("name", GIVEN)
def test_layers_that_are_scanned_over_are_arguments_of_a_transform_inside(name: str) -> None:
    case = GIVEN[name]
    if not uses(case) & set(LOOPS) <= nnx_api.transforms().keys():
        pytest.skip("this release does not have the inner loop")
    for arm, verdict in verdicts(case).items():
        assert not isinstance(verdict, Finding), (arm, verdict)
        if nnx_api.release() >= version("0.12.7"):
            assert isinstance(verdict, Agrees), (arm, verdict)


@pytest.mark.skipif(nnx_api.release() < version("0.12.7"), reason="older ones refuse more")
@pytest.mark.parametrize("name", GIVEN)
def test_what_a_block_writes_by_closure_is_refused_as_documented(name: str) -> None:
    case = GIVEN[name]
    body = tuple(msgspec.structs.replace(s, args=()) for s in case.body)
    for arm, verdict in verdicts(msgspec.structs.replace(case, body=body)).items():
        assert isinstance(verdict, Refused), (arm, verdict)
        assert verdict.reason in ("closure-written", "closure-nested")


def drawing(within: Within) -> Case:
    """A scan, in a block of which a broadcast stream draws."""
    return Case(
        nodes=(Streams({"params": 0}),),
        carry=(ArraySlot(),),
        loop=Loop(0, 2),
        inputs=(Input(OfNode(0), None),),
        body=(within,),
        blocks=((Update(("carry",), "add", Draw(("inputs", 0, "params"))),), ()),
    )


@pytest.mark.skipif(nnx_api.release() < version("0.12.7"), reason="older ones refuse more")
@pytest.mark.parametrize(
    "within",
    [
        Within(0, "fori_loop", times=0),
        Within(1, "cond", at=("carry",), otherwise=0),
        Within(0, "cond", at=("carry",)),
    ],
)
def test_a_block_that_does_not_run_is_traced_and_may_be_refused(within: Within) -> None:
    case = drawing(within)
    for arm, verdict in verdicts(case).items():
        assert isinstance(verdict, Refused), (arm, verdict)
    given = msgspec.structs.replace(within, args=(("inputs", 0),))
    for arm, verdict in verdicts(msgspec.structs.replace(case, body=(given,))).items():
        assert isinstance(verdict, Agrees), (arm, verdict)


@pytest.mark.skipif(nnx_api.release() < version("0.10.2"), reason="it has no loops inside")
@pytest.mark.parametrize("how", ["cond", "switch"])
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("other", [None, 1])
def test_branches_of_different_shapes_are_refused_whichever_runs(
    how: How, number: int, other: int | None
) -> None:
    """The second block makes an array of shape (2,) out of the carry's number.

    That is well formed only where it is not known what stands there.
    """
    longer = Update(("carry", 0), operand=Read(("closure", 0)))
    within = Within(block=0 if other else 1, how=how, at=("carry", 0), otherwise=other)
    case = Case(
        variables=(Variable(value=Array(shape=(2,))),),
        carry=(TupleSlot((1,)), ArraySlot(Array(fill=number))),
        closure=(OfVariable(0),),
        body=(Swap(("carry", 0), ("carry", 0)), within),
        blocks=((), (longer,)),
    )
    for arm, verdict in verdicts(case).items():
        assert reason(verdict) == "carry-types", (arm, verdict)


@pytest.mark.skipif(nnx_api.release() < version("0.12.0"), reason="as the scripts are")
@pytest.mark.parametrize("name", GIVEN)
def test_a_script_has_the_arguments_in_the_call(name: str) -> None:
    case = GIVEN[name]
    arm = Arm("scan", "graph")
    difference = Difference(("result", 0), "array", "value", "[0.0, 0.0]", "[1.0, 1.0]")
    found = Finding(arm, Signature("wrong-world", "scan", "graph", "result"), (difference,))
    text = script(case, arm, found, "t")
    assert "(carry, the_m_layer, norm, x):" in text
    assert "m.layer, norm, x)" in text
    assert "the_m_layer(a)" in text


OLD = b"""{"carry":[{"is":"array"}],"loop":{"upper":2},
"body":[{"is":"within","how":"remat","block":0}],
"blocks":[[{"is":"update","at":["carry"],"operand":{"is":"const"}}]]}"""


def test_a_case_without_arguments_is_what_it_was() -> None:
    case = decode_case(OLD)
    assert case.body == (Within(0, "remat"),)
    assert b"args" not in canonical(case)
    assert isinstance(examine(case, Arm("scan", "graph"), "trace"), Agrees)


def reason(verdict: Verdict) -> str | None:
    """Why it is refused; None if it agrees."""
    assert isinstance(verdict, Refused | Agrees), verdict
    return verdict.reason if isinstance(verdict, Refused) else None


@pytest.mark.skipif(
    nnx_api.release() < version("0.12.6"), reason="graph-frozen mode came with 0.12.6"
)
def test_only_0_12_6_refuses_what_a_trip_writes_to_a_broadcast_variable() -> None:
    case = msgspec.structs.replace(
        drawing(Within(1, "jit")),
        body=(Update(("carry",), "add", Draw(("inputs", 0, "params"))),),
        blocks=(),
    )
    told = reason(examine(case, Arm("scan", "graph-frozen"), "trace"))
    assert told == ("broadcast-written" if nnx_api.release() == version("0.12.6") else None)


@pytest.mark.skipif(nnx_api.release() != version("0.12.5"), reason="0.12.5 has refusals of its own")
def test_0_12_5_refuses_a_scan_inside_and_a_shared_variable_inside_of_jit() -> None:
    scan, jit = (
        Case(
            variables=(Variable(), Variable()),
            carry=(TupleSlot((1, 2)), VariableSlot(0), VariableSlot(1)),
            loop=Loop(0, 2),
            body=(Bind(("carry", 0), ("carry", 1)), Within(0, how)),
            blocks=((Update(("carry", 0)),),),
        )
        for how in ("scan", "jit")
    )
    arm = Arm("fori_loop", "tree")
    alone = msgspec.structs.replace(scan, body=scan.body[1:])
    assert reason(examine(alone, arm, "trace")) == "tree-scan-axes-within"
    assert reason(examine(jit, arm, "trace")) == "tree-aliasing-in-0.12.5"
