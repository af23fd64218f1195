"""What a campaign is asked to do, and what it says while it runs, as data.

Reports and `--json` listen to the events; nothing else does.
"""

from typing import Any

from nnxfuzz.oracle.verdict import Signature
from nnxfuzz.programs import case as c
from nnxfuzz.runners.kinds import Drawn


class Settings(c.Data, frozen=True):
    """What a campaign is to do.  It ends at the first budget that is used up, if it has any.

    The budgets are those of one run; all else decides what is drawn, and a campaign that goes on
    after an end keeps it.
    """

    seed: int
    seconds: float | None = 60.0
    programs: int | None = None
    transforms: tuple[str, ...] = c.TRANSFORMS
    modes: tuple[c.Mode, ...] = c.MODES
    wrappers: tuple[c.Wrapper, ...] = c.WRAPPERS
    #: Programs in a batch.
    batch: int = 100
    #: How many smaller programs the shrinking of one finding may try: half for Hypothesis, which
    #: shrinks the draws, and what is left for `shrink`, which drops rows of the case itself.
    shrink_tries: int = 2000
    #: The same for the check whether a finding is the known bug that it looks like.
    check_tries: int = 400
    #: How many processes the shrinking of a case may cost that kills its process.
    casualty_deaths: int = 40
    #: Seconds that one program may take on all of its arms.
    case_seconds: float = 60.0
    #: The share of programs that XLA runs too, whatever the traced run said.
    xla_share: float = 0.02
    #: Whether each batch draws which features are on.
    swarm: bool = True
    #: What programs are to do without (see `case.CHOICES`).
    without: tuple[c.Choice, ...] = ()
    #: One batch of so many draws call programs; none if it is 0.
    calls_each: int = 0
    #: Whether the first batches are of the programs that every campaign begins with.
    boundary: bool = False

    def drawn(self, number: int) -> Drawn:
        """What a batch draws; where no loop is asked for, always call programs."""
        if not set(self.transforms) & set(c.TRANSFORMS):
            return "calls"
        return "calls" if self.calls_each and number % self.calls_each == 1 else "loops"

    @property
    def patience(self) -> float:
        """Seconds after which a piece of work is given up, whatever its worker is at."""
        return 600.0 + self.batch * self.case_seconds


class Started(c.Tagged, frozen=True, tag="start"):
    """The campaign begins, or goes on at batch `batch` where an earlier run left off."""

    seed: int
    flax: str
    jax: str
    transforms: tuple[str, ...]
    modes: tuple[c.Mode, ...]
    known: int
    workers: int
    batch: int


class Found(c.Tagged, frozen=True, tag="finding"):
    """A bug that was not known; `shrunk` tells the final from the first save, and `replaces` is the
    file that was saved first.

    `programs` and `seconds` are those that the campaign had run when it was found.
    """

    signature: Signature
    path: str
    shrunk: bool
    programs: int
    seconds: float = 0.0
    replaces: str | None = None


class Same(c.Tagged, frozen=True, tag="same"):
    """What was found and saved at `path` is, now that it is shrunk, the bug `name` that was known
    or found before; the file is gone.
    """

    path: str
    name: str


class Failed(c.Tagged, frozen=True, tag="fault"):
    """nnxfuzz itself failed; `path` is where that is noted with the program, once for each name."""

    name: str
    path: str
    programs: int


class Lost(c.Tagged, frozen=True, tag="restart"):
    """A worker died or was replaced; `why` says what is known of it."""

    why: str
    restarts: int


class Progress(c.Tagged, frozen=True, tag="progress"):
    """Where the campaign stands."""

    statistics: dict[str, Any]


class Ended(c.Tagged, frozen=True, tag="end"):
    """The run is over.  `reason`: `budget`, `interrupted`, or `failed` (by the report); `programs`
    are those of this run; `causes` are the paths of the findings, those of one cause together.
    """

    reason: str
    statistics: dict[str, Any]
    findings: tuple[Found, ...]
    faults: tuple[Failed, ...] = ()
    programs: int = 0
    causes: tuple[tuple[str, ...], ...] = ()


Event = Started | Found | Same | Failed | Lost | Progress | Ended

__all__ = ["Ended", "Event", "Failed", "Found", "Lost", "Progress", "Same", "Settings", "Started"]
