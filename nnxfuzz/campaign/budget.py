"""What is left of a run's time and programs."""

import time
from collections.abc import Iterable

from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.work import Batch, Suspect, Work

#: After the end of its time a run may go on for these shares of it: to shrink what it found last,
#: and until it leaves the work that is still not done to another run.
SHRINKING, WAITING = 0.05, 0.08


class Budget:
    """The budgets of one run; `programs` are those that the campaign had run before it, `began` is
    when its time began, by `time.monotonic` (default: now).
    """

    def __init__(self, options: Settings, programs: int, began: float | None = None) -> None:
        self.options = options
        self.before = programs
        self.began = time.monotonic() if began is None else began

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    def seconds(self) -> float | None:
        """The seconds that are left; None if there is no end to them."""
        return None if self.options.seconds is None else self.options.seconds - self.elapsed

    def until(self) -> float | None:
        """When the time is used up, by `time.time`, which other processes have too."""
        left = self.seconds()
        return None if left is None else time.time() + left

    def waited(self) -> bool:
        """Whether work that is not done by now is left to another run."""
        asked = self.options.seconds
        return asked is not None and self.elapsed > asked * (1 + WAITING)

    def programs(self, so_far: int) -> int | None:
        """The programs that are left; None if there is no end to them."""
        asked = self.options.programs
        return None if asked is None else max(0, asked - (so_far - self.before))

    def over(self) -> bool:
        """Whether the time is used up."""
        left = self.seconds()
        return left is not None and left <= 0

    def size(self, so_far: int, handed: Iterable[Work]) -> int:
        """How many programs a batch may have that is handed out now, beside those handed out."""
        left = self.programs(so_far)
        promised = sum(batch.size for work in handed if (batch := batch_of(work)) is not None)
        return self.options.batch if left is None else min(self.options.batch, left - promised)

    def as_data(self, so_far: int) -> dict[str, float | int | None]:
        """What is left, as JSON data."""
        seconds = self.seconds()
        return {
            "seconds": None if seconds is None else max(0.0, round(seconds, 1)),
            "programs": self.programs(so_far),
        }


def batch_of(work: Work) -> Batch | None:
    """The batch that the work is, or that will be done again after it."""
    match work:
        case Batch():
            return work
        case Suspect(work=Batch() as batch):
            return batch
        case _:
            return None
