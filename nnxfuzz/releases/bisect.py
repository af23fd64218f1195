"""Where a bug began and where it ended: by binary search, or by running every release.

A search needs one release that shows the bug and goes from there to both ends; it takes for
granted that the bug was there without a break.  A sweep takes nothing for granted.

The blame for a change between two releases is found by crossing them: the older Flax with the newer
jax, and the other way round, where such a pair installs and runs.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Affected
from nnxfuzz.corpus.outcomes import BAD, GOOD, Replayed
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.elsewhere import prepare
from nnxfuzz.releases.matrix import column
from nnxfuzz.releases.table import RELEASES, Release, sighting
from nnxfuzz.releases.targets import of_release

#: What is told of each run: the release, the jax it ran with, and what became of the entry or why
#: nothing did.
OnEvent = Callable[[Release, str, Replayed | Misuse], None]

#: Is told what is run next.
Tell = Callable[[str], None]


class Laboratory:
    """Runs one entry on releases, each pair of Flax and jax once, and says so."""

    def __init__(
        self, path: Path, cache: Path, on_event: OnEvent, tell: Tell = lambda text: None
    ) -> None:
        self.path = path
        self.cache = cache
        self.on_event = on_event
        self.tell = tell
        self.results: dict[tuple[str, str], Replayed] = {}

    def run(self, row: Release, jax: str | None = None) -> Replayed:
        """What becomes of the entry; Misuse if the pair cannot be had or does not run."""
        pair = (row.flax, jax or row.jax)
        if pair not in self.results:
            target = of_release(row, jax)
            self.tell(f"runs it on flax {target.label}")
            place = prepare(target, self.cache)
            (result,) = column(target, place, [self.path], self.cache)
            self.results[pair] = result
            self.on_event(row, pair[1], result)
        return self.results[pair]

    def is_bad(self, row: Release) -> bool:
        return self.run(row).outcome in BAD

    def is_good(self, row: Release) -> bool:
        return self.run(row).outcome in GOOD


class Edge(Data, frozen=True):
    """Two releases in a row of which one shows the bug, and the other does not."""

    before: Release
    after: Release


class History(Data, frozen=True):
    """Where the bug was.  More than one stretch: it came back."""

    affected: Affected
    stretches: tuple[tuple[Release, Release], ...]
    edges: tuple[Edge, ...]


# --- searching ------------------------------------------------------------------------------


def span(count: int, bad: Callable[[int], bool], first: Sequence[int]) -> range | None:
    """The stretch of bad numbers below `count`, from the first of `first` that is bad."""
    start = next((number for number in first if bad(number)), None)
    if start is None:
        return None
    first_bad = edge(-1, start, bad)
    if bad(count - 1):
        return range(first_bad, count)
    return range(first_bad, edge(start, count - 1, lambda number: not bad(number)))


def edge(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number above `low` for which it holds, as it does for `high` and all between."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def runs(flags: Sequence[bool]) -> list[range]:
    """The stretches of true ones."""
    edges = [k for k, flag in enumerate(flags) if flag != (k > 0 and flags[k - 1])]
    ends = [*edges[1::2], len(flags)]
    return [range(start, end) for start, end in zip(edges[::2], ends, strict=False)]


def search(laboratory: Laboratory, rows: Sequence[Release] = RELEASES) -> History:
    """The history by few runs."""
    found = span(len(rows), lambda k: laboratory.is_bad(rows[k]), _likely(laboratory.path, rows))
    return _history(laboratory, rows, [found] if found else [])


def sweep(laboratory: Laboratory, rows: Sequence[Release] = RELEASES) -> History:
    """The history by running every release."""
    return _history(laboratory, rows, runs([laboratory.is_bad(row) for row in rows]))


def _likely(path: Path, rows: Sequence[Release]) -> list[int]:
    """All numbers of rows, those first that the record says something about."""
    entry = corpus.load(path)
    known = [entry.found_with.flax]
    if entry.affected is not None and entry.affected.first_bad is not None:
        known.insert(0, entry.affected.first_bad.flax)
    recorded = [k for flax in known for k, row in enumerate(rows) if row.flax == flax]
    return list(dict.fromkeys([*recorded, *reversed(range(len(rows)))]))


def _history(
    laboratory: Laboratory, rows: Sequence[Release], stretches: Sequence[range]
) -> History:
    if not stretches:
        raise Misuse(
            f"{laboratory.path} shows its bug on none of the {len(rows)} releases that nnxfuzz "
            "knows; look at what each does with nnxfuzz replay --flax '*'"
        )
    last = stretches[-1].stop
    good = next((row for row in rows[last:] if laboratory.is_good(row)), None)
    affected = Affected(sighting(rows[stretches[0].start]), sighting(good) if good else None)
    edges = [
        Edge(rows[k - 1], rows[k])
        for stretch in stretches
        for k in (stretch.start, stretch.stop)
        if 0 < k < len(rows)
    ]
    ends = tuple((rows[stretch.start], rows[stretch.stop - 1]) for stretch in stretches)
    return History(affected, ends, tuple(edges))


# --- blame ----------------------------------------------------------------------------------


class Crossing(Data, frozen=True):
    """Whether the bug shows on the older Flax with the newer jax, and the other way round.

    None where the pair does not install or cannot run the entry.
    """

    newer_jax: bool | None
    newer_flax: bool | None


def cross(laboratory: Laboratory, edge: Edge) -> Crossing:
    """Run both crossed pairs of an edge."""
    return Crossing(
        _shows(laboratory, edge.before, edge.after.jax),
        _shows(laboratory, edge.after, edge.before.jax),
    )


def _shows(laboratory: Laboratory, row: Release, jax: str) -> bool | None:
    try:
        outcome = laboratory.run(row, jax).outcome
    except Misuse as error:
        laboratory.on_event(row, jax, error)
        return None
    return outcome in BAD if outcome in BAD | GOOD else None


def blame(appears: bool, crossing: Crossing) -> str:
    """Whose change it was, of a bug that appears at an edge or ends there.

    A crossed pair that behaves as the newer release does names whose half was changed to it.
    """
    by_jax = None if crossing.newer_jax is None else crossing.newer_jax == appears
    by_flax = None if crossing.newer_flax is None else crossing.newer_flax == appears
    match by_flax, by_jax:
        case (True, True):
            return "either of flax and jax alone does it"
        case (False, False):
            return "flax and jax do it together"
        case (True, _):
            return "flax"
        case (_, True):
            return "jax"
        case (None, False):
            return "not jax alone, so flax has a part in it"
        case (False, None):
            return "not flax alone, so jax has a part in it"
        case _:
            return "unknown, neither pair runs"
