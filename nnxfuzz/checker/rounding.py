"""Run a program with other roundings, or other random numbers, to learn what depends on them.

Flax's run is compiled.  XLA fuses operations and drops roundings between them (a chain of bfloat16
may be computed in float32), so that even a result of a wide dtype may be off by what a narrow one
rounds.  How far that is cannot be read from the arrays: it depends on what was computed in between.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax._src import core

from nnxfuzz.checker.inputs import roundings
from nnxfuzz.programs.numbers import widest

#: Operations that round nothing: they move numbers, choose among them, or cut them off.
_EXACT = frozenset(
    {"abs", "broadcast_in_dim", "ceil", "clamp", "concatenate", "convert_element_type", "copy"}
    | {"copy_p", "device_put", "dynamic_slice", "dynamic_update_slice", "expand_dims", "floor"}
    | {"gather", "iota", "max", "min", "neg", "pad", "reduce_max", "reduce_min", "reshape", "rev"}
    | {"round", "scatter", "select_n", "sign", "slice", "sort", "split", "squeeze", "stage"}
    | {"stop_gradient", "transpose", "bitcast_convert_type", "argmax", "argmin", "cummax", "cummin"}
    | {"real", "imag", "complex", "conj"}
)


def rounded_otherwise(seed: int) -> contextlib.AbstractContextManager[None]:
    """Have what jax computes operation by operation off by at most one rounding each time, up or
    down, the same way for the same seed.
    """
    random = np.random.default_rng(seed)
    return _changed(lambda name, out: out if name in _EXACT else _moved(out, random))


def drawn_otherwise() -> contextlib.AbstractContextManager[None]:
    """Have jax draw other random numbers, from the same keys."""
    return _changed(lambda name, out: _flipped(out) if name == "random_bits" else out)


@contextlib.contextmanager
def _changed(change: Callable[[str, Any], Any]) -> Iterator[None]:
    """Change what each operation gives, by its name.  Compiled functions are not changed, so that
    none is compiled.
    """
    original: Any = core.EvalTrace.process_primitive

    def process(trace: Any, primitive: Any, args: Sequence[Any], params: Any, /) -> Any:
        out = original(trace, primitive, args, params)
        if primitive.multiple_results:
            return [change(primitive.name, one) for one in out]
        return change(primitive.name, out)

    setattr(core.EvalTrace, "process_primitive", process)  # noqa: B010
    try:
        with jax.disable_jit():
            yield
    finally:
        setattr(core.EvalTrace, "process_primitive", original)  # noqa: B010


def _flipped(bits: Any) -> Any:
    """An array of random bits with each of them the other way round."""
    if not isinstance(bits, jax.Array) or isinstance(bits, jax.core.Tracer):
        return bits
    return _placed(~np.asarray(bits), bits)


def _moved(value: Any, random: np.random.Generator) -> Any:
    """An array of floats, or of complex numbers, with each off by at most one rounding; anything
    else as it is.
    """
    if not isinstance(value, jax.Array) or isinstance(value, jax.core.Tracer):
        return value
    if not jnp.issubdtype(value.dtype, jnp.inexact) or value.weak_type or len(value.devices()) > 1:
        return value
    held = np.asarray(value)
    with np.errstate(all="ignore"):
        moved = (widest(held) * (1 + roundings(random, held))).astype(held.dtype)
    return _placed(moved, value)


def _placed(numbers: np.ndarray, like: jax.Array) -> jax.Array:
    """An array with these numbers where another is.  What is committed to no device stays so: jax
    moves such an array to those of another operand.
    """
    return jax.device_put(numbers, like.sharding if getattr(like, "_committed", True) else None)
