"""Plain runs that serve several modes: each comes to what a run in its own mode comes to."""

import re
from typing import Any

import pytest
from drawn import drawn_call_programs

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.call_runs import Run
from nnxfuzz.checker.derived import FILE
from nnxfuzz.checker.shared import Shared
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.worlds import differences
from nnxfuzz.plain.modes import asked_mode, asks_for_updates
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.calls.writer import needs, text
from nnxfuzz.programs.case import MODES
from nnxfuzz.runners.kinds import available
from nnxfuzz.transforms import REGISTRY

ASKS: dict[str, Any] = {
    "nothing": lambda: None,
    "updates": lambda: asks_for_updates(True, None),
    "mode": lambda: asked_mode(True, None),
}


@pytest.mark.parametrize("asks, made", [("nothing", 1), ("updates", 2), ("mode", 3)])
def test_a_run_serves_the_modes_that_it_does_not_ask_for(asks: str, made: int) -> None:
    shared, runs = Shared(), list[str]()

    def run() -> int:
        ASKS[asks]()
        runs.append(asks)
        return len(runs)

    first = [shared.run(mode, "it", run) for mode in MODES]
    assert [shared.run(mode, "it", run) for mode in MODES] == first
    assert len(runs) == made


def test_other_runs_of_a_program_are_others() -> None:
    shared = Shared()
    assert [shared.run("graph", "one", int), shared.run("graph", "two", str)] == [0, ""]


def sides(program: CallProgram, mode: Any, shared: Shared) -> list[Side]:
    with nnx_api.settled():
        run = Run(program, compile(text(program, REGISTRY), FILE, "exec"), mode, shared)
        return [run.plain("python", {}), *run.branches({})]


@pytest.mark.slow
@pytest.mark.parametrize("transform", available())
def test_a_shared_run_comes_to_what_one_in_the_mode_comes_to(transform: str) -> None:
    for program in drawn_call_programs(transform, 12):
        if needs(program, REGISTRY) - nnx_api.features():
            continue
        shared = Shared()
        for mode in nnx_api.modes():
            found, own = sides(program, mode, shared), sides(program, mode, Shared())
            assert len(found) == len(own)
            for one, other in zip(found, own, strict=True):
                assert not differences(one.world, other.world), text(program, REGISTRY)
                assert type(one.raised) is type(other.raised)
                assert told(one.seen) == told(other.seen)


def told(seen: plain.Observations) -> Any:
    """What was seen; an object whose text has an address is another in each run."""
    options = [(name, sorted(options)) for name, _, options in seen.asked]
    return [re.sub("0x[0-9a-f]+", "", str(one)) for one in seen], options, seen.nestings
