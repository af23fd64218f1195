"""`nnx.jit`: the call itself, compiled."""

from typing import Any

from nnxfuzz.transforms.base import Fault, Transform


class Jit(Transform):
    """The row of `jit`."""

    name = "jit"
    needs_arguments = False

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("nothing is called", forgets),)


def forgets(real: Any) -> Any:
    """A transform that calls its function on copies, so that no update arrives."""
    from flax import nnx

    def transform(f: Any, **options: Any) -> Any:
        made = real(f, **options)
        return lambda *args: made(*nnx.clone(args))

    return transform
