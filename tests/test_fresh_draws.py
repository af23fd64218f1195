"""What a batch draws: the same programs for the same seed, and hardly one of them twice."""

import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from nnxfuzz.campaign import Explorer, KnownBugs, Settings, Statistics
from nnxfuzz.programs.case import Case, canonical


class Drawing(Explorer):
    """Draws the programs of a batch, and runs none."""

    cases: tuple[Case, ...] = ()

    def _visit(self, case: Case) -> None:
        self.cases += (case,)


def drawn(seed: int, number: int) -> list[bytes]:
    """The programs of a batch of 100."""
    drawing = Drawing(Settings(seed), Statistics(), KnownBugs(), None)
    drawing.explore(number, 100)
    return [canonical(case) for case in drawing.cases]


def test_a_batch_is_drawn_again_by_its_seed_and_number() -> None:
    assert drawn(1, 2) == drawn(1, 2)
    assert len(set(drawn(1, 2)) & set(drawn(2, 2))) < 10
    assert len(set(drawn(1, 2)) & set(drawn(1, 3))) < 10


def test_a_batch_does_not_depend_on_the_modules_that_are_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hypothesis draws numbers and strings of those that are no part of an installed package."""
    before = drawn(1, 2)
    read = Constants(integers={0, 1, 2, 3}, floats={1.5}, bytes=set(), strings={"a"})
    monkeypatch.setattr(providers, "_get_local_constants", lambda: read)
    monkeypatch.setattr(providers, "CONSTANTS_CACHE", {})
    assert drawn(1, 2) == before


def test_hardly_a_program_is_drawn_twice() -> None:
    """Hypothesis's own way repeats one of six."""
    programs = drawn(1, 0)
    assert len(programs) >= 100
    assert len(set(programs)) > 0.95 * len(programs)
