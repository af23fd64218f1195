"""`nnx.custom_vjp`: a function that says itself what its derivative is."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Feature
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Transform, listed
from nnxfuzz.transforms.grad import differentiable


class Own(Data, frozen=True):
    """The transform that the function is given to (none: it is called), and the arguments of which
    the Params alone have a derivative; and whether the loss also has what the arguments hold
    afterwards, of which the backward pass is given the cotangents.
    """

    within: Literal["", "jit", "remat", "grad"] = ""
    nondiff_argnums: tuple[int, ...] = ()
    updates: bool = False


class CustomVjp(Transform):
    """The row of `custom_vjp`.  Its derivative is the sum of the cotangents, at every number of the
    arguments, which is not what jax works out.
    """

    name = "custom_vjp"
    Options = Own
    wraps = True
    factory = True
    returns = "float"

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Own:
        nodes = [k for k, arg in enumerate(args) if isinstance(arg, t.Node)]
        within: Any = draws.pick(("grad", "", "grad", "jit", "remat"))
        parts = tuple(k for k in nodes if draws.chance(6))
        return Own(within, parts, within == "grad" and not parts and draws.chance(3))

    def check(self, options: Own, args: tuple[t.Type, ...], depth: int) -> None:
        t.no_hijax(*args)
        if options.updates and (options.within != "grad" or options.nondiff_argnums):
            raise t.Unfit("only a gradient has a loss, and that is by all of the arguments")
        for k, arg in enumerate(args):
            if not differentiable(arg) or isinstance(arg, t.Results):
                raise t.Unfit(f"argument {k} cannot be differentiated by")
            if k in options.nondiff_argnums and not isinstance(arg, t.Node):
                raise t.Unfit(f"argument {k} has no parts")

    def block(self, options: Own, block: int, names: Any, results: Sequence[str]) -> str:
        return str(results[0])

    def leave(self, options: Own, args: tuple[t.Type, ...], returned: Any) -> Any:
        """Of which form a gradient is depends on the mode."""
        return t.Static() if options.within == "grad" else returned[0]

    def features(self, options: Own) -> frozenset[Feature]:
        return frozenset({"updates-in-backward"} if options.updates else ())

    def keywords(self, options: Own, args: tuple[t.Type, ...]) -> dict[str, str]:
        chosen = "".join(f"nnx.DiffState({k}, nnx.Param), " for k in options.nondiff_argnums)
        return {"nondiff_argnums": f"({chosen})"} if chosen else {}

    def lines(self, call: CallText) -> list[str]:
        states = 'mode.get("graph", True) and mode.get("graph_updates", True)'
        own, updates = f"own_{call.name}", call.options.updates
        after = " + sum(jnp.sum(leaf) for leaf in jax.tree.leaves(args))" if updates else ""
        called = {
            "": f"{own}({listed(call.given)})",
            "grad": f"nnx.grad(lambda *args: jnp.sum({own}(*args)){after}, argnums="
            f"{tuple(range(len(call.given)))}, **mode)({listed(call.given)})",
        }
        through = f"nnx.{call.options.within}({own}, **mode)({listed(call.given)})"
        return [
            f"{own} = {self.made(call)}",
            f"def fwd_{call.name}(*args):",
            f"    return {own}(*args), args",
            f"def bwd_{call.name}(args, g_{call.name}{', updates_g=None' if updates else ''}):",
            f"    if {states}:",
            f"        states, g_{call.name} = g_{call.name}",
            *["        updates_g = states"] * updates,
            "        args = [arg if s is None else s for arg, s in zip(args, states)]",
            *(
                f"        args[{k}] = args[{k}].filter(nnx.Param)"
                for k in call.options.nondiff_argnums
            ),
            f"    return {_cotangents(f'g_{call.name}', updates)}",
            f"{own}.defvjp(fwd_{call.name}, bwd_{call.name})",
            called.get(call.options.within, through),
        ]

    def without(self, options: Own, arg: int) -> Own:
        left = tuple(k - (k > arg) for k in options.nondiff_argnums if k != arg)
        return msgspec.structs.replace(options, nondiff_argnums=left)

    def smaller(self, options: Own) -> Iterator[Data]:
        yield from super().smaller(options)
        if options.within not in ("", "grad"):
            yield msgspec.structs.replace(options, within="grad")

    def faults(self) -> tuple[Fault, ...]:
        def derived(real: Any) -> Any:
            """The derivative is jax's."""

            class Function:
                def __init__(self, f: Any) -> None:
                    self.f = f

                def defvjp(self, fwd: Any, bwd: Any) -> None:
                    pass

                def __call__(self, *args: Any) -> Any:
                    return self.f(*args)

            return lambda f, **options: Function(f)

        return (Fault("the function's own derivative", derived),)


def _cotangents(g: str, updates: bool) -> str:
    """What the backward pass returns, as text: for each number the sum of the cotangents, and, if
    it is given those of updates, its own besides.  So a Variable that counts as written, and one
    that does not, come to the same.
    """
    sum_ = f"jnp.full_like(leaf, jnp.sum({g}))"
    if not updates:
        return f"tuple(jax.tree.map(lambda leaf: {sum_}, arg) for arg in args)"
    own = "*[c for c in [c] if c is not None]"
    one = f"lambda c, arg: jax.tree.map(lambda leaf, *own: sum(own, {sum_}), arg, {own})"
    return f"jax.tree.map({one}, updates_g, tuple(args), is_leaf=lambda c: c is None)"
