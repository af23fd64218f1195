"""Why Flax may refuse a call: documented reasons, each with what has to be true of the call.

A wording alone explains nothing.  A reason holds only if what it says was seen: in the arguments,
or by the plain run of the same call; and it names the paths of the objects that it is about.  A
topic has a file, with the wordings and what has to be observed side by side.
"""

import re
from typing import NamedTuple

from nnxfuzz.checker.calls import mode_in_use
from nnxfuzz.checker.refusals import (
    branches,
    calling,
    carry,
    closures,
    derivatives,
    donating,
    duplicates,
    hijax,
    prefixes,
    references,
    shardings,
    statics,
    values,
)
from nnxfuzz.checker.refusals.base import Evidence, Reason
from nnxfuzz.oracle.contract.records import Wording
from nnxfuzz.plain.observations import Observation
from nnxfuzz.programs.case import Mode
from nnxfuzz.programs.errors import text_of

#: Of those that hold, the first is told.
REASONS: tuple[Reason, ...] = (
    *duplicates.REASONS,
    *references.REASONS,
    *hijax.REASONS,
    *closures.REASONS,
    *donating.REASONS,
    *carry.REASONS,
    *branches.REASONS,
    *prefixes.REASONS,
    *calling.REASONS,
    *shardings.REASONS,
    *derivatives.REASONS,
    *values.REASONS,
)

#: What fails where a refusal is due, or where none is: it stays a finding, with what is behind it.
UNREFUSED: tuple[Reason, ...] = (*carry.UNREFUSED, *branches.UNREFUSED)


#: How many places a sentence names.
_SHOWN = 3


class Explanation(NamedTuple):
    """A reason that holds for a refusal."""

    id: str
    told: str
    paths: tuple[str, ...]
    way_out: str


def explanation(
    evidence: Evidence, mode: Mode, reasons: tuple[Reason, ...] = REASONS
) -> Explanation | None:
    """The first reason that holds for the refusal, or None."""
    name, message = type(evidence.error).__name__, text_of(evidence.error)
    for reason in reasons:
        if not _worded(reason.wordings, name, message):
            continue
        about = _in_its_modes(evidence, mode, reason)
        paths = None if about is None else reason.holds(about)
        if paths is not None:
            reason = statics.in_its_words(evidence, reason, paths)
            told = reason.told.format(_listed(paths)) + _inside(evidence, reason, paths)
            return Explanation(reason.id, told, paths, reason.way_out)
    return None


def _listed(paths: tuple[str, ...]) -> str:
    """The places that a sentence is about; of many the first."""
    shown = [f"`{path}`" for path in paths[:_SHOWN]]
    more = len(paths) - _SHOWN
    return " and ".join([*shown, f"{more} more"] if more > 0 else shown)


def _in_its_modes(evidence: Evidence, mode: Mode, reason: Reason) -> Evidence | None:
    """What is known of the call without those in its body that ask for a mode which is none of the
    reason's; if the call itself is in such a mode, of those in it alone.
    """
    seen = evidence.seen
    told = [mode_in_use(options) in reason.modes for _, _, options in seen.asked]
    own = [one for one, is_in in zip(seen.asked, told, strict=True) if is_in]
    if mode not in reason.modes:
        found = seen.in_modes(reason.modes)
        found.asked = own
        return evidence._replace(seen=found, transform="") if found else None
    left_out = {name for name, _, _ in seen.asked} - {name for name, _, _ in own}

    def keep(o: Observation) -> bool:
        return o.mode in reason.modes if o.mode else not (o.depth and o.transform in left_out)

    found = seen.only(keep)
    found.asked = own
    return evidence._replace(seen=found)


def _inside(evidence: Evidence, reason: Reason, paths: tuple[str, ...]) -> str:
    """Which transform of the body the paths are of, if a sentence does not say it anyway."""
    depths = [(o.depth, o.transform) for o in evidence.seen if evidence.paths_of(o) == paths]
    depth, transform = min(depths, default=(0, ""))
    return f", in a {transform} of the body" if depth and "in the body" not in reason.told else ""


def _worded(wordings: tuple[Wording, ...], name: str, message: str) -> bool:
    return any(x.error == name and re.search(x.pattern, message) for x in wordings)
