"""What a call is given so that a function runs that Flax traces and Python does not call: a branch
that is not taken, or the body of a loop that makes no trip.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from nnxfuzz.checker.calls import Call

#: Other values for some parameters of a transform.
Choice = Mapping[str, Any]


def choices(call: Call) -> list[Choice]:
    """With each of these some function of the call runs; none if Python calls all of them."""
    if "pred" in call.data:
        return [{"pred": True}, {"pred": False}]
    if "index" in call.data:
        return [{"index": k} for k in range(len(call.functions[0]))]
    if call.transform == "while_loop" and len(call.functions) == 2:
        return [{"cond_fun": _once(call.functions[0])}]
    if call.transform == "fori_loop" and {"lower", "upper"} <= call.data.keys():
        return _one_trip(call.data["lower"], call.data["upper"])
    return []


def _once(cond_fun: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """A condition that holds once."""
    left = [True]

    @functools.wraps(cond_fun)
    def holds(carry: Any) -> bool:
        return bool(left) and left.pop()

    return holds


def _one_trip(lower: Any, upper: Any) -> list[Choice]:
    """An upper bound for one trip, if these bounds are numbers that make none."""
    try:
        none = int(upper) <= int(lower)
    except (TypeError, ValueError):
        return []
    return [{"upper": lower + 1}] if none else []


def chosen(
    transform: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], choice: Choice
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call with those of a choice in their places."""
    bound = inspect.signature(transform).bind(*args, **kwargs)
    bound.arguments |= choice
    return bound.args, bound.kwargs
