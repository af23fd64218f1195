"""What a campaign says while it runs, as data.  Reports and `--json` listen; nothing else does."""

from typing import Any

from nnxfuzz.case import MODES, TRANSFORMS, Data, Mode, Tagged, Transform
from nnxfuzz.verdict import Signature


class Settings(Data, frozen=True):
    """What a campaign is to do.  It ends at the first budget that is used up."""

    seed: int
    seconds: float | None = 60.0
    programs: int | None = None
    transforms: tuple[Transform, ...] = TRANSFORMS
    modes: tuple[Mode, ...] = MODES
    #: Programs in a batch.
    batch: int = 200
    #: Seconds that the shrinking of one finding may take: half for Hypothesis, which shrinks the
    #: draws, and what is left for `shrink`, which drops rows of the case itself.
    shrink_seconds: float = 16.0
    #: One program in so many is run by XLA too, whatever the traced run said.
    xla_every: int = 50


class Started(Tagged, frozen=True, tag="start"):
    """The campaign begins."""

    seed: int
    flax: str
    jax: str
    transforms: tuple[Transform, ...]
    modes: tuple[Mode, ...]
    known: int


class Found(Tagged, frozen=True, tag="finding"):
    """A signature that was not known; `shrunk` tells the final from the first save."""

    signature: Signature
    path: str
    shrunk: bool
    programs: int


class Progress(Tagged, frozen=True, tag="progress"):
    """Where the campaign stands."""

    statistics: dict[str, Any]


class Ended(Tagged, frozen=True, tag="end"):
    """The campaign is over.  `reason`: `budget`, `interrupted`, or `failed` (by the report)."""

    reason: str
    statistics: dict[str, Any]
    findings: tuple[Found, ...]


Event = Started | Found | Progress | Ended

__all__ = ["Ended", "Event", "Found", "Progress", "Settings", "Started"]
