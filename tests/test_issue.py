"""The text of an upstream issue: its form is Flax's, it fits on a screen, its program fails."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from corpus_runs import CORPUS, LOOPS, applicable, fails_here
from entries import LOST, REFUSED
from script_cases import default_jax

from nnxfuzz.corpus.causes import Cause, causes
from nnxfuzz.corpus.entries import Entry, FoundWith
from nnxfuzz.oracle.failures import failure_of
from nnxfuzz.oracle.verdict import REFUSALS, Cell, Failure, Finding
from nnxfuzz.report import whereabouts
from nnxfuzz.report.code.reasons import gives_reason
from nnxfuzz.report.issue import history, ingredients, issue_text, program
from nnxfuzz.runners.isolated import in_own_thread

CAUSES = causes(CORPUS)

#: Of google/flax, `.github/ISSUE_TEMPLATE/bug_report.md`.
HEADINGS = [
    "System information",
    "Problem you have encountered:",
    "What you expected to happen:",
    "Logs, error messages, etc:",
    "Steps to reproduce:",
]

#: What fits on a screen that stands upright.
MOST_LINES = 70


def text_of(entry: Entry) -> str:
    return issue_text(entry, CAUSES.get(entry.cause or ""))


@pytest.mark.parametrize("name", LOOPS)
def test_an_issue_has_the_form_of_flax_and_fits_on_a_screen(name: str) -> None:
    text = text_of(LOOPS[name])
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == HEADINGS
    assert len(text.splitlines()) <= MOST_LINES
    assert max(map(len, program(LOOPS[name]))) <= 100


@pytest.mark.parametrize("name", LOOPS)
def test_the_program_of_an_issue_fails_where_the_bug_is(name: str) -> None:
    entry = LOOPS[name]
    applicable(entry)
    code = compile("\n".join(program(entry)), "issue.py", "exec")
    raised = in_own_thread(lambda: outcome(code))
    if fails_here(entry):
        assert raised is not None
        expected = entry.evidence.failure
        if expected is None:
            assert raised.error == "AssertionError"
        elif entry.signature.kind != "poisoned-state":
            assert (raised.error, raised.function) == (expected.error, expected.function)
    else:
        refused = raised is not None and raised.error in REFUSALS
        assert raised is None or (refused and gives_reason(entry.case, entry.arm))


def outcome(code: object) -> Failure | None:
    """What running the code raises."""
    try:
        with default_jax():
            exec(code, {"__name__": "__main__"})  # type: ignore[arg-type]
    except Exception as error:
        return failure_of(error)
    return None


def test_the_program_of_an_issue_runs_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "bug.py"
    file.write_text("\n".join(program(LOST)) + "\n")
    applicable(LOST)
    done = subprocess.run(
        [sys.executable, "-P", file], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 1
    assert "AssertionError" in done.stderr


GOLDEN = """\
# nnx.fori_loop: an update is lost

### System information
- OS Platform and Distribution: Linux test
- Flax, jax, jaxlib versions: flax 0.10.2, jax 0.4.35, jaxlib 0.4.35
- Python version: 3.11.7
- GPU/TPU model and memory: none, CPU

### Problem you have encountered:
After nnx.fori_loop the value of `carry[0]` is 0.0, and should be 1.0.

- Releases: from 0.10.2 (jax 0.4.35) to before 0.10.3 (jax 0.5.0)
- Class: the program keeps every documented rule
- Known upstream: no issue of that kind (https://github.com/google/flax/issues/1)
- Blame: flax (the same loop written by hand over jax.lax is right)
- Guess at the cause: `tree_flatten` is called twice

The same body on each transform and mode:

| | graph (default) | graph=False |
| --- | --- | --- |
| fori_loop | as Python | **wrong** |
| scan | - | refused |

Around fori_loop in mode tree: as Python in nnx.jit, a loop of jax.lax, written by hand.

### What you expected to happen:
What the same loop leaves in plain Python:
- `carry[0]`: value 1.0, got 0.0

### Logs, error messages, etc:
None: nothing is raised.

### Steps to reproduce:
```python
import jax.numpy as jnp
import numpy as np
from flax import nnx

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
nnx.fori_loop(0, 1, body, carry, graph=False)
np.testing.assert_array_equal(carry[0].value, 1.0)
```"""


def test_an_issue_says_all_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "test")
    arm, replace = LOST.arm, msgspec.structs.replace
    cells = (
        Cell(replace(arm, mode="graph"), "agrees"),
        Cell(arm, str(LOST.signature)),
        Cell(replace(arm, transform="scan"), "refused: tree-aliasing"),
        Cell(replace(arm, wrapper="jit"), "agrees"),
        Cell(replace(arm, mode="graph", wrapper="lax"), "agrees"),
    )
    entry = replace(
        LOST,
        arms=cells,
        blame="flax",
        affected=REFUSED.affected,
        link="https://github.com/google/flax/issues/1",
    )
    guess, upstream = "`tree_flatten` is called twice", "no issue of that kind"
    cause = Cause("c", "t", "defect", guess, upstream)
    assert issue_text(entry, cause) == GOLDEN


def test_an_issue_without_a_cause_and_arms_says_less() -> None:
    text = issue_text(REFUSED, None)
    assert "- Known upstream: https://github.com/google/flax/issues/4436\n" in text
    assert "Guess at the cause: the exception comes out of `fori_loop`" in text
    assert "The same body" not in text
    assert "\nValueError: structure\n" in text


def test_a_long_message_is_cut() -> None:
    failure = Failure("ValueError", "\n".join(["x" * 300, *"abcdef"]))
    found = Finding(REFUSED.arm, REFUSED.signature, (), failure)
    text = issue_text(msgspec.structs.replace(REFUSED, evidence=found), None)
    assert f"ValueError: {'x' * 197}...\na\nb\nc\n...\n" in text


def test_the_lines_of_the_release_at_hand_are_named() -> None:
    installed = whereabouts.installed()
    assert installed is not None
    here = FoundWith(installed, "0", "0.1.0", "3.11.7")
    failure = Failure("ValueError", "no", "iter_graph")
    found = Finding(REFUSED.arm, REFUSED.signature, (), failure)
    entry = msgspec.structs.replace(REFUSED, evidence=found)
    text = issue_text(msgspec.structs.replace(entry, found_with=here), None)
    assert re.search(r"comes out of `iter_graph` \(flax/nnx/\w+\.py:\d+\)", text)
    assert re.search(r"comes out of `iter_graph`$", issue_text(entry, None), re.MULTILINE)


def test_a_header_names_releases_link_and_ingredients() -> None:
    assert history(REFUSED) == [
        "Releases that fail: from 0.10.2 (jax 0.4.35) to before 0.10.3 (jax 0.5.0).",
        "Upstream: https://github.com/google/flax/issues/4436",
    ]
    assert ingredients(REFUSED) == ["Made of: node:module, slot:node, slot:tuple, trips:one."]
