"""Worker processes on this machine, as a standard executor.

Each worker is a pebble pool of one process.  So what a death leaves behind (a lock that is never
released, half a message in a pipe) ends with that pool, and the others do not hear of it.  A pool
is thrown away at the first sign of damage; the next piece of work starts another.
"""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from nnxfuzz.campaign import forkserver

T = TypeVar("T")

#: What the future of a piece of work holds if its worker died.
DEATHS = (ProcessExpired, BrokenProcessPool, TimeoutError, CancelledError)

#: A worker is replaced after so many pieces of work, so that nothing can pile up in it for ever.
MAX_TASKS = 100


class Worker:
    """One process at a time.  `seconds` is how long a piece of work may take at most."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.pool: ProcessPool | None = None
        self.busy = 0

    def submit(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> "Future[T]":
        if self.pool is None or not self.pool.active:
            self.replace()
        assert self.pool is not None
        future: Future[T] = self.pool.schedule(function, args, kwargs, timeout=self.seconds)
        self.busy += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, future: "Future[Any]") -> None:
        self.busy -= 1
        error = CancelledError() if future.cancelled() else future.exception()
        damaged = error is None and getattr(future.result(), "damaged", False)
        if damaged or isinstance(error, DEATHS):
            self.stop()

    def replace(self) -> None:
        """A new process."""
        self.stop()
        self.pool = ProcessPool(1, MAX_TASKS, context=forkserver.context())

    def stop(self) -> None:
        """End the process, without waiting for it."""
        pool, self.pool = self.pool, None
        if pool is not None:
            threading.Thread(target=_ended, args=(pool,), daemon=True).start()


def _ended(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


class Workers(Executor):
    """`count` workers; more work than that waits for the least busy one."""

    def __init__(self, count: int, seconds: float) -> None:
        self.workers = [Worker(seconds) for _ in range(count)]

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        return min(self.workers, key=lambda worker: worker.busy).submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pools = [worker.pool for worker in self.workers if worker.pool is not None]
        self.workers = []
        for pool in pools:
            pool.stop()  # type: ignore[no-untyped-call]
        for pool in pools:
            pool.join()


class WorkerPool:
    """An executor, how much work it takes at a time, and how the death of a worker shows.

    `noting` says whether workers see this machine's files, and so can leave notes.  `gone` is what
    to tell the user when the executor itself has died.
    """

    def __init__(
        self,
        executor: Executor,
        count: Callable[[], int],
        ahead: int = 1,
        deaths: tuple[type[BaseException], ...] = DEATHS,
        gone: str = "",
        noting: bool = True,
        stop: Callable[[], None] | None = None,
    ) -> None:
        self.executor = executor
        self.count = count
        self.ahead = ahead
        self.deaths = deaths
        self.gone = gone
        self.noting = noting
        self.stop = stop or (lambda: executor.shutdown(cancel_futures=True))

    def room(self) -> int:
        """How many pieces of work can be out at a time."""
        return max(1, self.count()) * self.ahead


def here(count: int, seconds: float) -> WorkerPool:
    """Worker processes on this machine."""
    return WorkerPool(Workers(count, seconds), lambda: count)


def aside(function: Callable[..., T], *args: Any) -> "Future[T]":
    """Run it in a thread that nothing waits for when the process ends."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function(*args))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
