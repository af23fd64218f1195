"""What `nnxfuzz fuzz` shows: a live line on a terminal, plain lines elsewhere, a table at the end.

Reports listen to a campaign's events and keep nothing of their own but what they draw.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, assert_never

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nnxfuzz.campaign import Ended, Event, Found, Progress, Started
from nnxfuzz.errors import Misuse

#: Seconds between two plain progress lines where no terminal can be redrawn.
_PLAIN_EVERY = 10.0


class Report:
    """Listens to one campaign; a context manager, so that the terminal is always restored."""

    def __init__(self, events: Path | None) -> None:
        self.console = Console()
        self.events = events
        self.file: TextIO | None = None
        self.live = Live(console=self.console, refresh_per_second=4, transient=True)
        self.last_line = 0.0

    def __enter__(self) -> "Report":
        if self.events is not None:
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.live.stop()
        if self.file is not None:
            self.file.close()

    def hear(self, event: Event) -> None:
        """Show an event, and write it to the events file."""
        if self.file is not None:
            self._write(event)
        match event:
            case Started():
                self._print(_started(event))
            case Found():
                kept = "shrunk" if event.shrunk else "found, shrinking"
                self._print(f"{kept}: {event.signature}\n  {event.path}")
            case Progress(statistics):
                self._progress(statistics)
            case Ended():
                self.live.stop()
                self._ended(event)
            case other:
                assert_never(other)

    def _write(self, event: Event) -> None:
        assert self.file is not None
        try:
            self.file.write(msgspec.json.encode(event).decode() + "\n")
            self.file.flush()
        except OSError as error:
            raise Misuse(
                f"cannot write the events file {self.events}: {error.strerror}; "
                "make room there or name another file"
            ) from None

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)

    def _progress(self, statistics: dict[str, Any]) -> None:
        line = progress_line(statistics)
        if self.live.is_started:
            self.live.update(Text(line))
        elif time.monotonic() - self.last_line > _PLAIN_EVERY:
            self.last_line = time.monotonic()
            self._print(line)

    def _ended(self, event: Ended) -> None:
        self._print(progress_line(event.statistics))
        for line in _counts(event.statistics):
            self._print(line)
        if event.reason == "interrupted":
            self._print("interrupted; what was found is saved")
        if not event.findings:
            self._print("nothing new was found")
            return
        table = Table(title=f"{len(event.findings)} new signatures", title_justify="left")
        for heading in ("", "signature", "found at program"):
            table.add_column(heading, overflow="fold")
        for number, found in enumerate(event.findings, 1):
            table.add_row(str(number), Text(str(found.signature)), str(found.programs))
        self.console.print(table)
        self._print("run one again (or show it, or make a program of it: show, script):")
        for number, found in enumerate(event.findings, 1):
            self._print(f"  {number}  nnxfuzz replay {found.path}")


def _started(event: Started) -> str:
    return (
        f"nnxfuzz on flax {event.flax}, jax {event.jax}; seed {event.seed}; "
        f"{', '.join(event.transforms)}; {', '.join(event.modes)}; "
        f"{event.known} known signatures are stepped over"
    )


def progress_line(statistics: dict[str, Any]) -> str:
    """One line: programs, arms, rate, outcomes."""
    refused = sum(statistics["refused"].values())
    return (
        f"{statistics['seconds']:.0f}s  {statistics['programs']} programs  "
        f"{statistics['arms']} arms ({statistics['arms_per_second']:.0f}/s)  "
        f"{statistics['agreed']} agree  {refused} refused for a reason  "
        f"{sum(statistics['known'].values())} known  {len(statistics['found'])} new signatures"
    )


def _counts(statistics: dict[str, Any]) -> list[str]:
    """The rest of the figures, one line each, empty ones left out."""
    lines = []
    for name in ("refused", "known"):
        if statistics[name]:
            counts = ", ".join(f"{key} {count}" for key, count in statistics[name].items())
            lines.append(f"{name}: {counts}")
    stages = statistics["seconds_by_stage"]
    total = sum(stages.values()) or 1.0
    shares = ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in stages.items())
    lines.append(f"time: {shares}")
    if statistics["unconfirmed"]:
        lines.append(f"shown under exploration but not by XLA: {statistics['unconfirmed']}")
    return lines
