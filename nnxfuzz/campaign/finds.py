"""The finds folder of a campaign: discoveries saved as entries, and what others save there."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from nnxfuzz.campaign.events import Found
from nnxfuzz.campaign.known_bugs import KnownBug, known_bugs
from nnxfuzz.campaign.state import State
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.causes import grouped
from nnxfuzz.corpus.installed import RELEASE, checkout, found_with
from nnxfuzz.oracle.verdict import Signature
from nnxfuzz.programs.errors import Misuse, Unsaved
from nnxfuzz.runners.arms import blame

#: What is installed, for `known_bugs`.
HERE = (RELEASE, here.name if (here := checkout()) else None)

CUT_SHORT = (
    "Shrinking was cut short: its tries, or the time of the run, were used up before nothing could "
    "be taken away any more; `nnxfuzz shrink` goes on."
)


class SavedFinds:
    """What this campaign has found, in `state`, and as files in the folder."""

    def __init__(self, folder: Path, state: State) -> None:
        self.folder = folder
        self.state = state

    def path(self, discovery: Discovery) -> str:
        """The file of a discovery."""
        return str(self.folder / corpus.file_name(entry_of(discovery)))

    def keep(self, discovery: Discovery, first: Discovery | None = None) -> Found:
        """Save a discovery, or let the shrunk case take the place of the `first` one; up to then
        its note says that it is not shrunk.
        """
        unshrunk = first is None and not discovery.cut_short
        held = msgspec.structs.replace(discovery, cut_short=True) if unshrunk else discovery
        path = str(saved(entry_of(held), self.folder))
        before = None if first is None else self._at(self.path(first))
        programs, seconds = self.state.counts.programs, round(self.state.seconds, 3)
        if before is not None:
            programs, seconds = before.programs, before.seconds
            self._remove(before, keeping=path)
        replaces = None if before is None or before.path == path else before.path
        signature = discovery.finding.signature
        found = Found(signature, path, first is not None, programs, seconds, replaces)
        self.state.found.append(found)
        return found

    def drop(self, path: str) -> None:
        """Forget a discovery that is another one's, and its file."""
        found = self._at(path)
        if found is not None:
            self._remove(found)

    def _at(self, path: str) -> Found | None:
        return next((found for found in self.state.found if found.path == path), None)

    def _remove(self, found: Found, keeping: str | None = None) -> None:
        self.state.found.remove(found)
        if found.path != keeping:
            Path(found.path).unlink(missing_ok=True)


def saved(entry: corpus.Entry, folder: Path) -> Path:
    """Save a finding; where that fails it is kept in the system's folder for temporary files.

    Raises Unsaved, which then names that place.
    """
    try:
        return corpus.save(entry, folder)
    except Misuse as error:
        spare = Path(tempfile.gettempdir()) / "nnxfuzz-finds"
        try:
            kept = corpus.save(entry, spare)
        except Misuse:
            raise Unsaved(str(error)) from None
        raise Unsaved(f"{error}; the finding is kept in {kept}") from None


def of_one_cause(paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The files of findings, those of one cause together, in the order of the first of each."""
    found = [(Path(path), entry) for path in paths for entry in _entry(Path(path))]
    order = {path: number for number, (path, _) in enumerate(found)}
    causes = [[order[path] for path, _ in group.entries] for group in grouped(found, {})]
    return tuple(
        tuple(str(found[k][0]) for k in sorted(cause)) for cause in sorted(causes, key=min)
    )


def title_of(signature: Signature) -> str:
    """The title of an entry that nobody has given one."""
    return " ".join(f"{signature.kind}: {signature.where}".splitlines())


def entry_of(discovery: Discovery) -> corpus.Entry:
    """The corpus entry of a discovery, made with what is installed."""
    signature = discovery.finding.signature
    return corpus.Entry(
        format=corpus.FORMAT,
        title=title_of(signature),
        case=discovery.case,
        arm=discovery.arm,
        signature=signature,
        evidence=discovery.finding,
        found_with=found_with(),
        note=CUT_SHORT if discovery.cut_short else "",
        arms=discovery.arms,
        blame=blame(discovery.arms, discovery.arm),
    )


class Others:
    """The bugs that other campaigns save in the same folder while this one runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()

    def news(self) -> list[KnownBug]:
        """Those of the files that were not there the last time."""
        new = set(corpus.entries([self.folder]) if self.folder.exists() else ()) - self.seen
        self.seen |= new
        found = [entry for path in sorted(new) for entry in _entry(path)]
        return list(known_bugs(found, *HERE).bugs.values())


def _entry(path: Path) -> list[corpus.Entry]:
    try:
        return [corpus.load(path)]
    except Misuse:  # for a replay to report
        return []
