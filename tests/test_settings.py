"""Whatever jax and Flax are set to in the environment, what is reported is right."""

import os
import subprocess
import sys

import pytest

from nnxfuzz import nnx_api
from nnxfuzz.programs.versions import version

#: Run in a process of its own: programs, each on all of its plain arms, against the clean loops.
SEARCH = """
import same_draws, sys
from hypothesis import HealthCheck, given, settings
from nnxfuzz import nnx_api
from nnxfuzz.programs.case import prefixed
from nnxfuzz.runners.arms import plain_arms
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.runners import observe
from nnxfuzz.runners.judge import Oracle
from nnxfuzz.strategies import programs
from nnxfuzz.programs.versions import version
from nnxfuzz.oracle.verdict import Finding
from clean_loops import clean_loops, decidable

nnx_api.quiet()
found, agreed = [], []

@settings(max_examples=30, derandomize=True, database=None, deadline=None,
          suppress_health_check=list(HealthCheck))
@given(programs(nnx_api.choices()))
def search(case):
    oracle = Oracle(case)
    for arm in plain_arms(case):
        if prefixed(case, arm.mode):
            continue
        executor = "trace" if decidable(case) else "eager"
        try:
            verdict = oracle.verdict(arm, observe(case, arm, executor, clean_loops()))
        except Inconclusive:
            continue
        (found if isinstance(verdict, Finding) else agreed).append((arm, verdict))

search()
assert not found, found[:3]
assert len(agreed) > 50
"""

SETTINGS = (
    "JAX_ENABLE_X64=1",
    "JAX_DEBUG_NANS=1",
    "JAX_DEBUG_INFS=1",
    "JAX_NUMPY_DTYPE_PROMOTION=strict",
    "JAX_NUMPY_RANK_PROMOTION=raise",
    "JAX_CHECK_TRACER_LEAKS=1",
    "JAX_DISABLE_JIT=1",
    "JAX_DEFAULT_DTYPE_BITS=32",
    "JAX_DEFAULT_PRNG_IMPL=rbg",
    "JAX_LEGACY_PRNG_KEY=error",
    "JAX_THREEFRY_PARTITIONABLE=0",
    "NNX_GRAPH_MODE=false",
    "NNX_GRAPH_UPDATES=false",
    "NNX_SOW_CAPTURE_NOOP=true",
    "FLAX_HIJAX_VARIABLE=true",
    "FLAX_ARRAY_REF=true",
    "FLAX_ALWAYS_SHARD_VARIABLE=false",
)


def run(setting: str, *command: str) -> subprocess.CompletedProcess[str]:
    name, _, value = setting.partition("=")
    here = os.path.dirname(__file__)
    environment = os.environ | {name: value, "PYTHONPATH": here, "JAX_PLATFORMS": "cpu"}
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_makes_a_finding(setting: str) -> None:
    done = run(setting, "-c", SEARCH)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.skipif(nnx_api.release() < version("0.12.0"), reason="since when Flax has the setting")
def test_a_setting_for_which_nothing_is_right_is_named_in_a_sentence() -> None:
    done = run("FLAX_PYTREE_MODULE=false", "-m", "nnxfuzz", "fuzz", "--programs", "1")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2  # what it does, and that sentence
    assert "FLAX_PYTREE_MODULE" in done.stderr
