"""What each row of the registry has to hold: clean against itself, its options as JSON, its planted
bugs found.
"""

from types import SimpleNamespace
from typing import Any

import flax.nnx
import msgspec
import pytest
from drawn import drawn_call_programs

from nnxfuzz import plain
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused, Verdict
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.calls.smaller import candidates
from nnxfuzz.programs.calls.walk import as_data, calls
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.programs.case import Arm, canonical, weight
from nnxfuzz.programs.case.codec import convert
from nnxfuzz.transforms import REGISTRY

#: Programs a transform.
COUNT = 12

NAMES = sorted(name for name in REGISTRY if hasattr(flax.nnx, name))


def verdict_of(program: CallProgram, nnx: Any) -> Verdict | Inconclusive:
    """The verdict; where `nnx` is plain, of its meaning in a mode: all or nothing is done."""
    arm: Any = Arm(program.call.transform, "graph")  # type: ignore[arg-type]
    try:
        with plain.meaning("asked"):
            return examine(program, arm, nnx)
    except Inconclusive as error:
        return error


def test_what_each_row_means_is_in_plain() -> None:
    assert len(REGISTRY) >= 11
    assert set(REGISTRY) <= set(plain.TRANSFORMS)


@pytest.mark.parametrize("name", NAMES)
def test_python_agrees_with_itself(name: str) -> None:
    for program in drawn_call_programs(name, COUNT):
        assert isinstance(verdict_of(program, plain), Agrees), text(program, REGISTRY)


@pytest.mark.parametrize("name", NAMES)
def test_programs_and_options_are_json(name: str) -> None:
    for program in drawn_call_programs(name, COUNT):
        document = msgspec.json.decode(canonical(program))
        assert convert(document, CallProgram) == program
        for call in calls(program.call):
            row = REGISTRY[call.transform]
            assert as_data(row.read(call.options)) == call.options


@pytest.mark.parametrize("name", NAMES)
def test_smaller_programs_are_smaller_and_well_formed(name: str) -> None:
    for program in drawn_call_programs(name, 4):
        for smaller in candidates(program, REGISTRY):
            assert weight(smaller) < weight(program)
            text(smaller, REGISTRY)


@pytest.mark.parametrize(
    ("name", "fault"), [(name, fault) for name in NAMES for fault in REGISTRY[name].faults()]
)
def test_each_planted_bug_is_found(name: str, fault: Any) -> None:
    real = plain.TRANSFORMS[name]
    broken = SimpleNamespace(**{**vars(flax.nnx), **plain.TRANSFORMS, name: fault.make(real)})
    found = (verdict_of(p, broken) for p in drawn_call_programs(name, 200))
    assert any(isinstance(verdict, Finding) for verdict in found), fault.name


@pytest.mark.parametrize("name", NAMES)
def test_flax_answers_or_refuses_for_a_reason(name: str) -> None:
    """What is found on this release is a bug of Flax, and seldom: most programs are right."""
    verdicts = [verdict_of(p, flax.nnx) for p in drawn_call_programs(name, COUNT)]
    right = [v for v in verdicts if isinstance(v, Agrees | Refused)]
    assert len(right) >= COUNT * 0.6
    assert any(isinstance(v, Agrees) for v in right)
