"""A loop inside of `nnx.jit` is traced once, however often it is called on what looks the same.

Flax promises that in every mode (`test_tree_jit_no_retrace` of its tests/nnx/transforms_test.py).
A change of structure may retrace (its guide on transforms says so), and so may one of weak types.
The wrapper `jit` calls twice; here it is watched.  In a campaign a retrace is no finding, since a
script could not tell it from one that weak types ask for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flax import nnx
from hypothesis import given

from nnxfuzz.oracle.world import roots
from nnxfuzz.programs.case import Arm, ArraySlot, Case, Update
from nnxfuzz.runners import observe
from nnxfuzz.runners.arms import plain_arms, wrapped_arms
from nnxfuzz.runners.loops import wrappers
from nnxfuzz.runners.loops.program import Program
from nnxfuzz.strategies import programs


def view(carry: Any, inputs: list[Any]) -> str:
    """All that a trace may depend on: structure, sharing, statics, and the types of arrays."""
    walk = roots(carry=carry, inputs=inputs)
    types = {path: (x.aval, x.aval.weak_type) for path, x in walk.arrays.items()}
    return f"{sorted(walk.entries.items(), key=str)} {sorted(types.items(), key=str)}"


@contextmanager
def watched() -> Iterator[list[str]]:
    """What each trace of the function that is jitted sees."""
    seen: list[str] = []
    original = wrappers._function

    def function(program: Program) -> Any:
        run = original(program)

        def noted(carry: Any, inputs: list[Any]) -> Any:
            seen.append(view(carry, inputs))
            return run(carry, inputs)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrappers, "_function", function)
        yield seen


def traces(case: Case, arm: Arm) -> list[str]:
    with watched() as seen:
        observe(case, arm, "trace")
    return seen


@pytest.mark.slow
@given(programs())
def test_what_looks_the_same_is_not_traced_again(case: Case) -> None:
    for arm in wrapped_arms(case, plain_arms(case), ("jit",)):
        seen = traces(case, arm)
        assert len(seen) == len(set(seen)), arm


JIT = Arm("fori_loop", wrapper="jit")
SUMS = Case(carry=(ArraySlot(),), body=(Update(("carry",)),))


def test_a_loop_is_traced_once_for_two_calls() -> None:
    assert len(traces(SUMS, JIT)) == 1


def test_a_jit_that_forgets_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    jit = nnx.jit
    monkeypatch.setattr(
        nnx, "jit", lambda f, **kw: lambda *args: jit(lambda *a: f(*a), **kw)(*args)
    )
    seen = traces(SUMS, JIT)
    assert len(seen) == 2
    assert len(set(seen)) == 1
