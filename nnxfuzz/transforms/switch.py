"""`nnx.switch`: one of several functions; an index out of range is the nearest that is not."""

from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.base import CallText, Draws, Fault, deciding, listed
from nnxfuzz.transforms.cond import Cond, Taken


class Switch(Cond):
    """The row of `switch`."""

    name = "switch"
    blocks = (1, 3)

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Taken:
        return Taken(draws.number(-1, 3), deciding(draws, args))

    def source(self, call: CallText) -> str:
        at, branches = f"jnp.asarray({call.options.index})", f"[{listed(call.functions)}]"
        if more := call.options.decides(call.given):
            at = f'{more}.astype("int32") + {call.options.index}'
        return f"nnx.switch({listed([at, branches], call.given, ['**mode'])})"

    def faults(self) -> tuple[Fault, ...]:
        def first(real: Any) -> Any:
            return lambda index, branches, *args, **options: real(0, branches, *args, **options)

        return (Fault("the first branch is taken", first),)
