"""`nnx.fori_loop`: `carry = body(i, carry)` for each number from a lower to an upper bound."""

from collections.abc import Sequence
from typing import Any

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import (
    CallText,
    Draws,
    Fault,
    Transform,
    check_deciding,
    deciding,
    greater,
    listed,
    result,
    still_deciding,
)


class Bounds(Data, frozen=True):
    """The first index, how many trips there are, and how many of them are written out for XLA.

    There is one trip more where the sum of the argument number `by` is greater than a bound.
    """

    lower: int = 0
    trips: int = 1
    unroll: int | bool | None = None
    by: int | None = None


class ForiLoop(Transform):
    """The row of `fori_loop`; the arguments are its carry, which is a tuple unless it is one."""

    name = "fori_loop"
    Options = Bounds
    returns = "carry"
    styles = False
    leading = (t.Array((), "int32"),)
    primitives = ("scan",)

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Bounds:
        by = deciding(draws, args)
        unroll: Any = draws.pick((None, None, 2, True)) if by is None else None
        return Bounds(draws.number(0, 2), draws.number(0, 3), unroll, by)

    def check(self, options: Any, args: tuple[t.Type, ...], depth: int) -> None:
        t.no_references(*args)
        check_deciding(options.by, args)
        if options.by is not None and options.unroll is not None:
            raise t.Unfit("a loop whose bounds are arrays is not written out")

    def without(self, options: Any, arg: int) -> Any:
        return msgspec.structs.replace(options, by=still_deciding(options.by, arg))

    def keywords(self, options: Any, args: tuple[t.Type, ...]) -> dict[str, str]:
        return {} if options.unroll is None else {"unroll": str(options.unroll)}

    def lowered(self, options: Any) -> dict[str, Any]:
        if options.unroll is None:
            return {}
        whole = {True: max(1, options.trips), False: 1}
        asked = options.unroll
        return {"unroll": whole[asked] if isinstance(asked, bool) else asked}

    def leave(self, options: Any, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        return result(args)

    def parameters(self, options: Any, block: int, names: Sequence[str]) -> tuple[str, list[str]]:
        index, *carry = names
        if len(carry) == 1:
            return f"{index}, {carry[0]}", []
        return f"{index}, carry_{index}", [f"{listed(carry)} = carry_{index}"]

    def source(self, call: CallText) -> str:
        bounds = [str(call.options.lower), str(call.options.lower + call.options.trips)]
        if call.options.by is not None:
            bounds[1] = f'{bounds[1]} + {greater(call.given[call.options.by])}.astype("int32")'
        carry = [call.given[0] if len(call.given) == 1 else f"({listed(call.given)})"]
        options = self._all(call.options, call.args)
        return f"nnx.fori_loop({listed(bounds, call.functions, carry, options)})"

    def tried(self, options: Any, block: int) -> Any:
        return msgspec.structs.replace(options, trips=max(1, options.trips), by=None)

    def faults(self) -> tuple[Fault, ...]:
        def longer(real: Any) -> Any:
            return lambda lower, upper, *rest, **options: real(lower, upper + 1, *rest, **options)

        return (Fault("one trip more", longer),)
