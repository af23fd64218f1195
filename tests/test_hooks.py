"""Functional code over Variables with a hook, which is called where it reads and assigns."""

import pytest

from nnxfuzz import nnx_api
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Agrees, Finding
from nnxfuzz.programs.case import (
    Array,
    Case,
    Everywhere,
    Loop,
    Module,
    NodeSlot,
    OfVariable,
    TupleSlot,
    Variable,
    VariableSlot,
    Within,
)
from nnxfuzz.runners.arms import plain_arms
from nnxfuzz.runners.judge import examine

pytestmark = pytest.mark.skipif(
    not {"hooks", "bare-variables"} <= nnx_api.features(), reason="this release has no hooks"
)


def case(hook: str, within: bool) -> Case:
    """A Variable by itself, and one in a module."""
    array = Array("int32", (2,), 1)
    variables = (Variable(value=array, hook=hook), Variable(value=array, hook=hook))  # type: ignore[arg-type]
    statements = (Everywhere(("carry", 0), 3), Everywhere(("carry", 1), 3))
    return Case(
        variables=variables,
        nodes=(Module({"a": OfVariable(1)}),),
        carry=(TupleSlot((1, 2)), VariableSlot(0), NodeSlot(0)),
        loop=Loop(0, 2),
        body=(Within(0, "remat"),) if within else statements,
        blocks=(statements,) if within else (),
    )


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize(
    ("hook", "alone", "below"),
    [
        ("get", [9, 10], [7, 8]),  # each read adds 1; the state of a module is what is stored
        ("set", [22, 26], [7, 8]),  # each assignment doubles; an update stores what it is given
    ],
)
def test_a_hook_is_called_for_a_variable_by_itself(
    hook: str, alone: list[int], below: list[int], within: bool
) -> None:
    written = case(hook, within)
    after = run_python(written, "python").after
    assert after is not None
    arrays = {path: entry.array for path, entry in after.items() if entry.array is not None}
    found = {path: array.tolist() for path, array in arrays.items()}
    assert found["caller", 0] == alone
    assert found["caller", 1, "a"] == below
    verdicts = {arm: examine(written, arm, "trace") for arm in plain_arms(written)}
    assert not any(isinstance(verdict, Finding) for verdict in verdicts.values()), verdicts
    assert any(isinstance(verdict, Agrees) for verdict in verdicts.values())
