"""An arm of a case, run through the loop transforms of `flax.nnx`.

Never imports `reference`: the two runs share the case, the builder and the body's interpreter, and
nothing else.  What is called can be exchanged (`Loops`), which is how planted bugs are run.
"""

from collections.abc import Callable
from typing import Any, assert_never

import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import compat
from nnxfuzz.body import Body, common_shape
from nnxfuzz.build import Builder, Objects
from nnxfuzz.case import Arm, Attribute, Case, Read, trips, uses_index
from nnxfuzz.numbers import DTYPES

#: The loop transforms by name, with the signatures of `nnx.fori_loop`, `while_loop` and `scan`.
Loops = dict[str, Callable[..., Any]]


class Returned:
    """What a transform returned, taken apart: the carry, what scan emitted, while's counter."""

    def __init__(self, carry: Any, ys: Any = None, counter: Any = None) -> None:
        self.carry = carry
        self.ys = ys
        self.counter = counter


def call(case: Case, arm: Arm, objects: Objects, bounds: tuple[Any, Any], loops: Loops) -> Returned:
    """Call the arm's transform on `objects`.  Whatever it raises comes through."""
    mode = compat.mode_arguments(arm.mode)
    unroll = {} if case.loop.unroll is None else {"unroll": case.loop.unroll}
    match arm.transform:
        case "fori_loop":
            return _fori_loop(case, objects, bounds, loops, mode | unroll)
        case "while_loop":
            return _while_loop(case, objects, bounds, loops, mode)
        case "scan":
            return _scan(case, objects, loops, mode | unroll)
        case other:
            assert_never(other)


def _fori_loop(
    case: Case, objects: Objects, bounds: tuple[Any, Any], loops: Loops, options: dict[str, Any]
) -> Returned:
    def body(i: Any, carry: Any) -> Any:
        return Body(case, MACHINE, objects.closure, i, (), carry).run()[0]

    return Returned(loops["fori_loop"](*bounds, body, objects.carry, **options))


def _while_loop(
    case: Case, objects: Objects, bounds: tuple[Any, Any], loops: Loops, options: dict[str, Any]
) -> Returned:
    lower, upper = bounds
    until = case.loop.until

    def cond(value: Any) -> Any:
        i, carry = value
        if until is None:
            return i < upper
        body = Body(case, MACHINE, objects.closure, i, (), carry)
        total = body.operand(Read(until.at, total=True))
        return (i < upper) & (total < until.limit)

    def body(value: Any) -> Any:
        i, carry = value
        return i + 1, Body(case, MACHINE, objects.closure, i, (), carry).run()[0]

    counter, carry = loops["while_loop"](cond, body, (lower, objects.carry), **options)
    return Returned(carry, counter=counter)


def _scan(case: Case, objects: Objects, loops: Loops, options: dict[str, Any]) -> Returned:
    indexed = uses_index(case)
    index = (jnp.arange(case.loop.lower, max(case.loop.lower, case.loop.upper), dtype=jnp.int32),)
    xs: tuple[Any, ...] = (*index, *objects.xs) if indexed else objects.xs

    def body(carry: Any, *inputs: Any) -> Any:
        slices: tuple[Any, ...] = inputs[0] if inputs else ()
        i, rest = (slices[0], slices[1:]) if indexed else (None, slices)
        carry, ys = Body(case, MACHINE, objects.closure, i, rest, carry).run()
        return (carry, ys) if case.ys else carry

    scanned = loops["scan"](
        body,
        in_axes=(nnx.Carry, 0) if xs else (nnx.Carry,),
        out_axes=(nnx.Carry, 0) if case.ys else nnx.Carry,
        reverse=case.loop.reverse,
        length=None if xs else trips(case.loop),
        **options,
    )
    out = scanned(objects.carry, xs) if xs else scanned(objects.carry)
    return Returned(*out) if case.ys else Returned(out)


class JaxMachine:
    """How a body computes under a transform: every operation states its dtype and shape."""

    def constant(self, value: int) -> Any:
        return jnp.asarray(value, jnp.int32)

    def total(self, value: Any) -> Any:
        value = jnp.asarray(value)
        return jnp.sum(value, dtype=value.dtype)

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        current, operand = jnp.asarray(current), jnp.asarray(operand)
        target = DTYPES[dtype] if dtype else current.dtype
        shape = common_shape(op, current.shape, operand.shape)
        a, b = _as(current, target, shape), _as(operand, target, shape)
        match op:
            case "set":
                return jnp.broadcast_to(b, shape)
            case "add":
                return a + b
            case _:
                return a * b

    def read(self, variable: Any) -> Any:
        return compat.read(variable)

    def write(self, variable: Any, value: Any, style: str) -> None:
        if style == "setitem":
            common_shape("set", variable.shape, value.shape)
            if compat.setitem_keeps_dtype():  # said out loud, or jax warns of the silent cast
                value = value.astype(variable.dtype)
            variable[...] = value
        else:
            compat.assign(variable, value)

    def call(self, layer: Any, value: Any) -> Any:
        return layer(value)

    def make(self, case: Case, what: Attribute) -> Any:
        return Builder(case, jnp.asarray).attribute(what)


MACHINE = JaxMachine()


def _as(value: Any, dtype: np.dtype, shape: tuple[int, ...]) -> Any:
    """`value` with the dtype and the rank of the result, adding no operation without need."""
    value = value if value.dtype == dtype else value.astype(dtype)
    return value if value.shape in (shape, ()) else jnp.broadcast_to(value, shape)
