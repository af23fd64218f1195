"""Emitted scripts mean what the reference means, run by themselves, and read well."""

import subprocess
import sys
from pathlib import Path as File

import pytest
from packaging.version import Version
from script_cases import (
    ADD,
    ALL,
    BREAKING,
    PAIR,
    SOUND,
    all_values,
    arms,
    default_jax,
    finding,
    reference_world,
    run_here,
    value,
)
from script_worlds import plain_world

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Difference, Failure, Finding, Signature
from nnxfuzz.programs.case import (
    Arm,
    ArraySlot,
    Case,
    Loop,
    Transform,
    check,
    fits,
)
from nnxfuzz.report.script import script
from nnxfuzz.runners.judge import compare


@pytest.mark.parametrize("name", ALL)
def test_the_cases_of_this_file_are_well_formed(name: str) -> None:
    check(ALL[name])
    assert arms(ALL[name])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("transform", ["fori_loop", "while_loop", "scan"])
def test_the_printed_python_loop_is_the_reference(name: str, transform: Transform) -> None:
    case, arm = ALL[name], Arm(transform)
    with default_jax():
        no_setitem = name == "styles" and nnx_api.setitem_keeps_dtype() is None
    if no_setitem or not fits(case, arm):
        pytest.skip("no such arm")
    expected, got = reference_world(case, arm), plain_world(case, arm)
    if expected is None or got is None:
        assert expected is None and got is None
        return
    # The printed classes have names of their own; what no trip emitted has no shape in Python; the
    # reference gives a layer initialisers of its own.
    different = [
        d
        for d in compare(expected, got)
        if (d.role, d.aspect) != ("node", "kind")
        and (d.path[0] != "ys" or name != "no trip")
        and not str(d.path[-1]).endswith("_init")
    ]
    assert different == []


@pytest.mark.skipif(
    nnx_api.release() < Version("0.10.3"), reason="Flax is wrong here (google/flax#4436)"
)
@pytest.mark.parametrize("name", SOUND)
def test_a_script_of_a_sound_program_says_ok_where_flax_is_right(name: str, tmp_path: File) -> None:
    case = SOUND[name]
    for arm in arms(case):
        if (arm.transform, name) in NOT_IN_FLAX:
            continue
        values = all_values(case, arm)
        for k in range(0, len(values), 3):
            text = script(case, arm, finding(arm, "wrong-world", *values[k : k + 3]), name)
            assert run_here(text, tmp_path)[0] in (0, 2), (arm, text)


#: A Python number in the carry of `nnx.scan` is refused: it has no shape.
NOT_IN_FLAX = {("scan", "slots")}


# --- the text -------------------------------------------------------------------------------

GOLDEN = '''"""Lost update

caller[0].p: value is [0.0], should be [1.0]
"""

import sys
import warnings

import jax.numpy as jnp
import numpy as np
from flax import nnx

warnings.filterwarnings("ignore", category=DeprecationWarning)


class Block(nnx.Module):
    def __init__(self, p):
        self.p = p


def build():
    m0 = Block(nnx.Param(jnp.array([1.0, 2.0])))
    m1 = Block(nnx.Param(jnp.array([1.0, 2.0])))
    return m0, m1


def body(i, carry):
    m0, m1 = carry
    m0.p.value = m0.p.value + 1
    return m0, m1


def bug(how):
    print("BUG:", how)
    sys.exit(1)


# The loop in plain Python.
start = build()
want = start
for i in range(0, 3):
    want = body(i, want)

# The same loop as nnx.fori_loop.
carry = build()
try:
    got = nnx.fori_loop(0, 3, body, carry)
except Exception as error:
    bug(f"nnx.fori_loop raised {error!r:.150}")

x, y = np.asarray(carry[0].p.value), np.asarray(start[0].p.value)
if not np.array_equal(x, y):
    bug(f"caller[0].p is {x.tolist()}, should be {y.tolist()}")
print("OK")
'''


def test_a_script_reads_like_a_person_wrote_it() -> None:
    found = finding(Arm(), "wrong-world", value(("caller", 0, "p")))
    assert script(ADD, Arm(), found, "Lost update") == GOLDEN


@pytest.mark.parametrize("name", ALL)
def test_no_line_is_too_long_to_read(name: str) -> None:
    for arm in arms(ALL[name]):
        text = script(ALL[name], arm, finding(arm), name)
        assert max(map(len, text.splitlines())) <= 100


def test_without_graph_updates_the_callers_raw_arrays_should_stay_as_they_were(
    tmp_path: File,
) -> None:
    case = BREAKING["raw array"]
    for arm in arms(case):
        if arm.mode != "graph":
            text = script(
                case, arm, finding(arm, "wrong-world", value(("caller", "a"), "array")), "t"
            )
            assert "before = build()" in text
            assert run_here(text, tmp_path) == (0, "OK\n")


def test_under_a_trace_objects_are_compared_inside_and_numbers_outside(tmp_path: File) -> None:
    same = Difference(("result", 0), "node", "identity", "caller[0]", "result[0]")
    number = value(("caller", 0, "p"))
    case = SOUND["traced until"]
    arm = Arm("while_loop")
    text = script(case, arm, finding(arm, "wrong-world", same, number), "t")
    assert "    if got[0] is not first_0:\n" in text
    assert "    return [carry[0].p.value]\n" in text
    assert run_here(text, tmp_path) == (0, "OK\n")


def test_any_title_and_message_make_a_valid_script() -> None:
    failure = Failure("KeyError", 'a """ and a \\ and "', "f")
    signature = Signature("internal-error", "fori_loop", "graph", "here")
    found = Finding(Arm(), signature, (), failure)
    compile(script(ADD, Arm(), found, '"""\\'), "script", "exec")


def test_a_script_needs_nothing_but_jax_numpy_and_flax(tmp_path: File) -> None:
    case = Case(carry=(ArraySlot(PAIR),), loop=Loop(0, 3, bounds="traced"))
    values = [value(("result",), "array")]
    file = tmp_path / "script.py"
    file.write_text(script(case, Arm(), finding(Arm(), "wrong-world", *values), "t"))
    environment = {"PATH": "/usr/bin:/bin", "JAX_PLATFORMS": "cpu"}
    ran = subprocess.run(
        [sys.executable, "-I", str(file)], env=environment, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (0, "OK\n"), ran.stderr
