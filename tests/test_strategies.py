"""The strategies: every program is well formed, all of the language is reached, shrinking is exact.

Reach is measured over one fixed sample. Each feature of the language has to turn up in it, and
the commoner ones in a stated share.
"""

import functools
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

from nnxfuzz.arithmetic import Unfit
from nnxfuzz.case import (
    FEATURES,
    MODES,
    TRANSFORMS,
    Arm,
    Array,
    ArraySlot,
    Bind,
    Case,
    Const,
    Data,
    Drop,
    Feature,
    Loop,
    Make,
    Module,
    Node,
    NodeSlot,
    NoneSlot,
    OfNode,
    OfStatic,
    OfVariable,
    Operand,
    Raise,
    Read,
    Sequence,
    Slot,
    Statement,
    Swap,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    check,
    fits,
    has_cycle,
    needs,
    trips,
)
from nnxfuzz.reference import run_python
from nnxfuzz.shrink import candidates, reduced, weight
from nnxfuzz.strategies import programs

SAMPLE = 2_000


@functools.cache
def sample() -> list[Case]:
    """A fixed sample of programs, as a campaign draws them."""
    drawn: list[Case] = []

    @seed(0)
    @settings(
        max_examples=SAMPLE,
        database=None,
        derandomize=False,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(programs())
    def collect(case: Case) -> None:
        drawn.append(case)

    collect()
    return drawn


# --- well formed ----------------------------------------------------------------------------


@given(programs())
def test_every_program_is_well_formed_and_fits_an_arm(case: Case) -> None:
    check(case)
    assert any(fits(case, Arm(t, m)) for t in TRANSFORMS for m in MODES)


@given(st.frozensets(st.sampled_from(FEATURES)), st.data())
def test_a_program_needs_no_more_than_it_was_allowed(
    allowed: frozenset[Feature], data: st.DataObject
) -> None:
    assert needs(data.draw(programs(allowed))) <= allowed


def test_nothing_that_is_drawn_is_thrown_away() -> None:
    assert len(sample()) == SAMPLE


# --- reach ----------------------------------------------------------------------------------


def every(union: object) -> set[str]:
    """The names of the members of a tagged union."""
    return {member.__name__ for member in getattr(union, "__args__", ())}


def rows_of(case: Case) -> Iterator[Data]:
    """Every struct in a case, at any depth."""
    left: list[object] = [case]
    while left:
        value = left.pop()
        if isinstance(value, Data):
            yield value
            left += [getattr(value, name) for name in value.__struct_fields__]
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, tuple):
            left += value


@functools.cache
def kinds() -> Counter[str]:
    """In how many programs of the sample each kind of row occurs."""
    names = ({type(row).__name__ for row in rows_of(case)} for case in sample())
    return Counter(name for occurring in names for name in occurring)


@pytest.mark.parametrize("union", [Node, Slot, Statement, Operand, OfVariable | OfNode | OfStatic])
def test_every_kind_of_row_occurs(union: object) -> None:
    assert {name for name in every(union) if kinds()[name] < SAMPLE // 400} == set()


def named_twice(case: Case, kind: str) -> bool:
    rows = [getattr(row, kind) for row in rows_of(case) if hasattr(row, kind)]
    return len(set(rows)) < len(rows)


def dtypes(case: Case) -> set[str]:
    return {row.dtype for row in rows_of(case) if isinstance(row, Array)}


def updates(case: Case) -> list[Update]:
    return [statement for statement in case.body if isinstance(statement, Update)]


def made(case: Case) -> list[Make]:
    return [statement for statement in case.body if isinstance(statement, Make)]


def breaks(case: Case) -> bool:
    """Whether some statement is of a kind that breaks a rule of the loops."""
    rebinding = any(isinstance(s, Swap | Bind | Make | Drop | Raise) for s in case.body)
    return rebinding or any(u.dtype or u.at[0] == "closure" for u in updates(case))


#: A property of programs, with the least share of the sample that has to have it, in per mille.
REACH: dict[str, tuple[Callable[[Case], bool], int]] = {
    "two modules": (lambda c: sum(isinstance(n, Module) for n in c.nodes) > 1, 200),
    "shared Variable": (lambda c: named_twice(c, "variable"), 50),
    "shared module": (lambda c: named_twice(c, "node"), 50),
    "cycle": (has_cycle, 5),
    "empty module": (lambda c: Module() in c.nodes, 20),
    "empty list": (lambda c: Sequence() in c.nodes, 2),
    "empty carry": (lambda c: c.carry == (TupleSlot(),), 5),
    "carry that is no container": (lambda c: len(c.carry) == 1, 50),
    "nested carry": (lambda c: len(c.carry) > 4, 50),
    "no variable": (lambda c: not c.variables, 50),
    "tag": (lambda c: any(v.tag for v in c.variables), 50),
    "every dtype": (lambda c: len(dtypes(c)) == 3, 10),
    "nan": (lambda c: any(r.fill == "nan" for r in rows_of(c) if isinstance(r, Array)), 20),
    "no trip": (lambda c: trips(c.loop) == 0, 50),
    "lower above upper": (lambda c: c.loop.lower > c.loop.upper, 20),
    "many trips": (lambda c: trips(c.loop) > 2, 100),
    "lower is not 0": (lambda c: c.loop.lower != 0, 100),
    "traced bounds": (lambda c: c.loop.bounds == "traced", 50),
    "traced bounds with unroll": (
        lambda c: c.loop.bounds == "traced" and c.loop.unroll is not None,
        2,
    ),
    "unroll": (lambda c: c.loop.unroll is not None, 50),
    "reverse": (lambda c: c.loop.reverse, 50),
    "until": (lambda c: c.loop.until is not None, 20),
    "xs": (lambda c: bool(c.xs), 50),
    "xs without a trip": (lambda c: bool(c.xs) and trips(c.loop) == 0, 5),
    "ys": (lambda c: bool(c.ys), 50),
    "ys without a trip": (lambda c: bool(c.ys) and trips(c.loop) == 0, 5),
    "closure": (lambda c: bool(c.closure), 50),
    "closure that is written": (lambda c: any(u.at[0] == "closure" for u in updates(c)), 2),
    "in place": (lambda c: any(u.style == "setitem" for u in updates(c)), 100),
    "another dtype": (lambda c: any(u.dtype is not None for u in updates(c)), 10),
    "mul": (lambda c: any(u.op == "mul" for u in updates(c)), 100),
    "set": (lambda c: any(u.op == "set" for u in updates(c)), 100),
    "another static": (lambda c: any(isinstance(m.what, OfStatic) for m in made(c)), 1),
    "fresh module": (lambda c: any(isinstance(m.what, OfNode) for m in made(c)), 5),
    "fresh Variable": (lambda c: any(isinstance(m.what, OfVariable) for m in made(c)), 2),
    "rules kept": (lambda c: not breaks(c), 600),
    "rule broken": (breaks, 50),
    "no statement": (lambda c: not c.body, 50),
}


@pytest.mark.parametrize("name", REACH)
def test_programs_with_this_occur(name: str) -> None:
    holds, share = REACH[name]
    assert sum(map(holds, sample())) * 1000 >= share * SAMPLE


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_each_transform_gets_programs(transform: str) -> None:
    arm = Arm(transform)  # type: ignore[arg-type]
    assert sum(fits(case, arm) for case in sample()) * 3 >= SAMPLE


def test_hardly_any_program_is_unfit_for_comparison() -> None:
    def fit(case: Case) -> bool:
        try:
            run_python(case, "graph")
        except Unfit:
            return False
        return True

    cases = sample()[::4]
    assert sum(not fit(case) for case in cases) * 50 < len(cases)


# --- shrinking ------------------------------------------------------------------------------


def never() -> bool:
    return False


def minimal(condition: Callable[[Case], bool]) -> Case:
    """What is left of a program that meets the condition: first Hypothesis's work, then ours."""
    quiet = settings(
        database=None,
        derandomize=True,
        max_examples=2_000,
        suppress_health_check=list(HealthCheck),
    )
    return reduced(find(programs(), condition, settings=quiet), condition, never)


def distinct_modules_in_the_carry(case: Case) -> bool:
    rows = {slot.node for slot in case.carry if isinstance(slot, NodeSlot)}
    return sum(isinstance(case.nodes[row], Module) for row in rows) > 1


def swaps(case: Case) -> bool:
    return any(isinstance(s, Swap) and s.at != s.other for s in case.body) and trips(case.loop) > 1


def shares_a_variable(case: Case) -> bool:
    slots = [slot.variable for slot in case.carry if isinstance(slot, VariableSlot)]
    return len(set(slots)) < len(slots)


def writes_in_place(case: Case) -> bool:
    return any(u.style == "setitem" for u in updates(case))


def test_two_distinct_modules_shrink_to_the_case_of_flax_4436() -> None:
    assert minimal(distinct_modules_in_the_carry) == Case(
        nodes=(Module(), Module()), carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1))
    )


def test_a_shared_variable_shrinks_to_two_slots() -> None:
    assert minimal(shares_a_variable) == Case(
        variables=(Variable(),), carry=(TupleSlot((1, 2)), VariableSlot(0), VariableSlot(0))
    )


def test_a_write_in_place_shrinks_to_one_variable_and_one_statement() -> None:
    assert minimal(writes_in_place) == Case(
        variables=(Variable(),),
        carry=(VariableSlot(0),),
        body=(Update(("carry",), style="setitem"),),
    )


def test_a_swap_over_two_trips_shrinks_to_two_places() -> None:
    assert minimal(swaps) == Case(
        carry=(TupleSlot((1, 2)), NoneSlot(), NoneSlot()),
        loop=Loop(0, 2),
        body=(Swap(("carry", 0), ("carry", 1)),),
    )


@given(programs())
def test_every_candidate_is_well_formed_and_smaller(case: Case) -> None:
    for candidate in candidates(case):
        check(candidate)
        assert weight(candidate) < weight(case)


def test_the_smallest_case_has_no_candidate() -> None:
    assert list(candidates(Case())) == []


def test_paths_move_along_when_a_slot_before_them_goes() -> None:
    arrays = (ArraySlot(), ArraySlot(Array("int32")))
    at = ("carry", 1)
    body = (Update(at, operand=Const(3)), Update(at, operand=Read(at)))
    case = Case(carry=(TupleSlot((1, 2)), *arrays), body=body)

    def condition(smaller: Case) -> bool:
        updates = [s for s in smaller.body if isinstance(s, Update)]
        return len(updates) == 2 and arrays[1] in smaller.carry

    smaller = reduced(case, condition, never)
    root = ("carry",)
    assert smaller == Case(carry=(arrays[1],), body=(Update(root), Update(root)))
