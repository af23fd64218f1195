"""`nnx.jit`: the call itself, compiled."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, as_tuple, listed, result


class Compiled(Data, frozen=True):
    """Whether it is called before, too; the arguments that are donated; and how a static argument
    is given, if there is one: the function returns it, and the call before has another.
    """

    twice: bool = False
    donate_argnums: tuple[int, ...] = ()
    static: Literal["", "place", "name"] = ""


class Jit(Transform):
    """The row of `jit`."""

    name = "jit"
    Options = Compiled
    needs_arguments = False
    wraps = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Compiled:
        static: Any = draws.pick(("", "", "", "place", "name"))
        given = tuple(k for k, arg in enumerate(args) if _donatable(arg) and draws.chance(6))
        return Compiled(draws.chance(4), given, static)

    def check(self, options: Compiled, args: tuple[t.Type, ...], depth: int) -> None:
        for k in options.donate_argnums:
            if not (0 <= k < len(args) and _donatable(args[k])):
                raise t.Unfit(f"argument {k} is not donated")

    def parameters(
        self, options: Compiled, block: int, names: Sequence[str]
    ) -> tuple[str, list[str]]:
        return listed(names, ["static"] if options.static else []), []

    def block(
        self, options: Compiled, block: int, names: Sequence[str], results: Sequence[str]
    ) -> str:
        return as_tuple([*results, "jnp.asarray(static)"] if options.static else results)

    def leave(self, options: Compiled, args: tuple[t.Type, ...], returned: Any) -> Any:
        return result((*returned, t.Array((), "int32")) if options.static else returned)

    def keywords(self, options: Compiled, args: tuple[t.Type, ...]) -> dict[str, str]:
        words = {"donate_argnums": repr(options.donate_argnums)} if options.donate_argnums else {}
        at = {"": {}, "place": {"static_argnums": str(len(args))}, "name": _BY_NAME}
        return words | at[options.static]

    def lines(
        self,
        options: Compiled,
        args: tuple[t.Type, ...],
        functions: Sequence[str],
        given: Sequence[str],
        name: str,
    ) -> list[str]:
        words = listed(functions, self._all(options, args))

        def called(made: str, number: int) -> str:
            static = {"": [], "place": [str(number)], "name": [f"static={number}"]}
            return f"{made}({listed(given, static[options.static])})"

        if not options.twice:
            return [called(f"nnx.jit({words})", 2)]
        return [
            f"jit_{name} = nnx.jit({words})",
            called(f"jit_{name}", 1),
            called(f"jit_{name}", 2),
        ]

    def without(self, options: Compiled, arg: int) -> Compiled:
        left = tuple(k - (k > arg) for k in options.donate_argnums if k != arg)
        return msgspec.structs.replace(options, donate_argnums=left)

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
