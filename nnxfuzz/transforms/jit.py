"""`nnx.jit`: the call itself, compiled."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Feature
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, TakesStatic, listed

Shardings = Literal["", "none", "device"]


class Compiled(Data, frozen=True):
    """Whether it is called before, too; the arguments that are donated; and how a static argument
    is told and given, if there is one (behind the others, by its place or from the end; before
    them; by name; told by its place and given by name; or the other way round): the function
    returns it, and the call before has another.

    `shardings` says what arguments and results are asked to be on: nothing, `None` for each
    argument, or the device, by a `StateSharding` for the modules at the places `parts_of`.  What is
    made `ahead` is lowered and compiled before it is called, with no static argument; `told`: what
    these stages tell is compared, too.
    """

    twice: bool = False
    donate_argnums: tuple[int, ...] = ()
    static: Literal["", "place", "end", "first", "name", "place-named", "name-placed"] = ""
    shardings: Shardings = ""
    parts_of: tuple[int, ...] = ()
    ahead: bool = False
    told: bool = False


class Jit(TakesStatic):
    """The row of `jit`."""

    name = "jit"
    named = True
    Options = Compiled
    needs_arguments = False
    wraps = True
    decorates = True
    factory = True
    stages = "nnx.jit(step, **mode).trace(x)"

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Compiled:
        ahead = not depth and draws.chance(4)
        static: Any = draws.pick(("", *_STATICS) if ahead else ("",) * 4 + _STATICS)
        given = tuple(k for k, arg in enumerate(args) if _donatable(arg) and draws.chance(6))
        shardings = "" if static in _BY_NAME else draw_shardings(draws, args, depth)
        nodes = [k for k, arg in enumerate(args) if isinstance(arg, t.Node)]
        parts = tuple(k for k in nodes if shardings == "device" and draws.chance(2))
        told = ahead and draws.chance(2)
        return Compiled(draws.chance(4), given, static, shardings, parts, ahead, told)

    def check(self, options: Compiled, args: tuple[t.Type, ...], depth: int) -> None:
        check_ahead(options, depth)
        for k in options.donate_argnums:
            if not (0 <= k < len(args) and _donatable(args[k])):
                raise t.Unfit(f"argument {k} is not donated")
        if options.shardings and (options.static in _BY_NAME or not args):
            raise t.Unfit("jax takes no keywords beside shardings, and there is an argument")
        for k in options.parts_of:
            fits = 0 <= k < len(args) and isinstance(args[k], t.Node)
            if options.shardings != "device" or not fits:
                raise t.Unfit(f"argument {k} has no parts")

    def placed(self, options: Compiled, args: tuple[t.Type, ...]) -> int:
        """jax takes no keywords beside shardings."""
        return len(args) if options.shardings else super().placed(options, args)

    def features(self, options: Compiled) -> frozenset[Feature]:
        return ahead_needs(options)

    def keywords(self, options: Compiled, args: tuple[t.Type, ...]) -> dict[str, str]:
        first = options.static == "first"
        donated = tuple(k + first for k in options.donate_argnums)
        words = {"donate_argnums": repr(donated)} if donated else {}
        at = {
            "": {},
            "place": {"static_argnums": str(len(args))},
            "end": {"static_argnums": "-1"},
            "first": {"static_argnums": "0"},
            "name": {"static_argnames": '"static"'},
            "place-named": {"static_argnums": str(len(args))},
            "name-placed": {"static_argnames": '"static"'},
        }
        given = [_PARTS if k in options.parts_of else DEVICE for k in range(len(args))]
        return words | at[options.static] | shardings_text(options.shardings, given)

    def lines(self, call: CallText) -> list[str]:
        def given(number: int) -> str:
            match call.options.static:
                case "first":
                    return listed([str(number)], call.given)
                case "place" | "end" | "name-placed":
                    return listed(call.given, [str(number)])
                case "name" | "place-named":
                    return listed(call.given, [f"static={number}"])
            return listed(call.given)

        def last(made: str) -> str:
            if call.options.ahead:
                return f"{made}.lower({given(2)}).compile()({listed(call.given)})"
            return f"{made}({given(2)})"

        if not call.options.twice:
            return [last(self.made(call))]
        made = f"jit_{call.name}"
        return [f"{made} = {self.made(call)}", f"{made}({given(1)})", last(made)]

    def without(self, options: Compiled, arg: int) -> Compiled:
        def left(places: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(k - (k > arg) for k in places if k != arg)

        donated, parts = left(options.donate_argnums), left(options.parts_of)
        return msgspec.structs.replace(options, donate_argnums=donated, parts_of=parts)

    def smaller(self, options: Compiled) -> Iterator[Data]:
        yield from super().smaller(options)
        if options.static not in ("", "place"):
            yield msgspec.structs.replace(options, static="place")

    def faults(self) -> tuple[Fault, ...]:
        def stale(real: Any) -> Any:
            """A second call returns what the first did."""

            def jit(f: Any, **options: Any) -> Any:
                made, told = real(f, **options), []

                def call(*args: Any, **kwargs: Any) -> Any:
                    told.append(made(*args, **kwargs))
                    return told[0]

                return call

            return jit

        return (Fault("nothing is called", forgets), Fault("the first result again", stale))


#: How a static argument is given; where nothing is made ahead, mostly there is none.
_STATICS = ("place", "end", "first", "name", "place-named", "name-placed")

#: Those that are given by name.
_BY_NAME = ("name", "place-named")

DEVICE = "jax.sharding.SingleDeviceSharding(jax.devices()[0])"
_PARTS = f"nnx.StateSharding({{nnx.Param: {DEVICE}, ...: {DEVICE}}})"


def check_ahead(options: Any, depth: int) -> None:
    """Raise Unfit if what is asked to be compiled ahead cannot be."""
    if options.ahead and depth:
        raise t.Unfit("what is compiled takes no tracers")
    if options.told and not options.ahead:
        raise t.Unfit("what is not compiled ahead has no stages")


def ahead_needs(options: Any) -> frozenset[Feature]:
    """What a release has to have for it."""
    return frozenset({"compiled-ahead"} if options.ahead else ())


def draw_shardings(draws: Draws, args: tuple[t.Type, ...], depth: int) -> Shardings:
    """What arguments and results are asked to be on; jax fails on a device in a `shard_map`."""
    asked: Shardings = draws.pick(("", "", "", "", "none", "device"))
    return asked if args and not depth else ""


def shardings_text(shardings: Shardings, given: list[str]) -> dict[str, str]:
    """`in_shardings`, for each argument that is not static, and `out_shardings`."""
    match shardings:
        case "none":
            return {"in_shardings": f"({'None, ' * len(given)})"}
        case "device":
            return {"in_shardings": f"({listed(given)},)", "out_shardings": DEVICE}
    return {}


def _donatable(arg: t.Type) -> bool:
    """Whether its arrays are all in Variables, which get others: what is donated cannot be read."""
    if isinstance(arg, t.Array | t.Static) or t.has_reference(arg):
        return False
    return not any(isinstance(held, t.Array) for _, held in t.places(arg))


def forgets(real: Any) -> Any:
    """A transform that calls its function on copies, so that no update arrives."""
    from flax import nnx

    def transform(f: Any, **options: Any) -> Any:
        made = real(f, **options)
        return lambda *args, **kwargs: made(*nnx.clone(args), **kwargs)

    return transform
