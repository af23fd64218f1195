"""Variables that are values of jax themselves (`hijax=True`), in call programs."""

from typing import Any

import pytest
from entries import may_be_of

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.writer import needs, text
from nnxfuzz.programs.case import Arm
from nnxfuzz.runners.kinds import kind_of
from nnxfuzz.transforms import REGISTRY

pytestmark = pytest.mark.skipif("hijax" not in nnx_api.features(), reason="before 0.12.9")

V, P = d.Place("v"), d.Place("p")
READS = d.Let("a", d.Read(P))


def calling(transform: str, *body: Any, closure: bool = False, **options: Any) -> d.CallProgram:
    """A call whose function reads or writes a Variable of hijax, an argument or of the closure."""
    argument = d.Const(1) if closure else d.Read(V)
    block = d.Block(("p",), body, (d.Const(1),) if transform == "grad" else ())
    call = d.Call(transform, "y", options, (argument,), (block,) * (1 + (transform == "cond")))
    row = c.Variable(value=c.Array(shape=(2,)), hijax=True)
    return d.CallProgram(call, (row,), (), {"v": c.OfVariable(0)})


def verdict(program: d.CallProgram, mode: Any) -> Any:
    transform: Any = program.call.transform
    return kind_of(program).judging(program).verdict(Arm(transform, mode), "eager", None)


def test_it_is_read_and_written_by_item() -> None:
    shown = text(calling("jit", READS, d.Update(P)), REGISTRY)
    assert "hijax=True" in shown and "p[...] = p[...] + " in shown and ".value" not in shown


@pytest.mark.parametrize("transform", ["jit", "remat", "cond", "checkify", "eval_shape"])
def test_what_is_only_read_is_as_in_python(transform: str) -> None:
    for mode in ("graph-frozen", "tree"):
        assert isinstance(verdict(calling(transform, READS), mode), Agrees), mode


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("transform", ["jit", "remat", "cond"])
def test_what_is_written_is_refused(transform: str, mode: Any) -> None:
    """Also where the write leaves the value as it was."""
    same = d.Update(P, "multiply")
    for program in (calling(transform, d.Update(P)), calling(transform, same)):
        seen = verdict(program, mode)
        assert isinstance(seen, Refused) and seen.reason == "hijax-written"


@pytest.mark.parametrize("closure", [False, True])
def test_none_is_mapped(closure: bool) -> None:
    body = d.Let("a", d.Read(V if closure else P))
    axes = [None] if closure else [0]
    seen = verdict(calling("vmap", body, closure=closure, in_axes=axes, axis_size=2), "tree")
    assert isinstance(seen, Refused) and seen.reason == "hijax-mapped"


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_none_is_scanned_over_beside_another(mode: Any) -> None:
    rows = tuple(c.Variable(value=c.Array(shape=(2,)), hijax=hijax) for hijax in (True, False))
    node = c.Module({"a": c.OfVariable(0), "b": c.OfVariable(1)})
    options = {"in_axes": [0], "carry": False}
    call = d.Call("scan", "y", options, (d.Read(d.Place("m")),), (d.Block(("p",)),))
    seen = verdict(d.CallProgram(call, rows, (node,), {"m": c.OfNode(0)}), mode)
    assert isinstance(seen, Refused) and seen.reason == "hijax-mapped"


def test_a_write_by_flax_itself_is_no_refusal() -> None:
    """An inner transform of graph mode writes to the Variable that the program only hands on."""
    inner = d.Call("remat", "z", {}, (d.Read(P),), (d.Block(("q",)),))
    program = calling("remat", inner)
    seen = verdict(program, "graph")
    assert isinstance(seen, Finding) and seen.signature.kind == "internal-error"
    assert may_be_of("hijax-written-by-flax", program, seen)


def test_a_release_must_have_them() -> None:
    assert "hijax" in needs(calling("jit", READS), REGISTRY)
    case = c.Case(carry=(c.VariableSlot(0),), variables=(c.Variable(hijax=True),))
    with pytest.raises(c.CaseError, match="only call programs have a Variable of hijax"):
        c.check(case)
