"""A world holds everything that can be observed of live objects, and nothing of this process."""

from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pytest
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Entry, World, dotted
from nnxfuzz.oracle.world import filled, roots
from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Case,
    DictSlot,
    Linear,
    ListSlot,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    ScalarSlot,
    Sequence,
    Slot,
    TupleSlot,
    Variable,
    VariableSlot,
)
from nnxfuzz.programs.live.build import Objects
from nnxfuzz.programs.numbers import number


def world_of(case: Case) -> World:
    walk = roots(result=Objects(case, np.asarray).carry)
    return filled(walk, {path: number(array) for path, array in walk.arrays.items()})


def texts(world: World) -> dict[str, tuple[str, ...]]:
    """Every path with its role, kind, identity and detail."""
    return {dotted(path): (e.role, e.kind, e.identity or "", e.detail) for path, e in world.items()}


def marks(**data: bool) -> str:
    """What is told of a node with such attributes, where the release knows data from static."""
    return str(data) if hasattr(nnx.Module(), "_pytree__nodes") else ""


def carry(*slots: Slot, **tables: Any) -> Case:
    """A case whose carry is a tuple of the slots."""
    return Case(carry=(TupleSlot(tuple(range(1, len(slots) + 1))), *slots), **tables)


def test_containers_are_values_and_have_no_identity() -> None:
    case = Case(
        carry=(DictSlot({"b": 1, "a": 2}), ListSlot((3,)), NoneSlot(), TupleSlot()),
    )
    assert texts(world_of(case)) == {
        "result": ("container", "dict", "", "of ['a', 'b']"),
        "result.a": ("static", "NoneType", "", "None"),
        "result.b": ("container", "list", "", "of 1"),
        "result.b[0]": ("container", "tuple", "", "of 0"),
    }


def test_a_shared_object_has_the_identity_of_its_first_path() -> None:
    case = carry(
        NodeSlot(0),
        VariableSlot(0),
        NodeSlot(0),
        variables=(Variable(),),
        nodes=(Module({"p": OfVariable(0)}),),
    )
    identities = {dotted(p): e.identity for p, e in world_of(case).items() if e.identity}
    assert identities == {
        "result[0]": "result[0]",
        "result[0].p": "result[0].p",
        "result[1]": "result[0].p",
        "result[2]": "result[0]",
    }


def test_distinct_objects_that_hold_the_same_are_told_apart() -> None:
    case = carry(NodeSlot(0), NodeSlot(1), nodes=(Module(), Module()))
    assert [e.identity for e in world_of(case).values()] == [None, "result[0]", "result[1]"]


def test_identity_runs_across_roots() -> None:
    objects = Objects(Case(nodes=(Module(),), carry=(NodeSlot(0),)), np.asarray)
    walk = roots(caller=objects.carry, result=objects.carry)
    assert walk.entries[("result",)].identity == "caller"


def test_a_module_that_reaches_itself_is_walked_once() -> None:
    case = Case(nodes=(Module({"me": OfNode(0)}),), carry=(NodeSlot(0),))
    assert texts(world_of(case)) == {
        "result": ("node", "Block", "result", marks(me=True)),
        "result.me": ("node", "Block", "result", marks(me=True)),
    }


def test_a_variable_shows_its_type_its_metadata_and_its_number() -> None:
    case = Case(
        variables=(Variable("Cache", Array("int32", (2,), 5), tag="x"),), carry=(VariableSlot(0),)
    )
    (entry,) = world_of(case).values()
    assert (entry.role, entry.kind, entry.detail) == ("variable", "Cache", "[('tag', 'x')]")
    assert entry.array is not None
    assert entry.array.tolist() == [5, 6]
    assert entry.array.dtype == np.int32


def test_static_attributes_are_told_by_value_and_by_type() -> None:
    case = Case(
        nodes=(Module({"a": OfStatic(1), "b": OfStatic(True), "c": OfStatic("1")}),),
        carry=(NodeSlot(0),),
    )
    assert texts(world_of(case)) == {
        "result": ("node", "Block", "result", marks(a=False, b=False, c=False)),
        "result.a": ("static", "int", "", "1"),
        "result.b": ("static", "bool", "", "True"),
        "result.c": ("static", "str", "", "'1'"),
    }


def test_numbers_in_the_carry_count_as_the_arrays_that_a_loop_makes_of_them() -> None:
    case = carry(ScalarSlot(1), ScalarSlot(0.5), ScalarSlot(True))
    arrays = [e.array for e in world_of(case).values() if e.array is not None]
    assert [str(a.dtype) for a in arrays] == ["int32", "float32", "bool"]
    assert [a.shape for a in arrays] == [(), (), ()]


def test_lists_and_layers_of_flax_are_nodes_whose_bookkeeping_stays_out() -> None:
    case = carry(
        NodeSlot(0),
        NodeSlot(1),
        variables=(Variable(),),
        nodes=(Sequence((OfVariable(0),)), Linear()),
    )
    world = world_of(case)
    assert world[("result", 0)].kind in ("List", "list")
    assert world[("result", 0, 0)].kind == "Param"
    assert world[("result", 1)].kind == "Linear"
    assert {p[2] for p, e in world.items() if p[:2] == ("result", 1) and e.array is not None} == {
        "kernel",
        "bias",
    }


def test_no_memory_address_gets_into_a_world() -> None:
    case = Case(nodes=(Linear(),), carry=(NodeSlot(0),))
    assert texts(world_of(case)) == texts(world_of(case))
    assert "0x" not in str(texts(world_of(case)))


def test_a_raw_array_in_a_module_is_an_array() -> None:
    case = Case(nodes=(Module({"raw": OfArray(Array("int32"))}),), carry=(NodeSlot(0),))
    assert world_of(case)[("result", "raw")].role == "array"


def test_an_array_without_a_number_is_a_tracer() -> None:
    walk = roots(result=Objects(Case(carry=(ArraySlot(),)), np.asarray).carry)
    assert filled(walk, {}) == {
        ("result",): Entry("array", "array", detail="", array=None, tracer=True)
    }


def test_a_tracer_is_told_from_a_number() -> None:
    seen: list[World] = []

    def body(x: Any) -> Any:
        seen.append(filled(roots(result=x), {("result",): x}))
        return x

    jax.make_jaxpr(body)(np.zeros(()))
    assert seen[0][("result",)].tracer


@pytest.mark.parametrize(
    "known", [frozenset({"a", "_pytree__state"}), {"a": True, "b": False, "_pytree__state": True}]
)
def test_which_attributes_are_data_is_read_in_the_way_of_each_release(known: object) -> None:
    node = SimpleNamespace(a=1, b=2, _pytree__state=3, _pytree__nodes=known)
    assert nnx_api.marks(node) == {"a": True, "b": False}
    assert nnx_api.marks(SimpleNamespace(a=1)) == {}
    assert nnx_api.marks(Anything()) == {}


class Anything:
    """As `nnx.Rngs` of 0.10: every attribute is there."""

    def __getattr__(self, name: str) -> object:
        return self
