"""`nnx.vjp`: what the function returns, and the cotangents of its arguments."""

from collections.abc import Sequence
from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import MODES
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Transform, as_tuple, result


class Product(Data, frozen=True):
    """Whether the function returns more than what is differentiated."""

    has_aux: bool = False


class Vjp(Transform):
    """The row of `vjp`, whose cotangents are ones; all arguments are differentiated by."""

    name = "vjp"
    Options = Product
    returns = "float"
    eager = True
    factory = True
    modes = MODES[1:]

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Product:
        if any(map(t.has_reference, args)) and not draws.chance(8):
            raise t.Unfit("a reference is refused")
        return Product(draws.chance(3))

    def check(self, options: Product, args: tuple[t.Type, ...], depth: int) -> None:
        for k, arg in enumerate(args):
            if not t.is_float(arg):
                raise t.Unfit(f"argument {k} cannot be differentiated by")

    def block(self, options: Product, block: int, names: Any, results: Sequence[str]) -> str:
        if not options.has_aux:
            return str(results[0])
        aux = results[1] if len(results) == 2 else f"({as_tuple(results[1:])},)"
        return f"{results[0]}, {aux if len(results) > 1 else None}"

    def leave(self, options: Product, args: tuple[t.Type, ...], returned: Any) -> Any:
        """Cotangents have the types of the arguments; in each mode a module's is a module."""
        return result((returned[0], t.Static(), *([t.Static()] if options.has_aux else [])))

    def keywords(self, options: Product, args: tuple[t.Type, ...]) -> dict[str, str]:
        return {"has_aux": "True"} if options.has_aux else {}

    def lines(self, call: CallText) -> list[str]:
        more = f", aux_{call.name}" if call.options.has_aux else ""
        return [
            f"out_{call.name}, back_{call.name}{more} = {self.made(call, call.given)}",
            f"out_{call.name}, back_{call.name}(jnp.ones_like(out_{call.name})){more}",
        ]

    def faults(self) -> tuple[Fault, ...]:
        def halved(real: Any) -> Any:
            """The cotangent is halved on its way."""

            def vjp(*args: Any, **options: Any) -> Any:
                out, back, *aux = real(*args, **options)
                return (out, lambda cotangent: back(cotangent / 2), *aux)

            return vjp

        return (Fault("half of the cotangents", halved),)
