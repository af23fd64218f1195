"""A campaign: work is handed out until a budget is used up, and what comes back is saved.

The loop is the only one who counts, saves and decides; workers only ever answer.  Whatever is
handed out stays in the state until its answer has been counted, so a worker, a machine or this
very process may die at any moment: the work is done again, and counted once.
"""

import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from pathlib import Path
from typing import assert_never

from nnxfuzz import nnx_api
from nnxfuzz.campaign import crashes
from nnxfuzz.campaign.batches import following
from nnxfuzz.campaign.budget import Budget
from nnxfuzz.campaign.carry_out import carry_out
from nnxfuzz.campaign.events import Ended, Event, Found, Lost, Progress, Settings, Started
from nnxfuzz.campaign.faults import Faults, of_work
from nnxfuzz.campaign.finds import SavedFinds, of_one_cause
from nnxfuzz.campaign.jobs import Job, running
from nnxfuzz.campaign.known_bugs import KnownBugs
from nnxfuzz.campaign.note import read_note
from nnxfuzz.campaign.novelty import Novelty
from nnxfuzz.campaign.state import Store, fresh
from nnxfuzz.campaign.statistics import Counts
from nnxfuzz.campaign.summary import coverage, sample, summary
from nnxfuzz.campaign.work import Batch, ConfirmCrash, Discovery, Outcome, Shrink, ShrinkCrash, Work
from nnxfuzz.campaign.workers import WorkerPool, Workers, aside
from nnxfuzz.programs.case import digest
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.program import Program

#: Seconds between two progress events, two writes of the state.
_PROGRESS_EVERY, _STATE_EVERY = 0.5, 1.0

#: So many deaths or faults in a row before a worker has run anything are no accident.
_STILLBORN = 10


def run(
    options: Settings,
    finds: Path,
    known: KnownBugs,
    listen: Callable[[Event], None],
    pool: WorkerPool,
    resume: bool = True,
    stopped: Callable[[], bool] = lambda: False,
    began: float | None = None,
) -> Ended:
    """Run a campaign; findings go to `finds` as they are made, events to `listen`.

    Its time began at `began` (see `Budget`).  It ends early once `stopped`.  Raises Misuse if a
    finding or the state cannot be saved.
    """
    store = Store(finds, options.seed)
    try:
        campaign = _Campaign(options, finds, known, listen, pool, store, resume, began)
        reason = "budget"
        try:
            campaign.go(stopped)
        except KeyboardInterrupt:
            reason = "interrupted"
        pool.stop()
        ended = campaign.end("interrupted" if stopped() else reason)
        listen(ended)
        return ended
    finally:
        pool.stop()
        store.close()


class _Campaign:
    """The state of a running campaign, and who is at what."""

    def __init__(
        self,
        options: Settings,
        finds: Path,
        known: KnownBugs,
        listen: Callable[[Event], None],
        pool: WorkerPool,
        store: Store,
        resume: bool,
        began: float | None,
    ) -> None:
        self.options = options
        self.listen, self.pool, self.store = listen, pool, store
        kept = store.load(options) if resume else None
        self.state = kept or fresh(options)
        self.queue: deque[Work] = deque(self.state.pending)
        self.jobs: dict[Future[Outcome], Job] = {}
        self.found: dict[str, Found] = {}  # by path
        self.bugs = Novelty(known, SavedFinds(finds, self.state))
        self.faults = Faults(finds, self.state)
        self.seconds_before = self.state.seconds
        self.budget = Budget(options, self.state.counts.programs, began)
        self.told = self.wrote = 0.0
        self.given = self.stillborn = 0
        self.suspected: Counter[str] = Counter()
        self.guard: Workers | None = None
        self._begin(kept is not None)

    def _begin(self, resumed: bool) -> None:
        state = self.state
        state.runs, state.ended, state.recent = state.runs + 1, None, []
        state.workers = self.pool.count()
        for path in self.store.notes():  # what workers were at when the run before was killed
            note = read_note(path) if resumed else None
            if note is not None:
                self.queue.appendleft(ConfirmCrash(note.case))
        self._write()
        for path in self.store.notes():
            path.unlink(missing_ok=True)
        self.listen(
            Started(
                self.options.seed,
                nnx_api.FLAX,
                nnx_api.JAX,
                self.options.transforms,
                self.options.modes,
                len(self.bugs.known.bugs),
                state.workers,
                state.next,
            )
        )

    # --- the loop ---------------------------------------------------------------------------

    def go(self, stopped: Callable[[], bool]) -> None:
        """Hand out work and take in what comes back, until there is nothing left to do."""
        while not (stopped() or self.budget.waited()) and (self._hand_out() or self.jobs):
            done, _ = wait(self.jobs, timeout=0.1, return_when=FIRST_COMPLETED)
            for future in done:
                self._take(self.jobs.pop(future), future)
            self._tick()

    def end(self, reason: str) -> Ended:
        """The last word; the work that nobody will finish stays in the state for another run."""
        if self.guard is not None:
            self.guard.shutdown()
        self.state.ended = reason
        self._write()
        for path in self.store.notes():
            path.unlink(missing_ok=True)
        told = summary(self.state) | coverage(self.state)
        ran = self.state.counts.programs - self.budget.before
        found, faults = tuple(self.found.values()), tuple(self.faults.noted.values())
        return Ended(reason, told, found, faults, ran, of_one_cause(self.found))

    def _hand_out(self) -> bool:
        """Give everybody something to do; whether anything was given."""
        self.bugs.look()
        given = False
        while (work := self._next()) is not None:
            self._give(work)
            given = True
        return given

    def _next(self) -> Work | None:
        """What has waited longest and has room; when time is up no more batches."""
        over, room = self.budget.over(), self.pool.room()
        crashes = ConfirmCrash | ShrinkCrash
        at_home = sum(isinstance(job.work, crashes) for job in self.jobs.values())
        full = len(self.jobs) - at_home >= room
        for work in self.queue:
            blocked = at_home >= max(1, room // 4) if isinstance(work, crashes) else full
            if not blocked and not (over and isinstance(work, Batch)):
                self.queue.remove(work)
                return work
        return None if over or full else self._batch()

    def _give(self, work: Work) -> None:
        self.given += 1
        note = self.store.note(self.given) if self.pool.noting else None
        match work:
            case Batch() | Shrink():
                future = self._submit(work, note)
            case ConfirmCrash(case):
                future = aside(crashes.suspected, case, self.options)
            case ShrinkCrash(discovery):
                future = aside(crashes.smaller, discovery, self.options)
            case other:
                assert_never(other)
        self.jobs[future] = Job(work, note)

    def _submit(self, work: Batch | Shrink, note: Path | None) -> "Future[Outcome]":
        return self.pool.executor.submit(carry_out, work, *self._terms(note))

    def _terms(
        self, note: Path | None
    ) -> tuple[Settings, KnownBugs, frozenset[str], Path | None, float | None]:
        """What `carry_out` has to know besides the work."""
        return (self.options, self.bugs.known, self.state.deadly, note, self.budget.until())

    def _batch(self) -> Batch | None:
        """The next batch, if the budget allows one."""
        handed = [*(job.work for job in self.jobs.values()), *self.queue]
        size = self.budget.size(self.state.counts.programs, handed)
        return following(self.state, self.options, size) if size > 0 else None

    # --- what comes back --------------------------------------------------------------------

    def _take(self, job: Job, future: "Future[Outcome]") -> None:
        try:
            outcome = future.result()
        except self.pool.deaths as death:
            self._died(job, death)
            return
        except CancelledError:
            raise Misuse(self.pool.gone) from None
        except Exception as error:
            fault = of_work(error, job.work)
            outcome = Outcome(Counts(faults={fault.name: 1}), faults=(fault,))
        self.state.counts = self.state.counts.plus(outcome.counts)
        self._failed(job.work, outcome)
        self.bugs.looks_like(outcome.symptoms)
        if outcome.damaged:
            self._lost("a worker no longer ran a plain loop")
        match job.work:
            case Batch(features=features):
                self.state.done += 1
                found = outcome.discovery
                new = found is not None and self._new(found, features)
                self.state.history = self.state.history.after(features, new)
            case Shrink(first) | ShrinkCrash(first):
                self._smaller(first, outcome.discovery)
            case ConfirmCrash(case, work):
                self._judged(case, work, outcome.discovery)
            case other:
                assert_never(other)
        if outcome.discovery is not None:
            self._write()  # the finding is in its file already

    def _new(self, discovery: Discovery, features: tuple[str, ...]) -> bool:
        """Save a discovery at once, before any time is spent on shrinking it; whether it is new."""
        name = self.bugs.known_as(discovery)
        if name is not None:
            self._count(known=name)
            return False
        self._count(found=str(discovery.finding.signature))
        self.state.last_new = self._seconds()
        self._save(discovery)
        if discovery.finding.signature.kind in ("crash", "hang"):
            self.queue.append(ShrinkCrash(discovery))
        else:
            self.queue.appendleft(Shrink(discovery, features))
        return True

    def _smaller(self, first: Discovery, best: Discovery | None) -> None:
        """Let the shrunk case take the place of the first, or of nothing: only now it may show
        that it is what has been found already.
        """
        if best is None:
            return
        same = self.bugs.merged(first, best)
        if same is None:
            self._save(best, first)
            return
        self.found.pop(same.path, None)
        self._count(known=same.name, found=str(first.finding.signature), by=-1)
        self.listen(same)

    def _save(self, discovery: Discovery, first: Discovery | None = None) -> None:
        """Save a discovery, or what became of the `first` one by shrinking."""
        found = self.bugs.keep(discovery, first)
        self.found.pop(found.replaces or "", None)
        self.found[found.path] = found
        self.listen(found)

    def _count(self, known: str | None = None, found: str | None = None, by: int = 1) -> None:
        one = Counts(known={known: 1} if known else {}, found={found: by} if found else {})
        self.state.counts = self.state.counts.plus(one)

    # --- faults and deaths ------------------------------------------------------------------

    def _failed(self, work: Work, outcome: Outcome) -> None:
        """Note what nnxfuzz itself failed at; everything else goes on."""
        for fault in outcome.faults:
            failed = self.faults.note(fault)
            if failed is not None:
                self.listen(failed)
        if isinstance(work, Batch) and outcome.faults and not outcome.counts.programs:
            self._stillborn(outcome.faults[0].traceback)
        elif isinstance(work, Batch | Shrink):
            self.stillborn = 0

    def _stillborn(self, why: str) -> None:
        self.stillborn += 1
        if self.stillborn >= _STILLBORN:
            raise RuntimeError(f"{_STILLBORN} workers in a row came to nothing: {why}")

    def _died(self, job: Job, death: BaseException) -> None:
        """A worker died at its work: find out whether the case is to blame, and do it again."""
        assert isinstance(job.work, Batch | Shrink)
        note = None if job.note is None else read_note(job.note)
        if job.note is not None:
            job.note.unlink(missing_ok=True)
        self._lost(str(death) or type(death).__name__)
        if note is not None:
            self.queue.append(ConfirmCrash(note.case, job.work))
        elif job.note is None:  # on another machine: do it here, where a death leaves a note
            self._at_home(job.work)
        else:
            self.queue.append(job.work)
            self._stillborn("they died before they ran a case")

    def _at_home(self, work: Batch | Shrink) -> None:
        if self.guard is None:
            self.guard = Workers(1, self.options.patience)
        self.given += 1
        note = self.store.note(self.given)
        future = self.guard.submit(carry_out, work, *self._terms(note))
        self.jobs[future] = Job(work, note)

    def _judged(self, case: Program, work: Batch | Shrink | None, guilty: Discovery | None) -> None:
        """A case that kills is found and kept out; its batch goes on without it.

        An innocent one is run again, and kept out as well if a worker dies at it once more.
        """
        name = digest(case)
        self.suspected[name] += 1
        if guilty is not None:
            self.state.counts = self.state.counts.plus(Counts(programs=1, arms=1))
            self._new(guilty, ())
        if guilty is not None or self.suspected[name] > 1:
            self.state.deadly |= {name}
        if work is not None:
            self.queue.appendleft(work)

    def _lost(self, why: str) -> None:
        self.state.restarts += 1
        self.listen(Lost(why, self.state.restarts))

    # --- now and then -----------------------------------------------------------------------

    def _tick(self) -> None:
        now = time.monotonic()
        self.state.seconds = self._seconds()
        if now - self.wrote >= _STATE_EVERY:
            self._write()
        if now - self.told >= _PROGRESS_EVERY:
            self.told = now
            at = running(self.jobs.values())
            sample(self.state, at)
            left = self.budget.as_data(self.state.counts.programs)
            self.listen(Progress(summary(self.state, at) | {"left": left}))

    def _seconds(self) -> float:
        return self.seconds_before + self.budget.elapsed

    def _write(self) -> None:
        self.wrote = time.monotonic()
        self.state.seconds = self._seconds()
        self.state.pending = [*(job.work for job in self.jobs.values()), *self.queue]
        self.store.save(self.state)
