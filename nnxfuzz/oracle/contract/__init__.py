"""The contract: the documented reasons for which a loop may refuse, and documented deviations.

One record each.  A refusal is explained only if a record holds for the release, the transform and
the mode, the reference run observed its reason, and the exception has the record's type and wording
and is about an object that was observed so.  `nnxfuzz contract` prints this table and
`docs/contract.md` is made from it, so that Flax's maintainers can correct it.
"""

import re

from packaging.version import Version

from nnxfuzz.oracle.contract.deviations import DEVIATIONS, MADE_STATIC, OWN_NODES
from nnxfuzz.oracle.contract.page import page
from nnxfuzz.oracle.contract.records import Deviation, Reasons, Refusal, Wording
from nnxfuzz.oracle.contract.refusals import REFUSALS
from nnxfuzz.oracle.observations import Evidence
from nnxfuzz.oracle.verdict import Failure
from nnxfuzz.programs.case import Arm

#: The name under which the program's own exception is counted.
BODY_RAISED = "body-raised"

__all__ = [
    "BODY_RAISED",
    "DEVIATIONS",
    "MADE_STATIC",
    "OWN_NODES",
    "REFUSALS",
    "Deviation",
    "Refusal",
    "Wording",
    "deviates",
    "explanation",
    "page",
]


def deviates(record: Deviation, arm: Arm, release: Version) -> bool:
    """Whether a deviation is demanded of the arm in this release."""
    return record.where.has(arm, release)


def explanation(arm: Arm, evidence: Evidence, failure: Failure, release: Version) -> str | None:
    """The id of the first record that explains `failure`, or None.

    `body-raised` is no record: the program's own exception has to come through as it is, with its
    type and its text.
    """
    raised = evidence.raised
    if raised and (raised.error, raised.message) == (failure.error, failure.message):
        return BODY_RAISED
    for record in REFUSALS:
        if record.where.has(arm, release):
            reasons = record.reasons(evidence)
            if reasons and any(_says(w, failure, reasons, arm) for w in record.wordings):
                return record.id
    return None


def _says(wording: Wording, failure: Failure, reasons: Reasons, arm: Arm) -> bool:
    """Whether the failure is worded so, and is about one of the reasons."""
    return (
        wording.error == failure.error
        and re.search(wording.pattern, failure.message) is not None
        and (isinstance(reasons, bool) or wording.about(failure.message, reasons, arm))
    )
