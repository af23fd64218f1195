"""Made-up histories of a bug over the releases, for the tests of `bisect`."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from entries import REFUSED

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Affected, FoundWith, Sighting
from nnxfuzz.corpus.outcomes import Outcome
from nnxfuzz.releases.table import RELEASES, sighting

#: google/flax #4436 as it was found.
REAL = (
    Path(__file__).parent.parent
    / "corpus"
    / ("two-distinct-modules-are-refused-fori-loop-graph-a1f172b5.json")
)

FLAXES = [row.flax for row in RELEASES]

#: Environments of crossed pairs.
OLD_WITH_NEW, NEW_WITH_OLD = "flax-0.10.4-jax-0.5.3", "flax-0.10.5-jax-0.5.1"


def save(folder: Path, affected: Affected | None = None, found: str = "0.10.2") -> Path:
    entry = msgspec.structs.replace(
        REFUSED, affected=affected, found_with=FoundWith(found, "0.4.35", "0.1.0", "3.11")
    )
    return corpus.save(entry, folder)


def history(outcomes: dict[str, Outcome], default: Outcome = "passes") -> Callable[[str], Outcome]:
    """Releases that do something else than all others."""
    return lambda flax: outcomes.get(flax, default)


def between(first: str, end: str | None) -> dict[str, Outcome]:
    stop = FLAXES.index(end) if end else None
    return dict.fromkeys(FLAXES[FLAXES.index(first) : stop], "still fails")


def release(flax: str) -> Sighting:
    return sighting(RELEASES[FLAXES.index(flax)])
