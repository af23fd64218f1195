"""`nnx.value_and_grad`: what the function returns, and its derivatives."""

from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.grad import By, Grad


class ValueAndGrad(Grad):
    """The row of `value_and_grad`."""

    name = "value_and_grad"
    named = True

    def leave(self, options: By, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        value = t.Static() if options.has_aux else returned[0]
        return t.Results((value, t.Static()))
