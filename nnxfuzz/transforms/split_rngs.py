"""`nnx.split_rngs` as a decorator: a function of arguments whose random streams are split."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Feature
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Transform, listed, result


class Splits(Data, frozen=True):
    """How many keys a stream gets, whether it gets the one alone, and which streams do."""

    splits: Literal[1, 2] = 2
    squeeze: bool = False
    only: Literal["", "params", "dropout"] = ""


class SplitRngs(Transform):
    """The row of `split_rngs`."""

    name = "split_rngs"
    Options: ClassVar[type[Data]] = Splits
    decorates = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Splits:
        only: Any = draws.pick(("", "", "", "params", "dropout"))
        return Splits(1, True, only) if draws.chance(4) else Splits(2, False, only)

    def check(self, options: Splits, args: tuple[t.Type, ...], depth: int) -> None:
        if options.squeeze and options.splits != 1:
            raise t.Unfit("only one key is squeezed")

    def enter(self, options: Splits, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        lanes = None if options.squeeze else options.splits
        return tuple(split(arg, lanes, options.only) for arg in args)

    def leave(self, options: Splits, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        if any(isinstance(held, t.Streams) for one in returned for _, held in t.places(one)):
            raise t.Unfit("what is split meanwhile is not returned")
        return result(returned)

    def features(self, options: Any) -> frozenset[Feature]:
        return frozenset({"rng-squeeze"} if getattr(options, "squeeze", False) else ())

    def keywords(self, options: Splits, args: tuple[t.Type, ...]) -> dict[str, str]:
        words = {"splits": str(options.splits)}
        words |= {"squeeze": "True"} if options.squeeze else {}
        return words | ({"only": f'"{options.only}"'} if options.only else {})

    def source(self, call: CallText) -> str:
        return (
            f"{self.decorator(call.options, call.args)}({call.functions[0]})({listed(call.given)})"
        )

    def decorator(self, options: Any, args: tuple[t.Type, ...]) -> str:
        return f"nnx.{self.name}({listed(self._all(options, args))})"

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("streams stay as they are", unchanged),)


def split(type_: t.Type, lanes: int | None, only: str = "") -> t.Type:
    """The type with so many lanes of each stream, or of those of a name."""
    match type_:
        case t.Streams(names, was):
            if only and only not in names:
                return type_
            if was is not None:
                raise t.Unfit("streams are split once")
            return replace(type_, lanes=lanes)
        case t.Node(attributes=attributes):
            held = tuple((name, split(below, lanes, only)) for name, below in attributes)
            return replace(type_, attributes=held, layer=type_.layer and held == attributes)
        case t.Results(items):
            return replace(type_, items=tuple(split(item, lanes, only) for item in items))
        case _:
            return type_


def unchanged(real: Any) -> Any:
    """A decorator that does nothing."""
    return lambda **options: lambda f: f
