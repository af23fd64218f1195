"""What a running campaign knows of bugs: those that were known, what others save, and its own.

A discovery is new if it is none of them.  Two workers may find one bug at the same time, and one
bug may look like two until both are shrunk: that is asked again of what has been shrunk.
"""

import time
from collections.abc import Iterable

from nnxfuzz.campaign.events import Found, Same
from nnxfuzz.campaign.finds import Others, SavedFinds
from nnxfuzz.campaign.known_bugs import KnownBug, KnownBugs, MinimalForm, form_of, known_bug
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.oracle.verdict import Symptom

#: Seconds between two looks at what others save.
_LOOK_EVERY = 10.0


class Novelty:
    """`known` are all bugs that are known by now; `forms` those of this run, with the path of the
    file.
    """

    def __init__(self, known: KnownBugs, saved: SavedFinds) -> None:
        self.known, self.saved = known, saved
        self.forms: list[tuple[MinimalForm, str]] = []
        self._others, self._looked = Others(saved.folder), 0.0

    def look(self, at_once: bool = False) -> None:
        """See, now and then, what other campaigns have saved in the folder."""
        now = time.monotonic()
        if at_once or now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self.known = self.known.plus(*self._others.news())

    def looks_like(self, seen: Iterable[tuple[str, Symptom]]) -> None:
        """What turned out to be a known bug, by its name."""
        self.known = self.known.looks_like(*seen)

    def known_as(self, found: Discovery) -> str | None:
        """The known bug that a discovery is: it has a form of it, or was not tried for one.

        Another worker, or another campaign, may have been faster.
        """
        self.look(at_once=True)
        name = self.known.recognised(found.case, found.finding)
        if name is None and found.taken_for is None:
            name = self.known.name_of(found.case, found.finding)
        return name

    def merged(self, first: Discovery, best: Discovery) -> Same | None:
        """Another bug that `best` is, to which the `first` discovery has been shrunk; its file is
        gone then.
        """
        self.look(at_once=True)
        path, form = self.saved.path(first), form_of(best.case, best.finding)
        others = self.known.without(str(first.finding.signature))
        name = others.recognised(best.case, best.finding)
        if name is None and any(seen == form and of != path for seen, of in self.forms):
            name = str(best.finding.signature)
        if name is None:
            return None
        self.saved.drop(path)
        return Same(path, name)

    def keep(self, found: Discovery, first: Discovery | None = None) -> Found:
        """Save and remember a discovery, or what became of the `first` one by shrinking."""
        saved = self.saved.keep(found, first)
        bug = known_bug(found.case, found.finding, found.arms)
        self.forms += [(form, saved.path) for form in bug.forms]
        met = KnownBug(bug.name, frozenset({(first or found).finding.symptom}))
        self.known = self.known.plus(bug, met)
        return saved
