"""`nnx.remat`: the call itself, whose residuals are computed anew in a backward pass."""

from typing import Any, Literal

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform
from nnxfuzz.transforms.jit import forgets


class Residuals(Data, frozen=True):
    """Whether common subexpressions are to be kept apart, and which residuals are kept."""

    prevent_cse: bool = True
    policy: Literal["", "everything_saveable", "nothing_saveable", "dots_saveable"] = ""


class Remat(Transform):
    """The row of `remat`."""

    name = "remat"
    Options = Residuals
    wraps = True
    primitives = ("checkpoint", "remat2", "remat")

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Residuals:
        policies: Any = ("", "", "everything_saveable", "nothing_saveable", "dots_saveable")
        return Residuals(not draws.chance(4), draws.pick(policies))

    def keywords(self, options: Residuals, args: tuple[t.Type, ...]) -> dict[str, str]:
        words = {} if options.prevent_cse else {"prevent_cse": "False"}
        policy = {"policy": f"jax.checkpoint_policies.{options.policy}"} if options.policy else {}
        return words | policy

    def lowered(self, options: Residuals) -> dict[str, Any]:
        if options == Residuals():
            return {}
        policy = {"policy": options.policy} if options.policy else {}
        return {"prevent_cse": options.prevent_cse} | policy

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("nothing arrives", forgets),)
