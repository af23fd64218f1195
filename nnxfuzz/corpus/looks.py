"""How a finding looks: what the scopes of cases and those of call programs have in common."""

import re

from nnxfuzz.oracle.verdict import Finding, FindingKind
from nnxfuzz.programs.case import Mode


def looks(
    finding: Finding,
    kinds: tuple[FindingKind, ...],
    modes: tuple[Mode, ...],
    where: str,
    message: str,
) -> bool:
    """Whether a finding looks so: `where` is a regular expression of the whole of the signature's,
    `message` of a part of the exception's message, or, if there is none, of what the first place
    that differs has got.
    """
    seen, failure = finding.signature, finding.failure
    told = "" if failure is None else failure.message
    if failure is None and finding.differences:
        told = finding.differences[0].got
    return (
        seen.kind in kinds
        and seen.mode in modes
        and re.fullmatch(where, seen.where) is not None
        and re.search(message, told) is not None
    )
