"""The facts that the Python loop sees of a program, one for each way to break a rule."""

import pytest
from zoo import CAUGHT, ONE_TRIP, RAW, P, Q, X, zoo

from nnxfuzz.case import (
    ArraySlot,
    Bind,
    Case,
    Drop,
    Form,
    Input,
    Linear,
    Loop,
    Make,
    Mode,
    Module,
    NodeSlot,
    OfNode,
    OfStatic,
    OfVariable,
    Path,
    Raise,
    Read,
    Statement,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    check,
)
from nnxfuzz.facts import Changes, Facts
from nnxfuzz.reference import run_python


def facts_of(*body: Statement, mode: Mode = "graph", loop: Loop = ONE_TRIP) -> Facts:
    return run_python(zoo(*body, loop=loop), mode).facts


NEVER: dict[str, tuple[Statement, ...]] = {
    "nothing": (),
    "update of a Variable": (Update(P),),
    "update in place": (Update(P, style="setitem"),),
    "update of a raw array": (Update(RAW),),
    "update of a carry array": (Update(X),),
    "swap and back": (Swap(P, Q), Swap(P, Q)),
    "read of the closure": (Update(P, "add", Read(CAUGHT)),),
    "a static attribute set to itself": (Make(("carry", 0, "flag"), OfStatic(1)),),
}

CHANGED: dict[str, tuple[Statement, Changes]] = {
    "swapped Variables": (Swap(P, Q), Changes(variables=True)),
    "aliased Variables": (Bind(P, Q), Changes(variables=True)),
    "a fresh Variable": (Make(P, OfVariable(0)), Changes(variables=True)),
    "swapped modules": (
        Swap(("carry", 0), ("carry", 1)),
        Changes(variables=True, nodes=True),
    ),
    "a fresh module": (
        Make(("carry", 0), OfNode(0)),
        Changes(variables=True, nodes=True),
    ),
    "an added attribute": (Make(("carry", 0, "z"), OfStatic(7)), Changes(structure=True)),
    "a dropped attribute": (Drop(("carry", 0, "flag")), Changes(structure=True)),
    "a dropped entry": (Drop(("carry", 2, "a")), Changes(structure=True)),
    "another static": (Make(("carry", 0, "flag"), OfStatic(7)), Changes(structure=True)),
    "another static type": (Make(("carry", 0, "flag"), OfStatic(True)), Changes(structure=True)),
    "another dtype of a Variable": (Update(P, dtype="float32"), Changes(avals=True)),
    "another dtype of a raw array": (Update(RAW, dtype="bfloat16"), Changes(avals=True)),
    "another shape": (Swap(X, ("carry", 4)), Changes(avals=True)),
}


@pytest.mark.parametrize("mode", ["graph", "gnu", "tree"])
@pytest.mark.parametrize("name", NEVER)
def test_programs_that_keep_the_rules_change_nothing(name: str, mode: Mode) -> None:
    facts = facts_of(*NEVER[name], mode=mode)
    assert facts.changed == Changes()
    assert not (facts.variables_aliased or facts.closure_written or facts.raised)


@pytest.mark.parametrize("mode", ["graph", "gnu", "tree"])
@pytest.mark.parametrize("name", CHANGED)
def test_each_broken_rule_is_seen(name: str, mode: Mode) -> None:
    statement, changed = CHANGED[name]
    assert facts_of(statement, mode=mode).changed == changed


def test_aliasing_two_like_modules_is_no_change_of_structure() -> None:
    changed = facts_of(Bind(("carry", 0), ("carry", 1))).changed
    assert changed == Changes(variables=True, nodes=True)


def test_a_change_in_any_one_trip_is_seen() -> None:
    body = (Make(("carry", 0, "flag"), OfStatic(7)),)
    assert facts_of(*body, loop=Loop(0, 3)).changed.structure


def test_a_write_to_the_closure_is_seen_even_when_the_body_raises() -> None:
    assert facts_of(Update(CAUGHT)).closure_written
    facts = facts_of(Update(CAUGHT), Raise())
    assert facts.closure_written
    assert facts.raised == "Raised"


def test_two_paths_to_one_variable_are_aliasing_and_two_variables_are_not() -> None:
    two = (Variable(), Variable())
    slots = TupleSlot((1, 2)), VariableSlot(0)
    assert run_python(Case(two, carry=(*slots, VariableSlot(0))), "graph").facts.variables_aliased
    apart = Case(two, carry=(*slots, VariableSlot(1)))
    assert not run_python(apart, "graph").facts.variables_aliased


def test_a_shared_module_shares_its_variables_in_tree_mode_only() -> None:
    case = Case(
        (Variable(),),
        (Module({"p": OfVariable(0)}),),
        (TupleSlot((1, 2)), NodeSlot(0), NodeSlot(0)),
    )
    assert run_python(case, "tree").facts.variables_aliased
    assert not run_python(case, "graph").facts.variables_aliased


@pytest.mark.parametrize("trips", [0, 1])
@pytest.mark.parametrize("mode", ["graph", "gnu", "tree"])
def test_what_is_carried_and_broadcast_is_so_though_a_body_drops_it(mode: Mode, trips: int) -> None:
    case = Case(
        (Variable(),),
        (Module({"p": OfVariable(0)}),),
        (NodeSlot(0),),
        inputs=(Input(OfVariable(0), axis=None),),
        form=Form(0, 0, length=trips),
        loop=Loop(0, trips),
        body=(Drop(("carry", "p")),),
    )
    check(case)
    assert run_python(case, mode).facts.inputs_inconsistent


def test_unroll_over_traced_bounds_is_seen() -> None:
    loop = Loop(0, 2, "traced", unroll=2)
    assert facts_of(loop=loop).unrolls_traced_bounds
    assert not facts_of(loop=Loop(0, 2, unroll=2)).unrolls_traced_bounds


def test_a_place_that_an_earlier_statement_took_away_raises() -> None:
    assert facts_of(Drop(P), Update(P)).raised == "BodyRaised"
    assert facts_of(Swap(X, ("carry", 4)), Update(X, "set", Read(("carry", 4)))).raised is None
    assert facts_of(Swap(X, ("carry", 4)), Update(("carry", 4), "set", Read(X))).raised == (
        "BodyRaised"
    )


@pytest.mark.parametrize("use", ["update", "read"])
def test_a_place_at_which_a_layer_came_to_stand_holds_no_number(use: str) -> None:
    here: Path = ("carry", 0)
    other: Path = ("carry", 2)
    case = Case(
        nodes=(Linear(),),
        carry=(TupleSlot((1, 2, 3)), ArraySlot(), NodeSlot(0), ArraySlot()),
        body=(
            Swap(here, ("carry", 1)),
            Update(here) if use == "update" else Update(other, operand=Read(here)),
        ),
    )
    check(case)
    assert run_python(case, "graph").facts.raised == "BodyRaised"
