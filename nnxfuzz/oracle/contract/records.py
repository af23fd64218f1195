"""What a record of the contract is."""

from collections.abc import Callable, Iterable

from nnxfuzz.oracle.contract.naming import Naming, Reason
from nnxfuzz.oracle.observations import Observations
from nnxfuzz.programs.case import Data, Mode, Transform, Wrapper


class Wording(Data, frozen=True):
    """An exception type, a regular expression that its message matches, and what it names."""

    error: str
    pattern: str
    about: Naming


class Refusal(Data, frozen=True):
    """A documented reason to refuse; `when` says in words what `reasons` finds among the
    observations: the places that a message has to be about (none: there is no reason).

    It holds for the loops, modes, wrappers and releases that it names: `since` and `until` are the
    first and the last Flax release, such as "0.12.6"; None is no end.
    """

    id: str
    when: str
    reasons: Callable[[Observations], Iterable[Reason]]
    wordings: tuple[Wording, ...]
    source: str
    transforms: tuple[Transform, ...]
    modes: tuple[Mode, ...]
    wrappers: tuple[Wrapper, ...]
    since: str
    until: str | None


class Deviation(Data, frozen=True):
    """A way in which a loop differs from Python's; `applied` says where that is demanded.

    It is demanded of the loops and modes that it names, in the releases from `since` to `until`
    (None is no end).
    """

    id: str
    what: str
    applied: str
    source: str
    transforms: tuple[Transform, ...]
    modes: tuple[Mode, ...]
    since: str
    until: str | None
