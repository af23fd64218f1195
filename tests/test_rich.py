"""The wider language: what Python makes of it, by hand, and what the installed Flax makes of it."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx
from record_cases import RECORDS
from rich_cases import RICH as OTHERS

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.contract import REFUSALS
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Finding, Refused, World
from nnxfuzz.programs.case import (
    TRANSFORMS,
    WRAPPERS,
    Arm,
    Case,
    Module,
    NodeSlot,
    OfNode,
    OfVariable,
    Pop,
    Variable,
    check,
)
from nnxfuzz.programs.live.build import Objects
from nnxfuzz.runners import observe
from nnxfuzz.runners.arms import in_turn, outcome_text, plain_arms, wrapped_arms
from nnxfuzz.runners.judge import Oracle, examine

RICH = OTHERS | RECORDS


@pytest.mark.parametrize("name", RICH)
def test_each_is_well_formed(name: str) -> None:
    check(RICH[name])


# --- what Python makes of it ----------------------------------------------------------------


def world(name: str, meaning: Any = "python") -> World:
    after = run_python(RICH[name], meaning).after
    assert after is not None
    return after


def numbers(of: World, *path: str | int) -> Any:
    array = of[path].array
    assert array is not None
    return array.tolist()


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("an array along axis 0", ("result", 0), 0 + 1 + 2),
        ("an array along its last axis", ("result", 0), 3 + 5 + 7),
        ("an array along its last axis", ("ys", 0), [[0, 1, 2], [3, 4, 5]]),
        ("a broadcast array", ("result", 0), 15 + 3),
        ("a Variable", ("inputs", 0), [[5, 6], [7, 8], [9, 10]]),
        ("a Variable", ("result", 0), 45),
        ("a module along axis 1", ("inputs", 0, "a"), [[0, 4, 16], [3, 7, 19]]),
        ("a broadcast module that is written", ("inputs", 0, "a"), [3, 4]),
        ("state axes by type", ("inputs", 0, "b"), [0 + 0 + 2 + 4, 1 + 1 + 3 + 5]),
        ("state axes by type", ("inputs", 0, "c"), [3, 4]),
        ("state axes by path", ("inputs", 0, "b"), [6, 10]),
        ("sowing into a scanned part", ("inputs", 0, "s", "value", 0), [[1, 2], [2, 3], [3, 4]]),
        ("one module in two arguments", ("inputs", 0, "a"), [[1, 2], [3, 4], [5, 6]]),
        ("objects made in the body", ("ys", 0, "a"), [[0, 0, 0], [1, 1, 1]]),
        ("objects made in the body", ("ys", 1), [[0, 1]] * 3),
        ("packed, the carry last", ("result", 0), 3 + 3),
        ("packed, the carry last", ("ys", 1), [[0, 1, 2], [3, 4, 5]]),
        ("the carry in the middle and last", ("ys", 0), [0, 1, 2]),
        ("a method", ("inputs", 0, "a"), [[0, 1], [3, 4], [6, 7]]),
        ("the carry alone", ("result", 1), 3 + 5),
        ("no carry", ("ys", 0), [[0, 3, 6], [1, 4, 7]]),
        ("an output by parts", ("ys", 0, "a"), [[0, 1]] * 3),
        ("an output by parts", ("ys", 0, "b"), [[0, 0, 0], [1, 1, 1]]),
        ("a decorator", ("inputs", 1, "a"), [[0, 1], [3, 4], [6, 7]]),
        ("namedtuple, the whole carry", ("result", "b"), [1 + 1 + 2 + 4, 2 + 2 + 3 + 5]),
        ("dataclass, in another", ("result", "a", "a"), [4, 5]),
        ("dataclass, entries traded", ("result", "a"), [7, 8]),
        ("state and update", ("caller", "a"), [6, 7]),
        ("split and merge", ("caller", "a"), [6, 7]),
        ("sowing into a sum", ("caller", 0, "s"), 2),
        ("a reference", ("closure", 0), [0, 8]),
        ("a reference", ("result",), [0, 1 + 2 + 4 + 8]),
        ("hooks", ("caller", "a"), [4, 5]),
        ("hooks", ("caller", "b"), [22, 32]),
        ("marked attributes", ("caller", 0, "a"), 2),
        ("fori_loop inside", ("caller", 0, "a"), [4, 5]),
        ("fori_loop inside", ("result", 1), 3 + 5 + 1 + 7 + 9 + 1),
        ("jit inside", ("result", 1), 3 + 1 + 5 + 1),
        ("cond inside", ("result", 1), 1 + 3 + 1),
    ],
)
def test_the_plain_loop_comes_to_what_is_worked_out_by_hand(
    name: str, path: tuple[str | int, ...], expected: Any
) -> None:
    assert numbers(world(name), *path) == expected


def test_a_trip_of_training_is_gradient_descent() -> None:
    # x = [0, 1], y = 2, so dW = [0, 2] and db = 2; then y = 1/2 + 1/2 = 1, dW = [0, 1], db = 1.
    after = world("training by sgd")
    assert numbers(after, "caller", 0, "kernel") == [[1.0], [0.25]]
    assert numbers(after, "caller", 0, "bias") == [0.25]


def test_a_variable_at_two_places_is_popped_from_the_first_alone() -> None:
    case = Case(
        (Variable("Intermediate"),),
        (Module({"b": OfVariable(0), "a": OfNode(1)}), Module({"x": OfVariable(0)})),
        (NodeSlot(0),),
        body=(Pop(("carry",)),),
    )
    check(case)
    after = run_python(case, "python").after
    assert after is not None
    live = Objects(case, jnp.asarray).carry
    nnx.pop(live, nnx.Intermediate)
    assert [path in after for path in (("caller", "a", "x"), ("caller", "b"))] == [False, True]
    assert [hasattr(live.a, "x"), hasattr(live, "b")] == [False, True]


def test_every_key_of_a_stream_is_another() -> None:
    once = run_python(RICH["streams in the carry"], "python").after
    assert once is not None
    assert numbers(once, "caller", 0, "params", "count") == 2
    assert numbers(once, "caller", 0, "dropout", "count") == 0


def test_a_broadcast_module_is_dropped_in_graph_mode_alone() -> None:
    name = "a broadcast module that is written"
    assert numbers(world(name, "graph"), "inputs", 0, "a") == [0, 1]
    assert numbers(world(name, "graph-frozen"), "inputs", 0, "a") == [3, 4]


def test_partition_names_are_put_where_the_axis_is() -> None:
    assert "('names', ('l', 'l', 'x'))" in world("partition names", "graph")["ys", 0].detail
    assert "('names', ('l', 'x'))" in world("partition names", "graph-frozen")["ys", 0].detail


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("one module with two axes", "inconsistent-aliasing"),
        ("state axes by type", "state-axes"),
        ("a wrong length", "length-contradicts"),
        ("a State, rebuilt", "state-rebuilt"),
        ("one module in two arguments", "tree-aliasing"),
    ],
)
def test_each_reason_is_seen_where_it_holds_and_nowhere_else(name: str, record: str) -> None:
    (refusal,) = (each for each in REFUSALS if each.id == record)
    assert refusal.reasons(run_python(RICH[name], "graph").seen)
    assert not refusal.reasons(run_python(RICH["an array along axis 0"], "graph").seen)


# --- what Flax makes of it ------------------------------------------------------------------

#: Known findings of released Flax (docs/findings.md), by program, as `kind transform mode`.
KNOWN = {
    "partition names at a negative axis": {"wrong-world scan graph"},
    "by keyword": {"spurious-refusal scan graph-frozen", "spurious-refusal scan tree"},
    "an object with an attribute f": {f"spurious-refusal {t} graph" for t in TRANSFORMS},
    "an object with an attribute f, scanned": {"spurious-refusal scan graph"},
    "sowing twice": {f"internal-error {t} tree" for t in TRANSFORMS},
    "a State, rebuilt": {"spurious-refusal while_loop graph"},
}


def short(finding: Finding) -> str:
    signature = finding.signature
    return f"{signature.kind} {signature.transform} {signature.mode}"


def outcome(case: Case, arm: Arm) -> Any:
    oracle = Oracle(case)
    try:
        return oracle.verdict(arm, observe(case, arm, "trace"))
    except Inconclusive:
        return None


@pytest.mark.parametrize("name", RICH)
def test_the_installed_flax_agrees_or_refuses_for_a_reason(name: str) -> None:
    case = RICH[name]
    arms = plain_arms(case)
    assert arms
    seen = {arm: outcome(case, arm) for arm in arms}
    findings = {
        f"{v.signature.kind} {a.transform} {a.mode}"
        for a, v in seen.items()
        if isinstance(v, Finding)
    }
    assert findings <= KNOWN.get(name, set()), [
        outcome_text(v) for v in seen.values() if v is not None
    ]
    assert any(v is not None for v in seen.values())


@pytest.mark.parametrize("wrapper", [w for w in WRAPPERS if w != "plain"])
def test_a_wrapper_changes_nothing(wrapper: Any) -> None:
    tried = 0
    for turn, (name, case) in enumerate(RICH.items()):
        if name in KNOWN:
            continue
        for arm in in_turn(wrapped_arms(case, plain_arms(case), (wrapper,)), turn):
            found = outcome(case, arm)
            assert not isinstance(found, Finding), (name, arm, found)
            tried += not isinstance(found, Refused)
    assert tried >= (0 if wrapper == "bound" else 5)


@pytest.mark.parametrize("executor", ["eager", "jit"])
@pytest.mark.parametrize("name", ["split streams", "stacked layers", "training by sgd", "Dropout"])
def test_xla_comes_to_the_same(name: str, executor: Any) -> None:
    case = RICH[name]
    for arm in plain_arms(case)[:1]:
        assert outcome_text(examine(case, arm, executor)) == "agrees"


def test_a_gradient_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop of `grad` is the arm's own: one that adds a trip has another gradient."""
    case = RICH["state and update"]
    loops = dict(nnx_api.transforms())
    right = loops["fori_loop"]
    loops["fori_loop"] = lambda a, b, f, c, **k: right(a, b, lambda i, x: f(i, f(i, x)), c, **k)
    arm = Arm("fori_loop", "graph", "jit")
    assert isinstance(examine(case, arm, "trace", loops), Finding)


def test_what_stacked_layers_come_to_has_a_tolerance() -> None:
    result = world("stacked layers")["result", 0]
    assert 0.0 < result.tolerance < 1e-5
