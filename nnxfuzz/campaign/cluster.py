"""Batches on a dask cluster, through its own executor.

The scheduler sees to it that work of a worker that has died is done by another.  Only work that
kills one worker after another comes back to us, and is then done here, where the death leaves a
note of its case.  Nothing but plain data goes over the wire: the workers need nnxfuzz and the same
Flax installed, and no shared folder.
"""

import contextlib
import logging
import re
import time
from typing import Any

from nnxfuzz import __version__, nnx_api
from nnxfuzz.campaign.workers import WorkerPool
from nnxfuzz.programs.errors import Misuse

#: Seconds to wait for the scheduler, and for its first worker.
_PATIENCE = 30

_ADDRESS = "give the address that `dask scheduler` prints, such as tcp://host:8786"

#: Pieces of work handed out for each worker, so that none has to wait for us.
_AHEAD = 2

#: Seconds for which the number of workers is taken to stay the same.
_RECOUNT = 2.0


def pool(address: str) -> WorkerPool:
    """The workers of the cluster with this scheduler.  Raises Misuse if they will not do."""
    try:
        import distributed
    except ImportError:
        raise Misuse("--scheduler needs dask; run pip install 'nnxfuzz[cluster]'") from None
    if not re.fullmatch(r"([a-z]+://)?[^/\s]+:\d+", address):
        raise Misuse(f"{address!r} is no address of a scheduler; {_ADDRESS}")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Misuse(
            f"no dask scheduler answers at {address} ({type(error).__name__}); {_ADDRESS}"
        ) from None
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
        _check(client)
    except TimeoutError:
        client.close()
        raise Misuse(
            f"the scheduler at {address} has no workers; start some with "
            f"dask worker {address} --nthreads 1"
        ) from None
    except Misuse:
        client.close()
        raise
    executor = client.get_executor()

    def stop() -> None:
        executor.shutdown(wait=False)
        client.close()

    return WorkerPool(
        executor,
        _Count(client),
        ahead=_AHEAD,
        deaths=(distributed.KilledWorker,),
        gone=f"the scheduler at {address} has gone; start it and run the same command again",
        noting=False,
        stop=stop,
    )


class _Count:
    """How many workers there are, asked for now and then."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.asked = 0.0
        self.workers = 0

    def __call__(self) -> int:
        if time.monotonic() - self.asked > _RECOUNT:
            self.asked = time.monotonic()
            with contextlib.suppress(OSError, TimeoutError):  # the futures will tell
                self.workers = len(self.client.nthreads())
        return self.workers


def releases() -> tuple[str, str, str]:
    """What is installed where this is called."""
    return (__version__, nnx_api.FLAX, nnx_api.JAX)


def _check(client: Any) -> None:
    """Refuse workers that would run something else, or two programs in one process."""
    for worker, threads in sorted(client.nthreads().items()):
        if threads != 1:
            raise Misuse(
                f"the dask worker {worker} has {threads} threads, and two programs in one process "
                "would disturb each other; start it with --nthreads 1"
            )
    for worker, there in sorted(client.run(releases, on_error="return").items()):
        if there != releases():
            told = there if isinstance(there, Exception) else "nnxfuzz {}, flax {}, jax {}"
            shown = str(told) if isinstance(there, Exception) else str(told).format(*there)
            here = "nnxfuzz {}, flax {}, jax {}".format(*releases())
            raise Misuse(
                f"the dask worker {worker} has {shown} where this side has {here}; "
                "install the same there"
            )
