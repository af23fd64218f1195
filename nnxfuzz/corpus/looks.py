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
    `message` of a part of the exception's message and of what the first place that differs has got,
    as far as there are such, in this order.
    """
    seen = finding.signature
    told = [] if finding.failure is None else [finding.failure.message]
    told += [difference.got for difference in finding.differences[:1]]
    return (
        seen.kind in kinds
        and seen.mode in modes
        and re.fullmatch(where, seen.where) is not None
        and re.search(message, "\n".join(told)) is not None
    )
