"""Entries by releases, as `nnxfuzz replay --flax ... --json` prints them."""

from pathlib import Path

import msgspec

from nnxfuzz.corpus.outcomes import Outcome
from nnxfuzz.programs.errors import Misuse


class Seen(msgspec.Struct, frozen=True):
    """One line: what became of one entry on one release."""

    flax: str
    path: str
    outcome: Outcome
    detail: str = ""


class Releases(msgspec.Struct, frozen=True):
    """What became of entries, by their file names, on releases in the order of the file."""

    labels: tuple[str, ...] = ()
    outcomes: dict[str, dict[str, Outcome]] = {}

    def of(self, path: Path) -> dict[str, Outcome]:
        """The outcomes of an entry by release."""
        return self.outcomes.get(path.name, {})

    def told(self, path: Path) -> list[tuple[str, str]]:
        """Each outcome of an entry, with the releases that had it."""
        by_outcome: dict[str, list[str]] = {}
        for label, outcome in self.of(path).items():
            by_outcome.setdefault(outcome, []).append(label)
        return [(outcome, ", ".join(labels)) for outcome, labels in by_outcome.items()]


def releases(path: Path) -> Releases:
    """The outcomes in a file.  Raises Misuse if it is not what `replay` prints."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Misuse(f"cannot read {path}: {error.strerror}; name a file of releases") from None
    except UnicodeDecodeError as error:
        raise _wrong(path, 1, error) from None
    seen = [_seen(path, number, line) for number, line in enumerate(lines, 1)]
    outcomes: dict[str, dict[str, Outcome]] = {}
    for one in seen:
        outcomes.setdefault(Path(one.path).name, {})[one.flax] = one.outcome
    return Releases(tuple(dict.fromkeys(one.flax for one in seen)), outcomes)


def _seen(path: Path, number: int, line: str) -> Seen:
    try:
        return msgspec.json.decode(line, type=Seen)
    except msgspec.MsgspecError as error:
        raise _wrong(path, number, error) from None


def _wrong(path: Path, number: int, error: Exception) -> Misuse:
    return Misuse(
        f"{path} is no list of releases: line {number}: {error}; "
        "make it with nnxfuzz replay --flax '*' --json"
    )
