"""What the stages of compiling tell, beside what jax's own objects of these stages tell."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle import stages
from nnxfuzz.oracle.verdict import Agrees, Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import Block, Call, CallProgram, Const, Place, Read, Update
from nnxfuzz.programs.case import Arm
from nnxfuzz.report.calls import script

pytestmark = pytest.mark.skipif(
    "compiled-ahead" not in nnx_api.features(), reason="this flax lowers nothing"
)

#: What no release tells: it has `raise` in the place of `return`.
KNOWN = "compiled.args_info static static"


def traced(mode: str) -> Any:
    return nnx.jit(jnp.negative, **nnx_api.mode_arguments(mode)).trace(jnp.ones(2))  # type: ignore[arg-type]


def told(stage: Any) -> list[str]:
    return [difference.where for difference in stages.differences(stage)]


def ahead(transform: str, mode: Any, told_of: bool = True) -> Any:
    """A program that compiles ahead, and the verdict on it."""
    block = Block(("p",), (Update(Place("p"), operand=Const(1)),))
    call = Call(transform, "y", {"ahead": True, "told": told_of}, (Read(Place("v")),), (block,))
    variable = c.Variable(value=c.Array(shape=(2,)))
    one = CallProgram(call, (variable,), (), {"v": c.OfVariable(0)})
    return one, examine(one, Arm(transform, mode))  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_the_stages_tell_what_jax_tells_but_for_what_is_known(mode: str) -> None:
    assert told(traced(mode)) == [KNOWN]


def test_a_stage_that_is_none_of_flax_has_nothing_to_compare() -> None:
    assert told(jax.jit(jnp.negative).trace(jnp.ones(2))) == []


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("traced", "out_info"),
        ("traced", "in_avals"),
        ("lowered", "as_text"),
        ("lowered", "compiler_ir"),
        ("lowered", "args_info"),
        ("lowered", "out_tree"),
        ("compiled", "cost_analysis"),
        ("compiled", "memory_analysis"),
        ("compiled", "output_shardings"),
        ("compiled", "runtime_executable"),
    ],
)
@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_stage_that_tells_nothing_is_found_before_what_is_known(
    mode: str, stage: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = traced(mode)
    of = {"traced": made, "lowered": made.lower(), "compiled": made.lower().compile()}
    silent = property(lambda self: None)
    monkeypatch.setattr(type(of[stage]), name, silent, raising=False)
    first, *_ = told(made)
    assert first == f"{stage}.{name} static static"


def test_what_has_no_equality_of_its_own_is_told_apart_by_its_class() -> None:
    assert not stages.alike("a", "b") and stages.alike({"a": 1.0}, {"a": 1.0})
    assert stages.alike(ValueError("at 0x1"), ValueError("at 0x2"))
    assert not stages.alike(ValueError("a"), TypeError("a"))
    assert not stages.alike(object(), None) and stages.alike(object(), object())


@pytest.mark.parametrize("transform", ["jit", "jit_partial"])
@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_program_that_compiles_ahead_shows_it(
    transform: str, mode: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    if not hasattr(nnx, transform) or (transform == "jit_partial" and mode == "graph"):
        pytest.skip(f"there is no {transform} there")
    one, found = ahead(transform, mode)
    assert isinstance(found, Finding) and found.signature.where == KNOWN
    with pytest.raises(SystemExit) as ended:
        exec(script(one, Arm(transform, mode), found, "a title"), {})  # type: ignore[arg-type]
    assert ended.value.code == 1
    assert "args_info of what is compiled is TypeError" in capsys.readouterr().out


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_program_that_does_not_ask_is_as_python(mode: Any) -> None:
    assert isinstance(ahead("jit", mode, told_of=False)[1], Agrees)


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_once_it_is_mended_nothing_is_found(mode: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    of = type(traced(mode).lower().compile())
    monkeypatch.setattr(of, "args_info", property(lambda self: self.compiled.args_info))
    assert isinstance(ahead("jit", mode)[1], Agrees)
