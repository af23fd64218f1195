"""What no world shows of a call: dropped options, and functions that lose their name."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flax.nnx
import pytest

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.contract import page
from nnxfuzz.oracle.verdict import Agrees, Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import (
    Attach,
    Block,
    Call,
    CallProgram,
    Const,
    New,
    Place,
    Read,
    Update,
)
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.versions import version
from nnxfuzz.report.calls import script
from nnxfuzz.transforms import REGISTRY

VARIABLE = c.Variable(value=c.Array(shape=(3,)))
MODULE = c.Module({"v": c.OfVariable(0)})

OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("scan", "unroll", {"carry": False, "in_axes": [0], "unroll": 2}),
    ("fori_loop", "unroll", {"trips": 3, "unroll": 2}),
    ("fori_loop", "unroll", {"trips": 3, "unroll": True}),
    ("remat", "policy", {"policy": "dots_saveable"}),
    ("remat", "prevent_cse", {"prevent_cse": False}),
)


def calling(transform: str, options: dict[str, Any]) -> CallProgram:
    """A call whose function adds 1 to the Variable of the module that it is given."""
    read, looped = Read(Place("m")), transform == "fori_loop"
    params, returns = (("i", "p"), (Read(Place("p")),)) if looped else (("p",), ())
    block = Block(params, (Update(Place("p", ("v",)), operand=Const(1)),), returns)
    call = Call(transform, "y", options, (read,), (block,))
    return CallProgram(call, (VARIABLE,), (MODULE,), {"m": c.OfNode(0)})


def verdict(transform: str, options: dict[str, Any], mode: Any, **planted: Any) -> Any:
    names = {name: getattr(flax.nnx, name) for name in dir(flax.nnx)}
    arm: Any = Arm(transform, mode)  # type: ignore[arg-type]
    return examine(calling(transform, options), arm, SimpleNamespace(**names | planted))


def dropping(transform: str, option: str) -> Any:
    """The transform of Flax, which never hears of an option."""
    real = getattr(flax.nnx, transform)

    def planted(*args: Any, **options: Any) -> Any:
        options.pop(option, None)
        return real(*args, **options)

    return planted


def has(transform: str) -> bool:
    return hasattr(flax.nnx, transform)


@pytest.mark.parametrize(("transform", "option", "options"), OPTIONS)
@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_dropped_option_is_a_finding(
    transform: str, option: str, options: dict[str, Any], mode: str
) -> None:
    if not has(transform):
        pytest.skip(f"this flax has no {transform}")
    assert isinstance(verdict(transform, options, mode), Agrees)
    seen = verdict(transform, options, mode, **{transform: dropping(transform, option)})
    assert isinstance(seen, Finding)
    assert str(seen.signature) == f"wrong-world {transform} {mode}: options static static"
    assert seen.differences[0].path == ("options", option)


@pytest.mark.parametrize("transform", [name for name, row in REGISTRY.items() if row.wraps])
@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_function_that_loses_its_name_is_a_finding(transform: str, mode: str) -> None:
    if not has(transform):
        pytest.skip(f"this flax has no {transform}")
    from nnxfuzz.checker.unseen import differences

    real, row = getattr(flax.nnx, transform), REGISTRY[transform]
    lambdas = SimpleNamespace(
        **{transform: lambda f, **words: lambda *args: real(f, **words)(*args)}
    )
    words = nnx_api.mode_arguments(mode)  # type: ignore[arg-type]

    def lost(nnx: Any) -> set[str | int]:
        found = differences(lambda: None, row, row.Options(), nnx, words)
        return {d.path[-1] for d in found}

    assert lost(flax.nnx) == set() == lost(plain)
    assert lost(lambdas) == {"__name__", "__doc__", "__wrapped__"}


def test_a_program_in_plain_python_has_nothing_to_ask_of_xla() -> None:
    for transform, _, options in OPTIONS:
        program, arm = calling(transform, options), Arm(transform, "graph")  # type: ignore[arg-type]
        assert isinstance(examine(program, arm, plain), Agrees)


@pytest.mark.parametrize("planted", ["option", "name"])
def test_the_script_asks_the_same(planted: str, tmp_path: Path) -> None:
    """It passes on Flax as it is, and exits with 1 where the transform is the planted one."""
    options: dict[str, Any] = {"carry": False, "in_axes": [0], "unroll": 2}
    if planted == "option":
        patch = "lambda *args, unroll=1, **words: real(*args, **words)"
        seen = verdict("scan", options, "graph", scan=dropping("scan", "unroll"))
    else:
        patch = "lambda f, **words: (lambda made: lambda *args: made(*args))(real(f, **words))"
        real = flax.nnx.scan

        def unnamed(f: Any, **words: Any) -> Any:
            made = real(f, **words)
            return lambda *args: made(*args)

        seen = verdict("scan", options, "graph", scan=unnamed)
    assert isinstance(seen, Finding)
    text = script(calling("scan", options), Arm("scan", "graph"), seen, "Planted")
    told = "from flax import nnx\n"
    faulty = text.replace(told, f"{told}real = nnx.scan\n", 1)
    faulty = faulty.replace("mode = {name", f"nnx.scan = {patch}\nmode = {{name", 1)
    for number, code in enumerate((text, faulty)):
        path = tmp_path / f"bug{number}.py"
        path.write_text(code)
        done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
        assert done.returncode == number, done.stdout + done.stderr


def test_the_contract_names_the_transforms_that_hand_on_a_name() -> None:
    names = sorted(name for name, row in REGISTRY.items() if row.wraps)
    told = ", ".join(f"`{name}`" for name in names[:-1]) + f" and `{names[-1]}`"
    assert f"what {told} make of a function" in " ".join(page().split())


@pytest.mark.skipif(
    nnx_api.release() < version("0.12.2"), reason="this flax takes traced arrays for data"
)
def test_a_program_that_only_fails_while_it_is_looked_at_agrees() -> None:
    """Flax from 0.12.2 on takes a traced array that is assigned to an attribute for static."""
    node = c.Module({"a": c.OfArray(c.Array(shape=(2, 3)))})
    block = Block(("p",), (Attach(Place("p"), "a", New(VARIABLE)),))
    call = Call("remat", "y", {"prevent_cse": False}, (Read(Place("m")),), (block,))
    program = CallProgram(call, (), (node,), {"m": c.OfNode(0)})
    arm: Any = Arm("remat", "graph")  # type: ignore[arg-type]
    assert isinstance(examine(program, arm), Agrees)
