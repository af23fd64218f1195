"""Ctrl-C and SIGTERM as a wish that a campaign grants at its next breath; a second one is final."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Whether the user has asked for an end, as long as the context lasts."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    handled = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = [signal.signal(number, ask) for number in handled]
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in zip(handled, before, strict=True):
            signal.signal(number, handler)
