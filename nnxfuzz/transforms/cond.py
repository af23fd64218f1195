"""`nnx.cond`: one function or the other."""

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
    still_deciding,
)


class Taken(Data, frozen=True):
    """Which of the functions is taken: the next one where the sum of the argument number `by` is
    greater than a bound, so that lanes may differ and a trace cannot tell.
    """

    index: int = 0
    by: int | None = None

    def decides(self, given: Sequence[str]) -> str:
        """Whether the argument that decides is greater, as text; "" if none decides."""
        return "" if self.by is None else greater(given[self.by])


class Cond(Transform):
    """The row of `cond`; its first function is the one that is taken where the number is 0."""

    name = "cond"
    Options = Taken
    returns = "alike"
    blocks = (2, 2)
    needs_arguments = False

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Taken:
        return Taken(draws.number(0, 1), deciding(draws, args))

    def check(self, options: Taken, args: tuple[t.Type, ...], depth: int) -> None:
        check_deciding(options.by, args)

    def without(self, options: Taken, arg: int) -> Taken:
        return msgspec.structs.replace(options, by=still_deciding(options.by, arg))

    def source(self, call: CallText) -> str:
        more = call.options.decides(call.given)
        same = f"({more} == {call.options.index == 1})" if more else ""
        taken = same or f"jnp.asarray({call.options.index == 0})"
        return f"nnx.cond({listed([taken], call.functions, call.given, ['**mode'])})"

    def tried(self, options: Taken, block: int) -> Taken:
        return Taken(block)

    def faults(self) -> tuple[Fault, ...]:
        def other(real: Any) -> Any:
            return lambda pred, one, two, *args, **options: real(pred, two, one, *args, **options)

        return (Fault("the other branch is taken", other),)
