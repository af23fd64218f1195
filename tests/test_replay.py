"""Replay: what became of an entry on the installed release, by the record of its releases."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from entries import (
    FIXED,
    GRAPH,
    INAPPLICABLE,
    LOST,
    OTHER,
    REFUSED,
    REGRESSED,
    UNFIT,
    needs_tree,
)

from nnxfuzz import nnx_api
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus import installed
from nnxfuzz.corpus.entries import Affected, Entry, Sighting
from nnxfuzz.corpus.outcomes import FINDINGS, affected
from nnxfuzz.corpus.replay import replay
from nnxfuzz.oracle.verdict import Agrees, Failure, Finding, Refused, Signature, Verdict
from nnxfuzz.programs.errors import Misuse

HERE = "nnxfuzz.corpus.replay"


def became(entry: Entry, folder: Path) -> tuple[str, str]:
    result = replay(corpus.save(entry, folder))
    return result.outcome, result.detail


@needs_tree
@pytest.mark.parametrize(
    ("entry", "outcome", "detail"),
    [
        (LOST, "still fails", "wrong-world fori_loop tree: caller variable value"),
        (REGRESSED, "regressed", "wrong-world fori_loop tree: caller variable value"),
        (
            OTHER,
            "fails differently",
            "recorded wrong-world fori_loop tree: ys array value, "
            "seen wrong-world fori_loop tree: caller variable value",
        ),
    ],
    ids=lambda value: value.title if isinstance(value, Entry) else "",
)
def test_a_bug_of_the_installed_release(
    entry: Entry, outcome: str, detail: str, tmp_path: Path
) -> None:
    assert became(entry, tmp_path) == (outcome, detail)


@needs_tree  # a release with tree mode has #4436 mended
def test_a_bug_that_the_installed_release_has_not(tmp_path: Path) -> None:
    assert became(REFUSED, tmp_path) == ("passes", "")
    assert became(FIXED, tmp_path) == ("fixed", f"flax {nnx_api.FLAX}, jax {nnx_api.JAX} passes")


def test_an_entry_that_cannot_run_says_why(tmp_path: Path) -> None:
    reason = "scan in graph mode cannot run this case"
    assert became(INAPPLICABLE, tmp_path) == ("not applicable", reason)


def test_a_mode_that_the_release_lacks_is_not_applicable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nnx_api.installed, "modes", lambda: ("graph",))
    outcome = became(LOST, tmp_path)
    assert outcome == ("not applicable", f"flax {nnx_api.FLAX} has no tree mode")


def test_an_unreadable_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"format": 7}')
    result = replay(path)
    assert result.path == str(path)
    assert result.outcome == "unreadable"
    assert result.detail.startswith(f"{path} is no corpus entry: at $.format: ")


# --- what the record asks of a release, with verdicts put in its mouth ----------------------

SEEN = REFUSED.evidence
ANOTHER = Finding(GRAPH, Signature("internal-error", "fori_loop", "graph", "KeyError in jax"))
EXPLAINED = Refused("carry-structure", Failure("ValueError", "structure"))

EVER = None
UNTIL_3 = Affected(None, Sighting("0.10.3", "0.5.0"))
FROM_2_TO_3 = Affected(Sighting("0.10.2", "0.4.35"), Sighting("0.10.3", "0.5.0"))
FROM_3 = Affected(Sighting("0.10.3", "0.5.0"), None)


@pytest.mark.parametrize(
    ("record", "flax", "verdict", "outcome"),
    [
        (EVER, "0.10.2", SEEN, "still fails"),
        (EVER, "0.10.3", Agrees(), "fixed"),
        (EVER, "0.10.3", EXPLAINED, "fixed"),
        (EVER, "0.10.3", ANOTHER, "fails differently"),
        (UNTIL_3, "0.10.2", SEEN, "still fails"),
        (UNTIL_3, "0.10.2", Agrees(), "fixed"),
        (UNTIL_3, "0.10.3", Agrees(), "passes"),
        (UNTIL_3, "0.10.10", SEEN, "regressed"),
        (FROM_2_TO_3, "0.10.1", Agrees(), "passes"),
        (FROM_2_TO_3, "0.10.1", SEEN, "regressed"),
        (FROM_2_TO_3, "0.10.2", SEEN, "still fails"),
        (FROM_2_TO_3, "0.10.3", ANOTHER, "fails differently"),
        (FROM_3, "0.10.2", EXPLAINED, "passes"),
        (FROM_3, "0.11.0", SEEN, "still fails"),
    ],
)
def test_the_outcome_goes_by_the_record(
    record: Affected | None,
    flax: str,
    verdict: Verdict,
    outcome: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installed, "RELEASE", Sighting(flax, "0.5.0"))
    kind = SimpleNamespace(
        inapplicable=lambda case, arm: None,
        confirming=lambda case: ("jit",),
        judging=lambda case: SimpleNamespace(verdict=lambda arm, executor, loops: verdict),
    )
    monkeypatch.setattr(f"{HERE}.kind_of", lambda case: kind)
    entry = msgspec.structs.replace(REFUSED, affected=record)
    assert became(entry, tmp_path)[0] == outcome


def test_only_what_is_worse_than_recorded_is_a_finding() -> None:
    assert {"fails differently", "regressed"} == FINDINGS


def test_a_range_is_bounded_by_jax_too() -> None:
    entry = msgspec.structs.replace(
        REFUSED, affected=Affected(Sighting("0.12.0", "0.7.2"), Sighting("0.12.0", "0.8.0"))
    )
    releases = [Sighting("0.12.0", jax) for jax in ("0.7.1", "0.7.2", "0.7.10", "0.8.0")]
    assert [affected(entry, release) for release in releases] == [False, True, True, False]


@needs_tree
def test_a_case_that_allows_no_comparison_is_one_outcome_of_many(tmp_path: Path) -> None:
    """The command line turns this `Misuse` into an outcome; see `test_cli`."""
    with pytest.raises(Misuse, match=r"NaN to int: .*; its numbers allow no comparison"):
        replay(corpus.save(UNFIT, tmp_path))
