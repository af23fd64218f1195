"""The range of an entry, from what was seen of it."""

import msgspec
import pytest
from entries import REFUSED
from histories import release

from nnxfuzz.corpus.entries import Affected, FoundWith, Sighting
from nnxfuzz.corpus.outcomes import Outcome, order, range_text, seen_range

TWO, THREE = release("0.10.2"), release("0.10.3")


def seen(words: str) -> dict[Sighting, Outcome]:
    """`2 bad 3 good` of 0.10.2 and 0.10.3."""
    names: dict[str, Outcome] = {
        "bad": "still fails",
        "back": "regressed",
        "good": "passes",
        "fixed": "fixed",
        "other": "fails differently",
        "no": "not applicable",
    }
    parts = words.split()
    return {
        release(f"0.10.{number}"): names[name]
        for number, name in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize(
    ("record", "words", "expected"),
    [
        # found with 0.10.4, so that one counts as bad unless it is seen to be good
        (None, "", None),
        (None, "2 no 3 other", None),
        (None, "2 good 3 good", (4, None)),
        # nothing older was seen, so it may have begun before
        (None, "2 bad", (None, None)),
        (None, "1 bad", (1, None)),
        (None, "2 no 3 bad 4 bad 5 good 6 good", (3, 5)),
        (None, "5 good 6 fixed", (None, 5)),
        (None, "4 good 5 good", (None, 4)),
        (None, "1 no 2 bad 3 good 4 bad 5 good", (2, 5)),
        ((3, None), "7 fixed", (3, 7)),
        ((3, None), "3 fixed 4 bad", (4, None)),
        ((3, 6), "2 back", (None, 6)),
        ((3, 6), "1 good 2 back", (2, 6)),
        ((3, 6), "6 back", (3, None)),
        ((3, 6), "6 back 7 good", (3, 7)),
        ((3, 6), "5 fixed", (3, 5)),
        ((3, 6), "2 good 3 bad 5 bad 6 good", (3, 6)),
        ((3, 6), "2 other 5 other 6 other", (3, 6)),
        ((3, 7), "5 bad 6 no 7 no", (3, 7)),
    ],
)
def test_the_range_is_what_was_seen_and_the_record_where_nothing_was(
    record: tuple[int, int | None] | None,
    words: str,
    expected: tuple[int | None, int | None] | None,
) -> None:
    def ranged(ends: tuple[int | None, int | None] | None) -> Affected | None:
        first, last = ends or (None, None)
        sightings = (release(f"0.10.{end}") if end else None for end in (first, last))
        return Affected(*sightings) if ends else None

    found = FoundWith("0.10.4", "0.5.1", "0.1.0", "3.11")
    entry = msgspec.structs.replace(REFUSED, affected=ranged(record), found_with=found)
    assert seen_range(entry, seen(words)) == ranged(expected)


def test_a_range_in_words() -> None:
    assert range_text(None) == "no range"
    assert range_text(Affected(TWO, None)) == "from 0.10.2 (jax 0.4.35) on"
    assert range_text(Affected(TWO, THREE)) == (
        "from 0.10.2 (jax 0.4.35) to before 0.10.3 (jax 0.5.0)"
    )
    assert range_text(Affected(None, THREE)) == (
        "from an unknown release to before 0.10.3 (jax 0.5.0)"
    )


def test_sightings_are_in_the_order_of_numbers() -> None:
    names = [("0.10.10", "0.5.0"), ("0.10.9", "0.5.0"), ("0.10.9", "0.4.35")]
    sightings = [Sighting(*name) for name in names]
    assert sorted(sightings, key=order) == sightings[::-1]
