"""What tests of the oracle share: a verdict on a case, and Flax's loops with a mistake."""

from collections.abc import Callable
from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Case,
    Variable,
    check,
)
from nnxfuzz.runners.judge import examine

INT = ArraySlot(Array("int32"))
SUM = ("carry", 0)


def variable(dtype: Any = "int32", shape: tuple[int, ...] = (), fill: int = 1) -> Variable:
    return Variable(value=Array(dtype, shape, fill))


def verdict(case: Case, arm: Arm, loops: Any = None) -> Any:
    check(case)
    try:
        return examine(case, arm, "trace", loops)
    except Inconclusive as error:
        return error


def planted(transform: str, after: Callable[[Any, Any], None]) -> Any:
    """Flax's loops, of which one ends with `after(given, returned)`; what a scan is given are its
    Variables with what they held.
    """
    real = nnx_api.transforms()

    def fori_loop(lower: Any, upper: Any, body: Any, carry: Any, **options: Any) -> Any:
        out = real["fori_loop"](lower, upper, body, carry, **options)
        after(carry, out)
        return out

    def scan(function: Any, **options: Any) -> Any:
        scanned = real["scan"](function, **options)

        def call(*arguments: Any) -> Any:
            before = [(v, nnx_api.get_raw(v)) for v in nnx_api.variables_below(arguments)]
            out = scanned(*arguments)
            after(before, out)
            return out

        return call

    return real | {transform: {"fori_loop": fori_loop, "scan": scan}[transform]}
