"""What a record of the contract is."""

from collections.abc import Callable, Sequence

from packaging.version import Version

from nnxfuzz.oracle.contract.naming import Naming
from nnxfuzz.oracle.observations import Evidence
from nnxfuzz.plain import Observation
from nnxfuzz.programs import case as c
from nnxfuzz.programs.versions import OLDEST, between


class Wording(c.Data, frozen=True):
    """An exception type, a regular expression that its message matches, and what it names."""

    error: str
    pattern: str
    about: Naming


class Where(c.Data, frozen=True):
    """The loops, modes, wrappers and releases that a record holds for; no field has a default.

    `since` and `until` are the first and the last Flax release, such as "0.12.6"; None is no end.
    """

    transforms: tuple[c.Transform, ...]
    modes: tuple[c.Mode, ...]
    wrappers: tuple[c.Wrapper, ...]
    since: str
    until: str | None

    def has(self, arm: c.Arm, release: Version) -> bool:
        """Whether an arm of a release is among them."""
        return (
            between(self.since, release, self.until)
            and arm.transform in self.transforms
            and arm.mode in self.modes
            and arm.wrapper in self.wrappers
        )


EVERYWHERE = Where(c.TRANSFORMS, c.MODES, c.WRAPPERS, OLDEST, None)


#: The observations that a message has to be about (none: there is no reason), or whether there is
#: a reason in the call itself, and in no object.
Reasons = Sequence[Observation] | bool


class Refusal(c.Data, frozen=True):
    """A documented reason to refuse; `when` says in words what `reasons` finds in the evidence."""

    id: str
    when: str
    reasons: Callable[[Evidence], Reasons]
    wordings: tuple[Wording, ...]
    source: str
    where: Where


class Deviation(c.Data, frozen=True):
    """A way in which a loop differs from Python's; `applied` says what demands it."""

    id: str
    what: str
    applied: str
    source: str
    where: Where
