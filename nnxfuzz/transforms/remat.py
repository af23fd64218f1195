"""`nnx.remat`: the call itself, whose residuals are computed anew in a backward pass."""

from typing import Any, Literal

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, TakesStatic
from nnxfuzz.transforms.jit import forgets


class Residuals(Data, frozen=True):
    """Whether common subexpressions are to be kept apart, which residuals are kept, and whether
    there is a static argument besides, which the function returns.
    """

    prevent_cse: bool = True
    policy: Literal["", "everything_saveable", "nothing_saveable", "dots_saveable"] = ""
    static: Literal["", "place"] = ""


class Remat(TakesStatic):
    """The row of `remat`."""

    name = "remat"
    named = True
    Options = Residuals
    wraps = True
    decorates = True
    factory = True
    primitives = ("checkpoint", "remat2", "remat")

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Residuals:
        policies: Any = ("", "", "everything_saveable", "nothing_saveable", "dots_saveable")
        static: Any = "place" if draws.chance(4) else ""
        return Residuals(not draws.chance(4), draws.pick(policies), static)

    def source(self, call: CallText) -> str:
        given = [*call.given, *["2"] * bool(call.options.static)]
        return super().source(call._replace(given=given))

    def keywords(self, options: Residuals, args: tuple[t.Type, ...]) -> dict[str, str]:
        words = {} if options.prevent_cse else {"prevent_cse": "False"}
        policy = {"policy": f"jax.checkpoint_policies.{options.policy}"} if options.policy else {}
        static = {"static_argnums": str(len(args))} if options.static else {}
        return words | policy | static

    def lowered(self, options: Residuals) -> dict[str, Any]:
        if options.prevent_cse and not options.policy:
            return {}
        policy = {"policy": options.policy} if options.policy else {}
        return {"prevent_cse": options.prevent_cse} | policy

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("nothing arrives", forgets),)
