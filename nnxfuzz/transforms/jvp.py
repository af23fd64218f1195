"""`nnx.jvp`: what the function returns, and its derivative along tangents of the arguments."""

from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.base import CallText, Fault, listed, result
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

    def lines(self, call: CallText) -> list[str]:
        at = f"({listed(call.given)},)"
        ones = f"nnx.map(lambda _, leaf: jax.tree.map(jnp.ones_like, leaf), {at}, graph=True)"
        return [self.made(call, [at, ones])]

    def faults(self) -> tuple[Fault, ...]:
        def still(real: Any) -> Any:
            """Nothing moves along the tangents."""
            return lambda *args, **options: (lambda out: (out[0], out[1] * 0, *out[2:]))(
                real(*args, **options)
            )

        return (Fault("the derivative is zero", still),)
