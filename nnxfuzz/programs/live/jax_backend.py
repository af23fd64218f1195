"""How a body computes under a transform: jax arrays, Flax's own calls, and inner transforms."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.programs.case import COUNTS, SCANS, TRANSFORMS, Attribute, Case, Mode, Within
from nnxfuzz.programs.live.body import Body, common_shape
from nnxfuzz.programs.live.boxes import with_arrays, without_objects
from nnxfuzz.programs.live.build import Builder
from nnxfuzz.programs.live.layers import counting, counting_row, key_number, live_layer, sow
from nnxfuzz.programs.numbers import DTYPES

#: The loop transforms by name, with the signatures of `nnx.fori_loop`, `while_loop` and `scan`.
Loops = dict[str, Callable[..., Any]]


class JaxBackend:
    """Every operation states its dtype and shape.

    Inner loops are those of `loops`, in the mode of the loop around them.
    """

    def __init__(self, mode: Mode, loops: Loops) -> None:
        self.mode = mode
        self.loops = loops

    def constant(self, value: int) -> Any:
        return jnp.asarray(np.asarray(value, np.int32))  # of a Python number it takes much longer

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
                return b
            case "add":
                return a + b if target == np.bool_ else jax.lax.add(a, b)
            case _:
                return a * b if target == np.bool_ else jax.lax.mul(a, b)

    def read(self, variable: Any) -> Any:
        return nnx_api.read(variable)

    def write(self, variable: Any, value: Any, style: str) -> None:
        if style == "setitem":
            common_shape("set", variable.shape, value.shape)
            if nnx_api.setitem_keeps_dtype():  # said out loud, or jax warns of the silent cast
                value = value.astype(variable.dtype)
            variable[...] = value
        else:
            nnx_api.assign(variable, value)

    def call(self, layer: Any, value: Any) -> Any:
        recipe = live_layer(layer)
        if recipe is None:
            return layer(value)
        x = counting(self.total(value), recipe, jnp)
        return jnp.asarray(recipe.call(layer, x.astype(recipe.dtype)))

    def draw(self, streams: Any, name: str, fork: bool) -> Any:
        return key_number(getattr(streams.fork() if fork else streams, name)())

    def everywhere(self, value: Any, amount: int, via: str) -> Any:
        def more(raw: Any) -> Any:
            return self.combine("add", raw, self.constant(amount), None)

        if nnx_api.is_state(value):
            return jax.tree.map(more, value)
        if nnx_api.is_variable(value):
            nnx_api.assign(value, more(nnx_api.read(value)))
        elif via == "update":
            nnx.update(value, jax.tree.map(more, nnx.state(value)))
        else:
            graphdef, state = nnx.split(value)
            merged = nnx.merge(graphdef, jax.tree.map(more, state))
            nnx.update(value, nnx.state(merged))
        return None

    def sow(self, module: Any, name: str, value: Any, total: bool) -> None:
        sow(module, name, jnp.asarray(value), total)

    def pop(self, module: Any, named: str | None) -> None:
        first = [] if named is None else [nnx.All(nnx.Intermediate, nnx.PathContains(named))]
        nnx.pop(module, *first, nnx.Intermediate)

    def train(self, optimizer: Any, model: Any, value: Any) -> None:
        x = counting_row(self.total(value), model, jnp).astype(jnp.float32)
        grads = nnx.grad(lambda layer: jnp.sum(layer(x) ** 2) / 2)(model)
        nnx_api.update_optimizer(optimizer, model, grads)

    def make(self, case: Case, what: Attribute) -> Any:
        return Builder(case, jnp.asarray).held(what)

    # --- inner transforms -------------------------------------------------------------------

    def within(self, statement: Within, chosen: Any, body: Body) -> None:
        if statement.how in TRANSFORMS:
            self._within_loop(statement, body)
        else:
            self._within_call(statement, chosen, body)

    def _within_loop(self, statement: Within, body: Body) -> None:
        """A loop carries its arguments along, behind the carry; objects are written in place."""
        mode, times = nnx_api.mode_arguments(self.mode), statement.times
        given = tuple(body.get(path) for path in statement.args)

        def run(value: Any) -> Any:
            carry, args = (value[0], value[1:]) if given else (value, ())
            named = dict(zip(statement.args, args, strict=True))
            after = body.run_block(statement.block, carry, named)
            return (after, *args) if given else after

        start = (body.carry, *given) if given else body.carry
        loop = self.loops[statement.how]
        if statement.how in SCANS:
            end = loop(run, in_axes=nnx.Carry, out_axes=nnx.Carry, length=times, **mode)(start)
        elif statement.how in COUNTS:
            step = lambda value: (value[0] + 1, run(value[1]))  # noqa: E731
            end = loop(lambda value: value[0] < times, step, (0, start), **mode)[1]
        else:
            end = loop(0, times, lambda _, value: run(value), start, **mode)
        body.carry = end[0] if given else end

    def _within_call(self, statement: Within, chosen: Any, body: Body) -> None:
        """A transform that is called once: objects go in as they are and are written in place,
        and only what is no object comes out, because the simple modes refuse to hand back an
        argument.
        """

        def run(block: int | None) -> Callable[..., Any]:
            def function(carry: Any, *args: Any) -> Any:
                named = dict(zip(statement.args, args, strict=True))
                after = carry if block is None else body.run_block(block, carry, named)
                return without_objects(after)

            return function

        mode = nnx_api.call_arguments(statement.how, self.mode)
        carry, first, second = body.carry, run(statement.block), run(statement.otherwise)
        given = (carry, *(body.get(path) for path in statement.args))
        match statement.how:
            case "jit":
                out = nnx.jit(first, **mode)(*given)
            case "remat":
                out = nnx.remat(first, **mode)(*given)
            case "cond":
                out = nnx.cond(chosen > 0, first, second, *given, **mode)
            case _:
                index = (chosen > 0).astype(jnp.int32)
                out = nnx.switch(index, (second, first), *given, **mode)
        body.carry = with_arrays(carry, out)


def _as(value: Any, dtype: np.dtype, shape: tuple[int, ...]) -> Any:
    """`value` with the dtype and the shape of the result, adding no operation without need."""
    value = value if value.dtype == dtype else value.astype(dtype)
    return value if value.shape == shape else jnp.broadcast_to(value, shape)
