"""`nnx.with_rngs` as a decorator: a function of arguments whose random streams follow rules."""

from typing import Any, Literal

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, result
from nnxfuzz.transforms.split_rngs import SplitRngs, split

Rule = Literal["split", "broadcast", "fork"]


class Rules(Data, frozen=True):
    """The rule, the streams that it is for (all of them, if it names none), and how many keys it
    gives; whether what it is not for is forked; and the streams that are looked at.
    """

    rule: Rule = "split"
    of: Literal["", "params", "dropout"] = ""
    lanes: Literal[1, 2] = 2
    forks_others: bool = False
    only: Literal["", "params", "dropout"] = ""


class WithRngs(SplitRngs):
    """The row of `with_rngs`, which is called as `split_rngs` is, and works without graph updates
    only.
    """

    name = "with_rngs"
    Options = Rules
    modes = ("graph-frozen", "tree")

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Any:
        rule: Rule = draws.pick(("split", "split", "broadcast", "fork"))
        of: Any = draws.pick(("", "", "params", "dropout"))
        only: Any = draws.pick(("", "", "", "params", "dropout"))
        lanes: Any = draws.pick((2, 2, 1))
        forks_others = bool(of) and rule != "fork" and draws.chance(2)
        return Rules(rule, of, lanes, forks_others, only)

    def check(self, options: Any, args: tuple[t.Type, ...], depth: int) -> None:
        if options.rule == "fork" and options.forks_others:
            raise t.Unfit("one rule forks")

    def enter(self, options: Any, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        none = options.only and options.of and options.only != options.of
        lanes = None if options.rule == "fork" or none else options.lanes
        return tuple(split(arg, lanes, options.only or options.of) for arg in args)

    def leave(self, options: Any, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        return result(returned)

    def keywords(self, options: Any, args: tuple[t.Type, ...]) -> dict[str, str]:
        if options.rule == "fork":
            words = {"fork": f'"{options.of}"' if options.of else "..."}
        else:
            lanes = str(options.lanes)
            words = {options.rule: f'{{"{options.of}": {lanes}}}' if options.of else lanes}
        words |= {"fork": "..."} if options.forks_others else {}
        return words | ({"only": f'"{options.only}"'} if options.only else {})
