"""The shortest programs of inputs, inner transforms and wrappers hold where Flax is right."""

import random

import pytest
from newer_cases import NEWER
from packaging.version import Version
from script_cases import all_values, finding
from test_script_wider import arms
from test_short import other, run
from wider_cases import AROUND, INPUTS, ROWS_OF_THE_BODY, WIDER, WITHIN

from nnxfuzz import nnx_api
from nnxfuzz.programs.case import WRAPPERS, Arm, Case, Wrapper

pytestmark = pytest.mark.skipif(
    nnx_api.release() < Version("0.12.0"), reason="written for today's Flax"
)


def graph_arms(case: Case, wrapper: Wrapper) -> list[Arm]:
    """Without the simple modes, which refuse some of these for a reason."""
    return [arm for arm in arms(case, (wrapper,)) if arm.mode == "graph"]


def holds(case: Case, arm: Arm) -> None:
    """Run the program with some right numbers, and then with wrong ones in their places."""
    values = [d for d in all_values(case, arm) if d.path[0] != "held"]
    for value in random.Random(0).sample(values, min(2, len(values))):
        run(case, arm, finding(arm, "wrong-world", value))
        with pytest.raises(AssertionError):
            run(case, arm, finding(arm, "wrong-world", other(value)))


@pytest.mark.parametrize("name", INPUTS | NEWER | ROWS_OF_THE_BODY | WITHIN)
def test_a_short_program_holds(name: str) -> None:
    case = (WIDER | NEWER)[name]
    for arm in graph_arms(case, "plain")[:1]:
        holds(case, arm)


@pytest.mark.parametrize("wrapper", [w for w in WRAPPERS if w not in ("plain", "bound")])
def test_a_short_program_has_the_wrapper_around_it(wrapper: Wrapper) -> None:
    for case in AROUND.values():
        for arm in graph_arms(case, wrapper)[:1]:
            holds(case, arm)
