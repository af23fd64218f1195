"""`pytest --nnx-check`: a test fails if one of its calls does not do as plain Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """\
import jax.numpy as jnp
import pytest
from flax import nnx
from flax.nnx import extract

def bump(n):
    n.set_value(n[...] + 1)

@nnx.jit
def compiled(n):
    bump(n)

def test_right():
    n = nnx.Variable(jnp.array(0))
    compiled(n)
    assert n[...] == 1

def test_refused():
    n = nnx.Variable(jnp.array(0))
    with pytest.raises(Exception):
        nnx.jit(lambda: bump(n))()

def test_lost(monkeypatch):
    monkeypatch.setattr(extract, "apply_updates", lambda variables, updates: None)
    n = nnx.Variable(jnp.array(0))
    nnx.jit(bump, graph_updates=False)(n)

def test_fails():
    assert False
"""

LATER = """\
import jax.numpy as jnp
import pytest
from flax import nnx

factor = 1.0

def stale():
    global factor
    compiled = nnx.jit(lambda x: x * factor)
    for factor in (1.0, 2.0):
        compiled(jnp.array(1.0))

@pytest.fixture
def late():
    yield
    stale()

def test_late(late):
    pass

def test_fails_by_itself():
    stale()
    assert False
"""


def run(folder: Path, *words: str, tests: str = TESTS) -> str:
    """The output of pytest in a folder."""
    (folder / "test_it.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    return done.stdout + done.stderr


def test_without_the_option_nothing_is_judged(tmp_path: Path) -> None:
    text = run(tmp_path)
    assert "1 failed, 3 passed" in text
    assert "NNX transforms" not in text


def test_a_finding_fails_its_test(tmp_path: Path) -> None:
    text = run(tmp_path, "--nnx-check")
    assert "2 failed, 2 passed" in text
    assert "test_it.py:26 nnx.jit, graph-frozen: different" in text
    assert "n is 1 in Python, 0 with Flax" in text
    assert "3 calls: 1 same, 1 refused, 1 different" in text


def test_a_finding_of_a_fixture_and_of_a_test_that_fails_is_told(tmp_path: Path) -> None:
    text = run(tmp_path, "--nnx-check", tests=LATER)
    assert "1 failed, 1 passed, 1 error" in text
    reports, _, _ = text.partition("short test summary info")
    assert reports.count("changed (`factor` was 1.0 and is 2.0)") == 2
    assert "ERROR at teardown of test_late" in text


@pytest.mark.slow
def test_workers_hand_their_counts_over(tmp_path: Path) -> None:
    text = run(tmp_path, "--nnx-check=all", "-n", "1")
    # Where CI is set, pytest's short summary says each report once more.
    reports, _, _ = text.partition("short test summary info")
    assert "3 calls: 1 same, 1 refused, 1 different" in reports
    assert reports.count("test_it.py:26 nnx.jit, graph-frozen: different") == 1
    assert reports.count("test_it.py:26 nnx.jit, tree: different") == 1


def test_a_path_is_not_taken_for_the_modes(tmp_path: Path) -> None:
    text = run(tmp_path, "--nnx-check", "test_it.py")
    assert (
        "--nnx-check has no modes 'test_it.py'; write --nnx-check=used, --nnx-check=all or" in text
    )


def test_the_plugin_brings_in_neither_jax_nor_flax() -> None:
    code = "import sys, nnxfuzz.pytest_plugin; print(bool({'jax', 'flax'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n"
