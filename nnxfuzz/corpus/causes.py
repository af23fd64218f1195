"""Findings by root cause: several signatures of one bug stand under one heading.

Who has looked into a bug writes a record of it into `causes.toml` of the corpus folder, and its id
into the entries (their field `cause`)::

    [[cause]]
    id = "tree-splits-shared"
    title = "tree mode splits a shared Variable and loses an update"
    category = "defect"             # or silent, internal, unclear, resource
    guess = "`_simple_fori_loop` in flax/nnx/transforms/iteration.py flattens without a check"
    upstream = "not known: searched the issues for ..."

    [[cause.scope]]                 # as many as there are ways in which call programs show it
    kinds = ["wrong-world"]
    modes = ["tree"]                # all of them, if left out
    where = "caller (variable|array) value"
    message = ""
    traits = [["call:fori_loop", "call:while_loop"], ["call:shared"]]

A **scope** says which findings of a call program a campaign may take for the cause.  What is
outside of it is new, whatever it looks like.  So it is as narrow as the cause allows.

Entries without one are put together by what they have shrunk to: where one program, but for the
transform that is called, shows both; where the case of one shows the very signature of another on
the other's arm; where one function of Flax raises the same exception in the same words.  That is
only a guess, and never joins two causes that have records.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from nnxfuzz.corpus.entries import Entry
from nnxfuzz.corpus.looks import looks
from nnxfuzz.oracle.verdict import Finding, FindingKind, wording
from nnxfuzz.programs.calls.coverage import exercised
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import MODES, Data, Mode, digest
from nnxfuzz.programs.errors import Misuse

#: The file of records in a corpus folder.
FILE = "causes.toml"

#: `defect`: the program keeps every documented rule.  `silent`: it breaks one, and gets another
#: answer instead of the refusal.  `internal`: it breaks one, and the refusal that is due comes as
#: an internal error.  `unclear`: refused, and nothing documented says why.  `resource`: right, but
#: traced again, or kept in memory.
Category = Literal["defect", "silent", "internal", "unclear", "resource"]


class CallScope(Data, frozen=True):
    """What a finding of a cause is like in a call program.

    `where` and `message` are regular expressions (see `looks`).  Whatever the outermost transform
    is: the cause may lie in any of the calls.  `traits` are what the program has
    (`programs.calls.coverage`), at least one of each group.
    """

    kinds: tuple[FindingKind, ...]
    where: str
    modes: tuple[Mode, ...] = MODES
    message: str = ""
    traits: tuple[frozenset[str], ...] = ()

    def __post_init__(self) -> None:
        for pattern in (self.where, self.message):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None

    def covers(self, program: CallProgram, finding: Finding) -> bool:
        """Whether a finding may be of the cause."""
        has = exercised(program)
        alike = looks(finding, self.kinds, self.modes, self.where, self.message)
        return alike and all(_has_one(has, group) for group in self.traits)


def _has_one(has: frozenset[str], group: frozenset[str]) -> bool:
    """Whether a program has something of a group."""
    return not group.isdisjoint(has) or any(
        fnmatchcase(name, pattern) for pattern in group if "*" in pattern for name in has
    )


class Cause(Data, frozen=True):
    """A root cause.  `guess` names the function of Flax; `upstream` says what is known there;
    `scope` is what it is like in call programs.
    """

    id: str
    title: str
    category: Category
    guess: str = ""
    upstream: str = ""
    link: str | None = None
    scope: tuple[CallScope, ...] = ()


class Group(Data, frozen=True):
    """The entries of one cause; `cause` is its record, if there is one."""

    title: str
    cause: Cause | None
    entries: tuple[tuple[Path, Entry], ...]


class _Document(Data, frozen=True):
    cause: tuple[Cause, ...] = ()


def causes(folder: Path) -> dict[str, Cause]:
    """The records of a folder by id; none if it has no such file.  Raises Misuse."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"cannot read {path}: {error}; make it a readable UTF-8 file") from None
    try:
        found = msgspec.convert(tomllib.loads(text), _Document).cause
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Misuse(
            f"{path} is no list of causes: {error}; each [[cause]] needs id, title and category"
        ) from None
    return {cause.id: cause for cause in found}


def all_causes(folders: Iterable[Path]) -> dict[str, Cause]:
    """Those of several folders; of two with one id the first.  Raises Misuse."""
    found: dict[str, Cause] = {}
    for folder in folders:
        found = causes(folder) | found
    return found


def grouped(found: Iterable[tuple[Path, Entry]], known: dict[str, Cause]) -> tuple[Group, ...]:
    """The entries by cause: those with a record first, in the order of the records."""
    by_name: dict[str, list[tuple[Path, Entry]]] = {name: [] for name in known}
    unnamed: list[tuple[Path, Entry]] = []
    for path, entry in found:
        if entry.cause is None:
            unnamed.append((path, entry))
        else:
            by_name.setdefault(entry.cause, []).append((path, entry))
    alone = []
    for cluster in _clusters(unnamed):
        homes = [name for name, ones in by_name.items() if _linked(ones, cluster, _alike)]
        if len(homes) == 1:
            by_name[homes[0]] += cluster
        else:
            alone.append(cluster)
    return (*_named(by_name, known), *(Group(c[0][1].title, None, tuple(c)) for c in alone))


def _named(
    by_name: dict[str, list[tuple[Path, Entry]]], known: dict[str, Cause]
) -> Iterator[Group]:
    for name, members in by_name.items():
        if members:
            cause = known.get(name)
            yield Group(name if cause is None else cause.title, cause, tuple(members))


def _clusters(entries: list[tuple[Path, Entry]]) -> list[list[tuple[Path, Entry]]]:
    """The entries put together, as far as one is linked to another."""
    clusters: list[list[tuple[Path, Entry]]] = []
    for entry in entries:
        linked = [cluster for cluster in clusters if _linked(cluster, [entry], _like)]
        clusters = [cluster for cluster in clusters if cluster not in linked]
        clusters.append([member for cluster in linked for member in cluster] + [entry])
    return clusters


def _linked(
    ones: list[tuple[Path, Entry]],
    others: list[tuple[Path, Entry]],
    by: Callable[[Entry, Entry], bool],
) -> bool:
    return any(by(one, other) for _, one in ones for _, other in others)


def _alike(one: Entry, other: Entry) -> bool:
    """Whether one case is the other's, or shows the other's signature."""
    return digest(one.case) == digest(other.case) or _shows(one, other) or _shows(other, one)


def _like(one: Entry, other: Entry) -> bool:
    """The same of two entries that nobody has looked into, whichever transform shows each."""
    return _alike(one, other) or bool(_marks(one) & _marks(other))


def _marks(entry: Entry) -> set[tuple[object, ...]]:
    """What is the same of two entries of one cause."""
    kind, failure = entry.signature.kind, entry.evidence.failure
    program = entry.case
    if isinstance(program, CallProgram):
        call = msgspec.structs.replace(program.call, transform="", options={}, style="def")
        program = msgspec.structs.replace(program, call=call)
    found: set[tuple[object, ...]] = {(kind, digest(program))}
    if failure is not None and failure.function:
        found.add((kind, failure.error, failure.function, wording(failure.message)))
    return found


def _shows(one: Entry, other: Entry) -> bool:
    return any(cell.outcome == str(other.signature) for cell in one.arms)
