"""Run code at a later time, to learn what depends on a clock.

Two runs may come within one second, so that what is made of whole seconds is the same in both.
"""

import contextlib
import datetime
import functools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nnxfuzz.plain.rebind import Rebound, of_users

#: How much later: another day, hour, minute and second.
LATER = datetime.timedelta(days=1, hours=1, minutes=1, seconds=1, milliseconds=370)

_SECONDS = LATER.total_seconds()
_NANOSECONDS = int(_SECONDS * 1e9)


@contextlib.contextmanager
def later() -> Iterator[None]:
    """Have the clocks go ahead in this thread."""
    thread, rebound = threading.get_ident(), Rebound()
    ahead = {id(clock): _in_thread(thread, clock, new) for clock, new in _AHEAD.items()}
    ahead[id(_Base)] = _Datetime
    try:
        rebound.in_modules([time, datetime, *of_users()], lambda held: ahead.get(id(held)))
        yield
    finally:
        rebound.undo()


def _in_thread(thread: int, clock: Any, new: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(clock)
    def told(*args: Any) -> Any:
        return (new if threading.get_ident() == thread else clock)(*args)

    return told


def _by_seconds(clock: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: clock() + _SECONDS


def _by_nanoseconds(clock: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: clock() + _NANOSECONDS


_then, _local = _by_seconds(time.time), time.localtime


def _of_seconds(show: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function that is given seconds, or takes the present ones."""
    return lambda seconds=None: show(_then() if seconds is None else seconds)


def _of_a_time(show: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose last argument is a time, or the present one."""
    takes = 1 if show is time.strftime else 0
    return lambda *args: show(*args) if len(args) > takes else show(*args, _local(_then()))


#: The clocks, and what shows a later time.
_AHEAD: Mapping[Any, Callable[..., Any]] = {
    **{clock: _by_seconds(clock) for clock in (time.time, time.monotonic, time.perf_counter)},
    **{
        clock: _by_nanoseconds(clock)
        for clock in (time.time_ns, time.monotonic_ns, time.perf_counter_ns)
    },
    **{show: _of_seconds(show) for show in (time.localtime, time.gmtime, time.ctime)},
    **{show: _of_a_time(show) for show in (time.strftime, time.asctime)},
}


_Base = datetime.datetime


class _OfItsBase(type):
    """What is of the base is of the class, which stands in its place."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, _Base)


class _Datetime(_Base, metaclass=_OfItsBase):
    """Makes objects of its base, and tells a later time."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _Base(*args, **kwargs)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _Base.now(tz) + LATER

    @classmethod
    def utcnow(cls) -> Any:
        return _Base.fromtimestamp(_then(), datetime.UTC).replace(tzinfo=None)
