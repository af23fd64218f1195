"""Ends this process where a program never comes to its end, however busy the machine is.

A program on a busy machine takes long by the clock.  So what counts is the processor time that this
process uses, and how long it stands still, which is to use next to none.  Neither needs the
interpreter: the system counts the one, and a thread of `faulthandler` waits for the other, put off
as long as the process gets on.
"""

import faulthandler
import os
import signal
import threading
import time

#: What a process that stands still uses at most, as a share of one core.
_STILL = 0.02

#: Seconds between two looks at what it has used.
_LOOKS = 1.0


class Watchdog:
    """Ends the process where a program takes so many seconds of processor time, or where the
    process stands still for so many by the clock.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.looks = min(_LOOKS, seconds / 4)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.silent = open(os.devnull, "w")  # noqa: SIM115 - as long as it may be written to

    def __enter__(self) -> "Watchdog":
        self.begin()
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        faulthandler.cancel_dump_traceback_later()
        self.silent.close()

    def begin(self) -> None:
        """The next program begins."""
        signal.setitimer(signal.ITIMER_PROF, self.seconds)
        self._put_off()

    def _put_off(self) -> None:
        faulthandler.dump_traceback_later(self.seconds, exit=True, file=self.silent)

    def _watch(self) -> None:
        used, at = time.process_time(), time.monotonic()
        while not self.over.wait(self.looks):
            now, then = time.process_time(), time.monotonic()
            if now - used >= _STILL * (then - at):
                self._put_off()
            used, at = now, then


def ended_by_it(code: int | None, seconds: float, took: float) -> bool:
    """Whether a watchdog of so many seconds has ended a process: by its exit code, or minus the
    signal, and how long it took by the clock.
    """
    return code == -signal.SIGPROF or (code == 1 and took >= seconds)
