"""`nnx.while_loop`: a loop whose carry holds a counter, which its condition compares."""

from collections.abc import Sequence
from typing import Any

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Returns, Transform, listed, result


class Trips(Data, frozen=True):
    """How many trips there are at most, and at least where the condition returns a number."""

    trips: int = 1
    least: int = 0


class WhileLoop(Transform):
    """The row of `while_loop`; its function gets the counter as its first parameter.

    A second function is its condition: the counter is less than what that returns.
    """

    name = "while_loop"
    Options = Trips
    returns = "carry"
    blocks = (1, 2)
    styles = False
    leading = (t.Array((), "int32"),)

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Trips:
        return Trips(draws.number(0, 3))

    def returned(self, block: int) -> Returns:
        return "number" if block else "carry"

    def check(self, options: Any, args: tuple[t.Type, ...], depth: int) -> None:
        t.no_references(*args)

    def leave(self, options: Any, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        return result((t.Array((), "int32"), *args))

    def parameters(self, options: Any, block: int, names: Sequence[str]) -> tuple[str, list[str]]:
        return f"carry_{names[0]}", [f"{listed(names)} = carry_{names[0]}"]

    def block(self, options: Any, block: int, names: Sequence[str], results: Sequence[str]) -> str:
        if block:
            return f"{names[0]} < jnp.clip({results[0]}, {options.least}, {options.trips})"
        return listed([f"{names[0]} + 1"], results)

    def source(self, call: CallText) -> str:
        body, *others = call.functions
        condition = others[0] if others else f"lambda carry: carry[0] < {call.options.trips}"
        carry = f"({listed(['jnp.asarray(0)'], call.given)})"
        return f"nnx.while_loop({listed([condition, body, carry, '**mode'])})"

    def tried(self, options: Any, block: int) -> Any:
        return msgspec.structs.replace(options, trips=max(1, options.trips), least=1)

    def faults(self) -> tuple[Fault, ...]:
        def none(real: Any) -> Any:
            return lambda cond, body, carry, **options: real(cond, body, body(carry), **options)

        return (Fault("one trip at least", none),)
