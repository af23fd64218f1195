"""Where a bug began and ended: the search, the blame, the commit, and what is written."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused
from elsewhere_tools import Put, every
from entries import REFUSED
from histories import FLAXES, NEW_WITH_OLD, OLD_WITH_NEW, REAL, between, history, release, save
from hypothesis import given
from hypothesis import strategies as st

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Affected, Sighting
from nnxfuzz.corpus.outcomes import Replayed
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.bisect import Crossing, Laboratory, blame, runs, search, span, sweep
from nnxfuzz.releases.table import RELEASES, Release

# --- numbers --------------------------------------------------------------------------------


@given(st.data())
def test_a_stretch_is_found_from_any_number_of_it_in_few_looks(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 60))
    first = data.draw(st.integers(0, count - 1))
    end = data.draw(st.integers(first + 1, count))
    start = data.draw(st.integers(first, end - 1))
    looks: list[int] = []

    def bad(number: int) -> bool:
        looks.append(number)
        return first <= number < end

    assert span(count, bad, [start]) == range(first, end)
    assert len(looks) <= 2 + 2 * count.bit_length()


def test_without_a_bad_number_all_that_were_named_are_looked_at() -> None:
    looks: list[int] = []

    def bad(number: int) -> bool:
        looks.append(number)
        return False

    assert span(3, bad, [2, 0, 1]) is None
    assert looks == [2, 0, 1]


@pytest.mark.parametrize(
    ("flags", "stretches"),
    [
        ("", []),
        ("...", []),
        ("x..", [range(1)]),
        (".xx", [range(1, 3)]),
        ("x.xx.x", [range(1), range(2, 4), range(5, 6)]),
    ],
)
def test_the_stretches_of_a_sweep(flags: str, stretches: Sequence[range]) -> None:
    assert runs([flag == "x" for flag in flags]) == stretches


# --- releases -------------------------------------------------------------------------------


def laboratory(path: Path, folder: Path, heard: list[str] | None = None) -> Laboratory:
    def on_event(row: Release, jax: str, result: Replayed | Misuse) -> None:
        if heard is not None:
            heard.append(row.flax)

    return Laboratory(path, folder, on_event)


@pytest.mark.parametrize(
    ("first", "end"),
    [("0.10.2", "0.10.3"), ("0.10.5", "0.10.6"), ("0.12.3", None), ("0.10.2", None)],
)
def test_a_search_agrees_with_a_sweep(
    first: str, end: str | None, elsewhere: Put, tmp_path: Path
) -> None:
    elsewhere(every(history(between(first, end))))
    path = save(tmp_path, found=first)
    searched, swept = list[str](), list[str]()
    short = search(laboratory(path, tmp_path, searched))
    assert short == sweep(laboratory(path, tmp_path, swept))
    assert short.affected == Affected(release(first), release(end) if end else None)
    assert swept == FLAXES
    assert len(searched) == len(set(searched)) <= 10


@pytest.mark.parametrize("found", ["0.12.9", "9.9.9"])
def test_a_search_begins_where_the_record_says(found: str, elsewhere: Put, tmp_path: Path) -> None:
    elsewhere(every(history(between("0.12.9", "0.12.10"))))
    path = save(tmp_path, Affected(Sighting("0.12.9", "1"), None), found)
    heard = list[str]()
    assert search(laboratory(path, tmp_path, heard)).stretches[0][0].flax == "0.12.9"
    assert heard[0] == "0.12.9"


def test_without_a_record_a_bad_release_is_looked_for_everywhere(
    elsewhere: Put, tmp_path: Path
) -> None:
    elsewhere(every(history(between("0.11.0", "0.11.1"))))
    found = search(laboratory(save(tmp_path, found="9.9.9"), tmp_path))
    assert found.affected == Affected(release("0.11.0"), release("0.11.1"))


def test_a_sweep_sees_a_bug_that_came_back(elsewhere: Put, tmp_path: Path) -> None:
    bad = between("0.10.3", "0.10.5") | between("0.12.0", "0.12.1")
    elsewhere(every(history(bad)))
    found = sweep(laboratory(save(tmp_path), tmp_path))
    stretches = [(first.flax, last.flax) for first, last in found.stretches]
    assert stretches == [("0.10.3", "0.10.4"), ("0.12.0", "0.12.0")]
    assert found.affected == Affected(release("0.10.3"), release("0.12.1"))
    edges = [(edge.before.flax, edge.after.flax) for edge in found.edges]
    assert edges == [
        ("0.10.2", "0.10.3"),
        ("0.10.4", "0.10.5"),
        ("0.11.2", "0.12.0"),
        ("0.12.0", "0.12.1"),
    ]


def test_only_a_good_release_ends_a_range(elsewhere: Put, tmp_path: Path) -> None:
    """Neither one that fails in another way nor one that cannot run it says that it is mended."""
    outcomes = between("0.10.3", "0.10.5")
    outcomes |= {"0.10.2": "not applicable", "0.10.5": "fails differently"}
    elsewhere(every(history(outcomes)))
    found = search(laboratory(save(tmp_path, found="0.10.3"), tmp_path))
    assert found.affected == Affected(release("0.10.3"), release("0.10.6"))
    assert [(edge.before.flax, edge.after.flax) for edge in found.edges] == [
        ("0.10.2", "0.10.3"),
        ("0.10.4", "0.10.5"),
    ]


# --- blame ----------------------------------------------------------------------------------


@pytest.mark.parametrize("appears", [True, False])
@pytest.mark.parametrize(
    ("by_jax", "by_flax", "whose"),
    [
        (False, True, "flax"),
        (None, True, "flax"),
        (True, False, "jax"),
        (True, None, "jax"),
        (True, True, "either of flax and jax alone does it"),
        (False, False, "flax and jax do it together"),
        (False, None, "not jax alone, so flax has a part in it"),
        (None, False, "not flax alone, so jax has a part in it"),
        (None, None, "unknown, neither pair runs"),
    ],
)
def test_the_blame_is_who_alone_makes_the_change(
    appears: bool, by_jax: bool | None, by_flax: bool | None, whose: str
) -> None:
    shows = [None if changed is None else changed == appears for changed in (by_jax, by_flax)]
    assert blame(appears, Crossing(*shows)) == whose


# --- the command ----------------------------------------------------------------------------


def test_bisect_tells_the_range_the_pairs_and_whose_change_it_was(
    run: Run, elsewhere: Put, tmp_path: Path
) -> None:
    world = every(history(between("0.10.5", "0.10.6")))
    crossed = {OLD_WITH_NEW: "passes", NEW_WITH_OLD: "regressed"}
    crossed |= {"flax-0.10.5-jax-0.6.0": "fixed"}  # and the other pair cannot be had
    elsewhere({**world, **crossed})
    path = save(tmp_path, found="0.10.5").relative_to(tmp_path)
    code, out, err = run("bisect", path)
    assert (code, err) == (0, "")
    assert out.startswith(f"{REFUSED.title}\n{REFUSED.signature}\n\n")
    assert "  flax 0.10.5   jax 0.5.3                bad\n" in out
    assert out[out.index("bad: ") :] == (
        "bad: 0.10.5 (jax 0.5.3) to 0.10.5 (jax 0.5.3)\n"
        "\n"
        "began between flax 0.10.4 (jax 0.5.1) and flax 0.10.5 (jax 0.5.3)\n"
        "  flax 0.10.4   jax 0.5.3 (another one)  good\n"
        "  flax 0.10.5   jax 0.5.1 (another one)  bad\n"
        "  changed by: flax\n"
        "\n"
        "ended between flax 0.10.5 (jax 0.5.3) and flax 0.10.6 (jax 0.6.0)\n"
        "  flax 0.10.5   jax 0.6.0 (another one)  good\n"
        "  flax 0.10.6   jax 0.5.3 (another one)  not run: flax 0.10.6 with jax 0.5.3 cannot be "
        "installed (no index); use the cache\n"
        "  changed by: jax\n"
        "\n"
        "range: from 0.10.5 (jax 0.5.3) to before 0.10.6 (jax 0.6.0)\n"
        f"written into {path}\n"
    )
    assert corpus.load(path).affected == Affected(release("0.10.5"), release("0.10.6"))
    assert run("bisect", path)[1].endswith("the entry says so already\n")


def test_a_dry_run_writes_nothing(run: Run, elsewhere: Put, tmp_path: Path) -> None:
    elsewhere(every(history(between("0.10.2", "0.10.3"))))
    path = save(tmp_path)
    text = path.read_bytes()
    code, out, err = run("bisect", path, "--dry-run", "--all")
    assert (code, err) == (0, "")
    assert out.endswith("the entry says: no range; it was left as it is\n")
    assert path.read_bytes() == text


def test_a_bug_that_came_back_is_told(run: Run, elsewhere: Put, tmp_path: Path) -> None:
    bad = between("0.10.3", "0.10.5") | between("0.12.0", "0.12.1")
    elsewhere(every(history(bad)))
    _, out, _ = run("bisect", save(tmp_path), "--all")
    assert (
        "bad: 0.10.3 (jax 0.5.0) to 0.10.4 (jax 0.5.1)\n"
        "bad: 0.12.0 (jax 0.7.2) to 0.12.0 (jax 0.7.2)\n"
        "it went and came back; the range goes from the first to the last\n"
    ) in out


def test_a_neighbour_that_is_not_good_says_what_it_is(
    run: Run, elsewhere: Put, tmp_path: Path
) -> None:
    outcomes = between("0.10.3", None) | {"0.10.2": "not applicable"}
    elsewhere(every(history(outcomes)))
    _, out, _ = run("bisect", save(tmp_path, found="0.10.3"))
    assert "and flax 0.10.3 (jax 0.5.0)\n  not applicable: \n" in out


def test_a_bug_that_no_release_shows_is_told(run: Run, elsewhere: Put, tmp_path: Path) -> None:
    elsewhere(every(lambda flax: "passes"))
    path = save(tmp_path)
    code, _, err = run("bisect", path)
    assert (code, err) == (
        2,
        f"nnxfuzz: {path} shows its bug on none of the {len(RELEASES)} releases that nnxfuzz "
        "knows; look at what each does with nnxfuzz replay --flax '*'\n",
    )


def test_a_release_that_a_search_needs_and_cannot_have_is_told(
    run: Run, elsewhere: Put, tmp_path: Path
) -> None:
    elsewhere({})
    sentence = "flax 0.10.2 with jax 0.4.35 cannot be installed (no index); use the cache"
    code, _, err = run("bisect", save(tmp_path))
    assert (code, err) == (2, f"nnxfuzz: {sentence}\n")


def test_an_entry_that_is_not_there_is_told(run: Run) -> None:
    assert_refused(run("bisect", "no.json"), "no.json is no file; name a corpus entry (*.json)")


# --- really ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_bug_that_started_it_was_in_one_release(tmp_path: Path) -> None:
    entry = msgspec.structs.replace(corpus.load(REAL), affected=None)
    path = corpus.save(entry, tmp_path)
    command = [sys.executable, "-P", "-m", "nnxfuzz", "bisect", str(path)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert corpus.load(path).affected == Affected(release("0.10.2"), release("0.10.3"))
    assert "ended between flax 0.10.2 (jax 0.4.35) and flax 0.10.3 (jax 0.5.0)\n" in done.stdout
