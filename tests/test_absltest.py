"""A finding as a test in the form of Flax's own: it reads like one, and fails where the bug is."""

import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import msgspec
import pytest
from corpus_runs import LOOPS, applicable, fails_here
from entries import LOST, REFUSED, needs_tree
from flax import nnx
from script_cases import default_jax

from nnxfuzz import nnx_api
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.oracle.verdict import Cell, Difference, Finding
from nnxfuzz.programs.case import Arm
from nnxfuzz.releases import table as releases
from nnxfuzz.report.code.absltest import absltest, method_name, parameters
from nnxfuzz.runners.isolated import in_own_thread

GRAPH, GNU, TREE = (Arm("fori_loop", mode) for mode in ("graph", "graph-frozen", "tree"))

LOST_EVERYWHERE = msgspec.structs.replace(
    LOST,
    arms=(
        Cell(GRAPH, "agrees"),
        Cell(GNU, "refused: some-record"),
        Cell(TREE, str(LOST.signature)),
        Cell(Arm("while_loop", "graph-frozen"), "agrees"),
    ),
)

GOLDEN = """\
import jax.numpy as jnp
import numpy as np
from absl.testing import absltest
from absl.testing import parameterized
from flax import nnx


class TestWhileLoop(parameterized.TestCase):
  @parameterized.parameters(
    (True, True), (False, False),
  )
  def test_an_update_is_lost(self, graph, graph_updates):
    # Releases that fail: all.
    class Block(nnx.Module):
      def __init__(self, a):
        self.a = a

    def body(i, carry):
      v, m = carry
      v.value = v.value + 1
      return v, m

    v = nnx.Param(jnp.array(0.0))
    m = Block(v)
    carry = v, m
    try:
      nnx.fori_loop(0, 1, body, carry, graph=graph, graph_updates=graph_updates)
    except (ValueError, TypeError) as error:
      self.assertNotIn("keyword argument", str(error))
      return  # a refusal is right, too
    np.testing.assert_array_equal(carry[0].value, 1.0)


if __name__ == "__main__":
  absltest.main()
"""


def text_of(entry: Entry) -> str:
    text = absltest(entry.case, entry.arm, entry.evidence, entry.title, entry.arms, [])
    assert text is not None
    return text


def test_it_has_the_form_of_flax() -> None:
    entry = LOST_EVERYWHERE
    notes = ["Releases that fail: all."]
    parts = entry.case, entry.arm, entry.evidence, entry.title
    assert absltest(*parts, entry.arms, notes) == GOLDEN


def outcomes(text: str) -> dict[str, bool]:
    """Which of the file's tests pass, by name."""
    scope: dict[str, Any] = {"__name__": "pasted"}
    exec(compile(text, "pasted_test.py", "exec"), scope)
    (case,) = (v for k, v in scope.items() if k.startswith("Test"))
    found = {}
    for name in unittest.defaultTestLoader.getTestCaseNames(case):
        result = unittest.TestResult()
        try:
            with default_jax():
                case(name).run(result)
        except RecursionError:  # damage to the process reaches unittest itself
            found[name] = False
        else:
            found[name] = result.wasSuccessful()
    return found


@pytest.mark.parametrize("name", LOOPS)
def test_it_fails_where_the_bug_is_and_passes_where_it_is_not(name: str) -> None:
    entry = LOOPS[name]
    applicable(entry)
    parts = entry.case, entry.arm, entry.evidence, entry.arms
    modes = parameters(*parts) or (entry.arm.mode,)
    if parameters(*parts) and "graph-frozen" not in nnx_api.modes():
        pytest.skip("this flax has not all the arguments")
    found = in_own_thread(lambda: outcomes(text_of(entry)))
    assert len(found) == len(modes)
    said = {cell.arm: cell.outcome for cell in entry.arms}
    for mode, passed in zip(modes, found.values(), strict=True):
        outcome = said.get(msgspec.structs.replace(entry.arm, mode=mode), "")
        bad = mode == entry.arm.mode or outcome != "agrees"
        assert passed == (not (bad and fails_here(entry))), mode


def test_a_release_without_the_arguments_of_a_mode_is_not_taken_for_one_that_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nnx, "fori_loop", lambda lower, upper, body, carry: carry)
    assert set(outcomes(text_of(LOST_EVERYWHERE)).values()) == {False}


@needs_tree
def test_the_file_can_be_run(tmp_path: Path) -> None:
    file = tmp_path / "lost_test.py"
    file.write_text(text_of(LOST_EVERYWHERE))
    command: list[str | Path] = [
        sys.executable,
        "-P",
        file,
        "TestWhileLoop.test_an_update_is_lost1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert "Arrays are not equal" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("flax", "code"), [("0.10.2", 1), ("0.10.3", 0)])
def test_it_fails_on_the_first_bad_release_and_passes_on_the_first_good_one(
    flax: str, code: int, tmp_path: Path
) -> None:
    (name,) = (n for n in LOOPS if n.startswith("two-distinct-modules-are-refused-fori-loop"))
    file = tmp_path / "modules_test.py"
    file.write_text(text_of(LOOPS[name]))
    python = releases.environment(flax)
    done = subprocess.run([python, "-P", file], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr


# --- modes ----------------------------------------------------------------------------------


def modes(entry: Entry, *cells: Cell) -> tuple[str, ...]:
    return parameters(entry.case, entry.arm, entry.evidence, cells)


def test_a_release_without_modes_makes_a_test_without_parameters() -> None:
    graph = Cell(REFUSED.arm, str(REFUSED.signature))
    assert modes(REFUSED, graph) == ()
    assert "def test_two_distinct_modules(self):" in text_of(
        msgspec.structs.replace(REFUSED, arms=(graph,))
    )


def test_what_is_right_in_one_mode_alone_is_asked_for_there_alone() -> None:
    """The caller's attributes are not updated without graph updates."""
    here = Arm("fori_loop", "graph")
    moved = Difference(("caller", 1, "a"), "array", "value", "1.0", "0.0")
    found = Finding(here, LOST.signature, (moved,))
    entry = msgspec.structs.replace(LOST, arm=here, evidence=found)
    cells = [Cell(arm, "agrees") for arm in (GNU, TREE)]
    assert modes(entry, Cell(here, str(LOST.signature)), *cells) == ("graph",)


def test_a_title_becomes_the_name_of_a_method() -> None:
    assert method_name("nnx.scan: it's lost!") == "test_nnx_scan_it_s_lost"
