"""What a record of the contract is."""

from collections.abc import Callable

from nnxfuzz.case import MODES, TRANSFORMS, WRAPPERS, Data, Mode, Transform, Wrapper
from nnxfuzz.facts import Facts
from nnxfuzz.versions import OLDEST


class Wording(Data, frozen=True):
    """An exception type and a regular expression that its message matches."""

    error: str
    pattern: str


class Refusal(Data, frozen=True):
    """A documented reason to refuse; `when` says in words what `holds` asks of the facts.

    `since` and `until` are the first and the last Flax release, such as "0.12.6"; None is no end.
    """

    id: str
    when: str
    holds: Callable[[Facts], bool]
    wordings: tuple[Wording, ...]
    source: str
    transforms: tuple[Transform, ...] = TRANSFORMS
    modes: tuple[Mode, ...] = MODES
    wrappers: tuple[Wrapper, ...] = WRAPPERS
    since: str = OLDEST
    until: str | None = None


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
