"""One piece of work in whatever process it was sent to: plain data in, plain data out.

Nothing here knows of the finds folder, of other workers or of the campaign.  It may die with the
case it runs; who looks on (`workers`, `run`) sees to that.
"""

import gc
import time
from pathlib import Path
from typing import assert_never

from nnxfuzz import nnx_api
from nnxfuzz.campaign import boundary, memory
from nnxfuzz.campaign.budget import SHRINKING
from nnxfuzz.campaign.events import Settings
from nnxfuzz.campaign.explore import Explorer
from nnxfuzz.campaign.known_bugs import KnownBugs
from nnxfuzz.campaign.note import Notes
from nnxfuzz.campaign.statistics import Counts, Statistics
from nnxfuzz.campaign.work import Batch, Discovery, Outcome, Shrink
from nnxfuzz.programs.program import Program
from nnxfuzz.runners.canary import usable

#: Python's collector at every 700 new objects would look through all of jax's some 10 times an arm.
COLLECTING = (20_000, 20, 20)


def carry_out(
    work: Batch | Shrink,
    options: Settings,
    known: KnownBugs,
    skip: frozenset[str] = frozenset(),
    note: Path | None = None,
    until: float | None = None,
) -> Outcome:
    """Do the work; `note` is where each case is noted before it runs.

    `skip` are the digests of programs that kill the process that runs them.  `until` is when a
    batch is to come to an end, by `time.time`; shrinking has a little longer.
    """
    _ready()
    statistics = Statistics()
    grace = 0.0 if isinstance(work, Batch) else SHRINKING * (options.seconds or 0.0)
    deadline = None if until is None else time.monotonic() + until - time.time() + grace
    with Notes(note, options.case_seconds) as notes:

        def before(case: Program, programs: int, arms: int) -> None:
            memory.give_back()
            notes.before(case, programs, arms)

        explorer = Explorer(
            options,
            statistics,
            known,
            deadline,
            features=frozenset(work.features),
            skip=skip,
            before=before,
            met=work.met if isinstance(work, Batch) else {},
            checked=work.checked if isinstance(work, Batch) else {},
            drawn=work.drawn if isinstance(work, Batch) else "loops",
        )
        try:
            discovery = _done(work, explorer)
        except Exception as error:
            discovery = None
            explorer.failed(error)
        counts = statistics.counts() if isinstance(work, Batch) else _of_shrinking(statistics)
    faults, symptoms = tuple(explorer.faults.values()), tuple(explorer.symptoms)
    return Outcome(counts, discovery, faults, symptoms, damaged=not usable())


def _done(work: Batch | Shrink, explorer: Explorer) -> Discovery | None:
    match work:
        case Batch(number, size, boundary=True):
            return explorer.run_through(boundary.part(number)[:size])
        case Batch(number, size):
            return explorer.explore(number, size)
        case Shrink(first):
            return explorer.shrink(first)
        case other:
            assert_never(other)


def _ready() -> None:
    """What a new process has to do first, and what is no part of a batch's time."""
    nnx_api.make_ready()
    nnx_api.features()  # starts jax
    gc.set_threshold(*COLLECTING)


def _of_shrinking(statistics: Statistics) -> Counts:
    """What shrinking adds to the figures."""
    seconds = {"shrinking": time.monotonic() - statistics.started}
    return Counts(seconds=seconds, faults=dict(statistics.faults))
