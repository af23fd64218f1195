"""A campaign: batch after batch until a budget is used up, saving what each one finds."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nnxfuzz import __version__, compat, corpus
from nnxfuzz.campaign.events import Ended, Event, Found, Progress, Settings, Started
from nnxfuzz.campaign.explore import Discovery, Explorer
from nnxfuzz.campaign.statistics import Statistics
from nnxfuzz.errors import Misuse
from nnxfuzz.verdict import Signature

#: Seconds between two progress events.
_PROGRESS_EVERY = 0.5


def run(
    options: Settings,
    finds: Path,
    known: set[Signature],
    listen: Callable[[Event], None],
) -> Ended:
    """Run a campaign; findings go to `finds` as they are made, events to `listen`.

    Ctrl-C ends it cleanly.  Raises Misuse if a finding cannot be saved.
    """
    campaign = _Campaign(options, finds, known, listen)
    reason = "budget"
    try:
        campaign.go()
    except KeyboardInterrupt:
        reason = "interrupted"
    ended = Ended(reason, campaign.statistics.as_data(), tuple(campaign.found.values()))
    listen(ended)
    return ended


class _Campaign:
    """The state of a running campaign."""

    def __init__(
        self,
        options: Settings,
        finds: Path,
        known: set[Signature],
        listen: Callable[[Event], None],
    ) -> None:
        self.options = options
        self.finds = finds
        self.listen = listen
        self.statistics = Statistics()
        self.found: dict[Signature, Found] = {}
        self.files: dict[Signature, Path] = {}
        self.told = time.monotonic()
        deadline = None if options.seconds is None else time.monotonic() + options.seconds
        self.explorer = Explorer(
            options, self.statistics, set(known), deadline, on_first=self._first, tick=self._tick
        )
        listen(
            Started(
                options.seed,
                compat.FLAX,
                compat.JAX,
                options.transforms,
                options.modes,
                len(known),
            )
        )

    def go(self) -> None:
        """Batches until a budget is used up."""
        number = 0
        while (left := self._left()) > 0 and not self.explorer.over():
            discovery = self.explorer.batch(number, min(left, self.options.batch))
            if discovery is not None:
                self._final(discovery)
            number += 1

    def _tick(self) -> None:
        if time.monotonic() - self.told >= _PROGRESS_EVERY:
            self.told = time.monotonic()
            self.listen(Progress(self.statistics.as_data()))

    def _left(self) -> int:
        if self.options.programs is None:
            return self.options.batch
        return self.options.programs - self.statistics.programs

    def _first(self, discovery: Discovery) -> None:
        """Save a new finding at once, before any time is spent on shrinking it."""
        self._save(discovery, shrunk=False)

    def _final(self, discovery: Discovery) -> None:
        """Let the shrunk case take the place of the first."""
        signature = discovery.finding.signature
        first = self.files[signature]
        self._save(discovery, shrunk=True)
        if self.files[signature] != first:
            first.unlink(missing_ok=True)
        self.explorer.known.add(signature)

    def _save(self, discovery: Discovery, shrunk: bool) -> None:
        signature = discovery.finding.signature
        path = saved(entry_of(discovery), self.finds)
        self.files[signature] = path
        self.found[signature] = Found(signature, str(path), shrunk, self.statistics.programs)
        self.listen(self.found[signature])


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
    )
