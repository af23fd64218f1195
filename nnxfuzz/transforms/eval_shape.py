"""`nnx.eval_shape`: the shapes and dtypes of what the function returns."""

from typing import Any

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.base import CallText, Fault, Transform, listed


class EvalShape(Transform):
    """The row of `eval_shape`."""

    name = "eval_shape"
    named = True
    needs_arguments = False

    def leave(self, options: Any, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        return t.Static() if returned else None

    def source(self, call: CallText) -> str:
        return f"nnx.eval_shape({listed(call.functions, call.given, ['**mode'])})"

    def faults(self) -> tuple[Fault, ...]:
        def computes(real: Any) -> Any:
            return lambda f, *args, **options: f(*args)

        return (Fault("the function is called", computes),)
