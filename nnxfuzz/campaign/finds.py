"""The finds folder of a campaign: discoveries saved as entries, and what others save there."""

import sys
import tempfile
from pathlib import Path

from nnxfuzz import __version__, compat, corpus
from nnxfuzz.arms import blame
from nnxfuzz.campaign.events import Found
from nnxfuzz.campaign.state import State
from nnxfuzz.campaign.work import Discovery
from nnxfuzz.errors import Misuse
from nnxfuzz.verdict import Signature


class Pile:
    """What this campaign has found, in `state`, and as files in the folder."""

    def __init__(self, folder: Path, state: State) -> None:
        self.folder = folder
        self.state = state

    def keep(self, discovery: Discovery, shrunk: bool) -> Found:
        """Save a discovery, or let the shrunk case take the place of the first."""
        signature = discovery.finding.signature
        path = saved(entry_of(discovery), self.folder)
        before = next((f for f in self.state.found if f.signature == signature), None)
        programs, seconds = self.state.counts.programs, self.state.seconds
        if before is not None:
            programs, seconds = before.programs, before.seconds
        found = Found(signature, str(path), shrunk, programs, round(seconds, 3))
        if before is not None:
            self.state.found.remove(before)
            if Path(before.path) != path:
                Path(before.path).unlink(missing_ok=True)
        self.state.found.append(found)
        return found


def saved(entry: corpus.Entry, folder: Path) -> Path:
    """Save a finding; where that fails it is kept in the system's folder for temporary files.

    Raises Misuse, which then names that place.
    """
    try:
        return corpus.save(entry, folder)
    except Misuse as error:
        spare = Path(tempfile.gettempdir()) / "nnxfuzz-finds"
        try:
            kept = corpus.save(entry, spare)
        except Misuse:
            raise error from None
        raise Misuse(f"{error}; the finding is kept in {kept}") from None


def entry_of(discovery: Discovery) -> corpus.Entry:
    """The corpus entry of a discovery, made with what is installed."""
    signature = discovery.finding.signature
    return corpus.Entry(
        format=corpus.FORMAT,
        title=f"{signature.kind}: {signature.where}",
        case=discovery.case,
        arm=discovery.arm,
        signature=signature,
        evidence=discovery.finding,
        found_with=corpus.FoundWith(
            compat.FLAX, compat.JAX, __version__, ".".join(map(str, sys.version_info[:3]))
        ),
        arms=discovery.arms,
        blame=blame(discovery.arms, discovery.arm),
    )


class Others:
    """The signatures that other campaigns save in the same folder while this one runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()

    def news(self) -> set[Signature]:
        """The signatures of the files that were not there the last time."""
        new = set(corpus.entries([self.folder]) if self.folder.exists() else ()) - self.seen
        self.seen |= new
        return {signature for path in new for signature in _signature(path)}


def _signature(path: Path) -> list[Signature]:
    try:
        return [corpus.load(path).signature]
    except Misuse:  # for a replay to report
        return []
