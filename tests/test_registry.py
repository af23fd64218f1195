"""What each row of the registry has to hold: clean against itself, its options as JSON, its planted
bugs found.
"""

from types import SimpleNamespace
from typing import Any

import flax.nnx
import msgspec
import pytest
from drawn import drawn_call_programs, some_draws

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused, Verdict
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.calls.smaller import candidates
from nnxfuzz.programs.calls.tables import Tables
from nnxfuzz.programs.calls.walk import as_data, calls
from nnxfuzz.programs.calls.writer import Writer, text
from nnxfuzz.programs.case import Arm, canonical, weight
from nnxfuzz.programs.case.codec import convert
from nnxfuzz.runners.kinds import has_transform, kind_of
from nnxfuzz.transforms import REGISTRY

#: Programs a transform.
COUNT = 8

MEANINGS = plain.TRANSFORMS | plain.UNTRACED

NAMES = sorted(filter(has_transform, REGISTRY))


def verdict_of(
    program: CallProgram, nnx: Any, arm: Arm | None = None
) -> Verdict | Inconclusive | None:
    """The verdict of an arm, by default of the first that the program has; None without one."""
    arms = kind_of(program).arms(program, (program.call.transform,), nnx_api.modes())
    if arm is None and not arms:
        return None
    try:
        return examine(program, arm or arms[0], nnx)
    except Inconclusive as error:
        return error


@pytest.mark.parametrize("default", [True, False, None])
def test_a_transform_with_an_option_of_its_own_is_in_the_mode_of_its_default(
    default: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flax 0.12.4: `jit` takes `graph`, and no loop does."""

    def jit(f: Any, graph: bool | None = default) -> Any:
        return f

    monkeypatch.setattr(flax.nnx, "jit", jit)
    assert nnx_api.is_in_mode("jit", "graph", {}) == (default is True)
    assert nnx_api.is_in_mode("jit", "tree", {}) == (default is False)
    assert nnx_api.is_in_mode("jit", "graph", {"graph": True})
    assert not nnx_api.is_in_mode("jit", "graph", {"graph": True, "graph_updates": True})


def test_what_each_row_means_is_in_plain() -> None:
    assert len(REGISTRY) >= 11
    assert set(REGISTRY) <= set(MEANINGS)


@pytest.mark.parametrize("name", NAMES)
def test_python_agrees_with_itself(name: str) -> None:
    """Plain Python refuses three things: the trace of its own gradient forbids a write outside, one
    object cannot be treated in two ways, and a `DiffState` needs graph updates.  What a `shard_map`
    wrote by closure lies on its mesh, where jax refuses it in the next one.  A program that raises
    may raise something else first where its mode drops a change, or raise in its mode alone: there
    a stream is no longer the one that the function captures as well, and is forked twice.  Plain's
    own loops are no equation of jax, but an `nnx.RNN` is one, with options of its own.
    """
    for program in drawn_call_programs(name, COUNT):
        verdict = verdict_of(program, plain)
        agrees = isinstance(verdict, Agrees | None) or (
            isinstance(verdict, Refused)
            and verdict.reason
            in (
                "closure-written",
                "inconsistent-aliasing",
                "prefix-of-graph-updates",
                "raised-in-this-mode",
            )
        )
        if isinstance(verdict, Inconclusive):
            agrees = verdict.cause == "Flax refuses the Python loop itself"
        elif isinstance(verdict, Finding) and verdict.failure is not None:
            agrees = "shard_map" in text(program, REGISTRY) and "mesh" in verdict.failure.message
        elif isinstance(verdict, Finding):
            equation = verdict.signature.where == "options static static"
            agrees = equation and "nnx.RNN" in text(program, REGISTRY)
        assert agrees, text(program, REGISTRY)


def result_of(program: CallProgram) -> t.Type | None:
    """The type of what the outermost call returns."""
    tables = Tables(program.variables, program.nodes)
    scope = {name: tables.of(held) for name, held in program.objects.items()}
    returned: t.Type | None = Writer(REGISTRY).call(program.call, scope, 0)[1]
    return returned


def test_some_functions_return_objects() -> None:
    def hold_all(drawn: list[CallProgram]) -> bool:
        results = [result for result in map(result_of, drawn) if result is not None]
        held = {type(x) for result in results for _, x in t.places(result)}
        return held >= {t.Array, t.Variable, t.Node}

    assert some_draws("jit", hold_all)


@pytest.mark.parametrize("name", NAMES)
def test_programs_and_options_are_json(name: str) -> None:
    for program in drawn_call_programs(name, COUNT):
        document = msgspec.json.decode(canonical(program))
        assert convert(document, CallProgram) == program
        for call in calls(program.call):
            row = REGISTRY[call.transform]
            assert as_data(row.read(call.options)) == call.options


@pytest.mark.parametrize("name", NAMES)
def test_smaller_programs_are_smaller_and_well_formed(name: str) -> None:
    for program in drawn_call_programs(name, 4):
        for smaller in candidates(program, REGISTRY):
            assert weight(smaller) < weight(program)
            text(smaller, REGISTRY)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "fault"), [(name, fault) for name in NAMES for fault in REGISTRY[name].faults()]
)
def test_each_planted_bug_is_found(name: str, fault: Any) -> None:
    """A program whose objects are stacked splits streams to make them, which the planted
    `split_rngs` breaks before anything is called.
    """
    real = MEANINGS[name]
    broken = SimpleNamespace(**{**vars(flax.nnx), **MEANINGS, name: fault.make(real)})
    counts = (COUNT, 2 * COUNT, 200, 400)  # the first ones are there for other tests
    drawn = (p for count in counts for p in drawn_call_programs(name, count))
    fit = (p for p in drawn if name != "split_rngs" or "stacked(" not in text(p, REGISTRY))
    found = (verdict_of(p, broken) for p in fit)
    assert any(isinstance(verdict, Finding) for verdict in found), fault.name


@pytest.mark.parametrize("name", NAMES)
def test_flax_answers_or_refuses_for_a_reason(name: str) -> None:
    """What is found on this release is a bug of Flax, and seldom: most programs are right."""
    drawn = [verdict_of(p, flax.nnx) for p in drawn_call_programs(name, COUNT)]
    verdicts = [v for v in drawn if v is not None and not isinstance(v, Inconclusive)]
    right = [v for v in verdicts if isinstance(v, Agrees | Refused)]
    assert len(right) >= len(verdicts) * 0.5
    assert any(isinstance(v, Agrees) for v in right)


@pytest.mark.parametrize("name", [n for n in NAMES if set(nnx_api.modes()) - {*REGISTRY[n].modes}])
def test_a_mode_that_a_row_lacks_refuses(name: str) -> None:
    lacking = next(mode for mode in nnx_api.modes() if mode not in REGISTRY[name].modes)
    (program,) = drawn_call_programs(name, 1)
    arm: Any = Arm(name, lacking)  # type: ignore[arg-type]
    seen = verdict_of(program, flax.nnx, arm)
    assert isinstance(seen, Refused)
    assert seen.reason in ("no-graph-updates", "graph-updates-only")
