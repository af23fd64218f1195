"""`nnx.jvp`: what the function returns, and its derivative along tangents of the arguments."""

from collections.abc import Sequence
from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.base import Fault, listed, result
from nnxfuzz.transforms.vjp import Product, Vjp


class Jvp(Vjp):
    """The row of `jvp`, whose tangents are ones; all arguments are differentiated by."""

    name = "jvp"

    def check(self, options: Product, args: tuple[t.Type, ...], depth: int) -> None:
        super().check(options, args, depth)
        t.no_hijax(*args)
        t.no_references(*args)  # a tangent of one would have to be one

    def leave(self, options: Product, args: tuple[t.Type, ...], returned: Any) -> Any:
        aux = [t.Static()] if options.has_aux else []
        return result((returned[0], returned[0], *aux))

    def lines(
        self,
        options: Product,
        args: tuple[t.Type, ...],
        functions: Sequence[str],
        given: Sequence[str],
        name: str,
    ) -> list[str]:
        at = f"({listed(given)},)"
        ones = f"nnx.map(lambda _, leaf: jax.tree.map(jnp.ones_like, leaf), {at}, graph=True)"
        return [f"nnx.jvp({listed(functions, [at, ones], self._all(options, args))})"]

    def faults(self) -> tuple[Fault, ...]:
        def still(real: Any) -> Any:
            """Nothing moves along the tangents."""
            return lambda *args, **options: (lambda out: (out[0], out[1] * 0, *out[2:]))(
                real(*args, **options)
            )

        return (Fault("the derivative is zero", still),)
