"""What may become of an entry that is run again, as data, and what its record says of a release.

Needs neither jax nor Flax: whoever asks other environments reads their answers with this.
"""

from collections.abc import Mapping
from typing import Literal

from nnxfuzz.corpus.entries import Affected, Entry, Sighting
from nnxfuzz.corpus.entries import order as order
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.versions import OLDEST, version

Outcome = Literal[
    "still fails",
    "fixed",
    "passes",
    "fails differently",
    "regressed",
    "not applicable",
    "unreadable",
]

#: A sign for each, where there is no room for words.
SIGNS: dict[Outcome, str] = {
    "still fails": "F",
    "passes": ".",
    "fixed": "+",
    "fails differently": "?",
    "regressed": "!",
    "not applicable": "-",
    "unreadable": "x",
}

#: Outcomes that are a finding (exit code 1).
FINDINGS: frozenset[Outcome] = frozenset({"fails differently", "regressed"})

#: Outcomes that show the recorded bug, and those that show that it is not there.
BAD: frozenset[Outcome] = frozenset({"still fails", "regressed"})
GOOD: frozenset[Outcome] = frozenset({"passes", "fixed"})


class Replayed(Data, frozen=True):
    """What became of one file.  `detail` says why, where there is more to say."""

    path: str
    outcome: Outcome
    detail: str = ""


def affected(entry: Entry, release: Sighting, checkout: str | None = None) -> bool | None:
    """Whether the entry's record says that this release fails, or the checkout of this name that
    carries its version; None if it says nothing of it, as of one that is older than that with which
    it was found, where no first bad one is recorded.

    Of a find of a checkout only a bisection says anything about releases.
    """
    record = entry.affected or Affected()
    if entry.affected is None and entry.found_with.checkout is not None:
        return True if entry.found_with.checkout.name == checkout else None
    if record.first_good is not None and order(release) >= order(record.first_good):
        return False
    if record.first_bad is None:
        return None if order(release) < order(entry.found_with) else True
    return order(release) >= order(record.first_bad)


def seen_range(entry: Entry, seen: Mapping[Sighting, Outcome]) -> Affected | None:
    """The range that agrees with what was seen, and with the record where nothing was.

    From the first release that shows the bug, where an older one was seen that does not or there
    is no older one, to the first good one after the last that does.  A history with a good release
    between bad ones is one range.  An outcome that is neither (not applicable, another failure)
    says nothing of the end.
    """
    bad = {release for release, outcome in seen.items() if outcome in BAD}
    good = {release for release, outcome in seen.items() if outcome in GOOD}
    if not bad | good:
        return entry.affected
    record = entry.affected or Affected()
    with_ = entry.found_with
    found = None if with_.checkout else Sighting(with_.flax, with_.jax)
    bad |= {release for release in (record.first_bad, found) if release and release not in good}
    after = max(map(order, bad), default=())
    if record.first_good is not None and record.first_good not in bad:
        good.add(record.first_good)
    first_good = min((r for r in good if order(r) > after), key=order, default=None)
    first = min(bad, key=order, default=None)
    return Affected(first if first and _begins(first, record, seen) else None, first_good)


def _begins(first: Sighting, record: Affected, seen: Mapping[Sighting, Outcome]) -> bool:
    """Whether the bug is known to begin there."""
    older = any(order(release) < order(first) for release in seen)
    return older or first == record.first_bad or version(first.flax) <= version(OLDEST)


def entries_text(count: int) -> str:
    """`1 entry`, `2 entries`."""
    return f"{count} {'entry' if count == 1 else 'entries'}"


def range_text(affected: Affected | None) -> str:
    """A range in words."""
    if affected is None:
        return "no range"
    first, end = affected.first_bad, affected.first_good
    start = f"from {first.flax} (jax {first.jax})" if first else "from an unknown release"
    return f"{start} " + (f"to before {end.flax} (jax {end.jax})" if end else "on")
