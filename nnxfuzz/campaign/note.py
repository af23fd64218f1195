"""The note that a worker leaves of the case it is about to run, for whoever finds the worker dead.

It costs one small write for each program.  It appears whole or not at all, but it is not forced to
the disk: it has to outlive the worker, not the machine.
"""

import multiprocessing
import os
import time
from pathlib import Path

import msgspec

from nnxfuzz.campaign.watchdog import Watchdog
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.program import Program

#: What a note is called; no `.json`, which would make it an entry of the finds.
SUFFIX = ".note"
#: ... and while it is written; if the worker is killed then, it is found with the others.
_HALF = f".half{SUFFIX}"


class Note(Data, frozen=True):
    """A case, when it began (seconds since the epoch), and how far its batch has come."""

    at: float
    programs: int
    arms: int
    case: Program


class Notes:
    """Writes the notes of one piece of work, whose cases may take so many seconds each."""

    def __init__(self, path: Path | None, seconds: float) -> None:
        self.path = path
        self.watchdog = Watchdog(seconds)

    def __enter__(self) -> "Notes":
        self.watchdog.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.watchdog.__exit__(*error)
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def before(self, case: Program, programs: int = 0, arms: int = 0) -> None:
        """Note that `case` is about to be run."""
        if self.path is not None:
            if _orphaned():
                os._exit(0)  # nobody is left to hear of it
            note = Note(time.time(), programs, arms, case)
            half = self.path.with_suffix(_HALF)
            half.write_bytes(msgspec.msgpack.encode(note))
            half.replace(self.path)
        self.watchdog.begin()


def _orphaned() -> bool:
    """Whether the process that started this one is dead.

    `os.getppid` does not tell: it names the fork server, which lives as long as its workers do.
    """
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def read_note(path: Path) -> Note | None:
    """The note, if there is one."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        return None
