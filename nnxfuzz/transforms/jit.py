"""`nnx.jit`: the call itself, compiled."""

from typing import Any, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, TakesStatic, listed


class Compiled(Data, frozen=True):
    """Whether it is called before, too; the arguments that are donated; and how a static argument
    is given, if there is one: the function returns it, and the call before has another.

    `shardings` says what arguments and results are asked to be on: nothing, `None` for each
    argument, or the device, by a `StateSharding` for the modules at the places `parts_of`.
    """

    twice: bool = False
    donate_argnums: tuple[int, ...] = ()
    static: Literal["", "place", "name"] = ""
    shardings: Literal["", "none", "device"] = ""
    parts_of: tuple[int, ...] = ()


class Jit(TakesStatic):
    """The row of `jit`."""

    name = "jit"
    named = True
    Options = Compiled
    needs_arguments = False
    wraps = True
    decorates = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Compiled:
        static: Any = draws.pick(("", "", "", "place", "name"))
        given = tuple(k for k, arg in enumerate(args) if _donatable(arg) and draws.chance(6))
        shardings: Any = draws.pick(("",) * 6 + ("none", "device"))
        if static == "name" or not args or depth:  # jax fails on a device in a `shard_map`
            shardings = ""
        nodes = [k for k, arg in enumerate(args) if isinstance(arg, t.Node)]
        parts = tuple(k for k in nodes if shardings == "device" and draws.chance(2))
        return Compiled(draws.chance(4), given, static, shardings, parts)

    def check(self, options: Compiled, args: tuple[t.Type, ...], depth: int) -> None:
        for k in options.donate_argnums:
            if not (0 <= k < len(args) and _donatable(args[k])):
                raise t.Unfit(f"argument {k} is not donated")
        if options.shardings and (options.static == "name" or not args):
            raise t.Unfit("jax takes no keywords beside shardings, and there is an argument")
        for k in options.parts_of:
            fits = 0 <= k < len(args) and isinstance(args[k], t.Node)
            if options.shardings != "device" or not fits:
                raise t.Unfit(f"argument {k} has no parts")

    def keywords(self, options: Compiled, args: tuple[t.Type, ...]) -> dict[str, str]:
        words = {"donate_argnums": repr(options.donate_argnums)} if options.donate_argnums else {}
        at = {"": {}, "place": {"static_argnums": str(len(args))}, "name": _BY_NAME}
        return words | at[options.static] | self._shardings(options, args)

    def _shardings(self, options: Compiled, args: tuple[t.Type, ...]) -> dict[str, str]:
        """`in_shardings`, for each argument that is not static, and `out_shardings`."""
        parts = [_PARTS if k in options.parts_of else _DEVICE for k in range(len(args))]
        match options.shardings:
            case "none":
                return {"in_shardings": f"({'None, ' * len(args)})"}
            case "device":
                return {"in_shardings": f"({listed(parts)},)", "out_shardings": _DEVICE}
        return {}

    def lines(self, call: CallText) -> list[str]:
        words = listed(call.functions, self._all(call.options, call.args))

        def called(made: str, number: int) -> str:
            static = {"": [], "place": [str(number)], "name": [f"static={number}"]}
            return f"{made}({listed(call.given, static[call.options.static])})"

        if not call.options.twice:
            return [called(f"nnx.jit({words})", 2)]
        return [
            f"jit_{call.name} = nnx.jit({words})",
            called(f"jit_{call.name}", 1),
            called(f"jit_{call.name}", 2),
        ]

    def without(self, options: Compiled, arg: int) -> Compiled:
        def left(places: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(k - (k > arg) for k in places if k != arg)

        donated, parts = left(options.donate_argnums), left(options.parts_of)
        return msgspec.structs.replace(options, donate_argnums=donated, parts_of=parts)

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


_BY_NAME = {"static_argnames": '"static"'}

_DEVICE = "jax.sharding.SingleDeviceSharding(jax.devices()[0])"
_PARTS = f"nnx.StateSharding({{nnx.Param: {_DEVICE}, ...: {_DEVICE}}})"


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
