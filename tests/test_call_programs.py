"""Call programs by hand: what is a finding, what is not, and what people get of one."""

import contextlib
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flax.nnx
import msgspec
import pytest
from commands import runner
from drawn import some_draws
from entries import may_be_of
from hypothesis import Phase, given, seed, settings

from nnxfuzz import nnx_api, plain
from nnxfuzz.campaign.finds import entry_of
from nnxfuzz.campaign.fresh_draws import BACKEND
from nnxfuzz.campaign.minimal import minimal
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.checker.generated import examine
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.replay import replay
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import (
    Attach,
    Block,
    Call,
    CallProgram,
    Clone,
    Const,
    Let,
    New,
    Place,
    Pop,
    Raise,
    Read,
    Sow,
    Update,
)
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.walk import calls
from nnxfuzz.programs.calls.writer import needs, text
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.programs.versions import version
from nnxfuzz.runners.kinds import has_transform, kind_of
from nnxfuzz.strategies.calls import call_programs
from nnxfuzz.transforms import REGISTRY


def read(name: str, *path: str | int) -> Read:
    return Read(Place(name, path))


def arm(program: CallProgram, mode: Any = "graph") -> Arm:
    transform: Any = program.call.transform
    return Arm(transform, mode)


def verdict(program: CallProgram, mode: Any = "graph") -> object:
    return kind_of(program).judging(program).verdict(arm(program, mode), "eager", None)


def writing(transform: str, variable: c.Variable, **options: Any) -> CallProgram:
    """A transform whose function adds 1 to a Variable, below a call and a statement of no use."""
    inner = Call("jit", "y", {}, (Const(2),), (Block(("q",), (Let("b", read("q")),)),))
    body = (inner, Update(Place("p"), operand=Const(1)))
    block = Block(("p",), body, ())
    call = Call(transform, "r", options, (read("v"),), (block,))
    return CallProgram(call, (variable,), (), {"v": c.OfVariable(0)})


PLAIN = c.Variable(value=c.Array(shape=(2,)))
BY_REFERENCE = c.Variable(value=c.Array(shape=(2,)), ref=True)

needs_references = pytest.mark.skipif(
    "array-refs" not in nnx_api.features(), reason="this flax has no references"
)
needs_while_loop = pytest.mark.skipif(
    not hasattr(flax.nnx, "while_loop"), reason="this flax has no while_loop"
)


def test_the_text_is_what_a_person_would_write() -> None:
    shown = text(writing("vmap", PLAIN, in_axes=[0]), REGISTRY)
    assert "nnx.vmap(f2, in_axes=(0,), out_axes=0, **mode)(v)" in shown
    assert 'p.value = p.value + jnp.asarray(1, "float32")' in shown


@pytest.mark.parametrize("transform", ["jit", "remat"])
def test_a_write_arrives(transform: str) -> None:
    for mode in nnx_api.modes():
        assert isinstance(verdict(writing(transform, PLAIN), mode), Agrees)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("jit_partial", "partial_r = nnx.jit_partial(f2, v, **mode)"),
        ("cached_partial", "partial_r = nnx.cached_partial(nnx.jit(f2, **mode), v, **mode)"),
    ],
)
def test_a_write_arrives_by_each_call_of_what_has_its_arguments(name: str, made: str) -> None:
    if not has_transform(name):
        pytest.skip(f"this flax has no {name}")
    program = writing(name, PLAIN, twice=True)
    assert text(program, REGISTRY).endswith(f"{made}\n    partial_r()\n    partial_r()\n")
    for mode in set(nnx_api.modes()) & {*REGISTRY[name].modes}:
        assert isinstance(verdict(program, mode), Agrees)


@pytest.mark.skipif(not has_transform("cached_partial"), reason="this flax has no cached_partial")
def test_what_is_cached_keeps_its_structure() -> None:
    """google/flax #5130: from 0.11.0 to 0.12.2 what was sown and popped counted as a change."""
    nodes = (c.Module({"a": c.OfVariable(0)}),)

    def sowing(*more: Any) -> object:
        block = Block(("p",), (Sow(Place("p")), *more))
        call = Call("cached_partial", args=(read("m"),), blocks=(block,))
        return verdict(CallProgram(call, (PLAIN,), nodes, {"m": c.OfNode(0)}))

    seen = sowing()
    assert isinstance(seen, Refused) and seen.reason == "cached-structure"
    bad = version("0.11.0") <= nnx_api.release() < version("0.12.3")
    assert isinstance(sowing(Pop("o", Place("p"))), Finding if bad else Agrees)


@pytest.mark.skipif(
    not has_transform("cached_partial") or nnx_api.release() < version("0.10.5"),
    reason="this flax has no cached_partial, or no arrays in modules",
)
def test_an_array_in_a_cached_module_fails() -> None:
    """google/flax #5109, open in 0.12.12."""
    nodes = (c.Module({"a": c.OfArray(c.Array())}),)
    call = Call("cached_partial", args=(read("m"),), blocks=(Block(("p",)),))
    seen = verdict(CallProgram(call, (), nodes, {"m": c.OfNode(0)}))
    assert isinstance(seen, Finding)
    assert seen.signature.where.startswith("AttributeError in SplitContext.flatten")


def test_a_compiled_function_is_given_shardings() -> None:
    nodes = (c.Module({"a": c.OfVariable(0)}),)
    block = Block(("p", "q"), (Update(Place("p", ("a",)), operand=Const(1)),), (read("q"),))
    options = {"shardings": "device", "parts_of": [0]}
    call = Call("jit", "r", options, (read("m"), Const(1)), (block,))
    program = CallProgram(call, (PLAIN,), nodes, {"m": c.OfNode(0)})
    shown = text(program, REGISTRY)
    assert "in_shardings=(nnx.StateSharding({nnx.Param:" in shown and "out_shardings=" in shown
    assert isinstance(verdict(program), Agrees)
    for mode in set(nnx_api.modes()) - {"graph"}:
        seen = verdict(program, mode)
        assert isinstance(seen, Refused) and seen.reason == "prefix-of-graph-updates"


def test_a_static_argument_stands_beside_shardings() -> None:
    """google/flax #4989: refused up to 0.12.0."""
    options = {"shardings": "none", "static": "place"}
    call = Call("jit", "r", options, (Const(1),), (Block(("p",), (), (read("p"),)),))
    seen = verdict(CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)}))
    assert isinstance(seen, Agrees) == (nnx_api.release() > version("0.12.0"))


def test_a_static_argument_shrinks_to_one_that_is_told_by_its_place() -> None:
    """On 0.12.0 shardings beside any static argument are refused; one cause is one finding."""
    row = REGISTRY["jit"]

    def smaller(static: str) -> list[Any]:
        options = row.read({"shardings": "none", "static": static})
        return [one.static for one in row.smaller(options)]  # type: ignore[attr-defined]

    assert "place" in smaller("first")
    assert smaller("place") == ["", "place"]  # the second is without shardings


def test_the_parts_of_a_module_are_refused_beside_a_static_argument_from_the_end() -> None:
    """Graph mode puts None for it before the last one, up to 0.12.12."""
    nodes = (c.Module({"a": c.OfVariable(0)}),)
    options = {"shardings": "device", "parts_of": [1], "static": "end"}
    call = Call("jit", "r", options, (Const(1), read("m")), (Block(("p", "q"), (), (read("p"),)),))
    program = CallProgram(call, (PLAIN,), nodes, {"m": c.OfNode(0)})
    assert isinstance(verdict(program), Finding)
    placed = msgspec.structs.replace(call, options=options | {"static": "place"})
    right = isinstance(verdict(msgspec.structs.replace(program, call=placed)), Agrees)
    assert right == (nnx_api.release() > version("0.12.0"))


def test_shardings_are_refused_beside_the_first_argument_alone() -> None:
    """Graph mode takes `static_argnums=0` for none, up to 0.12.12."""
    options = {"shardings": "none", "static": "first", "donate_argnums": [1]}
    call = Call("jit", "r", options, (Const(1), read("v")), (Block(("p", "q"), (), (read("p"),)),))
    program = CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)})
    assert "donate_argnums=(2,), static_argnums=0, in_shardings=(None, None, )" in text(
        program, REGISTRY
    )
    assert isinstance(verdict(program), Finding)


@pytest.mark.skipif("compiled-ahead" not in nnx_api.features(), reason="this flax lowers nothing")
@pytest.mark.parametrize(
    ("static", "made"),
    [
        ("", "nnx.jit(f2, **mode).lower(v).compile()(v)"),
        ("place", "nnx.jit(f2, static_argnums=1, **mode).lower(v, 2).compile()(v)"),
        ("end", "nnx.jit(f2, static_argnums=-1, **mode).lower(v, 2).compile()(v)"),
        ("name", 'nnx.jit(f2, static_argnames="static", **mode).lower(v, static=2).compile()(v)'),
        ("place-named", "nnx.jit(f2, static_argnums=1, **mode).lower(v, static=2).compile()(v)"),
        ("name-placed", 'nnx.jit(f2, static_argnames="static", **mode).lower(v, 2).compile()(v)'),
        ("first", "nnx.jit(f2, static_argnums=0, **mode).lower(2, v).compile()(v)"),
    ],
)
def test_what_is_compiled_ahead_is_given_no_static_argument(static: str, made: str) -> None:
    """Up to 0.12.12 an update is looked for behind its argument if a static one is before it."""
    program = writing("jit", PLAIN, ahead=True, static=static)
    assert made in text(program, REGISTRY)
    for mode in nnx_api.modes():
        wrong = static == "first" and mode != "graph"
        assert isinstance(verdict(program, mode), Finding if wrong else Agrees)


def test_one_argument_twice_is_refused_in_tree_mode() -> None:
    if "tree" not in nnx_api.modes():
        pytest.skip("this flax has no tree mode")
    block = Block(("p", "q"), (Update(Place("p"), operand=Const(1)),))
    call = Call("jit", args=(read("v"), read("v")), blocks=(block,))
    program = CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)})
    assert isinstance(verdict(program), Agrees)
    seen = verdict(program, "tree")
    assert isinstance(seen, Refused) and seen.reason == "shared-argument"


def test_a_write_to_what_is_captured_is_refused_in_a_loop_of_no_trips() -> None:
    block = Block(("i", "x"), (Update(Place("v"), operand=Const(1)),), (read("x"),))
    call = Call("fori_loop", "y", {"trips": 0}, (Const(0),), (block,))
    program = CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)})
    if not hasattr(flax.nnx, "fori_loop"):
        pytest.skip("this flax has no fori_loop")
    seen = verdict(program)
    assert isinstance(seen, Refused) and seen.reason == "closure-written"


def returning(*path: str) -> CallProgram:
    """`nnx.jit` of a function that returns what it captures."""
    call = Call("jit", blocks=(Block((), (), (read("m", *path),)),))
    node = c.Module({"v": c.OfVariable(0)})
    return CallProgram(call, (PLAIN,), (node, c.Module()), {"m": c.OfNode(0), "n": c.OfNode(1)})


def copies(f: Any, **options: Any) -> Any:
    """Stands for a `jit` that returns copies of everything."""
    return lambda *args: flax.nnx.clone(f(*args))


COPYING = SimpleNamespace(**(vars(flax.nnx) | {"jit": copies}))


@pytest.mark.skipif(nnx_api.release() < version("0.10.6"), reason="this flax fails otherwise")
def test_sowing_into_a_broadcast_module_is_a_known_cause() -> None:
    block = Block(("c", "p"), (Sow(Place("p")),), (read("c"),))
    options = {"in_axes": [None], "length": 2}
    call = Call("scan", "y", options, (Const(1), read("m")), (block,))
    node = c.Module({"v": c.OfVariable(0)})
    program = CallProgram(call, (PLAIN,), (node,), {"m": c.OfNode(0)})
    seen = verdict(program)
    assert isinstance(seen, Finding) and may_be_of("scan-sow-into-broadcast", program, seen)


def test_an_option_of_an_inner_call_is_a_reason_beside_that_of_the_outer_one() -> None:
    if "graph-frozen" not in nnx_api.modes():
        pytest.skip("this flax has graph mode alone")
    inner = Call("vmap", "z", {"in_axes": [0], "params_of": [0]}, (read("p"),), (Block(("q",)),))
    options = {"in_axes": [None], "axis_size": 1}
    call = Call("vmap", "y", options, (read("m"),), (Block(("p",), (inner,)),))
    node = c.Module({"v": c.OfVariable(0)})
    program = CallProgram(call, (PLAIN,), (node,), {"m": c.OfNode(0)})
    assert isinstance(verdict(program), Agrees)
    seen = verdict(program, "graph-frozen")
    assert isinstance(seen, Refused) and seen.reason == "prefix-of-graph-updates"


@pytest.mark.skipif("raw-arrays" not in nnx_api.features(), reason="this flax has none in modules")
def test_a_slice_of_an_array_that_is_reached_by_closure_is_no_verdict() -> None:
    """To Flax what `vmap` slices is the argument; Python's slice stands in the module itself."""
    call = Call(
        "vmap", "y", {"in_axes": [0]}, (read("m"),), (Block(("p",), (), (read("m", "a"),)),)
    )
    node = c.Module({"a": c.OfArray(c.Array(shape=(2,)))})
    program = CallProgram(call, (), (node,), {"m": c.OfNode(0)})
    for mode in nnx_api.modes():
        with pytest.raises(Inconclusive, match="reaches by closure"):
            verdict(program, mode)


@needs_while_loop
def test_a_condition_that_reaches_what_the_body_writes_is_no_verdict() -> None:
    """To Flax it is a constant, as jax.lax.while_loop has it; Python sees each write."""
    whole = c.Variable(value=c.Array(dtype="int32", fill=1))
    body = Block(("i", "p"), (Update(Place("p"), operand=Const(1)),), (read("p"),))
    condition = Block(("i", "p"), (), (read("v"),))
    call = Call("while_loop", "y", {"trips": 3}, (read("v"),), (body, condition))
    program = CallProgram(call, (whole,), (), {"v": c.OfVariable(0)})
    for mode in nnx_api.modes():
        with pytest.raises(Inconclusive, match="reaches by closure"):
            verdict(program, mode)


def test_what_a_function_captures_and_returns_is_refused_without_graph_updates() -> None:
    if "graph-frozen" not in nnx_api.modes():
        pytest.skip("this flax has graph mode alone")
    for program in (returning("v"), returning()):
        seen = verdict(program, "graph-frozen")
        assert isinstance(seen, Refused) and seen.reason == "captured-returned"
        copied = examine(program, arm(program, "graph-frozen"), COPYING)
        assert isinstance(copied, Finding)
        assert copied.signature.where.startswith("result")


def test_a_copy_of_what_a_function_captures_is_no_verdict_where_nothing_documents_it() -> None:
    """google/flax: graph-mode `remat` copies a Variable, and no mode refuses a module without."""
    program = returning("v")
    with pytest.raises(Inconclusive, match="returns what it reaches by closure"):
        examine(program, arm(program), COPYING)


@pytest.mark.parametrize("transform", ["vmap", "scan"])
def test_a_module_that_a_lane_captures_and_returns_is_stacked_or_refused(transform: str) -> None:
    """A module without Variables: without graph updates it comes back as another, stacked."""
    many = {"axis_size": 1} if transform == "vmap" else {"length": 1, "carry": False}
    block = Block(("p",), (), (read("m"),))
    call = Call(transform, "y", {"in_axes": [None], **many}, (Const(1),), (block,))
    module = c.Module({"a": c.OfArray(c.Array(shape=(2,)))})
    program = CallProgram(call, (), (module,), {"m": c.OfNode(0)})
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        if mode == "graph":
            assert isinstance(seen, Refused) and seen.reason == "captured-returned"
        else:
            assert isinstance(seen, Agrees)


@needs_references
def test_a_write_by_reference_is_lost_by_vmap_and_found() -> None:
    """google/flax from 0.12.3 on: graph mode copies the array of an argument."""
    seen = verdict(writing("vmap", BY_REFERENCE, in_axes=[0]))
    assert isinstance(seen, Finding)
    assert str(seen.signature) == "wrong-world vmap graph: caller variable value"


def over_params(transform: str, **options: Any) -> CallProgram:
    """A module of which the Param alone has an axis; each lane writes to both of its Variables."""
    variables = (PLAIN, c.Variable("BatchStat", c.Array(fill=3)))
    body = (Update(Place("p", ("a",)), operand=read("p", "b")), Let("s", read("p", "a")))
    body += () if transform == "vmap" else (Update(Place("p", ("b",))),)  # type: ignore[assignment]
    block = Block(("p",), body, (read("s"),))
    options = {"in_axes": [0], "params_of": [0], **options}
    call = Call(transform, "y", options, (read("m"),), (block,))
    node = c.Module({"a": c.OfVariable(0), "b": c.OfVariable(1)})
    return CallProgram(call, variables, (node,), {"m": c.OfNode(0)})


@pytest.mark.parametrize("program", [over_params("scan", carry=False), over_params("vmap")])
def test_the_params_of_a_module_have_an_axis_of_their_own(program: CallProgram) -> None:
    assert "(nnx.StateAxes({nnx.Param: 0, ...: None}),)" in text(program, REGISTRY)
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        if mode == "graph":
            assert isinstance(seen, Agrees)
        else:
            assert isinstance(seen, Refused) and seen.reason == "prefix-of-graph-updates"


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("transform", ["vmap", "scan"])
def test_arguments_and_results_have_axes(transform: str, axis: int) -> None:
    options = {"in_axes": [axis], "out_axes": axis}
    options |= {} if transform == "vmap" else {"carry": False}
    call = Call(transform, "y", options, (read("x"),), (Block(("p",), (), (read("p"),)),))
    program = CallProgram(call, (), (), {"x": c.OfArray(c.Array("float32", (2, 3), 1))})
    assert f"in_axes=({axis},), out_axes={axis}" in text(program, REGISTRY)
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        assert isinstance(seen, Agrees), seen


@pytest.mark.slow
def test_results_are_stacked_along_other_axes_than_the_first() -> None:
    def have_all(drawn: list[CallProgram]) -> bool:
        options = [one.call.options for one in drawn]
        out = {asked.get("out_axes", 0) for asked in options}
        return out == {0, 1, -1} and any(-1 in asked.get("in_axes", ()) for asked in options)

    assert some_draws("vmap", have_all) and some_draws("scan", have_all)


def test_some_scans_are_over_the_params_of_a_module() -> None:
    def has_one(drawn: list[CallProgram]) -> bool:
        met = [call for one in drawn for call in calls(one.call) if call.transform == "scan"]
        return any(call.options.get("params_of") for call in met)

    assert some_draws("scan", has_one)


@needs_references
@pytest.mark.parametrize("transform", ["grad", "value_and_grad", "vjp"])
def test_no_gradient_is_taken_by_a_reference(transform: str) -> None:
    block = Block(("p",), (Let("a", read("p")),), (read("a"),))
    program = CallProgram(
        Call(transform, "y", {}, (read("v"),), (block,)),
        (BY_REFERENCE,),
        (),
        {"v": c.OfVariable(0)},
    )
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        assert isinstance(seen, Refused)
        assert seen.reason in ("reference-differentiated", "no-graph-updates")


@needs_while_loop
def test_what_a_vjp_wrote_stays_if_its_cotangents_are_refused() -> None:
    body = Block(("i", "c"), (Let("e", read("c"), "multiply"),), (read("e"),))
    call = Call("while_loop", "z", {"trips": 1}, (read("q"),), (body,))
    block = Block(("p", "q"), (Update(Place("p")), call), (read("z", 1),))
    program = CallProgram(
        Call("vjp", "y", {}, (read("v"), read("x")), (block,)),
        (PLAIN,),
        (),
        {"v": c.OfVariable(0), "x": c.OfArray(c.Array())},
    )
    if len(nnx_api.modes()) < 3:
        pytest.skip("this flax has no vjp")
    with pytest.raises(Inconclusive) as raised:
        verdict(program, nnx_api.modes()[-1])
    assert raised.value.cause == "a cotangent is refused after the call"


CARRIES_NOTHING: dict[str, dict[str, Any]] = {"vmap": {}, "scan": {"carry": False}}


@pytest.mark.skipif("partition" not in nnx_api.features(), reason="this flax has no metadata")
@pytest.mark.parametrize("transform", ["vmap", "scan"])
@pytest.mark.parametrize(
    ("names", "axis", "refused"),
    [(("x", None), 0, False), ((None, "x"), 0, True), (("x", None), 1, True), (("x",), 1, True)],
)
def test_another_partition_name_at_the_axis_is_a_reason(
    transform: str, names: tuple[str | None, ...], axis: int, refused: bool
) -> None:
    named = c.Variable(value=c.Array(shape=(2, 2)), names=names)
    options = {"in_axes": [axis], "partition": "x"} | CARRIES_NOTHING[transform]
    call = Call(transform, "y", options, (read("v"),), (Block(("p",)),))
    program = CallProgram(call, (named,), (), {"v": c.OfVariable(0)})
    seen = verdict(program)
    assert isinstance(seen, Refused if refused else Agrees), seen
    assert not isinstance(seen, Refused) or seen.reason == "partition-missing"


def donating_a_clone() -> CallProgram:
    """A vmap, which runs eagerly, over a jit that is given a clone of what it donates."""
    donated = Call(
        "jit", "z", {"donate_argnums": [1]}, (read("n"), read("p")), (Block(("q", "r")),)
    )
    block = Block(("p",), (Clone("n", Place("p")), donated))
    call = Call("vmap", "y", {"in_axes": [None], "axis_size": 1}, (read("m"),), (block,))
    return CallProgram(call, (), (c.Linear(),), {"m": c.OfNode(0)})


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_clone_beside_what_is_donated_is_a_reason(mode: Any) -> None:
    """Without graph updates each argument is a copy of its own by then."""
    seen = verdict(donating_a_clone(), mode)
    assert isinstance(seen, Agrees) or (
        isinstance(seen, Refused) and seen.reason == "donated-twice"
    ), seen


def second_raises(loses: bool, first_raises: bool) -> Any:
    """A jit whose second call of a function raises; the first may lose what it writes."""

    def jit(f: Any, **options: Any) -> Any:
        calls: list[Any] = []

        def call(variable: Any) -> Any:
            calls.append(variable)
            if len(calls) == 2:
                raise ValueError("refused")
            before = nnx_api.read(variable)
            with contextlib.suppress(*[Exception] * first_raises):
                f(variable)
            if loses:
                nnx_api.assign(variable, before)

        return call

    return SimpleNamespace(**(vars(flax.nnx) | {"jit": jit}))


def called_twice(*body: Any) -> CallProgram:
    call = Call("jit", "y", {"twice": True}, (read("v"),), (Block(("p",), body),))
    return CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)})


def test_what_a_first_call_leaves_wrong_is_told_of_it_though_a_second_raises() -> None:
    program = called_twice(Update(Place("p")))
    seen = examine(program, arm(program), second_raises(loses=True, first_raises=False))
    assert isinstance(seen, Finding) and seen.signature.kind == "wrong-world"
    seen = examine(program, arm(program), second_raises(loses=False, first_raises=False))
    assert isinstance(seen, Finding) and seen.signature.kind == "spurious-refusal"


def test_what_python_does_behind_the_call_that_raises_is_not_known() -> None:
    program = called_twice(Update(Place("p")), Raise())
    with pytest.raises(Inconclusive) as raised:
        examine(program, arm(program), second_raises(loses=False, first_raises=True))
    assert raised.value.cause == "Flax refuses the Python loop itself"


@needs_while_loop
def test_what_a_body_does_behind_the_line_at_which_it_raises_is_not_known() -> None:
    """Flax traces the body of a loop without a trip, and may get past that line."""

    def refuses(*given: Any, **options: Any) -> Any:
        raise TypeError("refused")

    refusing = SimpleNamespace(**(vars(flax.nnx) | {"while_loop": refuses}))
    for body in ((), (Raise(),)):
        block = Block(("i", "p"), body, (read("p"),))
        call = Call("while_loop", "y", {"trips": 0}, (read("v"),), (block,))
        program = CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)})
        if not body:
            assert isinstance(examine(program, arm(program), refusing), Finding)
            continue
        with pytest.raises(Inconclusive) as raised:
            examine(program, arm(program), refusing)
        assert raised.value.cause == "Flax traces a function that Python does not run"


@needs_references
@pytest.mark.parametrize("transform", ["cond", "switch"])
def test_a_branch_in_a_vmap_takes_no_reference(transform: str) -> None:
    branch = Block(("q",), (Update(Place("q")),), ())
    inner = Call(transform, "y", {}, (read("p"),), (branch, branch))
    call = Call("vmap", "z", {"in_axes": [0]}, (read("v"),), (Block(("p",), (inner,)),))
    program = CallProgram(call, (BY_REFERENCE,), (), {"v": c.OfVariable(0)})
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        assert isinstance(seen, Refused) and seen.reason == "reference-in-branch"


# --- from a finding to a file -----------------------------------------------------------------


def found() -> Discovery:
    program = writing("remat", BY_REFERENCE)
    seen = verdict(program)
    assert isinstance(seen, Finding)
    return Discovery(program, arm(program), seen)


@needs_references
def test_a_finding_shrinks_to_what_it_needs() -> None:
    first = found()
    kind = kind_of(first.case)

    def judged(program: Any, one: Arm) -> object:
        return kind.judging(program).verdict(one, "eager", None)

    small = minimal(first.case, first.finding, judged, lambda p: [first.arm], Tries(300))
    assert small.whole
    assert small.case.call.blocks[0].body == (Update(Place("p")),)
    assert small.case.variables == (c.Variable(ref=True),)
    assert small.finding.signature == first.finding.signature


@needs_references
def test_a_finding_is_an_entry_with_a_page_and_a_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runner(capsys)
    path = corpus.save(entry_of(found()), tmp_path)
    assert corpus.load(path).case == found().case
    assert replay(path).outcome == "still fails"
    page = run("show", path)[1]
    assert "nnx.remat(f2, **mode)(v)" in page and "caller.v" in page
    script = tmp_path / "bug.py"
    script.write_text(run("script", path)[1])
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "BUG: v is [0.0, 1.0], should be [1.0, 2.0]\n")
    right = script.read_text().replace(", ref=True", "")
    script.write_text(right)
    assert subprocess.run([sys.executable, str(script)], capture_output=True).returncode == 0


@needs_references
def test_a_finding_is_a_test_that_fails_where_the_bug_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("absl.testing")
    path = corpus.save(entry_of(found()), tmp_path)
    test = tmp_path / "bug_test.py"
    test.write_text(runner(capsys)("script", "--style", "absltest", path)[1])
    assert "class TestCall(absltest.TestCase):\n  def test_" in test.read_text()
    ran = subprocess.run([sys.executable, str(test)], capture_output=True, text=True)
    assert ran.returncode == 1
    assert "AssertionError: v is [0.0, 1.0], should be [1.0, 2.0]" in ran.stderr
    test.write_text(test.read_text().replace(", ref=True", ""))
    ran = subprocess.run([sys.executable, str(test)], capture_output=True, text=True)
    assert (ran.returncode, "Ran 1 test" in ran.stderr) == (0, True)


@needs_references
def test_the_objects_of_a_call_program_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pygraphviz")
    shared = msgspec.structs.replace(
        found().case, objects={"v": c.OfVariable(0), "w": c.OfVariable(0)}
    )
    path = corpus.save(msgspec.structs.replace(entry_of(found()), case=shared), tmp_path)
    code, drawn, _ = runner(capsys)("show", path, "--svg", "-")
    assert code == 0
    assert "objects: v to #1 Param; w to #1 Param." in drawn
    assert "(shared, 2 arrows)" in drawn


def test_a_call_program_without_objects_has_no_drawing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jinja2")
    path = Path(__file__).parent.parent / "corpus"
    path /= "custom-vjp-does-not-take-a-partial-custom-vjp-graph-e0240a13.json"
    code, _, told = runner(capsys)("show", path, "--svg", "-")
    assert code == 2
    assert told.endswith("is given no objects to draw; leave the option out\n")


@needs_references
def test_an_issue_has_the_program_and_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = corpus.save(entry_of(found()), tmp_path)
    told = runner(capsys)("report", path)[1]
    assert "nnx.remat(f2, **mode)(v)" in told
    assert "`v`: value [1.0, 2.0], got [0.0, 1.0]" in told
    assert "loop" not in told.partition("### Steps")[0]


@needs_references
def test_a_page_has_call_programs_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus.save(entry_of(found()), tmp_path)
    page = tmp_path / "page.html"
    assert runner(capsys)("report", "--html", page, tmp_path)[0] == 0
    shown = page.read_text()
    assert "As the entry tells it" in shown and "remat" in shown and "caller.v" in shown


@needs_references
def test_an_entry_whose_arm_is_not_its_own_is_refused(tmp_path: Path) -> None:
    path = corpus.save(entry_of(found()), tmp_path)
    path.write_text(path.read_text().replace('"transform": "remat"', '"transform": "vmap"'))
    with pytest.raises(Misuse, match="no corpus entry"):
        corpus.load(path)


@pytest.mark.parametrize(
    "call",
    [
        Call("vmap", options={"in_axes": [1]}, args=(read("v"),), blocks=(Block(("p",)),)),
        Call("grad", args=(Const(),), blocks=(Block(("p",)),)),
        Call("jit", args=(read("v"),), blocks=(Block(()),)),
        Call("jit", args=(read("w"),), blocks=(Block(("p",)),)),
        Call("nothing", args=(read("v"),), blocks=(Block(("p",)),)),
        Call("jit", options={"axis": 1}, args=(read("v"),), blocks=(Block(("p",)),)),
    ],
)
def test_what_is_not_well_formed_is_told(call: Call) -> None:
    with pytest.raises(Unfit):
        text(CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)}), REGISTRY)


# --- what a release has to have -----------------------------------------------------------------


def test_a_program_needs_what_its_calls_are_given() -> None:
    module = c.Module({"a": c.OfVariable(0), "b": c.OfArray()})
    block = Block(("p",), (Update(Place("p", ("a",))),))
    call = Call("jit", args=(read("m"),), blocks=(block,))
    program = CallProgram(call, (PLAIN,), (module,), {"m": c.OfNode(0)})
    assert needs(program, REGISTRY) == {"raw-arrays"}
    assert needs(writing("jit", BY_REFERENCE), REGISTRY) == {"bare-variables", "array-refs"}


def test_programs_for_an_old_release_need_nothing() -> None:
    drawn: list[CallProgram] = []

    @settings(max_examples=100, database=None, phases=(Phase.generate,), deadline=None)
    @given(call_programs(features=frozenset()))
    def run(program: CallProgram) -> None:
        drawn.append(program)

    run()
    assert len(drawn) > 50 and all(not needs(program, REGISTRY) for program in drawn)


# --- the condition of a while_loop ----------------------------------------------------------------


def looping(*condition: Any) -> CallProgram:
    """A loop over a module and a number, of whose condition the statements are given."""
    grown = Let("n", read("q"), right=Const(1))
    body = Block(("i", "p", "q"), (Update(Place("p", ("a",))), grown), (read("p"), read("n")))
    until = Block(("j", "r", "s"), condition, (read("r", "a"),))
    call = Call("while_loop", "y", {"trips": 3}, (read("m"), read("x")), (body, until))
    objects: dict[str, c.Attribute] = {"m": c.OfNode(0), "x": c.OfArray()}
    variable = c.Variable(value=c.Array(fill=1))
    return CallProgram(call, (variable,), (c.Module({"a": c.OfVariable(0)}),), objects)


@needs_while_loop
def test_a_condition_reads_what_the_carry_holds() -> None:
    shown = text(looping(), REGISTRY)
    assert "return j < jnp.clip(r.a.value, 0, 3)" in shown
    for mode in nnx_api.modes():
        assert isinstance(verdict(looping(), mode), Agrees)


@needs_while_loop
def test_what_a_condition_writes_is_dropped() -> None:
    """docs/contract.md: `condition-writes`, in every mode."""
    for mode in nnx_api.modes():
        assert isinstance(verdict(looping(Update(Place("r", ("a",)))), mode), Agrees)


@needs_while_loop
def test_a_condition_that_writes_to_what_it_captures_is_refused() -> None:
    if "bare-variables" not in nnx_api.features():
        pytest.skip("this flax refuses no write to what is captured")
    program = looping(Update(Place("v")))
    program = msgspec.structs.replace(
        program,
        variables=(*program.variables, PLAIN),
        objects={**program.objects, "v": c.OfVariable(1)},
    )
    seen = verdict(program)
    assert isinstance(seen, Refused) and seen.reason == "closure-written"


# --- what is drawn --------------------------------------------------------------------------------


@pytest.mark.slow
def test_each_pair_of_transforms_is_met_in_2000_programs() -> None:
    names = sorted(name for name in REGISTRY if hasattr(flax.nnx, name))
    met: Counter[str] = Counter()

    @seed(0)
    @settings(max_examples=2_000, database=None, phases=(Phase.generate,), backend=BACKEND)
    @given(call_programs(names, names, nnx_api.features()))
    def run(program: CallProgram) -> None:
        met.update(kind_of(program).exercised(program))

    run()
    missing = [f"{a} in {b}" for a in names for b in names if not met[f"{a} in {b}"]]
    assert not missing


def test_no_run_of_a_program_makes_a_class_without_a_body_anew() -> None:
    """Such a class is never freed, and Python notes it in each class of a module or a Variable."""
    held: dict[str, c.Attribute] = {"v": c.OfVariable(0), "m": c.OfNode(0)}
    variables = (msgspec.structs.replace(PLAIN, kind="Custom"),)
    block = Block(("p", "q"), (Update(Place("p"), operand=Const(1)),), ())
    call = Call("jit", "r", {}, (read("v"), read("m")), (block,))
    program = CallProgram(call, variables, (c.Module({}),), held)
    assert isinstance(verdict(program), Agrees)

    def made() -> set[type]:
        return {*flax.nnx.Module.__subclasses__(), *flax.nnx.Variable.__subclasses__()}

    before = made()
    assert isinstance(verdict(program), Agrees)
    assert made() == before


@needs_references
def test_a_reference_that_a_function_makes_is_a_reason_where_a_vmap_does_not_map_it() -> None:
    made = Attach(Place("p"), "a", New(BY_REFERENCE))
    written = Block(("q",), (Update(Place("q")),))
    inner = Call("vmap", "z", {"in_axes": [None], "axis_size": 1}, (read("p", "a"),), (written,))
    call = Call("remat", "y", {}, (read("m"),), (Block(("p",), (made, inner)),))
    program = CallProgram(call, (), (c.Module({}),), {"m": c.OfNode(0)})
    for mode in nnx_api.modes()[1:]:
        seen = verdict(program, mode)
        assert isinstance(seen, Refused) and seen.reason == "reference-not-lifted"


@pytest.mark.skipif("raw-arrays" not in nnx_api.features(), reason="this flax has none in modules")
def test_one_node_with_two_axes_in_the_function_is_a_reason_up_to_0_12_6() -> None:
    inner = Call("vmap", "z", {"in_axes": [0, -1]}, (read("p"), read("p")), (Block(("q", "r")),))
    call = Call("jit", "y", {}, (read("m"),), (Block(("p",), (inner,)),))
    node = c.Module({"a": c.OfArray(c.Array(shape=(2,)))})
    program = CallProgram(call, (), (node,), {"m": c.OfNode(0)})
    for mode in set(nnx_api.modes()) & {"graph-frozen"}:
        seen = verdict(program, mode)
        if nnx_api.release() <= version("0.12.6"):
            assert isinstance(seen, Refused) and seen.reason == "inconsistent-aliasing"
        else:
            assert isinstance(seen, Agrees)


@pytest.mark.skipif("updates-in-backward" not in nnx_api.features(), reason="there are none")
@pytest.mark.parametrize("mode", ["graph-frozen", "tree"])
def test_a_backward_pass_is_given_the_cotangents_of_updates(mode: Any) -> None:
    """The loss has what the function leaves in the Variable, which `bwd` is told of."""
    write = Update(Place("p"), "multiply", Const(3))
    block = Block(("p", "q"), (write,), (read("q"),))
    options = {"within": "grad", "updates": True}
    call = Call("custom_vjp", "g", options, (read("v"), Const(1)), (block,))
    program = CallProgram(call, (PLAIN,), (), {"v": c.OfVariable(0)})
    assert "def bwd_g(args, g_g, updates_g=None):" in text(program, REGISTRY)
    assert isinstance(verdict(program, mode), Agrees)

    def silent(f: Any, **more: Any) -> Any:
        made = plain.custom_vjp(f, **more)
        defined = made.defvjp
        made.defvjp = lambda fwd, bwd: defined(fwd, lambda args, g: bwd(args, g))
        return made

    flaxs = SimpleNamespace(**{**vars(flax.nnx), **plain.TRANSFORMS, **plain.UNTRACED})
    assert isinstance(examine(program, arm(program, mode), nnx=flaxs), Agrees)
    flaxs.custom_vjp = silent
    assert isinstance(examine(program, arm(program, mode), nnx=flaxs), Finding)
