"""`nnx.cond`: one function or the other."""

from collections.abc import Sequence
from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, listed


class Taken(Data, frozen=True):
    """Which of the functions is taken."""

    index: int = 0


class Cond(Transform):
    """The row of `cond`; its first function is the one that is taken where the number is 0."""

    name = "cond"
    Options = Taken
    returns = "alike"
    blocks = (2, 2)
    styles = False
    needs_arguments = False

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Taken:
        return Taken(draws.number(0, 1))

    def source(
        self,
        options: Taken,
        args: tuple[t.Type, ...],
        functions: Sequence[str],
        given: Sequence[str],
    ) -> str:
        taken = f"jnp.asarray({options.index == 0})"
        return f"nnx.cond({listed([taken], functions, given, ['**mode'])})"

    def tried(self, options: Taken, block: int) -> Taken:
        return Taken(block)

    def faults(self) -> tuple[Fault, ...]:
        def other(real: Any) -> Any:
            return lambda pred, one, two, *args, **options: real(pred, two, one, *args, **options)

        return (Fault("the other branch is taken", other),)
