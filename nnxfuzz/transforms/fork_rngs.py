"""`nnx.fork_rngs` as a decorator: a function of arguments whose random streams are forked."""

from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws
from nnxfuzz.transforms.split_rngs import SplitRngs, split


class Forks(Data, frozen=True):
    """How many keys a stream gets, if not one."""

    split: int | None = None


class ForkRngs(SplitRngs):
    """The row of `fork_rngs`, which is called as `split_rngs` is."""

    name = "fork_rngs"
    Options = Forks

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Any:
        return Forks(draws.pick((None, 2)))

    def check(self, options: Any, args: tuple[t.Type, ...], depth: int) -> None:
        if options.split not in (None, 1, 2):
            raise t.Unfit("a stream gets one key or two")

    def enter(self, options: Any, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        return tuple(split(arg, options.split) for arg in args)

    def keywords(self, options: Any, args: tuple[t.Type, ...]) -> dict[str, str]:
        return {} if options.split is None else {"split": str(options.split)}
