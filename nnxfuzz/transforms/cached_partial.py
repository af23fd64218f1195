"""`nnx.cached_partial`: a transformed function that has its first arguments already, whose nodes
Flax takes apart once for all calls.
"""

from collections.abc import Sequence

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.base import CallText, listed
from nnxfuzz.transforms.jit_partial import JitPartial


class CachedPartial(JitPartial):
    """The row of `cached_partial`, of a function that `nnx.jit` compiles."""

    name = "cached_partial"
    modes = ("graph",)
    lowers = False

    def least(self, args: tuple[t.Type, ...]) -> int:
        return 1

    def made(self, call: CallText, given: Sequence[str] = ()) -> str:
        jitted = f"nnx.jit({listed(call.functions, self._all(call.options, call.args))})"
        return f"nnx.cached_partial({listed([jitted], given, ['**mode'])})"
