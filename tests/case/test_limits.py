"""The checker and its messages hold out against sizes, and the limits agree with the rest."""

import pickle
import time

import msgspec
import pytest

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Case,
    CaseError,
    LinearConfig,
    Module,
    NodeSlot,
    OfNode,
    OfStatic,
    Sequence,
    TreePath,
    TupleSlot,
    Update,
    check,
    problems,
)
from nnxfuzz.programs.case.limits import MAX_FEATURES, RESERVED_NAMES


def test_an_error_survives_the_way_between_processes() -> None:
    error = CaseError("$.loop", "why", "do this", 6)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.path, copy.rule) == (str(error), "$.loop", 6)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(CaseError) as raised:
        check(Case(nodes=(Module({"x" * 10_000 + "!": OfStatic()}),)))
    assert len(str(raised.value)) < 500


def test_a_hostile_size_is_refused_at_once() -> None:
    path: TreePath = ("carry", *(0,) * 50_000)
    loops = Case(nodes=(Sequence((OfNode(0),)),), carry=(NodeSlot(0),), body=(Update(path),) * 64)
    start = time.process_time()
    assert {problem.rule for problem in problems(loops)} == {11}
    assert problems(Case(carry=(TupleSlot((1,) * 100_000),)))[0].rule == 2
    assert problems(Case(carry=(ArraySlot(Array("int32", (64,) * 100_000)),)))[0].rule == 4
    assert time.process_time() - start < 20  # of the processor; it takes a hundredth of a second


def test_the_reserved_names_are_those_of_the_installed_module() -> None:
    nnx = pytest.importorskip("flax.nnx")
    assert {name for name in dir(nnx.Module) if not name.startswith("_")} <= RESERVED_NAMES


def test_the_schema_states_the_limit_of_features() -> None:
    table = msgspec.json.schema(LinearConfig)["$defs"]["LinearConfig"]["properties"]
    for name in ("in_features", "out_features"):
        assert (table[name]["minimum"], table[name]["maximum"]) == (1, MAX_FEATURES)
