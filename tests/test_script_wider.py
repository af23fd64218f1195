"""Emitted scripts of inputs, layers, streams, inner transforms and wrappers."""

import random
from pathlib import Path as File

import pytest
from call_style_cases import MANNERS
from newer_cases import NEWER
from packaging.version import Version
from record_cases import RECORDS
from script_cases import all_values, finding, reference_world, run_here, value
from script_worlds import plain_world
from wider_cases import AROUND, INPUTS, LAYERS, ROWS_OF_THE_BODY, WITHIN
from wider_cases import WIDER as OTHERS

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Difference
from nnxfuzz.programs.case import TRANSFORMS, WRAPPERS, Arm, Case, Wrapper, check, fits
from nnxfuzz.report.code.comparisons import by_reference
from nnxfuzz.report.script import script
from nnxfuzz.report.show import show
from nnxfuzz.runners.judge import compare

WIDER = OTHERS | MANNERS | RECORDS | NEWER

#: Wrappers in which the plain run is one loop or the same loop twice.
LOOPING: tuple[Wrapper, ...] = ("plain", "jit", "bound")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(nnx_api.release() < Version("0.12.0"), reason="written for today's Flax"),
]


def arms(case: Case, wrappers: tuple[Wrapper, ...] = WRAPPERS) -> list[Arm]:
    every = [Arm(t, mode, w) for t in TRANSFORMS for mode in nnx_api.modes() for w in wrappers]
    return [arm for arm in every if fits(case, arm)]


@pytest.mark.parametrize("name", WIDER)
def test_the_cases_are_well_formed(name: str) -> None:
    check(WIDER[name])
    assert arms(WIDER[name])


def test_the_cases_have_every_wrapper() -> None:
    assert {arm.wrapper for case in AROUND.values() for arm in arms(case)} == set(WRAPPERS)


@pytest.mark.parametrize("name", [n for n, case in WIDER.items() if case.form.wrong is None])
def test_the_printed_python_loop_is_the_reference(name: str) -> None:
    case = WIDER[name]
    for arm in arms(case, LOOPING):
        if arm.mode != "graph":
            continue
        expected, got = reference_world(case, arm), plain_world(case, arm)
        assert expected is not None and got is not None
        # The printed classes have names of their own, a build its own functions, and what it cuts
        # into slices holds arrays.
        different = [
            d
            for d in compare(expected, got)
            if (d.role, d.aspect) != ("node", "kind")
            and not str(d.path[-1]).endswith(("_init", "_fn"))
            and not (d.aspect == "metadata" and by_reference(d))
        ]
        assert different == [], arm


def said_of(case: Case, arm: Arm, folder: File) -> tuple[object, str]:
    """What a script says that compares a few of the numbers in the arm's world."""
    values = all_values(case, arm)
    some = random.Random(0).sample(values, min(3, len(values)))
    return run_here(script(case, arm, finding(arm, "wrong-world", *some), "t"), folder)


@pytest.mark.parametrize("name", INPUTS | MANNERS | NEWER | RECORDS | ROWS_OF_THE_BODY | WITHIN)
def test_a_script_says_ok_where_flax_is_right(name: str, tmp_path: File) -> None:
    case = WIDER[name]
    for arm in random.Random(name).sample(found := arms(case, ("plain",)), min(2, len(found))):
        code, said = said_of(case, arm, tmp_path)
        assert code == 0 and said.startswith("OK"), (arm, said)


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_a_script_of_a_layer_says_ok(name: str, tmp_path: File) -> None:
    for arm in arms(WIDER[name], ("plain",)):
        assert said_of(WIDER[name], arm, tmp_path)[0] == 0, arm


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_script_runs_the_loop_in_its_wrapper(wrapper: Wrapper, tmp_path: File) -> None:
    for name, case in AROUND.items():
        for arm in random.Random(0).sample(found := arms(case, (wrapper,)), min(1, len(found))):
            code, said = said_of(case, arm, tmp_path)
            # A scan refuses bound methods.
            assert code == 0 and said.startswith("OK"), (name, arm, said)


@pytest.mark.parametrize("name", WIDER)
def test_pages_and_scripts_are_narrow_enough_to_read(name: str) -> None:
    for arm in arms(WIDER[name]):
        text = script(
            WIDER[name], arm, finding(arm, "wrong-world", *all_values_of(name, arm)), name
        )
        assert max(map(len, text.splitlines())) <= 100, arm
        assert show(WIDER[name], arm, None, name)


def all_values_of(name: str, arm: Arm) -> list[Difference]:
    """A made-up difference in what every case has: its result."""
    return [] if arm.wrapper == "grad" or name not in INPUTS else [value(("result",), "array")]


SCANNED = """\
# The loop in plain Python.
start, m = build()
want = start
axes = [(v, axis_in_m(path, v)) for path, v in variables(m)]
# Each Variable that is scanned over, its axis, and all of its slices.
whole = [(v, axis, v.raw_value) for v, axis in axes]
rows = [[] for _ in whole]
for k in range(3):
    for v, axis, value in whole:
        v.raw_value = jnp.moveaxis(value, axis, 0)[k]
    want = body(want, xs[k], m)
    for (v, _, _), row in zip(whole, rows):
        row.append(v.raw_value)
for (v, axis, _), row in zip(whole, rows):
    v.raw_value = jnp.stack(row, axis)
want_m = m

# The same loop as nnx.scan.
carry, m = build()
try:
    got = nnx.scan(
        body,
        in_axes=(nnx.Carry, 0, nnx.StateAxes({nnx.BatchStat: 1, ...: 0})),
        out_axes=nnx.Carry,
    )(carry, xs, m)
"""


def test_a_module_that_is_scanned_over_reads_like_a_person_wrote_it() -> None:
    arm = Arm("scan")
    found = finding(arm, "wrong-world", value(("inputs", 1, "p")))
    assert SCANNED in script(INPUTS["module scanned over"], arm, found, "t")
