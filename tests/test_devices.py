"""Programs that need several devices: where they run, and what people get of them."""

import subprocess
import sys
from typing import Any

import jax
import pytest

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Agrees, Difference, Finding, Signature
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import Block, Call, CallProgram, Const, Place, Read, Update
from nnxfuzz.programs.case import Arm
from nnxfuzz.report.calls import script
from nnxfuzz.runners.kinds import has_transform, kind_of

pytestmark = pytest.mark.skipif(
    not has_transform("shard_map"), reason="this release has no nnx.shard_map for programs"
)

ARM: Any = Arm("shard_map", "graph")  # type: ignore[arg-type]


def program(devices: int) -> CallProgram:
    """Adds 1 to a part of a Variable on each device."""
    block = Block(("p",), (Update(Place("p"), operand=Const(1)),))
    options = {"in_specs": [0], "devices": devices}
    call = Call("shard_map", "y", options, (Read(Place("v")),), (block,))
    variable = c.Variable(value=c.Array(shape=(2,)))
    return CallProgram(call, (variable,), (), {"v": c.OfVariable(0)})


@pytest.mark.parametrize("devices", [1, 2, 4])
def test_parts_are_cut_and_put_together(devices: int) -> None:
    one = program(devices)
    seen = kind_of(one).judging(one).verdict(ARM, "eager", None)
    assert isinstance(seen, Agrees)


def test_a_process_with_fewer_devices_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kind_of(program(4)).inapplicable(program(4), ARM) is None
    monkeypatch.setattr(jax, "device_count", lambda: 1)
    told = kind_of(program(4)).inapplicable(program(4), ARM)
    assert told == "jax has 1 devices here, and the program needs 4"
    assert kind_of(program(1)).inapplicable(program(1), ARM) is None


def test_a_script_asks_for_its_devices() -> None:
    off = Difference(("caller", "v"), "variable", "value", "[9.0, 9.0]", "[1.0, 2.0]")
    signature = Signature("wrong-world", ARM.transform, ARM.mode, "caller variable value")
    one = program(4)
    text = script(one, ARM, Finding(ARM, signature, (off,), None), "A bug of nobody")
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout == "BUG: v is [1.0, 2.0], should be [9.0, 9.0]\n"


def test_jax_is_asked_for_devices_once_and_not_against_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(jax.config, "update", lambda *words: asked.append(words))
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    nnx_api.have_devices()
    assert asked == []
