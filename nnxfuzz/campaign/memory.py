"""The memory of this process, and giving back what it needs no more."""

import contextlib
import ctypes
import gc
import os
from itertools import count
from pathlib import Path

from nnxfuzz import nnx_api

#: By how many MB a process grows before it gives memory back, and after how many calls where the
#: system does not say what a process holds.
_GROWTH_MB, _CALLS = 300, 200

_STATM = Path("/proc/self/statm")
_MARK = [0]
_DONE = count(1)


def held_mb() -> int:
    """The memory of this process in MB; 0 where the system does not say it."""
    if not _STATM.exists():
        return 0
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def give_back() -> None:
    """If the process has grown, empty the caches, which keep all that it ever traced and compiled,
    and give the memory back to the system, which glibc would keep in an arena for each thread.

    Emptying costs a second or two of compiling anew.
    """
    held = held_mb()
    _MARK[0] = min(_MARK[0] or held, held)
    due = held > _MARK[0] + _GROWTH_MB if held else next(_DONE) % _CALLS == 0
    if not due:
        return
    nnx_api.forget()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    _MARK[0] = held_mb()
