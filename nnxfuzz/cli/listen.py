"""What `nnxfuzz fuzz` shows: a live view on a terminal, plain lines elsewhere, a table at the end.

A report listens to a campaign's events.  It shows an event before it writes it down as JSON, and
if the campaign breaks off without a last word (a full disk, a defect) it says the last word from
what it has heard, so that no finding goes untold.
"""

import contextlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO, assert_never

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nnxfuzz.campaign import Ended, Event, Failed, Found, Lost, Progress, Same, Started
from nnxfuzz.cli import view
from nnxfuzz.cli.common import FINDS, FLAX_WORDS, Unread, command_line, to_output
from nnxfuzz.corpus.causes import Cause
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.versions import version
from nnxfuzz.releases.table import RELEASES

#: Seconds between two progress lines where no terminal can be redrawn, and in the events file.
_PLAIN_EVERY = 10.0

#: The events go to standard output, and what is for people to standard error.
STDOUT = Path("-")


class Terminal(Console):
    """A console that leaves it to its caller what to do when nobody reads."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Report:
    """Listens to one campaign; a context manager, so that the terminal is always restored.

    `again` are the words of the command that draws the same programs, `finds` its folder, `causes`
    what is known of known bugs, by their names;
    `coverage` asks for the table of features at the end.
    """

    def __init__(
        self,
        events: Path | None,
        again: Sequence[object],
        finds: Path,
        causes: Mapping[str, Cause] = {},
        coverage: bool = False,
    ) -> None:
        self.events = events
        self.again = again
        self.finds = finds
        self.causes = causes
        self.coverage = coverage
        self.console = Terminal(stderr=events == STDOUT, highlight=False)
        self.live = Live(console=self.console, refresh_per_second=4, transient=True)
        self.file: TextIO | None = None
        self.last_line = self.last_progress = time.monotonic()
        self.seed: int | None = None
        self.over = False
        self.statistics: dict[str, Any] = {}
        self.found: dict[str, Found] = {}  # by path
        self.faults: list[Failed] = []

    def __enter__(self) -> "Report":
        if self.events == STDOUT:
            self.file = sys.stdout
        elif self.events is not None:
            try:
                self.file = self.events.open("w", encoding="utf-8")
            except OSError as error:
                raise Misuse(
                    f"cannot write the events file {self.events}: {error.strerror}; "
                    "name a file in a folder that exists and can be written"
                ) from None
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.live.stop()
        with contextlib.suppress(Misuse, Unread):  # `error` is what is told
            if self.seed is not None and not self.over:
                found, faults = tuple(self.found.values()), tuple(self.faults)
                self.on_event(Ended("failed", self.statistics, found, faults))
        self._close()

    def on_event(self, event: Event) -> None:
        """Show an event, and write it to the events file."""
        with to_output():
            self._show(event)
        if self.file is not None:
            self._write(self.file, event)

    def _show(self, event: Event) -> None:
        match event:
            case Started():
                self.seed = event.seed
                self._print(_started(event))
            case Found():
                self.found.pop(event.replaces or "", None)
                self.found[event.path] = event
                kept = "shrunk" if event.shrunk else "found, shrinking"
                self._print(f"{kept}: {event.signature}\n  {event.path}")
            case Failed(name, path):
                self.faults.append(event)
                self._print(f"nnxfuzz itself failed: {name}\n  {path}")
            case Same(path, name):
                self.found.pop(path, None)
                self._print(f"no new one after all: {path}\n  is {name}")
            case Lost(why, restarts):
                if not self.live.is_started:
                    self._print(f"a worker was lost and is replaced (number {restarts}): {why}")
            case Progress(statistics):
                self.statistics = statistics
                self._progress(statistics)
            case Ended():
                self.over = True
                self.live.stop()
                self._ended(event)
            case other:
                assert_never(other)

    def _write(self, file: TextIO, event: Event) -> None:
        if isinstance(event, Progress):
            if time.monotonic() - self.last_progress < _PLAIN_EVERY:
                return
            self.last_progress = time.monotonic()
        try:
            file.write(msgspec.json.encode(event).decode() + "\n")
            file.flush()
        except BrokenPipeError:
            raise Unread from None
        except OSError as error:
            self._close()
            raise Misuse(
                f"cannot write the events file {self.events}: {error.strerror}; "
                "make room there or name another file"
            ) from None

    def _close(self) -> None:
        file, self.file = self.file, None
        if file is not None and file is not sys.stdout:
            with contextlib.suppress(OSError):  # what was not written has been told
                file.close()

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)

    def _progress(self, statistics: dict[str, Any]) -> None:
        if self.live.is_started:
            self.live.update(view.table(statistics))
        elif time.monotonic() - self.last_line > _PLAIN_EVERY:
            self.last_line = time.monotonic()
            self._print(view.line(statistics))

    # --- the end ----------------------------------------------------------------------------

    def _ended(self, event: Ended) -> None:
        if event.statistics:
            self._print("\n".join([view.line(event.statistics), *view.counts(event.statistics)]))
            self._known(event.statistics["known"])
        if self.coverage and "features" in event.statistics:
            self.console.print(view.coverage(event.statistics))
            self.console.print(view.nested(event.statistics))
            self._print(view.unreached(event.statistics))
        if event.reason != "budget":
            self._print(f"{event.reason}; what was found before is saved")
        if event.findings:
            self._findings(event)
        elif event.statistics.get("programs", 1):
            self._print("nothing new was found")
        self._faults(event)
        self._print(self._again(bool(event.findings)))

    def _known(self, known: dict[str, int]) -> None:
        """What was stepped over, a line each, with where it is told upstream."""
        if known:
            self._print("known bugs that were met and stepped over:")
        for name, times in sorted(known.items(), key=lambda item: -item[1]):
            cause = self.causes.get(name)
            told = name if cause is None else cause.title
            link = f"  {cause.link}" if cause is not None and cause.link else ""
            self._print(f"  {times:4}  {told}{link}")

    def _findings(self, event: Ended) -> None:
        """One cause, one line: the finding that came first, and how many are like it."""
        by_path = {found.path: found for found in event.findings}
        causes = [[by_path[path] for path in paths] for paths in event.causes]
        causes = causes or [[found] for found in event.findings]
        like = len(event.findings) > len(causes)
        title = f"{len(causes)} new" + (f", shown by {len(event.findings)} finds" if like else "")
        table = Table(title=title, title_justify="left")
        for heading in ("", "signature", *(["finds"] if like else []), "at program", "shrunk"):
            table.add_column(heading, overflow="fold")
        for number, (found, *more) in enumerate(causes, 1):
            count = [str(1 + len(more))] if like else []
            shrunk = "yes" if found.shrunk else "no"
            signature = Text(str(found.signature))
            table.add_row(str(number), signature, *count, str(found.programs), shrunk)
        self.console.print(table)
        self._print("saved; run one again (or `show` it, or make a `script` of it):")
        for number, (found, *more) in enumerate(causes, 1):
            self._print(f"  {number}  {command_line('replay', Path(found.path))}")
            if not found.shrunk:
                self._print(f"     not shrunk: {command_line('shrink', Path(found.path))}")
            for other in more:
                self._print(f"     like it: {other.path}")

    def _faults(self, event: Ended) -> None:
        """What nnxfuzz itself failed at, which says nothing of Flax."""
        if not event.faults:
            return
        times = event.statistics.get("faults", {})
        self._print("nnxfuzz itself failed, which is no finding; please report these files:")
        for failed in event.faults:
            self._print(f"  {failed.path}\n    {failed.name}, {times.get(failed.name, 1)} times")

    def _again(self, found: bool) -> str:
        """The command with the same seed; what was found is known in its folder."""
        finds = Path(f"finds-seed-{self.seed}") if found else self.finds
        words = [*self.again, *(["--finds", finds] if finds != FINDS else [])]
        where = f", in a folder of its own, since what is in {self.finds} is known" if found else ""
        return f"the same search again{where}:\n     {command_line(*words)}"


def _started(event: Started) -> str:
    goes_on = f"; goes on at batch {event.batch}" if event.batch else ""
    return (
        f"nnxfuzz on flax {event.flax}, jax {event.jax}; seed {event.seed}; "
        f"{', '.join(event.transforms)}; {', '.join(event.modes)}; "
        f"{event.workers} worker{'s' if event.workers > 1 else ''}{goes_on}; "
        f"known bugs of this release: {event.known}{_newer(event)}"
    )


def _newer(event: Started) -> str:
    """That there is a newer Flax, where this Python has none, and nobody asked for this one."""
    newest = RELEASES[-1]
    if version(event.flax) >= version(newest.flax) or FLAX_WORDS in os.environ:
        return ""
    return (
        f"\nflax {newest.flax} is newer and wants Python {newest.pythons[0]}: "
        f"{command_line('fuzz', '--flax', newest.flax)}"
    )
