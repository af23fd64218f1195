"""Real layers in call programs: given whole, stacked, and in two ways that have to agree."""

from collections.abc import Callable
from typing import Any

import jax
import pytest
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.programs.case import Arm
from nnxfuzz.runners.kinds import available, kind_of
from nnxfuzz.transforms import REGISTRY

P, M = d.Place("p"), d.Read(d.Place("m"))
WHOLE = ("RNN", "LSTMCell", "GRUCell", "MultiHeadAttention", "Conv")


def calling(layer: c.Layer | c.Linear, *body: Any, transform: str = "jit") -> d.CallProgram:
    """A call of a function whose statements make `a`, which it returns."""
    block = d.Block(("p",), body, (d.Read(d.Place("a")),))
    call = d.Call(transform, "y", {}, (M,), (block,))
    return d.CallProgram(call, (), (layer,), {"m": c.OfNode(0)})


def verdict(program: d.CallProgram, mode: Any = "graph") -> Any:
    transform: Any = program.call.transform
    return kind_of(program).judging(program).verdict(Arm(transform, mode), "eager", None)


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("kind", WHOLE)
def test_a_layer_is_given_and_called(kind: Any, mode: Any) -> None:
    body = d.Apply("b", P, d.Const(2)), d.Apply("a", P, d.Read(d.Place("b")))
    assert isinstance(verdict(calling(c.Layer(kind), *body), mode), Agrees)


def test_what_stands_below_a_whole_layer_has_no_name() -> None:
    for statement in (d.Update(d.Place("p", ("cell",))), d.Split("a", P)):
        with pytest.raises(Unfit):
            text(calling(c.Layer("RNN"), statement), REGISTRY)
    with pytest.raises(Unfit):
        text(calling(c.Layer("RNN"), d.Apply("a", P), transform="vmap"), REGISTRY)


@pytest.mark.skipif("rng-split" not in nnx_api.features(), reason="this flax splits no streams")
@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("transform", ["scan", "vmap"])
def test_stacked_layers_are_a_loop_over_single_ones(transform: str, mode: Any) -> None:
    """docs_nnx/guides/transforms.md, "Scan over layers": made by `vmap`, and run by `scan`."""
    body = d.Apply("a", P), d.Update(d.Place("p", ("bias",)))
    block = d.Block(("p",), body, (d.Read(d.Place("a")),))
    options = {"in_axes": [0]} | ({"carry": False} if transform == "scan" else {})
    call = d.Call(transform, "y", options, (M,), (block,))
    program = d.CallProgram(call, (), (c.Linear(stack=2),), {"m": c.OfNode(0)})
    assert "nnx.split_rngs(splits=size)(nnx.vmap(make))" in text(program, REGISTRY)
    assert isinstance(verdict(program, mode), Agrees)
    with pytest.raises(Unfit):  # a stack is no layer
        text(calling(c.Linear(stack=2), d.Apply("a", P)), REGISTRY)


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("kind", ["MultiHeadAttention", "BatchNorm"])
def test_a_relation_holds(kind: Any, mode: Any) -> None:
    body = d.Relate("b", P, d.Const(-20)), d.Relate("a", P, d.Const(2))
    assert isinstance(verdict(calling(c.Layer(kind), *body), mode), Agrees)


@pytest.mark.skipif(
    "shard_map" not in available() or len(jax.devices()) < 2, reason="no shard_map, or one device"
)
def test_devices_that_differ_are_the_program_s_own_doing() -> None:
    options = {"in_specs": [0], "devices": 2}
    inner = d.Call("shard_map", "z", options, (d.Read(P),), (d.Block(("q",)),))
    call = d.Call("jit", "y", {"shardings": "device"}, (M,), (d.Block(("p",), (inner,)),))
    row = c.Variable(value=c.Array(shape=(2,)))
    seen = verdict(d.CallProgram(call, (row,), (), {"m": c.OfVariable(0)}))
    assert isinstance(seen, Refused) and seen.reason == "devices-differ"


def _moves_faster(real: Callable[..., Any]) -> Callable[..., Any]:
    """The running mean moves twice."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        real(self, *args, **kwargs)
        return real(self, *args, **kwargs)

    return call


def _sees_one_token(real: Callable[..., Any]) -> Callable[..., Any]:
    """A step sees nothing of those before it."""

    def call(self: Any, *args: Any, decode: bool | None = None, **kwargs: Any) -> Any:
        seen = real(self, *args, decode=decode, **kwargs)
        return seen if decode is False else real(self, *args, decode=False, **kwargs)

    return call


@pytest.mark.parametrize(
    ("kind", "fault"), [("BatchNorm", _moves_faster), ("MultiHeadAttention", _sees_one_token)]
)
def test_a_layer_that_breaks_its_relation_is_found(
    kind: Any, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eager Flax has the fault as well, so that without the relation both runs would agree."""
    of = getattr(nnx, kind)
    monkeypatch.setattr(of, "__call__", fault(of.__call__))
    seen = verdict(calling(c.Layer(kind), d.Relate("a", P)))
    assert isinstance(seen, Finding) and seen.signature.kind == "wrong-world"


def test_a_recurrent_layer_is_its_cell_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the scan inside of `nnx.RNN` shows: in plain Python it is a loop."""
    program, real = calling(c.Layer("RNN"), d.Apply("a", P)), jax.lax.scan

    def turned(*args: Any, reverse: bool = False, **kwargs: Any) -> Any:
        return real(*args, reverse=not reverse, **kwargs)

    monkeypatch.setattr(jax.lax, "scan", turned)
    seen = verdict(program)
    assert isinstance(seen, Finding) and seen.signature.kind == "wrong-world"
