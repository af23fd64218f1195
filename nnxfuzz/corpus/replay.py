"""Corpus entries against the installed Flax: one verdict for each file.

What an entry is expected to do follows from its recorded range of releases: fail from the first
bad one on, pass from the first good one on.
"""

from pathlib import Path

import msgspec

from nnxfuzz import nnx_api
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus import installed
from nnxfuzz.corpus.outcomes import Replayed, affected
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding, Verdict
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.runners.kinds import kind_of


def replay(path: Path) -> Replayed:
    """Run the entry in `path` with XLA on the installed release."""
    try:
        entry = corpus.load(path)
    except Misuse as error:
        return Replayed(str(path), "unreadable", str(error))
    reason = kind_of(entry.case).inapplicable(entry.case, entry.arm)
    if reason is not None:
        return Replayed(str(path), "not applicable", reason)
    return _compared(str(path), entry, _verdicts(entry))


def _verdicts(entry: corpus.Entry) -> list[Verdict]:
    """The verdicts of the executors that may confirm a finding, up to the recorded one."""
    nnx_api.forget()  # no entry may fail by what another left there
    verdicts: list[Verdict] = []
    kind = kind_of(entry.case)
    judging = kind.judging(entry.case)
    for executor in kind.confirming(entry.case):
        try:
            verdicts.append(judging.verdict(entry.arm, executor, None))
        except Inconclusive as error:
            raise Misuse(f"{entry.title}: {error}; its numbers allow no comparison") from error
        if _recorded(entry, verdicts[-1]):
            break
    return verdicts


def as_seen(entry: corpus.Entry) -> corpus.Entry | None:
    """The entry as the installed Flax shows it; None if that is right, or cannot run it."""
    if kind_of(entry.case).inapplicable(entry.case, entry.arm) is not None:
        return None
    verdicts = _verdicts(entry)
    found = next((verdict for verdict in reversed(verdicts) if isinstance(verdict, Finding)), None)
    if found is None:
        return None
    here = installed.found_with()
    return msgspec.structs.replace(
        entry, evidence=found, signature=found.signature, found_with=here, arms=(), blame=None
    )


def _recorded(entry: corpus.Entry, verdict: Verdict) -> bool:
    return isinstance(verdict, Finding) and verdict.signature == entry.signature


def _compared(path: str, entry: corpus.Entry, verdicts: list[Verdict]) -> Replayed:
    here = installed.checkout()
    should_fail = affected(entry, installed.RELEASE, here.name if here else None)
    if any(_recorded(entry, verdict) for verdict in verdicts):
        detail = str(entry.signature)
        return Replayed(path, "regressed" if should_fail is False else "still fails", detail)
    findings = [verdict for verdict in verdicts if isinstance(verdict, Finding)]
    if findings:
        seen = str(findings[0].signature)
        return Replayed(path, "fails differently", f"recorded {entry.signature}, seen {seen}")
    if not should_fail:
        return Replayed(path, "passes")
    return Replayed(path, "fixed", f"{installed.versions_text()} passes")
