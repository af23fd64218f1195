"""The corpus: findings as files, one JSON document each, read and written so that none is lost.

An entry holds all that a stranger needs to see the bug again: the case, the arm, what was seen and
with which releases.  A file appears whole or not at all, and saving the same entry twice changes
nothing.  A file that cannot be read is a `Misuse` that names it and the place in it.

Left to others: which findings are kept (`campaign`), whether they still fail (`replay`), and how
they are shown (`script`).
"""

import os
import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from packaging.version import Version

from nnxfuzz.corpus.migrations import MIGRATIONS
from nnxfuzz.corpus.ours import MAX_ENTRY_BYTES as MAX_ENTRY_BYTES
from nnxfuzz.oracle.verdict import Blame, Cell, Finding, Signature
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.programs.case import TRANSFORMS, Arm, CaseError, Data, check, digest
from nnxfuzz.programs.case.codec import convert, plain, read_json
from nnxfuzz.programs.case.problem import shown
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.versions import version
from nnxfuzz.transforms import REGISTRY

#: The format that this nnxfuzz writes.
FORMAT = 4

MAX_SLUG = 48


class Sighting(Data, frozen=True):
    """The releases of one run: both, since some failures depend on jax and not on flax."""

    flax: str
    jax: str

    def __post_init__(self) -> None:
        """Raises ValueError if one is no version."""
        for release in (self.flax, self.jax):
            version(release)


class Checkout(Data, frozen=True):
    """A Flax that was not released: the name of its folder, its commit, if it had one, and whether
    its files differed from that.
    """

    name: str
    commit: str | None = None
    changed: bool = False

    def told(self) -> str:
        """In words."""
        at = f" at {self.commit[:10]}" if self.commit else ""
        return f"checkout {self.name}{at}{', changed' if self.changed else ''}"


class FoundWith(Sighting, frozen=True):
    """All that took part when the finding was made.  With a `checkout` the version of Flax is that
    which the checkout carries, and says nothing of the release of that name.
    """

    nnxfuzz: str
    python: str
    checkout: Checkout | None = None


class Affected(Data, frozen=True):
    """The range of releases with the bug; None where a bisection has found no end."""

    first_bad: Sighting | None = None
    first_good: Sighting | None = None

    def __post_init__(self) -> None:
        """Raises ValueError if the range holds no release."""
        first, end = self.first_bad, self.first_good
        if first and end and order(end) <= order(first):
            raise ValueError(
                f"first_good ({end.flax}) does not come after first_bad ({first.flax})"
            )


def order(sighting: Sighting) -> tuple[Version, Version]:
    """What puts sightings in the order of their releases."""
    return version(sighting.flax), version(sighting.jax)


class Entry(Data, frozen=True, omit_defaults=False):
    """One finding of the corpus.

    `evidence` is what the run showed then, to look at; `signature` is what a replay expects.
    `arms` is what the case came to on each arm with those releases, and `blame` what that says;
    `cause` is the id of a record of the folder's causes (see `causes`).
    """

    format: int
    title: str
    case: Program
    arm: Arm
    signature: Signature
    evidence: Finding
    found_with: FoundWith
    affected: Affected | None = None
    link: str | None = None
    note: str = ""
    arms: tuple[Cell, ...] = ()
    blame: Blame | None = None
    cause: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError if the title is more than a line."""
        if len(self.title.splitlines()) > 1:
            raise ValueError(f"title {shown(self.title)} has a line break")


def schema() -> dict[str, Any]:
    """The JSON Schema of an entry.  A case may leave out of which kind of program it is."""
    whole = msgspec.json.schema(Entry)
    whole["$defs"]["Case"]["required"].remove("is")
    return whole


# --- names ----------------------------------------------------------------------------------


def slug(title: str) -> str:
    """A title in the letters of a file name, cut at a word where it is long."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    if len(words) > MAX_SLUG:
        words = words[: MAX_SLUG + 1].rpartition("-")[0] or words[:MAX_SLUG]
    return words or "untitled"


def file_name(entry: Entry) -> str:
    """`<title>-<transform>-<mode>-<digest of the case>.json`: one case may fail on several arms.

    A wrapper, where there is one, stands after the mode.
    """
    arm = entry.arm
    wrapper = () if arm.wrapper == "plain" else (slug(arm.wrapper),)
    parts = (slug(entry.title), slug(arm.transform), arm.mode, *wrapper, digest(entry.case))
    return "-".join(parts) + ".json"


# --- reading --------------------------------------------------------------------------------


def load(path: Path) -> Entry:
    """The entry in the file, brought to today's format, or a `Misuse` that says what is wrong."""
    data = read_bytes(path)
    if path.suffix == ".py":  # `nnxfuzz check` saves what it finds as scripts
        raise Misuse(f"{path} is a script; run it with python, or name a corpus entry (*.json)")
    try:
        entry = convert(told_apart(migrated(read_json(data, MAX_ENTRY_BYTES))), Entry)
    except CaseError as error:
        raise unreadable(path, error, error.path) from None
    try:
        check_program(entry.case, entry.arm)
    except CaseError as error:
        raise unreadable(path, error, "$.case" + error.path[1:]) from None
    told, arm = entry.signature, entry.arm
    if (told.transform, told.mode, told.wrapper) != (arm.transform, arm.mode, arm.wrapper):
        reason = f"'{told}' is no signature of its arm"
        wrong = CaseError("$.signature", reason, "restore the file from version control", 0)
        raise unreadable(path, wrong, wrong.path)
    return entry


def read_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Misuse(f"{path} is no file; name a corpus entry (*.json)")
        with path.open("rb") as file:
            return file.read(MAX_ENTRY_BYTES + 1)  # one more, so that too much shows
    except OSError as error:
        raise Misuse(f"cannot read {path}: {error.strerror}; check that you may read it") from None


def unreadable(path: Path, error: CaseError, where: str) -> Misuse:
    return Misuse(f"{path} is no corpus entry: at {where}: {error.reason}; {error.remedy}")


def migrated(raw: object) -> object:
    """The raw document in today's format."""
    if not isinstance(raw, dict):
        return raw  # for `convert` to refuse
    version = raw.get("format")
    if type(version) is not int:
        raise CaseError("$.format", "it is missing or no integer", f'write "format": {FORMAT}', 0)
    if version > FORMAT:
        reason = f"format {shown(version)} was written by a newer nnxfuzz"
        raise CaseError("$.format", reason, f"upgrade nnxfuzz, this one reads up to {FORMAT}", 0)
    if version != FORMAT and version not in MIGRATIONS:
        reason = f"no nnxfuzz has written format {shown(version)}"
        raise CaseError("$.format", reason, f'write "format": {FORMAT}', 0)
    for old in range(version, FORMAT):
        raw = migrate(raw, old)
    return raw


def told_apart(raw: object) -> object:
    """The raw document, whose program says of which kind it is; that of a case may not."""
    if isinstance(raw, dict) and isinstance(raw.get("case"), dict):
        return raw | {"case": {"is": "loop"} | raw["case"]}
    return raw


def check_program(program: Program, arm: Arm) -> None:
    """Raise CaseError if the program is not well formed, or the arm none of its own."""
    own: tuple[str, ...] = TRANSFORMS
    if isinstance(program, CallProgram):
        own = (program.call.transform,)
        try:
            text(program, REGISTRY)
        except Unfit as error:
            raise CaseError("$.call", str(error), "restore the file", 0) from None
    else:
        check(program)
    if arm.transform not in own:
        reason = f"the arm's transform {arm.transform!r} is none of {', '.join(own)}"
        raise CaseError("$", reason, "restore the file from version control", 0)


def migrate(raw: dict[str, Any], old: int) -> dict[str, Any]:
    """One format further.  A migration may take for granted that its input is well formed."""
    try:
        return MIGRATIONS[old](raw) | {"format": old + 1}
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        reason = f"it is no entry of format {old} ({type(error).__name__}: {shown(str(error))})"
        raise CaseError("$", reason, "restore the file from version control", 0) from error


def entries(paths: Iterable[Path]) -> list[Path]:
    """The files that the paths name: a folder stands for every *.json below it, in order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(file for file in path.rglob("*.json") if file.is_file())
        elif path.exists():
            found.append(path)
        else:
            raise Misuse(f"{path} does not exist; name a corpus entry or a folder of them")
    return list(dict.fromkeys(found))


def readable(folders: Iterable[Path]) -> tuple[list[Entry], list[Misuse]]:
    """The entries of the folders that there are, and what is wrong with the files that cannot be
    read, whose bugs therefore count as new.
    """
    found, unread = [], []
    for path in entries(folder for folder in folders if folder.exists()):
        try:
            found.append(load(path))
        except Misuse as error:
            unread.append(error)
    return found, unread


# --- writing --------------------------------------------------------------------------------


def save(entry: Entry, folder: Path) -> Path:
    """Write the entry into the folder, made if need be, and return its file."""
    check_program(entry.case, entry.arm)
    data = document(entry)
    path = folder / file_name(entry)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (path.is_file() and path.read_bytes() == data):
            write_whole(path, data)
    except OSError as error:
        raise Misuse(
            f"cannot save {path.name} in {folder}: {error.strerror}; "
            "make room there or name another folder"
        ) from error
    return path


def set_range(path: Path, affected: Affected | None) -> bool:
    """Write the range of releases into the entry in the file; False if it is there already."""
    entry = load(path)
    if entry.affected == affected:
        return False
    try:
        write_whole(path, document(msgspec.structs.replace(entry, affected=affected)))
    except OSError as error:
        raise Misuse(
            f"cannot write {path}: {error.strerror}; make room there, or check that you may write"
        ) from error
    return True


def document(entry: Entry) -> bytes:
    """The entry as JSON to be read and reviewed by people."""
    data = msgspec.json.format(msgspec.json.encode(plain(entry)), indent=2) + b"\n"
    if len(data) > MAX_ENTRY_BYTES:
        raise Misuse(
            f"the entry {entry.title!r} takes {len(data)} bytes and {MAX_ENTRY_BYTES} are allowed; "
            "shorten its evidence"
        )
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Write the file so that whoever looks sees the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    file = temporary.open("xb")
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)  # gone already unless something failed
