"""`nnx.remat`: the call itself, whose residuals are computed anew in a backward pass."""

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform
from nnxfuzz.transforms.jit import forgets


class Residuals(Data, frozen=True):
    """Whether common subexpressions are to be kept apart."""

    prevent_cse: bool = True


class Remat(Transform):
    """The row of `remat`."""

    name = "remat"
    Options = Residuals

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Residuals:
        return Residuals(not draws.chance(4))

    def keywords(self, options: Residuals, args: tuple[t.Type, ...]) -> dict[str, str]:
        return {} if options.prevent_cse else {"prevent_cse": "False"}

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("nothing arrives", forgets),)
