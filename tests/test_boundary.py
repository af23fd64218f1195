"""The programs that every campaign begins with."""

import msgspec
import pytest

from nnxfuzz import nnx_api
from nnxfuzz.campaign import KnownBugs, Settings, boundary
from nnxfuzz.campaign.batches import following
from nnxfuzz.campaign.carry_out import carry_out
from nnxfuzz.campaign.state import fresh
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.programs.case import Case, check
from nnxfuzz.runners.kinds import available, kind_of
from nnxfuzz.transforms import REGISTRY


@pytest.mark.parametrize("program", boundary.boundary(), ids=range(len(boundary.boundary())))
def test_each_is_well_formed_whatever_the_release(program: object) -> None:
    if isinstance(program, Case):
        check(program)
    else:
        assert isinstance(program, CallProgram)
        compile(text(program, REGISTRY), "program", "exec")


def test_the_file_is_what_is_written_of_its_programs() -> None:
    assert boundary.PATH.read_bytes() == boundary.written(boundary.boundary())


def test_they_have_what_breaks_first() -> None:
    have = set().union(*(kind_of(one).exercised(one) for one in boundary.boundary()))
    missing = {f"call:{name}" for name in REGISTRY} - have
    assert not missing
    assert have >= {"trips:none", "axis:negative", "reverse", "shared:variable", "shared:node"}
    assert have >= {"metadata:reference", "call:one object twice", "call:closure"}


def test_the_first_have_the_most_that_is_new() -> None:
    met, new = set[str](), list[int]()
    for program in boundary.boundary():
        has = kind_of(program).exercised(program)
        new.append(len(has - met))
        met |= has
    assert new == sorted(new, reverse=True)
    assert sum(new[:10]) > len(met) / 2


def test_a_campaign_begins_with_them_in_their_order_and_then_draws() -> None:
    options = Settings(seed=1, boundary=True)
    state = fresh(options)
    batches = [following(state, options, 100) for _ in range(12)]
    given = [one for batch in batches if batch.boundary for one in boundary.part(batch.number)]
    assert tuple(given) == boundary.boundary()
    assert [batch.boundary for batch in batches] == sorted(
        (batch.boundary for batch in batches), reverse=True
    )
    assert batches[-1].size == 100


def test_only_those_are_run_that_have_an_arm_that_is_asked_for() -> None:
    options = Settings(seed=1, boundary=True, transforms=("while_loop",), modes=nnx_api.modes()[:1])
    batch = following(fresh(options), options, 3)
    outcome = carry_out(batch, options, KnownBugs())
    first = boundary.part(0)[:3]
    fit = [one for one in first if kind_of(one).arms(one, options.transforms, options.modes)]
    assert batch.size == 3
    assert (outcome.counts.programs, outcome.counts.arms >= len(fit)) == (len(fit), True)


def test_what_they_show_ends_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    real = nnx_api.transforms()["fori_loop"]

    def lost(*args: object, **kwargs: object) -> object:
        real(*args, **kwargs)
        return args[3]

    broken = {**nnx_api.transforms(), "fori_loop": lost}
    monkeypatch.setattr("nnxfuzz.nnx_api.transforms", lambda: broken)
    options = Settings(seed=1, boundary=True, transforms=available(), modes=nnx_api.modes())
    state, found = fresh(options), None
    while found is None and (batch := following(state, options, 100)).boundary:
        found = carry_out(batch, options, KnownBugs()).discovery
    assert found is not None
    assert found.arm.transform == "fori_loop"
    assert msgspec.json.encode(found.case)
