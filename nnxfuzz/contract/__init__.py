"""The contract: the documented reasons for which a loop may refuse, and documented deviations.

One record each.  A refusal is explained only if a record holds for the release, the transform and
the mode, its fact is true of the program (the reference run saw it), and the exception has the
record's type and wording.  `nnxfuzz contract` prints this table and `docs/contract.md` is made
from it, so that Flax's maintainers can correct it.
"""

import re

from packaging.version import Version

from nnxfuzz.case import Arm
from nnxfuzz.contract.deviations import DEVIATIONS, MADE_STATIC, OWN_NODES
from nnxfuzz.contract.page import page
from nnxfuzz.contract.records import Deviation, Refusal, Wording
from nnxfuzz.contract.refusals import REFUSALS
from nnxfuzz.facts import Facts
from nnxfuzz.verdict import Failure
from nnxfuzz.versions import between

__all__ = [
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
    return (
        between(record.since, release, record.until)
        and arm.transform in record.transforms
        and arm.mode in record.modes
    )


def explanation(arm: Arm, facts: Facts, failure: Failure, release: Version) -> str | None:
    """The id of the first record that explains `failure`, or None.

    `body-raised` is no record: the program's own exception has to come through as it is.
    """
    if facts.raised == failure.error:
        return "body-raised"
    for record in REFUSALS:
        if _applies(record, arm, release) and record.holds(facts) and _worded(record, failure):
            return record.id
    return None


def _applies(record: Refusal, arm: Arm, release: Version) -> bool:
    return (
        between(record.since, release, record.until)
        and arm.transform in record.transforms
        and arm.mode in record.modes
        and arm.wrapper in record.wrappers
    )


def _worded(record: Refusal, failure: Failure) -> bool:
    return any(
        wording.error == failure.error and re.search(wording.pattern, failure.message)
        for wording in record.wordings
    )
