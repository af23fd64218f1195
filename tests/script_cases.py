"""The cases of the tests of `script`, and what runs an emitted script.

Together the cases have every kind of statement, operand, slot and node, and each transform.
"""

import contextlib
import io
import runpy
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import jax
import msgspec
import pytest

from nnxfuzz import nnx_api
from nnxfuzz.oracle.expectation import Runs, expectation
from nnxfuzz.oracle.verdict import Difference, Failure, Finding, FindingKind, Role, Signature, World
from nnxfuzz.programs.case import (
    TRANSFORMS,
    Arm,
    Array,
    ArraySlot,
    Bind,
    Call,
    Case,
    Const,
    DictSlot,
    Drop,
    Index,
    Input,
    Linear,
    LinearConfig,
    ListSlot,
    Loop,
    Make,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Output,
    Raise,
    Read,
    ScalarSlot,
    Sequence,
    Swap,
    TreePath,
    TupleSlot,
    Until,
    Update,
    Variable,
    VariableSlot,
    fits,
)

M0, M1 = ("carry", 0), ("carry", 1)
X0, X1 = ("inputs", 0), ("inputs", 1)
PAIR = Array(shape=(2,), fill=1)
INTS = Array("int32", (2,), 3)
HALF = Array("bfloat16", (2, 3), -1)

TWO_MODULES = Case(
    variables=(Variable(value=PAIR), Variable(value=PAIR)),
    nodes=(Module({"p": OfVariable(0)}), Module({"p": OfVariable(1)})),
    carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
    loop=Loop(0, 3),
)


def two_modules(*body: Any, **changes: Any) -> Case:
    """Two modules `m0` and `m1`, each with a Param `p`, and `body`."""
    return msgspec.structs.replace(TWO_MODULES, body=body, **changes)


def outputs(*values: Any) -> tuple[Output, ...]:
    return tuple(Output(value) for value in values)


ADD = two_modules(Update((*M0, "p"), "add", Const(1)))

#: Programs that keep every rule of the loops: Flax has to do what Python does.
SOUND: dict[str, Case] = {
    "identity": TWO_MODULES,
    "operands": two_modules(
        Update((*M0, "p"), "add", Index()),
        Update((*M1, "p"), "mul", Const(2)),
        Update((*M1, "p"), "add", Read((*M0, "p"))),
        Update((*M0, "p"), "set", Read((*M1, "p"), total=True)),
        Update((*M0, "p"), "add", Const(-1)),
    ),
    "styles": two_modules(
        Update((*M0, "p"), "set", Const(3), style="setitem"),
        Update((*M1, "p"), "add", Read((*M0, "p")), style="setitem"),
    ),
    "dtypes": Case(
        variables=(
            Variable("BatchStat", INTS),
            Variable("Cache", Array("bfloat16", (2,), 1)),
            Variable("Custom", PAIR, tag="a"),
        ),
        nodes=(Module({"i": OfVariable(0), "b": OfVariable(1), "f": OfVariable(2)}),),
        carry=(NodeSlot(0),),
        loop=Loop(-1, 2),
        body=(
            Update(("carry", "i"), "add", Read(("carry", "f"))),
            Update(("carry", "b"), "add", Read(("carry", "f"))),
            Update(("carry", "f"), "set", Read(("carry", "i"))),
            Update(("carry", "b"), "set", Read(("carry", "i"), total=True)),
            Update(("carry", "i"), "set", Index()),
        ),
    ),
    "slots": Case(
        variables=(Variable(value=Array()),),
        nodes=(Module(), Module({"v": OfVariable(0)})),
        carry=(
            DictSlot({"left": 1, "right": 2}),
            ListSlot((3, 4, 5)),
            TupleSlot((6, 7, 8, 9)),
            ArraySlot(INTS),
            ArraySlot(HALF),
            NoneSlot(),
            ScalarSlot(2),
            ScalarSlot(0.5),
            NodeSlot(0),
            NodeSlot(1),
        ),
        loop=Loop(0, 2, unroll=2),
        body=(
            Update(("carry", "left", 0), "add", Index()),
            Update(("carry", "left", 0), "mul", Read(("carry", "right", 0))),
            Update(("carry", "left", 1), "set", Const(1)),
            Update(("carry", "right", 0), "add", Const(1)),
            Update(("carry", "right", 3, "v"), "add", Read(("carry", "right", 1))),
        ),
    ),
    "sharing": Case(
        variables=(Variable(value=Array()),),
        nodes=(
            Module({"child": OfNode(2), "n": OfStatic("x"), "v": OfVariable(0)}),
            Module({"child": OfNode(2), "items": OfNode(3)}),
            Module({"v": OfVariable(0)}),
            Sequence((OfVariable(0), OfNode(2), OfNode(1))),
        ),
        carry=(TupleSlot((1, 2, 3)), NodeSlot(0), NodeSlot(1), NodeSlot(0)),
        loop=Loop(0, 2),
        body=(
            Update(("carry", 1, "items", 1, "v"), "add", Const(1)),
            Update(("carry", 2, "v"), "mul", Const(3)),
        ),
    ),
    "cycle": Case(
        variables=(Variable(value=PAIR),),
        nodes=(Module({"p": OfVariable(0), "me": OfNode(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 2),
        body=(Update((*M0, "me", "me", "p"), "add", Const(1)),),
    ),
    "bare variable": Case(
        variables=(Variable(value=PAIR),),
        carry=(TupleSlot((1, 2)), VariableSlot(0), ArraySlot(PAIR)),
        loop=Loop(0, 2),
        body=(Update(M0, "add", Read(M1)), Update(M1, "add", Index())),
    ),
    "closure": two_modules(
        Update((*M0, "p"), "add", Read(("closure", 0, "p"))),
        Update((*M0, "p"), "add", Read(("closure", 1))),
        variables=(*TWO_MODULES.variables, Variable(value=Array())),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        closure=(OfNode(1), OfVariable(2)),
    ),
    "layer": Case(
        nodes=(Linear(LinearConfig(2, 2, use_bias=False), seed=3),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot(PAIR)),
        loop=Loop(0, 2),
        body=(Update(M1, "set", Call(M0, M1)), Update((*M0, "kernel"), "mul", Const(2))),
    ),
    "until": two_modules(
        Update((*M0, "p"), "add", Const(1)), loop=Loop(0, 9, until=Until((*M0, "p"), 7))
    ),
    "traced": two_modules(Update((*M0, "p"), "add", Index()), loop=Loop(1, 4, bounds="traced")),
    "traced until": two_modules(
        Update((*M0, "p"), "add", Read(("closure", 0, "p"))),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        closure=(OfNode(1),),
        loop=Loop(0, 9, bounds="traced", until=Until((*M0, "p"), 12)),
    ),
    "inputs and outputs": two_modules(
        Update((*M0, "p"), "add", Read(X0)),
        Update((*M1, "p"), "add", Read(X1, total=True)),
        inputs=(
            Input(OfArray(Array(shape=(3, 2)))),
            Input(OfArray(Array(shape=(3, 2, 2), fill=-2))),
        ),
        ys=outputs(Read((*M0, "p")), Index(), Const(4), Read((*M1, "p"), total=True)),
        loop=Loop(0, 3, reverse=True),
    ),
    "no trip": two_modules(ys=outputs(Read((*M0, "p"))), loop=Loop(2, 2)),
    "not a number": Case(
        variables=(Variable(value=Array(shape=(2,), fill="-inf")),),
        nodes=(Module({"p": OfVariable(0)}),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot(Array(shape=(1, 2), fill="nan"))),
        loop=Loop(0, 2),
        body=(Update(M1, "add", Read((*M0, "p"))),),
    ),
}

#: Programs that break rules: a documented refusal is as good as Python's result.
BREAKING: dict[str, Case] = {
    "raw array": Case(
        nodes=(Module({"a": OfArray(PAIR)}),),
        carry=(NodeSlot(0),),
        loop=Loop(0, 2),
        body=(Update(("carry", "a"), "add", Const(1)),),
    ),
    "swapped modules": two_modules(Swap(M0, M1)),
    "swapped Variables": two_modules(Swap((*M0, "p"), (*M1, "p"))),
    "bound": two_modules(Bind((*M0, "p"), (*M1, "p")), Bind(M1, M0)),
    "made": two_modules(
        Make((*M0, "q"), OfVariable(1)),
        Make((*M0, "r"), OfArray(INTS)),
        Make((*M1, "n"), OfStatic(2)),
        Make(M1, OfNode(0)),
        Update((*M0, "q"), "add", Const(1)),
    ),
    "made with sharing": two_modules(
        Make(M0, OfNode(2)),
        nodes=(
            *TWO_MODULES.nodes,
            Module({"child": OfNode(0), "me": OfNode(2), "p": OfVariable(0)}),
        ),
        loop=Loop(0, 1),
    ),
    "dropped attribute": two_modules(Drop((*M0, "p")), loop=Loop(0, 1)),
    "dropped entries": Case(
        carry=(
            DictSlot({"a": 1, "b": 2}),
            ListSlot((3, 4)),
            ArraySlot(),
            ArraySlot(Array(fill=1)),
            ArraySlot(Array(fill=2)),
        ),
        loop=Loop(0, 1),
        body=(Drop(("carry", "a", 0)), Drop(("carry", "b"))),
    ),
    "dropped twice": two_modules(Drop((*M0, "p")), loop=Loop(0, 2)),
    "swapped containers": Case(
        carry=(TupleSlot((1, 2)), ListSlot((3,)), TupleSlot((4,)), ArraySlot(), ArraySlot(INTS)),
        loop=Loop(0, 1),
        body=(Swap(M0, M1),),
    ),
    "another dtype": two_modules(Update((*M0, "p"), "add", Const(1), dtype="int32")),
    "raises": two_modules(Update((*M0, "p"), "add", Const(1)), Raise()),
}


ALL = SOUND | BREAKING


def arms(case: Case) -> list[Arm]:
    """Every arm of the installed release that can run `case`."""
    every = [Arm(name, mode) for name in TRANSFORMS for mode in nnx_api.modes()]
    return [arm for arm in every if fits(case, arm)]


def finding(
    arm: Arm, kind: FindingKind = "wrong-world", *differences: Difference, error: str = ""
) -> Finding:
    failure = Failure(error, "no\nreally", "iteration.loop") if error else None
    return Finding(arm, Signature(kind, arm.transform, arm.mode, "here"), differences, failure)


def value(path: TreePath, role: Role = "variable", expected: str = "[1.0]") -> Difference:
    return Difference(path, role, "value", expected, "[0.0]")


def reference_world(case: Case, arm: Arm) -> World | None:
    """The world that the reference ends with; only a while_loop hands back a counter."""
    after = expectation(Runs(case), arm, arm.mode).after
    if after is None or arm.transform == "while_loop":
        return after
    return {path: entry for path, entry in after.items() if path != ("counter",)}


def all_values(case: Case, arm: Arm) -> list[Difference]:
    """A made-up difference for every number that the reference ends with."""
    return [
        Difference(path, entry.role, "value", str(entry.array.tolist()), "made up")
        for path, entry in (reference_world(case, arm) or {}).items()
        if entry.array is not None
    ]


@contextlib.contextmanager
def default_jax() -> Iterator[None]:
    """Jax as a reader of a script has it, not in the strict modes of our own tests."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield


def run_here(source: str, folder: File) -> tuple[object, str]:
    """Exit code and output of a script, run in this process (clean processes cost seconds)."""
    file = folder / "script.py"
    file.write_text(source)
    said = io.StringIO()
    told = contextlib.redirect_stdout(said)
    with default_jax(), told, pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(file), run_name="__main__")
        raise SystemExit(0)
    return stopped.value.code, said.getvalue()
