"""The strategies: every program is well formed, all of the language is reached, most are small.

Reach is measured over one fixed sample. Each feature of the language has to turn up in it, and
the commoner ones in a stated share.
"""

from collections.abc import Callable, Iterator

import pytest
from drawn import SAMPLE, features, occurs, sample
from hypothesis import given
from hypothesis import strategies as st

from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.programs.case import (
    CHOICES,
    EXERCISABLE,
    FEATURES,
    MODES,
    TRANSFORMS,
    Arm,
    Array,
    Bind,
    Case,
    Data,
    Drop,
    Feature,
    Form,
    Layer,
    Make,
    Module,
    Optimizer,
    Raise,
    Sequence,
    StateSlot,
    Streams,
    Swap,
    Train,
    TupleSlot,
    Update,
    canonical,
    check,
    decode_case,
    encode,
    exercised,
    fits,
    needs,
    trips,
)
from nnxfuzz.strategies import programs, training_programs


@pytest.mark.slow
def test_the_carry_may_stand_behind_what_the_body_sows_into() -> None:
    """#5051 shows there alone."""
    sown = [case for case in sample() if case.inputs and "statement:sow" in exercised(case)]
    behind = [case for case in sown if case.form.carry_in]
    assert len(sown) / 20 < len(behind) < len(sown) / 2


# --- well formed ----------------------------------------------------------------------------


@given(programs())
def test_every_program_is_well_formed_and_fits_an_arm(case: Case) -> None:
    check(case)
    assert any(fits(case, Arm(t, m)) for t in TRANSFORMS for m in MODES)


@given(programs())
def test_every_program_survives_the_way_through_json(case: Case) -> None:
    assert decode_case(encode(case)) == case


@given(st.frozensets(st.sampled_from(CHOICES)), st.data())
def test_a_program_needs_no_more_than_it_was_allowed(
    allowed: frozenset[Feature], data: st.DataObject
) -> None:
    assert needs(data.draw(programs(allowed))) <= allowed


@given(programs(frozenset(CHOICES) - {"sharing"}))
def test_without_sharing_nothing_stands_in_two_places(case: Case) -> None:
    assert not [name for name in exercised(case) if name.startswith(("shared:", "aliased:"))]


@given(programs(frozenset(CHOICES) - {"breaking"}))
def test_without_breaking_no_statement_moves_or_drops_anything(case: Case) -> None:
    assert not any(isinstance(s, Swap | Bind | Drop | Raise) for s in case.body)


@given(programs(frozenset(FEATURES)))
def test_without_any_topic_programs_are_plain(case: Case) -> None:
    special = Layer | Streams | Optimizer
    assert not any(isinstance(node, special) for node in case.nodes)
    assert not any(isinstance(slot, StateSlot) for slot in case.carry)


@given(st.frozensets(st.sampled_from(CHOICES)), st.data())
def test_a_training_program_trains_its_model(
    allowed: frozenset[Feature], data: st.DataObject
) -> None:
    case = data.draw(training_programs(allowed))
    check(case)
    assert needs(case) <= allowed
    assert isinstance(case.body[0], Train)
    assert any(isinstance(node, Optimizer) for node in case.nodes)


def test_nothing_that_is_drawn_is_thrown_away() -> None:
    assert len(sample()) == SAMPLE


# --- reach ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXERCISABLE)
def test_every_feature_occurs(name: str) -> None:
    assert occurs(name)


def test_no_name_of_a_feature_is_missing() -> None:
    assert set(features()) <= set(EXERCISABLE)
    assert len(set(EXERCISABLE)) == len(EXERCISABLE)


def test_half_of_the_programs_are_small() -> None:
    sizes = sorted(len(canonical(case)) for case in sample())
    assert sizes[len(sizes) // 2] < 600


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


def dtypes(case: Case) -> set[str]:
    return {row.dtype for row in rows_of(case) if isinstance(row, Array)}


def updates(case: Case) -> list[Update]:
    return [statement for statement in case.body if isinstance(statement, Update)]


def breaks(case: Case) -> bool:
    """Whether some statement is of a kind that breaks a rule of the loops."""
    rebinding = any(isinstance(s, Swap | Bind | Make | Drop | Raise) for s in case.body)
    return rebinding or any(u.dtype or u.at[0] == "closure" for u in updates(case))


#: A feature with the least share of the sample that has to have it, in per mille.
SHARES: dict[str, int] = {
    "shared:variable": 50,
    "shared:node": 50,
    "shared:cycle": 5,
    "metadata:tag": 50,
    "not finite": 20,
    "trips:none": 50,
    "loop:lower not 0": 100,
    "loop:traced bounds": 40,
    "loop:until": 10,
    "unroll:int": 40,
    "unroll:bool": 20,
    "reverse": 50,
    "input:array": 50,
    "input:module": 20,
    "input:slice written": 20,
    "output:number": 50,
    "axis:negative": 5,
    "axis:parts": 10,
    "node:layer": 20,
    "node:streams": 20,
    "operand:draw": 10,
    "statement:train": 30,
    "statement:everywhere": 20,
    "statement:within": 60,
    "within:arguments": 20,
    "statement:sow": 10,
    "slot:state": 10,
    "update:setitem": 100,
    "update:dtype": 5,
    "update:mul": 100,
    "update:set": 100,
    "closure:written": 2,
    "make:node": 3,
    "make:variable": 2,
}

#: The same for what is no feature.
REACH: dict[str, tuple[Callable[[Case], bool], int]] = {
    "two modules": (lambda c: sum(isinstance(n, Module) for n in c.nodes) > 1, 200),
    "empty module": (lambda c: Module() in c.nodes, 20),
    "empty list": (lambda c: Sequence() in c.nodes, 2),
    "empty carry": (lambda c: c.carry == (TupleSlot(),), 5),
    "carry that is no container": (lambda c: len(c.carry) == 1, 50),
    "nested carry": (lambda c: len(c.carry) > 4, 50),
    "no variable": (lambda c: not c.variables, 50),
    "every dtype": (lambda c: len(dtypes(c)) == 3, 10),
    "lower above upper": (lambda c: c.loop.lower > c.loop.upper, 20),
    "many trips": (lambda c: trips(c.loop) > 2, 100),
    "traced bounds with unroll": (
        lambda c: c.loop.bounds == "traced" and c.loop.unroll is not None,
        2,
    ),
    "inputs without a trip": (lambda c: bool(c.inputs) and trips(c.loop) == 0, 5),
    "outputs without a trip": (lambda c: bool(c.ys) and trips(c.loop) == 0, 5),
    "closure": (lambda c: bool(c.closure), 50),
    "a state beside others": (
        lambda c: len(c.carry) > 2 and any(isinstance(s, StateSlot) for s in c.carry),
        8,
    ),
    "rules kept": (lambda c: not breaks(c), 600),
    "rule broken": (breaks, 50),
    "no statement": (lambda c: not c.body, 50),
    "plain": (lambda c: not (c.inputs or c.ys or c.blocks) and c.form == Form(), 400),
}


@pytest.mark.parametrize("name", SHARES)
def test_a_feature_is_common_enough(name: str) -> None:
    assert features()[name] * 1000 >= SHARES[name] * SAMPLE


@pytest.mark.parametrize("name", REACH)
def test_programs_with_this_occur(name: str) -> None:
    holds, share = REACH[name]
    assert sum(map(holds, sample())) * 1000 >= share * SAMPLE


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_each_transform_gets_programs(transform: str) -> None:
    arm = Arm(transform)  # type: ignore[arg-type]
    assert sum(fits(case, arm) for case in sample()) * 3 >= SAMPLE


@pytest.mark.slow
def test_hardly_any_program_is_inconclusive() -> None:
    def fit(case: Case) -> bool:
        try:
            run_python(case, "graph")
        except Inconclusive:
            return False
        return True

    cases = sample()[::4]
    assert sum(not fit(case) for case in cases) * 50 < len(cases)
