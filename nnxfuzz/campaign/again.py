"""A find that was cut short, shrunk on: the steps of a campaign, without an end to its time."""

import msgspec

from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.campaign.finds import CUT_SHORT, entry_of, title_of
from nnxfuzz.campaign.known_bugs import KnownBugs
from nnxfuzz.campaign.statistics import Statistics
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.runners.kinds import available, kind_of


def shrunk_on(entry: Entry, tries: int) -> Entry | None:
    """The entry with a case as small as the tries allow; None if the installed Flax does not show
    its bug.  What people have written into it stays.
    """
    options = Settings(0, seconds=None, shrink_tries=tries, transforms=tuple(available()))
    explorer = Explorer(options, Statistics(), KnownBugs(), None)
    shown = explorer.confirmed(entry.case, entry.arm)
    if shown is None:
        return None
    finding, executor = shown
    quick = kind_of(entry.case).explores
    traced = explorer.verdict(entry.case, entry.arm, quick)
    if isinstance(traced, Finding) and traced.symptom == finding.symptom:
        executor = quick
    small = explorer.shrink(Discovery(entry.case, entry.arm, finding, shrink_with=executor))
    made = entry_of(small)
    own = entry.title != title_of(entry.signature)
    return msgspec.structs.replace(
        made,
        title=entry.title if own else made.title,
        note=" ".join(filter(None, (entry.note.replace(CUT_SHORT, "").strip(), made.note))),
        link=entry.link,
        cause=entry.cause,
        affected=entry.affected,
    )
