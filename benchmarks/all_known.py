"""A campaign to which every finding is known, so that no batch ends early or shrinks anything."""

from nnxfuzz.campaign import KnownBugs
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import Case


class AllKnown(KnownBugs, frozen=True):
    """Every finding is the same bug."""

    def name_of(self, case: Case, finding: Finding) -> str | None:
        return "everything"

    def due(self, findings: int, checks: int) -> bool:
        return False

    def recognised(self, case: Case, finding: Finding) -> str | None:
        return "everything"
