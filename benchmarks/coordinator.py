"""What a campaign's own process costs for each batch: `coordinator.py [BATCHES] [WORKERS]`.

The workers are no processes but canned answers, those of a real batch, which come at once; what is
left is handing out, counting, choosing features, writing the state.  From it follows how many
workers one campaign can keep busy.
"""

import sys
import tempfile
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from all_known import AllKnown

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Settings, WorkerPool, run
from nnxfuzz.campaign.carry_out import carry_out
from nnxfuzz.campaign.work import Batch, Outcome


class Canned(Executor):
    """Answers everything with the same outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(self.outcome)
        return future


def main(batches: int, workers: int) -> None:
    """Print the seconds for each batch."""
    options = Settings(0, seconds=None, batch=60)
    everything = AllKnown()
    features = tuple(sorted(nnx_api.choices()))
    outcome = carry_out(Batch(0, options.batch, features), options, everything)
    programs = batches * outcome.counts.programs
    pool = WorkerPool(Canned(outcome), lambda: workers, noting=False)
    limited = Settings(0, seconds=None, programs=programs, batch=outcome.counts.programs)
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        run(limited, Path(folder), everything, lambda event: None, pool)
        spent = (time.process_time() - before) / batches
    length = sum(outcome.counts.seconds.values())
    print(f"{workers} workers: {spent * 1e3:.2f} ms a batch, which took its worker {length:.1f} s")
    print(f"so one campaign saturates at about {length / spent:.0f} workers")


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["500", "100"][len(sys.argv) - 1 :])))
