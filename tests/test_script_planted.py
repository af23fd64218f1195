"""Planted bugs: an emitted script has to see the bug that it is about, and only that.

The loop of Flax is replaced by a wrong one, in this process, and the script is run.
"""

import copy
from pathlib import Path as File
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from script_cases import ADD, BREAKING, PAIR, finding, run_here, two_modules, value

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Difference, FindingKind
from nnxfuzz.programs.case import (
    Arm,
    Array,
    Case,
    Form,
    Input,
    Module,
    NodeSlot,
    OfArray,
    OfVariable,
    Output,
    TupleSlot,
    Variable,
)
from nnxfuzz.report.script import script


def plant(monkeypatch: pytest.MonkeyPatch, loop: Any) -> None:
    monkeypatch.setattr(nnx, "fori_loop", loop)


def python_loop(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    for i in range(int(lower), int(upper)):
        carry = body(i, carry)
    return carry


def loses_updates(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    return carry


def copies(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    return copy.deepcopy(python_loop(lower, upper, body, carry))


def unshares(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    return tuple(copy.deepcopy(part) for part in python_loop(lower, upper, body, carry))


def shares(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    return (carry[0], carry[0])


def widens(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    for module in carry:
        module.p.value = jnp.stack([module.p.value.astype(jnp.bfloat16)] * 2)
    return carry


def loses_an_attribute(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    del carry[0].p
    return carry


def changes_the_type(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    carry[0].p = nnx.BatchStat(carry[0].p.value)
    return list(carry)


def forgets_a_mark(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    nodes = carry[0]._pytree__nodes.update({"p": False})
    object.__setattr__(carry[0], "_pytree__nodes", nodes)
    return carry


def leaks(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    made: list[Any] = []

    def leak(x: Any) -> Any:
        made.append(nnx.Param(x))
        return x

    jax.make_jaxpr(leak)(jnp.zeros(2))
    carry[0].p = made[0]
    raise ValueError("refused, but too late")


def fails(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    raise KeyError("lost")


def refuses(lower: Any, upper: Any, body: Any, carry: Any) -> Any:
    raise ValueError("not allowed")


ALIASED = two_modules(carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(0)))
TAGGED = two_modules(
    variables=(Variable(value=PAIR, tag="a"), Variable(value=PAIR)),
)

MIXED = two_modules(
    nodes=(Module({"p": OfArray(PAIR)}), Module()),
)

PLANTED: dict[str, tuple[Any, Case, FindingKind, Difference | str, str]] = {
    "lost update": (
        loses_updates,
        ADD,
        "wrong-world",
        value(("caller", 0, "p"), expected="[4.0, 5.0]"),
        "BUG: caller[0].p is [1.0, 2.0], should be [4.0, 5.0]",
    ),
    "copied": (
        copies,
        ADD,
        "wrong-world",
        Difference(("result", 0), "node", "identity", "caller[0]", "result[0]"),
        "BUG: result[0] is not the object that caller[0] was",
    ),
    "sharing lost": (
        unshares,
        ALIASED,
        "wrong-world",
        Difference(("result", 1), "node", "identity", "result[0]", "result[1]"),
        "BUG: result[1] is not the object that result[0] is",
    ),
    "sharing made": (
        shares,
        ADD,
        "wrong-world",
        Difference(("result", 1), "node", "identity", "result[1]", "result[0]"),
        "BUG: result[1] is the object that result[0] is, but should be another",
    ),
    "dtype": (
        widens,
        ADD,
        "wrong-world",
        Difference(("result", 0, "p"), "variable", "dtype", "float32", "bfloat16"),
        "BUG: the dtype of result[0].p is bfloat16, should be float32",
    ),
    "shape": (
        widens,
        ADD,
        "wrong-world",
        Difference(("result", 0, "p"), "variable", "shape", "(2,)", "(2, 2)"),
        "BUG: the shape of result[0].p is (2, 2), should be (2,)",
    ),
    "missing": (
        loses_an_attribute,
        ADD,
        "wrong-world",
        Difference(("result", 0, "p"), "variable", "missing", "Param", "nothing"),
        "BUG: result[0].p is missing",
    ),
    "type": (
        changes_the_type,
        ADD,
        "wrong-world",
        Difference(("result", 0, "p"), "variable", "kind", "variable Param", "variable BatchStat"),
        "BUG: the type of result[0].p is BatchStat, should be Param",
    ),
    "container": (
        changes_the_type,
        ADD,
        "wrong-world",
        Difference(("result",), "container", "kind", "container tuple", "container list"),
        "BUG: the type of result is list, should be tuple",
    ),
    "metadata": (
        changes_the_type,
        TAGGED,
        "wrong-world",
        Difference(("result", 0, "p"), "variable", "metadata", "[('tag', 'a')]", "[]"),
        "BUG: the metadata of result[0].p is None, should be a",
    ),
    "data mark": (
        forgets_a_mark,
        MIXED,
        "wrong-world",
        Difference(("caller", 0), "node", "metadata", "{'p': True}", "{'p': False}"),
        "BUG: the data mark of caller[0].p is False, should be True",
    ),
    "tracer": (
        leaks,
        ADD,
        "poisoned-state",
        Difference(("caller", 0, "p"), "variable", "tracer", "no tracer", "a leaked tracer"),
        "BUG: caller[0].p holds a tracer",
    ),
    "tracer known by its effect": (
        leaks,
        ADD,
        "poisoned-state",
        "UnexpectedTracerError",
        "BUG: a tracer is left behind",
    ),
    "internal error": (
        fails,
        ADD,
        "internal-error",
        "KeyError",
        "BUG: nnx.fori_loop raised KeyError('lost')",
    ),
    "spurious refusal": (
        refuses,
        ADD,
        "spurious-refusal",
        "ValueError",
        "BUG: nnx.fori_loop raised ValueError('not allowed')",
    ),
    "swallowed exception": (
        loses_updates,
        BREAKING["raises"],
        "wrong-world",
        Difference(("result",), "container", "missing", "BodyRaised is raised", "no exception"),
        "BUG: nnx.fori_loop returned, plain Python raised BodyError('raised by the body')",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_script_sees_its_bug(name: str, tmp_path: File, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, case, kind, evidence, said = PLANTED[name]
    found = (
        finding(Arm(), kind, error=evidence)
        if isinstance(evidence, str)
        else finding(Arm(), kind, evidence)
    )
    text = script(case, Arm(), found, name)
    plant(monkeypatch, python_loop)
    assert run_here(text, tmp_path)[0] == 0
    plant(monkeypatch, loop)
    assert run_here(text, tmp_path) == (1, said + "\n"), text


@pytest.mark.parametrize("name", BREAKING)
def test_a_program_that_breaks_a_rule_may_be_refused(
    name: str, tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "raw array":
        return  # allowed in every release from 0.10.5 on
    plant(monkeypatch, refuses)
    text = script(BREAKING[name], Arm(), finding(Arm()), name)
    assert run_here(text, tmp_path) == (0, "OK: ValueError('not allowed')\n"), text


def test_an_internal_error_is_mended_by_a_refusal_if_there_is_a_reason(
    tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped = BREAKING["swapped modules"]
    found = finding(Arm(), "internal-error", error="KeyError")
    plant(monkeypatch, refuses)
    assert run_here(script(swapped, Arm(), found, "t"), tmp_path)[0] == 0
    assert run_here(script(ADD, Arm(), found, "t"), tmp_path)[0] == 1


def test_a_script_stops_with_2_where_the_release_has_no_such_mode(
    tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, python_loop)
    arm = Arm("fori_loop", "graph-frozen")
    said = "nnx.fori_loop has no argument `graph_updates=` in this release\n"
    assert run_here(script(ADD, arm, finding(arm), "t"), tmp_path) == (2, said)


EMITTED = Case(
    variables=(Variable(names=()),),
    carry=(TupleSlot(),),
    form=Form(partition="layers", length=1),
    ys=(Output(OfVariable(0)),),
)
UNNAMED = Difference(
    ("ys", 0), "variable", "metadata", "[('names', ('layers',))]", "[('names', ())]"
)

READ = Case(
    variables=(Variable(value=Array(shape=(1,)), ref=True),),
    carry=(TupleSlot(),),
    inputs=(Input(OfVariable(0)),),
)
DEREFERENCED = Difference(("inputs", 0), "variable", "metadata", "[] by reference", "[]")


def test_a_script_sees_the_names_of_an_output(
    tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    def emits(names: tuple[str, ...]) -> Any:
        y = nnx_api.variable("Param", jnp.zeros(1), {"names": names})
        return lambda f, **options: lambda carry: (carry, y)

    text = script(EMITTED, Arm("scan"), finding(Arm("scan"), "wrong-world", UNNAMED), "t")
    monkeypatch.setattr(nnx, "scan", emits(("layers",)))
    assert run_here(text, tmp_path) == (0, "OK\n"), text
    monkeypatch.setattr(nnx, "scan", emits(()))
    code, out = run_here(text, tmp_path)
    assert code == 1
    assert out.startswith("BUG: the metadata of ys[0] is {"), text
    assert out.endswith("should have ('layers',)\n")


@pytest.mark.skipif("array-refs" not in nnx_api.features(), reason="no references")
def test_a_script_sees_that_a_reference_is_gone(
    tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loses(f: Any, **options: Any) -> Any:
        def scanned(carry: Any, v: Any) -> Any:
            nnx_api.set_raw(v, jnp.zeros(1))
            return carry

        return scanned

    text = script(READ, Arm("scan"), finding(Arm("scan"), "wrong-world", DEREFERENCED), "t")
    assert run_here(text, tmp_path) == (0, "OK\n"), text
    monkeypatch.setattr(nnx, "scan", loses)
    said = "BUG: the metadata of inputs[0] is False, should be True\n"
    assert run_here(text, tmp_path) == (1, said), text
