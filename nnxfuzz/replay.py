"""Corpus entries against the installed Flax: one verdict for each file.

What an entry is expected to do follows from its recorded range of releases: fail from the first
bad one on, pass from the first good one on.
"""

from pathlib import Path
from typing import Literal

import jax

from nnxfuzz import compat, corpus
from nnxfuzz.arithmetic import Unfit
from nnxfuzz.case import Data
from nnxfuzz.errors import Misuse
from nnxfuzz.executors import confirming
from nnxfuzz.judge import examine
from nnxfuzz.verdict import Finding, Verdict

Outcome = Literal[
    "still fails",
    "fixed",
    "passes",
    "fails differently",
    "regressed",
    "not applicable",
    "unreadable",
]

#: Outcomes that are a finding (exit code 1).
FINDINGS: frozenset[Outcome] = frozenset({"fails differently", "regressed"})


class Replayed(Data, frozen=True):
    """What became of one file.  `detail` says why, where there is more to say."""

    path: str
    outcome: Outcome
    detail: str = ""


def replay(path: Path) -> Replayed:
    """Run the entry in `path` with XLA on the installed release."""
    try:
        entry = corpus.load(path)
    except Misuse as error:
        return Replayed(str(path), "unreadable", str(error))
    reason = compat.inapplicable(entry.case, entry.arm)
    if reason is not None:
        return Replayed(str(path), "not applicable", reason)
    return _compared(str(path), entry, _verdicts(entry))


def _verdicts(entry: corpus.Entry) -> list[Verdict]:
    """The verdicts of the executors that may confirm a finding, up to the recorded one."""
    jax.clear_caches()  # no entry may fail by what another left there
    verdicts: list[Verdict] = []
    for executor in confirming(entry.case):
        try:
            verdicts.append(examine(entry.case, entry.arm, executor))
        except Unfit as error:
            raise Misuse(f"{entry.title}: {error}; its numbers allow no comparison") from error
        if _recorded(entry, verdicts[-1]):
            break
    return verdicts


def _recorded(entry: corpus.Entry, verdict: Verdict) -> bool:
    return isinstance(verdict, Finding) and verdict.signature == entry.signature


def _compared(path: str, entry: corpus.Entry, verdicts: list[Verdict]) -> Replayed:
    should_fail = affected(entry, compat.numbers(compat.FLAX), compat.numbers(compat.JAX))
    if any(_recorded(entry, verdict) for verdict in verdicts):
        detail = str(entry.signature)
        return Replayed(path, "still fails" if should_fail else "regressed", detail)
    findings = [verdict for verdict in verdicts if isinstance(verdict, Finding)]
    if findings:
        seen = str(findings[0].signature)
        return Replayed(path, "fails differently", f"recorded {entry.signature}, seen {seen}")
    if not should_fail:
        return Replayed(path, "passes")
    return Replayed(path, "fixed", f"flax {compat.FLAX} / jax {compat.JAX} passes")


def affected(entry: corpus.Entry, flax: tuple[int, ...], jax: tuple[int, ...]) -> bool:
    """Whether the entry's record says that this release fails."""
    if entry.affected is None:
        return True
    first_bad, first_good = entry.affected.first_bad, entry.affected.first_good
    here = (flax, jax)
    if first_bad is not None and here < _release(first_bad):
        return False
    return first_good is None or here < _release(first_good)


def _release(sighting: corpus.Sighting) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return compat.numbers(sighting.flax), compat.numbers(sighting.jax)
