"""The shortest programs see their bug, and hold where Flax is right."""

import contextlib
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import pytest
from flax import nnx
from packaging.version import Version
from script_cases import ADD, SOUND, all_values, arms, default_jax, finding
from test_script import NOT_IN_FLAX
from test_script_planted import (
    DEREFERENCED,
    EMITTED,
    PLANTED,
    READ,
    UNNAMED,
    leaks,
    loses_updates,
    plant,
    python_loop,
)

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Difference, Finding
from nnxfuzz.programs.case import Arm, Case, Loop
from nnxfuzz.report.code.imports import imports
from nnxfuzz.report.code.layout import laid_out
from nnxfuzz.report.code.short import Short
from nnxfuzz.runners.isolated import in_own_thread


def run(case: Case, arm: Arm, found: Finding) -> None:
    """Run the program, which raises what it raises."""
    text = "\n".join(laid_out(Short(case, arm, found, "assert").lines(forgiving=False)))
    code = compile(f"{imports(text)}\n{text}", "short.py", "exec")

    def work() -> None:
        with default_jax():
            exec(code, {"__name__": "short"})

    in_own_thread(work)


@pytest.mark.parametrize("name", PLANTED)
def test_a_short_program_sees_its_bug(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, case, kind, evidence, _ = PLANTED[name]
    found = (
        finding(Arm(), kind, error=evidence)
        if isinstance(evidence, str)
        else finding(Arm(), kind, evidence)
    )
    plant(monkeypatch, python_loop)
    run(case, Arm(), found)
    plant(monkeypatch, loop)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        run(case, Arm(), found)


def test_a_short_program_sees_the_names_of_an_output(monkeypatch: pytest.MonkeyPatch) -> None:
    found = finding(Arm("scan"), "wrong-world", UNNAMED)
    for names in (("layers",), ()):
        y = nnx_api.variable("Param", jnp.zeros(1), {"names": names})
        monkeypatch.setattr(nnx, "scan", lambda f, y=y, **options: lambda carry: (carry, y))
        with contextlib.nullcontext() if names else pytest.raises(AssertionError):
            run(EMITTED, Arm("scan"), found)


@pytest.mark.skipif("array-refs" not in nnx_api.features(), reason="no references")
def test_a_short_program_sees_that_a_reference_is_gone() -> None:
    run(READ, Arm("scan"), finding(Arm("scan"), "wrong-world", DEREFERENCED))
    other = Difference(("inputs", 0), "variable", "metadata", "[]", "[] by reference")
    with pytest.raises(AssertionError):
        run(READ, Arm("scan"), finding(Arm("scan"), "wrong-world", other))


@pytest.mark.skipif(
    nnx_api.release() < Version("0.10.3"), reason="Flax is wrong here (google/flax#4436)"
)
@pytest.mark.parametrize("name", SOUND)
def test_a_short_program_holds_where_flax_is_right(name: str) -> None:
    case = SOUND[name]
    for arm in arms(case):
        values = all_values(case, arm)[:2]
        if (arm.transform, name) in NOT_IN_FLAX or not values:
            continue
        run(case, arm, finding(arm, "wrong-world", *values))
        wrong = [other(d) for d in values if d.aspect == "value"]
        with pytest.raises(AssertionError):
            run(case, arm, finding(arm, "wrong-world", *wrong))


TRACED = msgspec.structs.replace(ADD, loop=Loop(0, 3, bounds="traced"))


def test_under_a_trace_a_tracer_that_is_left_cannot_be_returned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = Difference(("caller", 0, "p"), "variable", "tracer", "no tracer", "a leaked tracer")
    found = finding(Arm(), "wrong-world", left)
    assert Short(TRACED, Arm(), found, "assert").tells()
    plant(monkeypatch, loses_updates)  # a Python loop can count to no tracer
    run(TRACED, Arm(), found)
    plant(monkeypatch, leaves_a_tracer)
    with pytest.raises(jax.errors.UnexpectedTracerError):
        run(TRACED, Arm(), found)


def leaves_a_tracer(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    with contextlib.suppress(ValueError):
        leaks(lower, upper, body, carry)
    return carry


def other(d: Difference) -> Difference:
    return Difference(d.path, d.role, d.aspect, "[12345.0]", d.got)
