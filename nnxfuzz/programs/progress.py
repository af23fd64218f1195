"""How far a command is, on standard error, for whoever waits for it.

Whatever takes longer than `FIRST` seconds says what it is at, and then once in `EVERY` seconds, on
a terminal or not.  A thread says it, since imports and compilations do not return for long.
"""

import os
import sys
import threading
import time

#: Seconds until the first line, and between two of them.
FIRST, EVERY = 3.0, 10.0

#: Set in the environment, it keeps all of that back.
OFF = "NNXFUZZ_NO_PROGRESS"


class Progress:
    """Says what a command is at while the context lasts, once that takes long."""

    def __init__(self, at: str) -> None:
        self._at = at
        self._began = time.monotonic()
        self._due = self._began + FIRST
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._stream = sys.stderr  # the code within may swallow what is written there
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Progress":
        if not os.environ.get(OFF):
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def at(self, text: str) -> None:
        """Go on to this, which is told when the next line is due."""
        self._at = text
        if self._thread is not None:
            self._tell()

    def _watch(self) -> None:
        while not self._over.wait(max(0.0, self._due - time.monotonic())):
            self._tell()

    def _tell(self) -> None:
        """Say it, if a line is due."""
        with self._lock:
            now = time.monotonic()
            if now < self._due or self._over.is_set():
                return
            self._due = now + EVERY
            try:
                print(
                    f"nnxfuzz: {now - self._began:.0f}s, {self._at}", file=self._stream, flush=True
                )
            except (OSError, ValueError):  # nobody reads it
                self._over.set()
