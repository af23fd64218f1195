"""`nnx.grad`: the derivatives of what the function returns."""

from typing import Any, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, as_tuple, listed
from nnxfuzz.transforms.jit import forgets


class By(Data, frozen=True):
    """The arguments that are differentiated by, of which one alone stands as a number, whether the
    function returns more than the loss, what a `DiffState` chooses of the modules among them, and
    whether there may be integers among them, whose gradients jax has as arrays of `float0`.
    """

    argnums: tuple[int, ...] = (0,)
    has_aux: bool = False
    filter: Literal["", "nnx.BatchStat", "..."] = ""
    allow_int: bool = False


class Grad(Transform):
    """The row of `grad`."""

    name = "grad"
    named = True
    Options = By
    returns = "loss"
    decorates = True
    factory = True
    eager = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> By:
        # One time in eight something else, which jax refuses, and one by an integer.
        fits = draws.pick([differentiable] * 6 + [t.is_float, holds_arrays])
        fit = [k for k, arg in enumerate(args) if fits(arg)]
        if not fit:
            raise t.Unfit("there is nothing to differentiate by")
        first = draws.pick(fit)
        more = [k for k in fit if k != first and draws.chance(3)]
        nodes = any(isinstance(args[k], t.Node) for k in (first, *more))
        chosen: Any = draws.pick((*[""] * 8, "nnx.BatchStat", "...")) if nodes else ""
        return By((first, *more), draws.chance(3), chosen, fits is holds_arrays)

    def check(self, options: By, args: tuple[t.Type, ...], depth: int) -> None:
        if not options.argnums or len(set(options.argnums)) != len(options.argnums):
            raise t.Unfit("each argument is differentiated by once")
        for k in options.argnums:
            fits = holds_arrays if options.allow_int else t.is_float
            if not 0 <= k < len(args) or not fits(args[k]):
                raise t.Unfit(f"argument {k} cannot be differentiated by")

    def block(self, options: By, block: int, names: Any, results: Any) -> str:
        if not options.has_aux:
            return str(results[0])
        aux = results[1] if len(results) == 2 else f"({as_tuple(results[1:])},)"
        return f"{results[0]}, {aux if len(results) > 1 else None}"

    def leave(self, options: By, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        """Of which form a gradient is depends on the mode, but for an array's."""
        wanted = [args[k] for k in options.argnums]
        if len(wanted) == 1 and isinstance(wanted[0], t.Array) and not options.has_aux:
            return wanted[0] if t.is_float(wanted[0]) else t.Static()
        return t.Static()

    def keywords(self, options: By, args: tuple[t.Type, ...]) -> dict[str, str]:
        numbers = [
            f"nnx.DiffState({k}, {options.filter})" if options.filter else str(k)
            for k in options.argnums
        ]
        words = {"argnums": numbers[0] if len(numbers) == 1 else f"({listed(numbers)})"}
        words = {} if numbers == ["0"] else words
        flags = {"has_aux": options.has_aux, "allow_int": options.allow_int}
        return words | {name: "True" for name, given in flags.items() if given}

    def placed(self, options: Any, args: tuple[t.Type, ...]) -> int:
        return 1 + int(max(options.argnums))

    def without(self, options: By, arg: int) -> By:
        numbers = tuple(k - (k > arg) for k in options.argnums if k != arg)
        return msgspec.structs.replace(options, argnums=numbers)

    def smaller(self, options: By) -> Any:
        yield from super().smaller(options)
        for k in options.argnums if len(options.argnums) > 1 else ():
            left = tuple(n for n in options.argnums if n != k)
            yield msgspec.structs.replace(options, argnums=left)

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("no update arrives", forgets),)


def differentiable(arg: t.Type) -> bool:
    """Whether it holds floats alone, none of them by reference: jax does not differentiate by a
    reference (the message of `jax.grad` says so).
    """
    return t.is_float(arg) and not t.has_reference(arg)


def holds_arrays(arg: t.Type) -> bool:
    """Whether it holds arrays alone, of whatever dtype, none of them by reference."""
    found = list(t.arrays(arg))
    return all(isinstance(a, t.Array) for a in found) and bool(found) and not t.has_reference(arg)
