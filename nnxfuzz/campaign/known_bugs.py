"""Which bugs are known on the installed release, and whether a finding is one of them.

Known means: this release, this cause.  A bug is known by the entries of the corpus and of the finds
whose range holds the release.  A finding is taken for it where it is inside of a scope of its
cause (`scopes` for cases, `causes.toml` of the corpus for call programs) or, of a bug that nobody
has looked into yet, where it has an entry's symptom and the program does all that the entry's does.
Both are guesses, so a share of such findings is shrunk and has to come to an entry's minimal form
(`KnownBugs.due`, `recognised`).
A known bug never hides another.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from nnxfuzz.campaign.outlines import outline
from nnxfuzz.campaign.scopes import SCOPES
from nnxfuzz.corpus.causes import CallScope, Cause
from nnxfuzz.corpus.entries import Entry, Sighting
from nnxfuzz.corpus.outcomes import affected
from nnxfuzz.oracle.verdict import Cell, Finding, FindingKind, Symptom
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import MATERIAL, Arm, Data
from nnxfuzz.programs.program import Program
from nnxfuzz.runners.kinds import kind_of

#: One finding of so many that are taken for a known bug is shrunk; the first one always is.
SAMPLE = 20


def traits(case: Program) -> frozenset[str]:
    """What a program does, by the names of the features that it exercises."""
    return frozenset(
        name
        for name in kind_of(case).exercised(case)
        if not (name in MATERIAL or name.partition(":")[0] in MATERIAL)
    )


class MinimalForm(Data, frozen=True):
    """What a finding has been shrunk to: what it is, on the simplest arm, and what the minimal
    program does.
    """

    kind: FindingKind
    where: str
    words: str
    arm: Arm
    traits: frozenset[str]


def form_of(case: Program, finding: Finding) -> MinimalForm:
    """The form of a finding on a minimal case."""
    symptom = finding.symptom
    seen = symptom.signature
    return MinimalForm(seen.kind, seen.where, symptom.words, finding.arm, traits(case))


class KnownBug(Data, frozen=True):
    """A known bug: the id of its cause, or a signature of it, and what its entries show; `scopes`
    are those of the cause in call programs.
    """

    name: str
    symptoms: frozenset[Symptom] = frozenset()
    forms: frozenset[MinimalForm] = frozenset()
    scopes: tuple[CallScope, ...] = ()

    @property
    def has_scope(self) -> bool:
        """Whether it is said what the findings of it are like."""
        return self.name in SCOPES or bool(self.scopes)

    def may_show(self, case: Program, finding: Finding) -> bool:
        """Whether a finding is inside of a scope of its cause."""
        if isinstance(case, CallProgram):
            return any(scope.covers(case, finding) for scope in self.scopes)
        return any(scope.covers(case, finding) for scope in SCOPES.get(self.name, ()))

    def covers(self, case: Program, finding: Finding) -> bool:
        """Whether a finding is to be taken for this bug."""
        if self.has_scope:
            return self.may_show(case, finding)
        does = traits(case)
        return finding.symptom in self.symptoms and any(form.traits <= does for form in self.forms)

    def has(self, form: MinimalForm, case: Program, finding: Finding) -> bool:
        """Whether it has been seen in this minimal form.

        A cause that has a scope may show on any arm of it; nothing else is told of one without.
        The corpus has few call programs, so a minimal one has to be inside of the scope alone.
        """
        if self.has_scope and isinstance(case, CallProgram):
            return self.may_show(case, finding)
        if self.has_scope:
            forms = {(one.kind, outline(self.name, one.traits)) for one in self.forms}
            seen = (form.kind, outline(self.name, form.traits))
            return seen in forms and self.may_show(case, finding)
        return form in self.forms

    def plus(self, other: "KnownBug") -> "KnownBug":
        """Both together, which have one name."""
        scopes = tuple(dict.fromkeys((*self.scopes, *other.scopes)))
        return KnownBug(self.name, self.symptoms | other.symptoms, self.forms | other.forms, scopes)


class KnownBugs(Data, frozen=True):
    """The bugs that are known on the installed release, by name."""

    bugs: Mapping[str, KnownBug] = {}

    def name_of(self, case: Program, finding: Finding) -> str | None:
        """The name of the bug that a finding is to be taken for; None if it is new."""
        return next((bug.name for bug in self.bugs.values() if bug.covers(case, finding)), None)

    def other_than(self, name: str | None) -> Callable[[Program, Finding], bool]:
        """Whether a finding is to be taken for a bug, and that has another name."""
        return lambda case, finding: self.name_of(case, finding) not in (None, name)

    def due(self, findings: int, checks: int) -> bool:
        """Whether the next finding that is taken for a bug has to be shrunk, after so many of them
        and so many checks: the first one, and then one of `SAMPLE`.
        """
        return findings >= SAMPLE * checks

    def recognised(self, case: Program, finding: Finding) -> str | None:
        """The name of the bug that has been seen in the minimal form of this finding on this
        minimal case; None if there is none.
        """
        form = form_of(case, finding)
        found = (bug.name for bug in self.bugs.values() if bug.has(form, case, finding))
        return next(found, None)

    def plus(self, *bugs: KnownBug) -> "KnownBugs":
        """These and others."""
        together = dict(self.bugs)
        for bug in bugs:
            together[bug.name] = together.get(bug.name, KnownBug(bug.name)).plus(bug)
        return KnownBugs(together)

    def without(self, name: str) -> "KnownBugs":
        """All but one of them."""
        return KnownBugs({n: bug for n, bug in self.bugs.items() if n != name})

    def looks_like(self, *seen: tuple[str, Symptom]) -> "KnownBugs":
        """With more symptoms of bugs, by name; a cause that has a scope keeps to that."""
        open_ = {name for name, bug in self.bugs.items() if not bug.has_scope}
        return self.plus(*(KnownBug(n, frozenset({symptom})) for n, symptom in seen if n in open_))


def known_bug(
    case: Program, finding: Finding, cells: Iterable[Cell] = (), cause: str | None = None
) -> KnownBug:
    """The bug of a finding on a minimal case, on each arm whose cell tells the like of it."""
    name = str(finding.signature) if cause is None else cause
    seen = [finding, *(other for cell in cells if (other := _on(cell, finding)) is not None)]
    symptoms = frozenset(each.symptom for each in seen)
    return KnownBug(name, symptoms, frozenset(form_of(case, each) for each in seen))


def _on(cell: Cell, finding: Finding) -> Finding | None:
    """The finding on the arm of a cell, if that is what it came to there."""
    arm = cell.arm
    signature = msgspec.structs.replace(
        finding.signature, transform=arm.transform, mode=arm.mode, wrapper=arm.wrapper
    )
    if cell.outcome != str(signature):
        return None
    return msgspec.structs.replace(finding, arm=arm, signature=signature)


def known_bugs(
    entries: Iterable[Entry],
    release: Sighting,
    checkout: str | None = None,
    causes: Mapping[str, Cause] = {},
) -> KnownBugs:
    """The bugs of the entries whose range holds the release, or that were found with the checkout
    of this name; `causes` are their records by id.
    """
    held = [entry for entry in entries if affected(entry, release, checkout)]
    found = KnownBugs().plus(*(known_bug(e.case, _evidence(e), e.arms, e.cause) for e in held))
    records = [causes[name] for name in found.bugs if name in causes]
    return found.plus(*(KnownBug(cause.id, scopes=cause.scope) for cause in records))


def _evidence(entry: Entry) -> Finding:
    """What the run showed, under the signature that a replay expects."""
    return msgspec.structs.replace(entry.evidence, arm=entry.arm, signature=entry.signature)
