"""A campaign as a file in the finds folder, from which it goes on after any end, SIGKILL included.

The file is replaced as a whole, and what it says is true of one moment: work that is handed out is
in it until its result has been counted, so a run that goes on does that work again and counts it
once.  Each campaign has a file of its own and holds a lock on it while it runs; several may share a
folder.  The findings themselves are entries of the folder, saved before the state speaks of them.
"""

import os
import time
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from nnxfuzz import nnx_api
from nnxfuzz.campaign.events import Failed, Found, Settings
from nnxfuzz.campaign.note import SUFFIX
from nnxfuzz.campaign.statistics import Counts
from nnxfuzz.campaign.swarm import History
from nnxfuzz.campaign.work import Work
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.programs.errors import Misuse

#: Where states, locks and notes are, below the finds folder; none of them is a `.json`.
FOLDER = ".campaigns"
_STATE, _LOCK = ".state", ".lock"
FORMAT = 1


class State(msgspec.Struct):
    """All that a campaign has come to.  Seconds are of running, over all runs."""

    format: int
    settings: Settings
    flax: str
    jax: str
    workers: int = 1
    runs: int = 0
    seconds: float = 0.0
    #: The number of the next batch.
    next: int = 0
    #: Batches that have been counted; the others are pending.
    done: int = 0
    pending: list[Work] = []
    counts: Counts = Counts()
    history: History = History()
    found: list[Found] = []
    #: Failures of nnxfuzz itself, the first of each name.
    faults: list[Failed] = []
    #: Digests of programs that kill the process that runs them.
    deadly: frozenset[str] = frozenset()
    last_new: float | None = None
    restarts: int = 0
    #: How the last run ended; None while it runs, or if it was killed.
    ended: str | None = None
    #: Programs and arms of the last minute or so: (second, programs, arms).
    recent: list[tuple[float, int, int]] = []


def key(settings: Settings) -> Settings:
    """What of the settings has to be the same for a campaign to go on: all but the budgets."""
    return msgspec.structs.replace(settings, seconds=None, programs=None)


class Store:
    """The state file of one campaign, held by this process."""

    def __init__(self, finds: Path, seed: int) -> None:
        self.folder = finds / FOLDER
        self.path = self.folder / f"seed-{seed}{_STATE}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(self.path.with_suffix(_LOCK), timeout=0)
        try:
            self.lock.acquire()
        except Timeout:
            raise Misuse(
                f"a campaign with seed {seed} is running on {finds}; "
                "choose another --seed or another folder with --finds"
            ) from None
        for left in self.folder.glob(f".{self.path.name}.*.tmp"):  # of a run killed as it wrote
            left.unlink(missing_ok=True)

    def close(self) -> None:
        """Let others have it."""
        self.lock.release()

    def load(self, settings: Settings) -> State | None:
        """The campaign with these settings as its last run left it, if there is one."""
        state = read(self.path)
        if state is None and self.path.exists():  # damaged, or another nnxfuzz's: not to be lost
            self.path.replace(self.path.with_suffix(f"{_STATE}.unread"))
        if state is None or not _matches(state, settings):
            return None
        state.settings = settings
        return state

    def save(self, state: State) -> None:
        """Write the state down.  Raises Misuse if it cannot be."""
        try:
            corpus.write_whole(self.path, msgspec.msgpack.encode(state))
        except OSError as error:
            raise Misuse(
                f"cannot save the state of the campaign in {self.folder}: {error.strerror}; "
                "make room there or name another folder with --finds"
            ) from error

    def note(self, number: int) -> Path:
        """Where the worker of the piece of work `number` of this run notes its cases.

        Workers of a run that was killed may live on for a case, so each run has its own names.
        """
        return self.folder / f"{self.path.stem}.{os.getpid()}-{number}{SUFFIX}"

    def notes(self) -> list[Path]:
        """The notes that a run before this one has left."""
        return sorted(self.folder.glob(f"{self.path.stem}.*{SUFFIX}"))


def read(path: Path) -> State | None:
    """The state in a file; None if there is none that this nnxfuzz can read."""
    try:
        state = msgspec.msgpack.decode(path.read_bytes(), type=State)
    except (OSError, msgspec.MsgspecError):
        return None
    return state if state.format == FORMAT else None


def states(finds: Path) -> list[tuple[Path, State]]:
    """The campaigns of a folder, the one that was written last first."""
    files = (finds / FOLDER).glob(f"*{_STATE}")
    newest = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
    return [(file, state) for file in newest if (state := read(file)) is not None]


def unreadable(finds: Path) -> list[Path]:
    """The state files of a folder that are damaged, or of another nnxfuzz."""
    return [file for file in sorted((finds / FOLDER).glob(f"*{_STATE}")) if read(file) is None]


def running(path: Path) -> bool:
    """Whether some process holds the campaign of this state file."""
    lock = FileLock(path.with_suffix(_LOCK), timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True


def resumable(finds: Path, settings: Settings) -> int | None:
    """The seed of the newest campaign that could go on with these settings, whatever its seed."""
    for path, state in states(finds):
        same = msgspec.structs.replace(settings, seed=state.settings.seed)
        if _matches(state, same) and not running(path):
            return state.settings.seed
    return None


def _matches(state: State, settings: Settings) -> bool:
    return key(state.settings) == key(settings) and (state.flax, state.jax) == (
        nnx_api.FLAX,
        nnx_api.JAX,
    )


def fresh(settings: Settings) -> State:
    """A campaign that has not begun."""
    return State(FORMAT, settings, nnx_api.FLAX, nnx_api.JAX)


def age(path: Path) -> float:
    """Seconds since the state was written."""
    return max(0.0, time.time() - path.stat().st_mtime)
