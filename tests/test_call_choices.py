"""Calls that decide by an array: which branch is taken, and how many trips there are."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from drawn import some_draws
from flax import nnx
from test_call_programs import verdict

from nnxfuzz import nnx_api
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import (
    Block,
    Call,
    CallProgram,
    Const,
    Let,
    Make,
    Place,
    Read,
    Update,
)
from nnxfuzz.programs.calls.smaller import candidates
from nnxfuzz.programs.calls.types import Array, Unfit, Variable
from nnxfuzz.programs.calls.writer import Writer, text
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.versions import version
from nnxfuzz.transforms import REGISTRY

CHOICES = ("cond", "switch", "fori_loop")


def read(name: str, *path: str | int) -> Read:
    return Read(Place(name, path))


def block(name: str, value: int) -> Block:
    """A function of a module and an array, which returns the array with a number added."""
    result = f"{name}r"
    body = (Let(result, read(f"{name}x"), "add", Const(value)),)
    return Block((f"{name}m", f"{name}x"), body, (read(result),))


def choosing(transform: str) -> Call:
    """A call on the module `p` and the array `q` that decides by the array."""
    if transform == "fori_loop":
        body = (Let("n", read("bx"), "add", Const(1)),)
        loop = Block(("i", "bm", "bx"), body, (read("bm"), read("n")))
        return Call("fori_loop", "y", {"by": 1}, (read("p"), read("q")), (loop,))
    return Call(transform, "y", {"by": 1}, (read("p"), read("q")), (block("a", 1), block("b", 2)))


def in_lanes(inner: Call, *result: int) -> CallProgram:
    """The call in two lanes of an array, beside a module that is broadcast; the lanes differ."""
    function = Block(("p", "q"), (inner,), (read(inner.name, *result),))
    call = Call("vmap", "r", {"in_axes": [None, 0]}, (read("m"), read("x")), (function,))
    value = c.Array(shape=(2, 2), fill=0)
    nodes = (c.Module({"a": c.OfVariable(0)}),)
    objects: dict[str, Any] = {"m": c.OfNode(0), "x": c.OfArray(value)}
    return CallProgram(call, (c.Variable(),), nodes, objects)


@pytest.mark.parametrize("transform", CHOICES)
def test_lanes_may_choose_differently(transform: str) -> None:
    if not hasattr(nnx, transform):
        pytest.skip(f"this flax has no {transform}")
    program = in_lanes(choosing(transform), *((1,) if transform == "fori_loop" else ()))
    assert "jnp.sum(q) > 1.7" in text(program, REGISTRY)
    for mode in nnx_api.modes():
        assert isinstance(verdict(program, mode), Agrees | Refused)


@pytest.mark.skipif(not hasattr(nnx, "fori_loop"), reason="this flax has no fori_loop")
def test_a_loop_in_a_branch_that_lanes_choose() -> None:
    """google/flax #4709: up to 0.10.6 the broadcast module is told to differ from lane to lane."""
    loop = Block(
        ("i", "bx", "bm"), (Let("n", read("bx"), "add", Const(1)),), (read("n"), read("bm"))
    )
    looped = Call("fori_loop", "z", {"trips": 2}, (read("ax"), read("am")), (loop,))
    taken = Block(("am", "ax"), (looped,), (read("z", 0),))
    cond = Call("cond", "y", {"by": 1}, (read("p"), read("q")), (taken, block("c", 3)))
    seen = verdict(in_lanes(cond))
    bad = nnx_api.release() < version("0.10.7")
    assert isinstance(seen, Finding if bad else Agrees)


@pytest.mark.skipif(not hasattr(nnx, "fori_loop"), reason="this flax has no fori_loop")
def test_a_gradient_of_a_loop_of_traced_bounds_is_refused() -> None:
    compiled = Block(("p", "q"), (choosing("fori_loop"),), (read("y", 1),))
    jitted = Call("jit", "z", {}, (read("gm"), read("gx")), (compiled,))
    function = Block(("gm", "gx"), (jitted,), (read("z"),))
    call = Call("grad", "r", {"argnums": [1]}, (read("m"), read("x")), (function,))
    objects: dict[str, Any] = {"m": c.OfNode(0), "x": c.OfArray(c.Array(shape=(2,)))}
    nodes = (c.Module({"a": c.OfVariable(0)}),)
    seen = verdict(CallProgram(call, (c.Variable(),), nodes, objects))
    assert isinstance(seen, Refused) and seen.reason == "while-loop-backwards"


@pytest.mark.parametrize("transform", CHOICES)
def test_what_decides_is_an_array_that_is_given(transform: str) -> None:
    row = REGISTRY[transform]
    options = row.read({"by": 1})
    row.check(options, (Variable(Array()), Array()), 1)
    for args in ((Array(),), (Array(), Variable(Array())), (Array(), Array(number=True))):
        with pytest.raises(Unfit):
            row.check(options, args, 1)
    assert row.without(options, 0).by == 0
    assert row.without(options, 1).by is None
    assert row.without(row.read({"by": 0}), 1).by == 0
    assert msgspec.structs.replace(options, by=None) in row.smaller(options)


def test_a_write_in_a_branch_that_is_taken_arrives() -> None:
    write = Block(("am", "ax"), (Update(Place("am", ("a",)), "add", read("ax")),), ())
    leave = Block(("bm", "bx"), (), ())
    call = Call("cond", "y", {"by": 1}, (read("m"), read("x")), (leave, write))
    nodes = (c.Module({"a": c.OfVariable(0)}),)
    for start in (0, 3):
        objects: dict[str, Any] = {"m": c.OfNode(0), "x": c.OfArray(c.Array(fill=start))}
        program = CallProgram(call, (c.Variable(),), nodes, objects)
        for mode in nnx_api.modes():
            assert isinstance(verdict(program, mode), Agrees)


BOUND = {
    "partial": ("functools.partial(f1, m)", "functools.partial(f2, m)"),
    "method": ("m.f1", "m.f2"),
    "instance": ("m", "m.f2"),
}


@pytest.mark.parametrize("transform", ["cond", "switch"])
@pytest.mark.parametrize("style", BOUND)
def test_the_first_argument_is_bound_to_each_branch(style: Any, transform: str) -> None:
    """Graph mode fails where a branch is a module (the cause `cond-takes-branches-apart`)."""
    branches = (block("a", 1), block("b", 2))
    call = Call(transform, "y", {"index": 1}, (read("m"), read("x")), branches, style)
    objects: dict[str, Any] = {"m": c.OfNode(0), "x": c.OfArray(c.Array(fill=3))}
    program = CallProgram(call, (c.Variable(),), (c.Module({"a": c.OfVariable(0)}),), objects)
    assert ", ".join(BOUND[style]) in text(program, REGISTRY)
    for mode in nnx_api.modes():
        seen = verdict(program, mode)
        fails = style == "instance" and mode == "graph"
        assert isinstance(seen, Finding if fails else Agrees), mode
        other = SimpleNamespace(**{**vars(nnx), transform: swapped(getattr(nnx, transform))})
        told = examine(program, Arm(transform, mode), other)  # type: ignore[arg-type]
        assert isinstance(told, Finding), mode


def swapped(real: Any) -> Any:
    """The transform with its two branches in the other order."""

    def transform(which: Any, *given: Any, **options: Any) -> Any:
        if isinstance(given[0], list):
            return real(which, given[0][::-1], *given[1:], **options)
        return real(which, given[1], given[0], *given[2:], **options)

    return transform


def branches(*returned: Any) -> CallProgram:
    """A `cond` on two modules, whose branches return one thing each; the second is taken."""
    blocks = tuple(Block((f"{k}a", f"{k}b"), body, (result,)) for k, body, result in returned)
    call = Call("cond", "y", {"index": 1}, (read("m"), read("n")), blocks)
    nodes = tuple(c.Module({"a": c.OfVariable(k)}) for k in range(2))
    objects: dict[str, Any] = {"m": c.OfNode(0), "n": c.OfNode(1)}
    return CallProgram(call, (c.Variable(), c.Variable()), nodes, objects)


def made(name: str) -> tuple[str, tuple[Make, ...], Read]:
    return name, (Make(f"{name}n", c.Linear(c.LinearConfig(2, 2, init="ones"))),), read(f"{name}n")


def test_branches_return_a_layer_that_each_makes() -> None:
    program = branches(made("p"), made("q"))
    for mode in nnx_api.modes():
        assert isinstance(verdict(program, mode), Agrees), mode


def test_branches_return_a_module_that_they_are_given() -> None:
    """Without graph updates no transform returns an argument."""
    program = branches(("p", (), read("pa")), ("q", (), read("qa")))
    for mode in nnx_api.modes():
        assert isinstance(verdict(program, mode), Agrees if mode == "graph" else Refused), mode


def test_branches_return_objects_of_one_form() -> None:
    with pytest.raises(Unfit, match="objects of one form"):
        text(branches(made("p"), ("q", (), read("qa"))), REGISTRY)
    with pytest.raises(Unfit, match="objects of one form"):
        text(branches(("p", (), read("pa")), ("q", (), read("qb"))), REGISTRY)


def test_a_result_of_each_branch_goes_as_one_as_it_shrinks() -> None:
    program = branches(made("p"), made("q"))
    found = [one for one in candidates(program, REGISTRY) if not one.call.blocks[0].returns]
    assert found
    assert all(text(one, REGISTRY) for one in found)


def test_branches_that_return_objects_are_drawn() -> None:
    kinds: set[str] = set()

    class Noting(Writer):
        def _returned(self, block: Any, k: int, entered: Any, *others: Any) -> Any:
            texts, types = super()._returned(block, k, entered, *others)
            if entered.row.returned(k) == "alike":
                kinds.update(type(type_).__name__ for type_ in types)
            return texts, types

    def hold(programs: list[CallProgram]) -> bool:
        for program in programs:
            Noting(REGISTRY).program(program)
        return kinds >= {"Array", "Node", "Whole", "Variable"}

    assert some_draws("cond", hold), kinds
