"""What the Python loop observes of a program, and where: one for each way to break a rule."""

import msgspec
import pytest
from zoo import CAUGHT, CHANGES, ONE_TRIP, RAW, P, Q, X, zoo

from nnxfuzz.oracle.contract import REFUSALS
from nnxfuzz.oracle.observations import Evidence
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.programs.case import (
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
    Raise,
    Read,
    Statement,
    Swap,
    TreePath,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    check,
    path_named,
)


def seen_of(*body: Statement, mode: Mode = "graph", loop: Loop = ONE_TRIP) -> Evidence:
    return run_python(zoo(*body, loop=loop), mode).seen


def raised_by(*body: Statement) -> str | None:
    raised = seen_of(*body).raised
    return None if raised is None else raised.error


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

#: By the kind of what is seen of the carry: where.
Where = dict[str, set[TreePath]]

FIRST: TreePath = ("carry", 0)
FLAG: TreePath = ("carry", 0, "flag")
ADDED: TreePath = ("carry", 0, "z")

CHANGED: dict[str, tuple[Statement, Where]] = {
    "swapped Variables": (Swap(P, Q), {"variable-replaced": {P, Q}}),
    "aliased Variables": (Bind(P, Q), {"variable-replaced": {P, Q}}),
    "a fresh Variable": (Make(P, OfVariable(0)), {"variable-replaced": {P}}),
    "swapped modules": (
        Swap(("carry", 0), ("carry", 1)),
        {"variable-replaced": {P, Q}, "node-replaced": {("carry", 0), ("carry", 1)}},
    ),
    "a fresh module": (
        Make(FIRST, OfNode(0)),
        {"variable-replaced": {P}, "node-replaced": {FIRST}},
    ),
    "a dropped entry": (
        Drop(("carry", 2, "a")),
        {"structure-changed": {("carry", 2), ("carry", 2, "a")}},
    ),
    "another static": (Make(FLAG, OfStatic(7)), {"structure-changed": {FLAG}}),
    "another static type": (Make(FLAG, OfStatic(True)), {"structure-changed": {FLAG}}),
    "another dtype of a Variable": (Update(P, dtype="float32"), {"aval-changed": {P}}),
    "another dtype of a raw array": (Update(RAW, dtype="bfloat16"), {"aval-changed": {RAW}}),
    "another shape": (Swap(X, ("carry", 4)), {"aval-changed": {X, ("carry", 4)}}),
}


def where(seen: Evidence) -> Where:
    """The places at which something was seen to change."""
    found: Where = {}
    for observation in seen.of(*CHANGES):
        found.setdefault(observation.kind, set()).update(map(path_named, observation.paths))
    return found


@pytest.mark.parametrize("mode", ["graph", "graph-frozen", "tree"])
@pytest.mark.parametrize("name", NEVER)
def test_programs_that_keep_the_rules_change_nothing(name: str, mode: Mode) -> None:
    seen = seen_of(*NEVER[name], mode=mode)
    assert where(seen) == {}
    assert not (seen.of("aliased", "captured-written") or seen.raised)


@pytest.mark.parametrize("mode", ["graph", "graph-frozen", "tree"])
@pytest.mark.parametrize("name", CHANGED)
def test_each_broken_rule_is_seen(name: str, mode: Mode) -> None:
    statement, places = CHANGED[name]
    assert where(seen_of(statement, mode=mode)) == places


@pytest.mark.parametrize(
    ("statement", "path"),
    [(Make(ADDED, OfStatic(7)), ADDED), (Drop(FLAG), FLAG)],
    ids=["added", "dropped"],
)
def test_an_attribute_that_comes_or_goes_is_seen_where_it_stands(
    statement: Statement, path: TreePath
) -> None:
    found = where(seen_of(statement))["structure-changed"]
    assert found - {FIRST} == {path}  # the module has other marks, where a release has marks


def test_aliasing_two_like_modules_is_no_change_of_structure() -> None:
    changed = seen_of(Bind(("carry", 0), ("carry", 1)))
    assert where(changed) == {"variable-replaced": {P, Q}, "node-replaced": {FIRST, ("carry", 1)}}


def test_a_change_in_any_one_trip_is_seen() -> None:
    body = (Make(("carry", 0, "flag"), OfStatic(7)),)
    assert seen_of(*body, loop=Loop(0, 3)).of("structure-changed")


def test_a_write_to_the_closure_is_seen_even_when_the_body_raises() -> None:
    assert seen_of(Update(CAUGHT)).of("captured-written")
    seen = seen_of(Update(CAUGHT), Raise())
    assert seen.of("captured-written")
    assert seen.raised is not None and seen.raised.error == "Raised"


def test_two_paths_to_one_variable_are_aliasing_and_two_variables_are_not() -> None:
    two = (Variable(), Variable())
    slots = TupleSlot((1, 2)), VariableSlot(0)
    assert run_python(Case(two, carry=(*slots, VariableSlot(0))), "graph").seen.of("aliased")
    apart = Case(two, carry=(*slots, VariableSlot(1)))
    assert not run_python(apart, "graph").seen.of("aliased")


def test_a_shared_module_shares_its_variables_in_tree_mode_only() -> None:
    case = Case(
        (Variable(),),
        (Module({"p": OfVariable(0)}),),
        (TupleSlot((1, 2)), NodeSlot(0), NodeSlot(0)),
    )
    assert run_python(case, "tree").seen.of("aliased")
    assert not run_python(case, "graph").seen.of("aliased")
    put = msgspec.structs.replace(
        case,
        carry=(TupleSlot((1, 2)), ArraySlot(), NodeSlot(0)),
        body=(Bind(("carry", 0), ("carry", 1)),),
    )
    assert run_python(put, "tree").seen.of("aliased")
    assert not run_python(put, "graph").seen.of("aliased")


@pytest.mark.parametrize("trips", [0, 1])
@pytest.mark.parametrize("mode", ["graph", "graph-frozen", "tree"])
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
    assert run_python(case, mode).seen.of("inconsistent-axes")


def test_unroll_over_traced_bounds_is_seen() -> None:
    (refused,) = (r.reasons for r in REFUSALS if r.id == "unroll-traced-bounds")
    loop = Loop(0, 2, "traced", unroll=2)
    assert refused(seen_of(loop=loop))
    assert not refused(seen_of(loop=Loop(0, 2, unroll=2)))


def test_a_place_that_an_earlier_statement_took_away_raises() -> None:
    assert raised_by(Drop(P), Update(P)) == "BodyRaised"
    assert seen_of(Swap(X, ("carry", 4)), Update(X, "set", Read(("carry", 4)))).raised is None
    assert raised_by(Swap(X, ("carry", 4)), Update(("carry", 4), "set", Read(X))) == "BodyRaised"


@pytest.mark.parametrize("use", ["update", "read"])
def test_a_place_at_which_a_layer_came_to_stand_holds_no_number(use: str) -> None:
    here: TreePath = ("carry", 0)
    other: TreePath = ("carry", 2)
    case = Case(
        nodes=(Linear(),),
        carry=(TupleSlot((1, 2, 3)), ArraySlot(), NodeSlot(0), ArraySlot()),
        body=(
            Swap(here, ("carry", 1)),
            Update(here) if use == "update" else Update(other, operand=Read(here)),
        ),
    )
    check(case)
    raised = run_python(case, "graph").seen.raised
    assert raised is not None
    assert raised.error == "BodyRaised"
