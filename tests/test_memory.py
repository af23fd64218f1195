"""What a loop was given is let go once the loop is over and jax's caches are empty.

Nothing documents it, but a function that is never freed keeps all it closes over: a program that
defines its bodies where it uses them grows with every call.
"""

import gc
import re
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import jax
import pytest
from hypothesis import given, settings
from packaging.version import Version

from nnxfuzz import nnx_api
from nnxfuzz.programs.case import Arm, Case
from nnxfuzz.runners import observe
from nnxfuzz.runners.arms import plain_arms
from nnxfuzz.strategies import programs

#: From here on the loops without graph updates keep their functions (google/flax PR #5518).
KEEPS = nnx_api.release() >= Version("0.12.11")

FINDINGS = (Path(__file__).parent.parent / "docs" / "findings.md").read_text()


def kept(case: Case, arm: Arm) -> int:
    """How many of the functions that the loop was given are there afterwards."""
    given: list[weakref.ref[Any]] = []

    def noting(loop: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            given.extend(weakref.ref(f) for f in arguments if type(f).__name__ == "function")
            return loop(*arguments, **options)

        return call

    loops = {name: noting(loop) for name, loop in nnx_api.transforms().items()}
    observe(case, arm, "trace", loops)
    jax.clear_caches()
    gc.collect()
    return sum(function() is not None for function in given)


def keeps(arm: Arm) -> bool:
    return KEEPS and arm.transform != "scan" and arm.mode != "graph"


@pytest.mark.slow
@settings(max_examples=10)
@given(programs())
def test_no_loop_keeps_what_it_was_given(case: Case) -> None:
    nnx_api.forget()
    for arm in plain_arms(case):
        assert keeps(arm) or kept(case, arm) == 0, arm


@pytest.mark.skipif(not KEEPS, reason="this flax lets its functions go")
def test_the_loops_without_graph_updates_keep_their_functions() -> None:
    assert kept(Case(), Arm("fori_loop", "graph-frozen")) == 1
    assert kept(Case(), Arm("while_loop", "graph-frozen")) == 2


def test_forgetting_lets_them_go() -> None:
    def body(i: Any, carry: Any) -> Any:
        return carry

    gone = weakref.ref(body)
    nnx_api.transforms()["fori_loop"](0, 1, body, (), **nnx_api.mode_arguments(nnx_api.modes()[-1]))
    del body
    nnx_api.forget()
    gc.collect()
    assert gone() is None


def test_the_program_in_the_docs_says_so(tmp_path: Path) -> None:
    if "graph-frozen" not in nnx_api.modes():
        pytest.skip("this release has one mode")
    file = tmp_path / "leak.py"
    file.write_text(re.findall(r"```python\n(.*?)```", FINDINGS, re.DOTALL)[0])
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == ((1, "BUG: kept\n") if KEEPS else (0, ""))
