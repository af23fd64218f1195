"""`nnx.jit_partial`: a compiled function that has its first arguments already."""

from typing import Any, ClassVar

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Feature, Mode
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Transform, listed
from nnxfuzz.transforms.jit import (
    DEVICE,
    Shardings,
    ahead_needs,
    check_ahead,
    draw_shardings,
    shardings_text,
)


class Partial(Data, frozen=True):
    """How many arguments the function has already, and whether it is called before, too; what
    arguments and results are asked to be on (nothing, `None` for each argument, or the device); and
    whether it is lowered and compiled `ahead` of its last call, and what these stages tell is
    compared, too (`told`).
    """

    first: int = 1
    twice: bool = False
    shardings: Shardings = ""
    ahead: bool = False
    told: bool = False


class JitPartial(Transform):
    """The row of `jit_partial`."""

    name = "jit_partial"
    Options = Partial
    styles = False
    stages = "nnx.jit_partial(step, x, **mode).trace()"
    modes: ClassVar[tuple[Mode, ...]] = ("graph-frozen", "tree")
    #: Whether what it makes can be lowered.
    lowers: ClassVar[bool] = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Partial:
        first, twice = draws.number(self.least(args), len(args)), draws.chance(2)
        ahead = self.lowers and not depth and draws.chance(4)
        told = ahead and draws.chance(2)
        return Partial(first, twice, draw_shardings(draws, args, depth), ahead, told)

    def check(self, options: Partial, args: tuple[t.Type, ...], depth: int) -> None:
        if not self.least(args) <= options.first <= len(args):
            raise t.Unfit(f"{options.first} arguments are not given before")
        if options.ahead and not self.lowers:
            raise t.Unfit("a partial cannot be lowered")
        check_ahead(options, depth)

    def keywords(self, options: Partial, args: tuple[t.Type, ...]) -> dict[str, str]:
        return shardings_text(options.shardings, [DEVICE] * len(args))

    def features(self, options: Partial) -> frozenset[Feature]:
        return ahead_needs(options)

    def least(self, args: tuple[t.Type, ...]) -> int:
        """How many arguments are given before at least: none behind them may hold a Variable, says
        the error's own text ("only supports Variables in partial arguments").
        """
        return max((k + 1 for k, arg in enumerate(args) if _has_variable(arg)), default=1)

    def lines(self, call: CallText) -> list[str]:
        first, others = call.given[: call.options.first], listed(call.given[call.options.first :])
        name = f"partial_{call.name}"
        made = f"{name} = {self.made(call, first)}"
        stages = f".lower({others}).compile()" if call.options.ahead else ""
        return [made, *[f"{name}({others})"] * call.options.twice, f"{name}{stages}({others})"]

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
