"""Marks, statics and metadata: whatever of them a transform changes is seen."""

import dataclasses
import enum
import functools
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from strict_tools import planted, variable, verdict

from nnxfuzz import nnx_api
from nnxfuzz.oracle.contract import DEVIATIONS
from nnxfuzz.oracle.statics import static_text
from nnxfuzz.oracle.verdict import Agrees, Entry, Finding, World
from nnxfuzz.oracle.world import roots
from nnxfuzz.programs.case import (
    MODES,
    Arm,
    Array,
    Case,
    Layer,
    Loop,
    Make,
    Mode,
    Module,
    NodeSlot,
    OfArray,
    OfVariable,
    TupleSlot,
)
from nnxfuzz.runners.judge import compare

# --- marks ----------------------------------------------------------------------------------

#: Graph mode's scan accepts the attribute `z`; nothing happens to `a`.
MADE = Case(
    nodes=(Module({"a": OfArray(Array())}),),
    carry=(TupleSlot((1,)), NodeSlot(0)),
    loop=Loop(0, 1),
    body=(Make(("carry", 0, "a"), OfArray(Array())),),
)


def flipped(name: str) -> Any:
    """What makes an attribute of the first object static."""

    def flip(carry: Any, out: Any) -> None:
        node = out[0]
        nodes = node._pytree__nodes.update({name: False})
        object.__setattr__(node, "_pytree__nodes", nodes)

    return flip


@pytest.mark.parametrize("mode", MODES)
def test_a_mark_that_is_flipped_beside_a_made_array_is_seen(mode: Mode) -> None:
    arm = Arm("fori_loop", mode)
    if not hasattr(nnx, "data") or mode not in nnx_api.modes():
        pytest.skip("this release has no marks, or not this mode")
    assert verdict(MADE, arm) == Agrees()
    found = verdict(MADE, arm, planted("fori_loop", flipped("a")))
    assert isinstance(found, Finding)
    assert found.signature.where.endswith("node metadata")


def node_with(marks: str) -> World:
    return {("caller",): Entry("node", "Block", "caller", marks)}


def test_only_the_mark_of_the_made_attribute_is_left_out() -> None:
    before, made = node_with("{'a': True, 'z': True}"), frozenset({("caller", "z")})
    assert compare(before, node_with("{'a': True, 'z': False}"), made) == []
    assert len(compare(before, node_with("{'a': False, 'z': False}"), made)) == 1
    assert len(compare(before, node_with("{'a': False, 'z': True}"), made)) == 1
    assert len(compare(before, node_with("{'a': True, 'z': False}"))) == 1


def test_the_range_in_which_traced_arrays_are_static_is_one() -> None:
    (record,) = (d for d in DEVIATIONS if d.id == "made-arrays-static")
    assert (record.where.since, record.where.until) == nnx_api.TRACED_ARRAYS_STATIC


def test_it_is_known_whether_a_marked_number_is_a_leaf() -> None:
    if not hasattr(nnx, "data"):
        pytest.skip("this release has no marks")
    node = nnx.Module()
    node.number = nnx.data(1)
    assert bool(jax.tree.leaves(nnx.state(node))) == nnx_api.MARKED_NUMBERS_ARE_LEAVES


def test_an_array_is_marked_under_a_trace_only_where_flax_takes_it_for_static() -> None:
    if not hasattr(nnx, "is_data"):
        pytest.skip("this release has no marks")
    plain: list[bool] = []
    marked: list[bool] = []

    def look(x: Any) -> Any:
        plain.append(nnx.is_data(x))
        marked.append(nnx_api.as_data(x) is not x)
        return x

    jax.make_jaxpr(look)(1.0)
    assert marked == [not is_data for is_data in plain]
    assert nnx_api.as_data(jnp.zeros(())).shape == ()


# --- statics --------------------------------------------------------------------------------


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass(frozen=True)
class Settings:
    width: int
    colour: Colour = Colour.RED


class Plain:
    """An object whose text has an address."""


class Sized:
    def __init__(self, size: int) -> None:
        self.size = size

    def __repr__(self) -> str:
        return f"Sized({self.size})"


def one(x: Any = None, **named: Any) -> Any:
    return x


DIFFERENT: dict[str, tuple[Any, Any]] = {
    "enum members": (Colour.RED, Colour.BLUE),
    "frozen dataclasses": (Settings(1), Settings(2)),
    "what a dataclass holds": (Settings(1), Settings(1, Colour.BLUE)),
    "arguments of a partial": (functools.partial(one, 1), functools.partial(one, 2)),
    "keywords of a partial": (functools.partial(one, a=1), functools.partial(one, a=2)),
    "functions of partials": (functools.partial(one), functools.partial(static_text)),
    "functions": (one, static_text),
    "classes": (Plain, Sized),
    "other objects by their text": (Sized(1), Sized(2)),
    "numbers of another type": (1, True),
    "a number and its text": (1, "1"),
    "sets": (frozenset({1, 2}), frozenset({1, 3})),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_statics_of_another_value_have_another_text(name: str) -> None:
    first, second = DIFFERENT[name]
    assert static_text(first) != static_text(second)


def test_statics_of_one_value_have_one_text_whatever_their_address() -> None:
    assert static_text(Plain()) == static_text(Plain())
    assert static_text(functools.partial(one, b=1, a=2)) == static_text(
        functools.partial(one, a=2, b=1)
    )
    assert static_text(frozenset({"x", "y"})) == static_text(frozenset({"y", "x"}))


def closure(x: int) -> Any:
    return lambda: x


def test_a_function_that_equals_no_other_is_told_by_where_it_stood() -> None:
    first, second = closure(1), closure(2)
    assert static_text(first) == static_text(second)
    before = roots(c=(first, second))
    same, swapped = roots(before, c=(first, second)), roots(before, c=(second, first))
    assert same.entries["c", 0] != swapped.entries["c", 0]


@pytest.mark.parametrize("mode", MODES)
def test_an_enum_member_that_changes_is_seen(mode: Mode) -> None:
    if mode not in nnx_api.modes():
        pytest.skip("this release has not this mode")
    case = Case(nodes=(Layer("Conv"),), carry=(TupleSlot((1,)), NodeSlot(0)), loop=Loop(0, 2))

    def changed(carry: Any, out: Any) -> None:
        object.__setattr__(out[0], "precision", jax.lax.Precision.DEFAULT)

    assert verdict(case, Arm("fori_loop", mode)) == Agrees()
    found = verdict(case, Arm("fori_loop", mode), planted("fori_loop", changed))
    assert isinstance(found, Finding)
    assert (found.differences[0].expected, found.differences[0].got) == (
        "Precision.HIGHEST",
        "Precision.DEFAULT",
    )


# --- metadata of Variables ------------------------------------------------------------------


def test_a_variable_that_loses_a_flag_or_gets_a_hook_is_seen() -> None:
    case = Case(
        variables=(variable(),),
        nodes=(Module({"p": OfVariable(0)}),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
    )
    flags = [n for n, v in nnx.Variable(0).get_metadata().items() if v in (True, False)]
    if not hasattr(nnx.Variable, "set_metadata"):
        pytest.skip("this release sets no metadata")
    assert verdict(case, Arm()) == Agrees()
    for name in {"on_get_value", *flags} - {"ref", "hijax"}:

        def changed(carry: Any, out: Any, name: str = name) -> None:
            now = out[0].p.get_metadata()
            out[0].p.set_metadata(**{name: one if name not in now else not now[name]})

        found = verdict(case, Arm(), planted("fori_loop", changed))
        assert isinstance(found, Finding), name
        assert found.signature.where == "caller variable metadata"
