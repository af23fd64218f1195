"""Entries by targets: what becomes of each entry on each Flax, one child process a target.

A child that dies or stands still takes only one entry with it: that is what became of the entry,
and the next child goes on with the others.
"""

import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.outcomes import Replayed, affected
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.elsewhere import Installation, start
from nnxfuzz.releases.targets import Target

Answer = TypeVar("Answer", bound=Data)

#: No entry takes longer, compilation included.
SECONDS = 300.0


class ChildEnded(Data, frozen=True):
    """How a child ended before it had answered for everything."""

    code: int
    late: bool
    said: str

    @property
    def how(self) -> str:
        """How, in a few words."""
        return "it ran past its time" if self.late else f"the process ended by {_signal(self.code)}"


def column(
    target: Target,
    place: Installation,
    paths: Sequence[Path],
    cache: Path,
    seconds: float = SECONDS,
) -> Iterator[Replayed]:
    """What becomes of each entry there, in order, as soon as it is known.

    Raises Misuse if nothing runs there at all.
    """
    left = list(paths)
    while left:
        ended = None
        words = ("replay", "--json", "--", *map(str, left))
        for answer in answers(place, words, Replayed, cache, seconds):
            match answer:
                case Replayed():
                    yield answer
                    left.pop(0)
                case ChildEnded():
                    ended = answer
        if ended is not None and left:
            yield _died(target, left.pop(0), ended)


def answers(
    place: Installation,
    words: Sequence[str],
    kind: type[Answer],
    cache: Path,
    seconds: float = SECONDS,
) -> Iterator[Answer | ChildEnded]:
    """What `nnxfuzz WORDS` writes there, a JSON object of `kind` a line, and how it ended.

    It is killed if a line takes longer than `seconds`.
    """
    late = threading.Event()
    with (
        tempfile.TemporaryFile("w+") as errors,
        start(place, words, cache, stdout=subprocess.PIPE, stderr=errors) as child,
    ):
        assert child.stdout is not None
        watch = _watch(child, late, seconds)
        try:
            for line in child.stdout:
                watch.cancel()
                yield msgspec.json.decode(line, type=kind)
                watch = _watch(child, late, seconds)
            code = child.wait()
        finally:  # also where nobody wants to know more
            watch.cancel()
            child.kill()
        errors.seek(0)
        yield ChildEnded(code, late.is_set(), errors.read())


def _watch(child: subprocess.Popen[str], late: threading.Event, seconds: float) -> threading.Timer:
    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    return timer


def _died(target: Target, path: Path, ended: ChildEnded) -> Replayed:
    """What became of the entry at which a child ended."""
    check_ended(target, ended)
    kind = "hang" if ended.late else "crash"
    entry = corpus.load(path)
    if entry.signature.kind == kind:
        here = target.release
        good = here is not None and affected(entry, here) is False
        return Replayed(str(path), "regressed" if good else "still fails", str(entry.signature))
    return Replayed(str(path), "fails differently", f"recorded {entry.signature}, seen {ended.how}")


def check_ended(target: Target, ended: ChildEnded) -> None:
    """Raise what a child's own exit code says: a Misuse, a fault of ours, or Ctrl-C."""
    if ended.code == 2:
        told = ended.said.strip().splitlines()
        raise Misuse(f"flax {target.label}: {told[-1].removeprefix('nnxfuzz: ')}")
    if ended.code == 3:
        raise RuntimeError(f"flax {target.label}:\n{ended.said}")
    if ended.code == 130:
        raise KeyboardInterrupt


def _signal(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
