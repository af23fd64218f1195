"""`nnx.jit_partial`: a compiled function that has its first arguments already."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Mode
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Transform, listed


class Partial(Data, frozen=True):
    """How many arguments the function has already, and whether it is called before, too."""

    first: int = 1
    twice: bool = False


class JitPartial(Transform):
    """The row of `jit_partial`."""

    name = "jit_partial"
    Options = Partial
    styles = False
    modes: ClassVar[tuple[Mode, ...]] = ("graph-frozen", "tree")

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Partial:
        return Partial(draws.number(self.least(args), len(args)), draws.chance(2))

    def check(self, options: Partial, args: tuple[t.Type, ...], depth: int) -> None:
        if not self.least(args) <= options.first <= len(args):
            raise t.Unfit(f"{options.first} arguments are not given before")

    def least(self, args: tuple[t.Type, ...]) -> int:
        """How many arguments are given before at least: none behind them may hold a Variable, says
        the error's own text ("only supports Variables in partial arguments").
        """
        return max((k + 1 for k, arg in enumerate(args) if _has_variable(arg)), default=1)

    def made(self, function: str, first: Sequence[str]) -> str:
        """The function that has its first arguments, as text."""
        return f"nnx.jit_partial({listed([function], first, ['**mode'])})"

    def lines(self, call: CallText) -> list[str]:
        first, others = call.given[: call.options.first], listed(call.given[call.options.first :])
        again = f"partial_{call.name}({others})"
        made = f"partial_{call.name} = {self.made(call.functions[0], first)}"
        return [made, *[again] * call.options.twice, again]

    def without(self, options: Partial, arg: int) -> Partial:
        left = options.first - (arg < options.first)
        return msgspec.structs.replace(options, first=left)

    def faults(self) -> tuple[Fault, ...]:
        def forgetful(real: Any) -> Any:
            """The first arguments are copies, so that no update arrives."""
            from flax import nnx

            return lambda f, *first, **options: real(f, *nnx.clone(first), **options)

        return (Fault("copies are given", forgetful),)


def _has_variable(arg: t.Type) -> bool:
    own = t.Variable | t.Sown | t.Streams | t.Optimizer | t.Whole
    return any(isinstance(held, own) for _, held in t.places(arg))
