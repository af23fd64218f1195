"""`nnx.checkify`: the first check that failed, and what the function returns."""

from collections.abc import Sequence
from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import CallText, Draws, Fault, Transform, listed, result
from nnxfuzz.transforms.jit import forgets


class Checked(Data, frozen=True):
    """The argument that is checked to be nowhere above a limit, if any is, and whether the error is
    looked at, which a program can do outside of all traces only.
    """

    argument: int | None = None
    limit: int = 1
    told: bool = False


class Checkify(Transform):
    """The row of `checkify`; of the error its first line is kept, as the next ones name files."""

    name = "checkify"
    Options = Checked
    wraps = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Checked:
        arrays = [k for k, arg in enumerate(args) if isinstance(arg, t.Array)]
        if not arrays or draws.chance(3):
            return Checked()
        return Checked(draws.pick(arrays), draws.number(0, 3), depth == 0)

    def check(self, options: Checked, args: tuple[t.Type, ...], depth: int) -> None:
        at = options.argument
        if at is not None and not (0 <= at < len(args) and isinstance(args[at], t.Array)):
            raise t.Unfit(f"argument {at} is no array")
        if options.told and depth:
            raise t.Unfit("under a trace the error cannot be looked at")

    def parameters(
        self, options: Checked, block: int, names: Sequence[str]
    ) -> tuple[str, list[str]]:
        checks = []
        if options.argument is not None:
            holds = f"jnp.all({names[options.argument]} <= {options.limit})"
            checks = [f'jax.experimental.checkify.check({holds}, "too large")']
        return ", ".join(names), checks

    def leave(self, options: Checked, args: tuple[t.Type, ...], returned: Any) -> Any:
        out = result(returned)
        return t.Results((t.Static(), out or t.Static())) if options.told else out

    def lines(self, call: CallText) -> list[str]:
        words = listed(call.functions, self._all(call.options, call.args))
        if not call.options.told:
            return [f"nnx.checkify({words})({listed(call.given)})[1]"]
        # Under a `shard_map` jax says before the message at which index of it the check failed.
        return [
            f"error_{call.name}, out_{call.name} = nnx.checkify({words})({listed(call.given)})",
            f'(error_{call.name}.get() or "").split("\\n")[0].rpartition(": ")[2], out_{call.name}',
        ]

    def without(self, options: Checked, arg: int) -> Checked:
        at = options.argument
        if at is None or at == arg:
            return Checked(told=options.told)
        return Checked(at - (at > arg), options.limit, options.told)

    def faults(self) -> tuple[Fault, ...]:
        def passes(real: Any) -> Any:
            """No check is made."""
            return lambda f, errors=frozenset(), **options: real(f, frozenset(), **options)

        return (Fault("nothing arrives", forgets), Fault("no check is made", passes))
