"""A part of a module that is told by a name has an axis, and one object may have no two."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import pytest
from commands import runner
from flax import nnx

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import Block, Call, CallProgram, Let, Place, Read, Update
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.versions import version
from nnxfuzz.transforms import REGISTRY

LANES = c.Variable(value=c.Array("float32", (2,), 1))
OTHER = c.Variable("Param", c.Array(fill=3))

#: Up to 0.12.0 Flax looks at every path of a Variable, and since then at the first alone.
REFUSES = nnx_api.release() < version("0.12.1")


def over_a(transform: str, *, shared: bool = False, at: str = "a") -> CallProgram:
    """A module of which what stands at `a` alone has an axis, and each lane adds `b` to it."""
    body = (Update(Place("p", ("a",)), operand=Read(Place("p", ("b",)))), Let("s", p("a")))
    options: dict[str, Any] = {"in_axes": [0], "params_of": [0], "at": at}
    options |= {} if transform == "vmap" else {"carry": False}
    call = Call(transform, "y", options, (Read(Place("m")),), (Block(("p",), body, (s(),)),))
    node = c.Module({"a": c.OfVariable(0), "b": c.OfVariable(0 if shared else 1)})
    return CallProgram(call, (LANES,) if shared else (LANES, OTHER), (node,), {"m": c.OfNode(0)})


def p(name: str) -> Read:
    return Read(Place("p", (name,)))


def s() -> Read:
    return Read(Place("s"))


def verdict(program: CallProgram, mode: Any = "graph") -> Any:
    arm: Any = Arm(program.call.transform, mode)  # type: ignore[arg-type]
    return examine(program, arm)


@pytest.mark.parametrize("transform", ["vmap", "scan"])
def test_what_stands_at_a_name_has_an_axis_of_its_own(transform: str) -> None:
    program = over_a(transform)
    assert "(nnx.StateAxes({nnx.PathContains('a'): 0, ...: None}),)" in text(program, REGISTRY)
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        if mode == "graph":
            assert isinstance(seen, Agrees)
        else:
            assert isinstance(seen, Refused) and seen.reason == "prefix-of-graph-updates"


@pytest.mark.parametrize("transform", ["vmap", "scan"])
def test_one_variable_with_two_axes_is_refused_or_a_finding(transform: str) -> None:
    seen = verdict(over_a(transform, shared=True))
    if REFUSES:
        assert isinstance(seen, Refused) and seen.reason == "inconsistent-aliasing"
    else:
        assert isinstance(seen, Finding)
        assert str(seen.signature) == f"wrong-world {transform} graph: result container missing"


def test_a_name_has_to_tell_a_part() -> None:
    with pytest.raises(Unfit):
        text(over_a("vmap", at="c"), REGISTRY)
    with pytest.raises(Unfit, match="no part has this name"):
        text(over_a("vmap", at="not a name"), REGISTRY)


def test_a_refusal_that_is_due_and_does_not_come_is_told() -> None:
    class Tied(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.embed = nnx.Param(jnp.arange(2.0))
            self.readout = self.embed

    axes = nnx.StateAxes({nnx.PathContains("embed"): 0, nnx.PathContains("readout"): None})

    def f(m: Any) -> Any:
        return nnx_api.read(m.readout) * 2

    with nnxfuzz.checking() as report:
        try:
            nnx.vmap(f, in_axes=(axes,))(Tied())
        except ValueError as error:
            assert str(error).startswith("Inconsistent aliasing")
    (row,) = report.rows.values()
    told = row.worst("graph")
    assert told is not None
    if REFUSES:
        assert (told.kind, told.record) == ("refused", "inconsistent-aliasing")
    else:
        assert told.kind == "different"
        assert "a refusal is due: `m.embed`, `m.readout` are one object" in told.told


@pytest.mark.skipif(REFUSES, reason="this release refuses it")
@pytest.mark.parametrize("start", ["a-variable-at-two-paths", "metadata-that-a-function"])
def test_the_script_of_an_entry_shows_it(
    start: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (entry,) = (Path(__file__).parents[1] / "corpus").glob(f"{start}*.json")
    script = tmp_path / "bug.py"
    script.write_text(runner(capsys)("script", entry)[1])
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout[:5]) == (1, "BUG: ")
