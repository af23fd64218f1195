"""The contract: when a refusal counts as explained, and that Flax's own refusals do."""

import pytest

from nnxfuzz.oracle.contract import DEVIATIONS, REFUSALS, Deviation, Refusal, Wording, explanation
from nnxfuzz.oracle.observations import Evidence, observation
from nnxfuzz.oracle.verdict import Agrees, Failure, Refused
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Case,
    Const,
    Form,
    Loop,
    Make,
    Module,
    NodeSlot,
    OfStatic,
    OfVariable,
    Raise,
    Statement,
    Update,
    Variable,
)
from nnxfuzz.programs.versions import version
from nnxfuzz.runners.judge import examine

ARM = Arm("fori_loop", "graph")


P = ("carry", "p")


def one_module(*body: Statement) -> Case:
    return Case(
        variables=(Variable(),),
        nodes=(Module({"p": OfVariable(0)}),),
        carry=(NodeSlot(0),),
        body=body,
    )


def test_a_reason_holds_in_its_modes_transforms_and_releases_only() -> None:
    twice = observation("aliased", "Param", ("carry", 0, "a"), ("carry", 1))
    aliased = Evidence(seen=[twice])
    failure = Failure(
        "ValueError", "Duplicate Param(1)\nfound at paths:\n\n  - .carry[0].a\n  - .carry[1]\n"
    )
    assert explanation(Arm("scan", "tree"), aliased, failure, version("0.12.8")) == "tree-aliasing"
    assert explanation(Arm("scan", "graph"), aliased, failure, version("0.12.8")) is None

    unroll = Evidence(Case(loop=Loop(0, 2, "traced", unroll=2)))
    failure = Failure("ValueError", "Can only use `unroll` in `fori_loop` if the loop bounds are")
    assert explanation(ARM, unroll, failure, version("0.12.8")) == "unroll-traced-bounds"
    assert explanation(Arm("scan", "graph"), unroll, failure, version("0.12.8")) is None

    written = Evidence(seen=[observation("captured-written", "Param", ("closure", 0))])
    failure = Failure("TraceContextError", "Cannot mutate Param from a different trace level")
    assert explanation(ARM, written, failure, version("0.10.5")) == "closure-written"
    assert explanation(ARM, written, failure, version("0.10.4")) is None


def test_each_kind_of_ill_formed_axes_has_its_own_words() -> None:
    nested, arm = Evidence(Case(form=Form(wrong="carry nested"))), Arm("scan", "graph-frozen")
    right = Failure("ValueError", "Carry must be a top-level argument, it cannot be nested.")
    twice = Failure("ValueError", "Found multiple Carry definitions in in_axes")
    later = Failure("ValueError", "pytree structure error: different types at key path")
    assert explanation(arm, nested, right, version("0.12.8")) == "carry-nested"
    assert explanation(arm, nested, twice, version("0.12.8")) is None
    assert explanation(arm, nested, later, version("0.12.8")) is None


def test_a_record_says_where_it_holds_and_no_field_stands_for_all() -> None:
    assert not Refusal.__struct_defaults__
    assert not Deviation.__struct_defaults__
    assert not Wording.__struct_defaults__
    records: list[Refusal | Deviation] = [*REFUSALS, *DEVIATIONS]
    for record in records:
        assert record.where.transforms, record.id
        assert record.where.modes, record.id
        assert record.where.since, record.id
    assert all(record.where.wrappers for record in REFUSALS)


def test_every_reason_has_a_name_of_its_own_and_a_source() -> None:
    assert len({record.id for record in REFUSALS}) == len(REFUSALS)
    assert all(record.source and record.when and record.wordings for record in REFUSALS)


REFUSED: dict[str, tuple[Statement, str]] = {
    "another dtype": (Update(P, dtype="int32"), "carry-types"),
    "a fresh Variable": (Make(P, OfVariable(0)), "carry-references"),
    "another static": (Make(("carry", "z"), OfStatic(7)), "carry-structure"),
    "an exception": (Raise(), "body-raised"),
}


@pytest.mark.parametrize("transform", ["fori_loop", "scan"])
@pytest.mark.parametrize("name", REFUSED)
def test_flax_refuses_each_broken_rule_with_its_reason(name: str, transform: str) -> None:
    statement, reason = REFUSED[name]
    verdict = examine(one_module(statement), Arm(transform, "graph-frozen"), "eager")  # type: ignore[arg-type]
    assert isinstance(verdict, Refused), verdict
    assert verdict.reason == reason


def test_an_ordinary_program_agrees_under_flax() -> None:
    case = Case(carry=(ArraySlot(Array("int32")),), body=(Update(("carry",), "add", Const(2)),))
    assert isinstance(examine(case, ARM, "eager"), Agrees)
