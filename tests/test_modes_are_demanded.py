"""A loop that ignores its mode, or does in one mode what another documents, is a finding."""

from collections.abc import Callable
from typing import Any

import pytest
from strict_tools import INT, variable, verdict

from nnxfuzz import nnx_api
from nnxfuzz.oracle.contract import DEVIATIONS
from nnxfuzz.oracle.verdict import Agrees, Finding
from nnxfuzz.programs.case import (
    MODES,
    TRANSFORMS,
    Arm,
    Case,
    Loop,
    Mode,
    Module,
    NodeSlot,
    OfNode,
    OfVariable,
    Transform,
    TupleSlot,
    Update,
)
from nnxfuzz.runners.loops import Loops

#: A module in the carry, which only graph mode hands back itself.
OWN = Case(
    variables=(variable(),),
    nodes=(Module({"p": OfVariable(0)}),),
    carry=(TupleSlot((1, 2)), NodeSlot(0), INT),
    loop=Loop(0, 2),
    body=(Update(("carry", 0, "p")),),
)

#: One module at two places, which tree mode takes for two.
SHARED = Case(
    nodes=(Module({"a": OfNode(1), "b": OfNode(1)}), Module()),
    carry=(TupleSlot((1, 2)), NodeSlot(0), INT),
    loop=Loop(0, 2),
)


def ignoring(transform: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Loops:
    """Flax's loops, of which one is called with other options."""
    real = nnx_api.transforms()

    def called(*arguments: Any, **options: Any) -> Any:
        return real[transform](*arguments, **change(options))

    return real | {transform: called}


def dropped(options: dict[str, Any]) -> dict[str, Any]:
    """The options without those that choose a mode."""
    return {n: v for n, v in options.items() if n not in ("graph", "graph_updates")}


def in_graph(options: dict[str, Any]) -> dict[str, Any]:
    """The options with graph mode's own way to see modules: `tree` becomes `graph-frozen`."""
    return options | ({"graph": True, "graph_updates": False} if "graph_updates" in options else {})


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "graph"])
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_mode_that_is_ignored_is_seen(transform: Transform, mode: Mode) -> None:
    if mode not in nnx_api.modes():
        pytest.skip("this release has not this mode")
    arm = Arm(transform, mode)
    assert verdict(OWN, arm) == Agrees()
    found = verdict(OWN, arm, ignoring(transform, dropped))
    assert isinstance(found, Finding)
    assert found.signature.where == "result node identity"


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_tree_mode_that_is_run_as_graph_mode_without_updates_is_seen(transform: Transform) -> None:
    if "graph-frozen" not in nnx_api.modes():
        pytest.skip("this release has no such mode")
    arm = Arm(transform, "tree")
    assert verdict(SHARED, arm) == Agrees()
    assert isinstance(verdict(SHARED, arm, ignoring(transform, in_graph)), Finding)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_graph_mode_that_makes_new_modules_is_seen(transform: Transform) -> None:
    if "graph-frozen" not in nnx_api.modes():
        pytest.skip("this release has one mode")
    frozen = lambda options: options | {"graph_updates": False}  # noqa: E731
    found = verdict(OWN, Arm(transform), ignoring(transform, frozen))
    assert isinstance(found, Finding)
    assert found.signature.where == "result node identity"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrapper", ["jit", "remat", "vmap"])
def test_what_stands_around_a_loop_hands_the_callers_modules_back(wrapper: Any, mode: Mode) -> None:
    arm = Arm("fori_loop", mode, wrapper)
    if nnx_api.inapplicable(OWN, arm) is not None:
        pytest.skip("this release has not this mode")
    assert verdict(OWN, arm) == Agrees()


def test_every_deviation_names_where_it_holds() -> None:
    assert len({record.id for record in DEVIATIONS}) == len(DEVIATIONS)
    for record in DEVIATIONS:
        assert record.source, record.id
        assert record.where.transforms, record.id
        assert record.where.modes, record.id
    for kind in (type(DEVIATIONS[0]), type(DEVIATIONS[0].where)):
        assert not kind.__struct_defaults__
    assert {"source", "where"} <= set(DEVIATIONS[0].__struct_fields__)
    required = {"transforms", "modes", "since", "until"}
    assert required <= set(DEVIATIONS[0].where.__struct_fields__)
