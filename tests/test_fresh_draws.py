"""What a batch draws: the same programs for the same seed, and hardly one of them twice."""

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


def test_hardly_a_program_is_drawn_twice() -> None:
    """Hypothesis's own way repeats one of six."""
    programs = drawn(1, 0)
    assert len(programs) >= 100
    assert len(set(programs)) > 0.95 * len(programs)
