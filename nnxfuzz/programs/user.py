"""What a user's program does at a transform: calls it, and takes apart what it is handed.

A generated program is run by an interpreter of ours, and what goes wrong at these places is no
fault of ours: a transform that does not take what it should (Python raises that in the caller's
frame), a body that is called with too few arguments, a pair that is none.  `failures` knows a frame
of this module for the program's own.
"""

from collections.abc import Callable
from typing import Any


def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function` called."""
    return function(*arguments, **named)


def pair(value: Any) -> tuple[Any, Any]:
    """Both parts of a pair."""
    first, second = value
    return first, second


def place(value: Any, at: int) -> Any:
    """What stands at a place of a tuple."""
    return value[at]
