"""What a campaign steps over: signatures that are known, and patterns of them.

A pattern stands for a known bug that shows in many ways.  It is a record of `known.toml` in the
corpus folder, made to be deleted once the bug is mended::

    [[known]]
    id = "one-name-per-bug"
    link = "https://github.com/google/flax/issues/..."
    reason = "why every signature like this is that bug"
    kind = "wrong-world"            # these four are patterns as of a shell, "*" if not given
    where = "caller variable *"
    features = ["closure:read"]     # the case must exercise all of these
    one_of = ["statement:make", "statement:drop"]  # and one of these
"""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

import msgspec

from nnxfuzz.case import MODES, TRANSFORMS, Case, Data
from nnxfuzz.case.coverage import EXERCISABLE, exercised
from nnxfuzz.errors import Misuse
from nnxfuzz.verdict import FindingKind, Signature

#: The file of patterns in a corpus folder.
FILE = "known.toml"

#: What patterns are of.
_NAMES = {"kind": get_args(FindingKind), "transform": TRANSFORMS, "mode": MODES}


class Pattern(Data, frozen=True):
    """A known bug: where it is told of, and which findings are it."""

    id: str
    link: str
    reason: str
    kind: str = "*"
    transform: str = "*"
    mode: str = "*"
    where: str = "*"
    features: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def covers(self, signature: Signature, case: Case | None) -> bool:
        """Whether a finding is this bug; without a case, whether its signature may be."""
        parts = ("kind", "transform", "mode", "where")
        if not all(fnmatchcase(getattr(signature, p), getattr(self, p)) for p in parts):
            return False
        if case is None or not (self.features or self.one_of):
            return True
        found = exercised(case)
        return found.issuperset(self.features) and not (
            self.one_of and found.isdisjoint(self.one_of)
        )


class Stepping(Data, frozen=True):
    """All that is stepped over."""

    signatures: frozenset[Signature] = frozenset()
    patterns: tuple[Pattern, ...] = ()

    def name_of(self, signature: Signature, case: Case) -> str | None:
        """The name under which a finding is counted as known; None if it is new."""
        for pattern in self.patterns:
            if pattern.covers(signature, case):
                return pattern.id
        return str(signature) if signature in self.signatures else None


class _Document(Data, frozen=True):
    known: tuple[Pattern, ...] = ()


def patterns(folder: Path) -> tuple[Pattern, ...]:
    """The patterns of a corpus folder; none if it has no such file.  Raises Misuse."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"cannot read {path}: {error}; make it a readable UTF-8 file") from None
    try:
        found = msgspec.convert(tomllib.loads(text), _Document).known
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Misuse(
            f"{path} is no list of known bugs: {error}; "
            "each [[known]] needs id, link, reason and a pattern"
        ) from None
    for pattern in found:
        wrong = _wrong(pattern)
        if wrong is not None:
            raise Misuse(f"{path}: the record {pattern.id!r} {wrong}")
    return found


def _wrong(pattern: Pattern) -> str | None:
    """What is wrong with a record, and the remedy: it would match everything, or nothing."""
    for name, there in _NAMES.items():
        asked = getattr(pattern, name)
        if not any(fnmatchcase(each, asked) for each in there):
            return f"asks for the {name} {asked!r}, which there is not; use {', '.join(there)}"
    features = {*pattern.features, *pattern.one_of}
    unknown = sorted(features - set(EXERCISABLE))
    if unknown:
        names = "nnxfuzz status --coverage lists them"
        return f"asks for the feature {unknown[0]!r}, which there is not; {names}"
    if not features and all(getattr(pattern, n) == "*" for n in (*_NAMES, "where")):
        return "hides every finding; give it a kind, transform, mode, where or features"
    return None
