"""What a running campaign knows of bugs: those that were known, what others save, and its own.

A discovery is new if it is none of them.  Two workers may find one bug at the same time, and one
bug may look like two until both are shrunk: that is asked again of what has been shrunk.
"""

from collections.abc import Iterable

from nnxfuzz.campaign.known_bugs import Form, KnownBug, KnownBugs, form_of, known_bug
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.verdict import Symptom


class Novelty:
    """`known` are all bugs that are known by now; `forms` those of this run, with the path of the
    file.
    """

    def __init__(self, known: KnownBugs) -> None:
        self.known = known
        self.forms: list[tuple[Form, str]] = []

    def learn(self, bugs: Iterable[KnownBug]) -> None:
        """What others have found."""
        self.known = self.known.plus(*bugs)

    def looks_like(self, seen: Iterable[tuple[str, Symptom]]) -> None:
        """What turned out to be a known bug, by its name."""
        self.known = self.known.looks_like(*seen)

    def known_as(self, found: Discovery) -> str | None:
        """The known bug that a discovery is: it has a form of it, or was not tried for one."""
        name = self.known.recognised(found.case, found.finding)
        if name is None and found.taken_for is None:
            name = self.known.name_of(found.case, found.finding)
        return name

    def same_as(self, first: Discovery, best: Discovery, path: str) -> str | None:
        """Another bug that `best` is, to which the `first` discovery at `path` has been shrunk."""
        others = self.known.without(str(first.finding.signature))
        name = others.recognised(best.case, best.finding)
        form = form_of(best.case, best.finding)
        twin = any(seen == form and of != path for seen, of in self.forms)
        return str(best.finding.signature) if name is None and twin else name

    def add(self, found: Discovery, first: Discovery, path: str) -> None:
        """Remember a discovery, saved at `path`, that was met as the `first`."""
        bug = known_bug(found.case, found.finding, found.arms)
        self.forms += [(form, path) for form in bug.forms]
        self.learn([bug, KnownBug(bug.name, frozenset({first.finding.symptom}))])
