"""What may stand around the loop of an arm: another transform, or none."""

from typing import Any, assert_never

import jax
import jax.numpy as jnp
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.programs.case import Wrapper, reads_objects_only
from nnxfuzz.programs.live.boxes import objects_of, with_arrays, with_objects, without_objects
from nnxfuzz.runners.loops.by_hand import by_hand
from nnxfuzz.runners.loops.program import Program, Returned

#: The wrappers around which the caller's own objects take the places of those that come out.
RESTORING: tuple[Wrapper, ...] = ("jit", "remat", "cond", "vmap")


def call(program: Program) -> Returned:
    """Run the program's loop inside of the arm's wrapper.  Whatever is raised comes through."""
    carry, inputs = program.objects.carry, program.objects.inputs
    match program.arm.wrapper:
        case "plain":
            return program.plain()
        case "bound" | "grad":  # the gradient is taken around all of it
            return program.run(carry, inputs)
        case "jit":
            return _jit(program, carry, inputs)
        case "remat":
            mode = nnx_api.call_arguments("remat", program.arm.mode)
            return _restored(carry, nnx.remat(_function(program), **mode)(carry, inputs))
        case "cond":
            return _cond(program, carry, inputs)
        case "lax":
            return by_hand(program)
        case "vmap":
            return _vmap(program, carry, inputs)
        case "eval_shape":
            mode = nnx_api.call_arguments("eval_shape", program.arm.mode)
            out = nnx.eval_shape(_function(program), carry, inputs, **mode)
            return Returned(*jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), out))
        case other:
            assert_never(other)


def _function(program: Program) -> Any:
    """The loop as a function of the carry and the inputs.

    It returns no object that it was given, since the simple modes refuse that.
    """

    def run(carry: Any, inputs: list[Any]) -> tuple[Any, Any, Any]:
        out = program.run(carry, inputs)
        return without_objects(out.carry), out.ys, out.counter

    return run


def _restored(carry: Any, out: tuple[Any, Any, Any]) -> Returned:
    """What was returned, with the objects that were given in their places."""
    arrays, ys, counter = out
    return Returned(with_arrays(carry, arrays), ys, counter)


def _jit(program: Program, carry: Any, inputs: list[Any]) -> Returned:
    """Two calls of one jitted function, the second on what the first returned."""
    function = nnx.jit(_function(program), **nnx_api.call_arguments("jit", program.arm.mode))
    first = _restored(carry, function(carry, inputs))
    return _restored(first.carry, function(first.carry, inputs))


def _cond(program: Program, carry: Any, inputs: list[Any]) -> Returned:
    """The loop in the branch that is taken; the other returns what it is given."""
    run = _function(program)

    def loop(carry: Any, inputs: list[Any]) -> tuple[Any, Any, Any]:
        arrays, ys, counter = run(carry, inputs)
        return arrays, ys, None if counter is None else jnp.asarray(counter, jnp.int32)

    def nothing(carry: Any, inputs: list[Any]) -> tuple[Any, Any, Any]:
        counter = None
        if program.arm.counts:
            counter = jnp.asarray(program.bounds[0], jnp.int32)
        return without_objects(carry), None, counter

    mode = nnx_api.call_arguments("cond", program.arm.mode)
    return _restored(carry, nnx.cond(jnp.asarray(True), loop, nothing, carry, inputs, **mode))


def _vmap(program: Program, carry: Any, inputs: list[Any]) -> Returned:
    """Two examples at once; objects that are only read are broadcast."""
    mode = nnx_api.call_arguments("vmap", program.arm.mode)
    lower, upper = program.bounds
    fewer = max(lower, upper - 1) if program.arm.counts else upper
    objects, arrays = objects_of(carry), without_objects(carry)

    def run(objects: list[Any], arrays: Any, last: Any) -> tuple[Any, Any, Any]:
        given = with_objects(carry, arrays, iter(objects))
        out = program.run(given, inputs, (lower, last) if fewer != upper else None)
        return without_objects(out.carry), out.ys, out.counter

    read_only = reads_objects_only(program.case)
    in_axes = (None if read_only or not objects else 0, 0, 0)
    lasts = jnp.asarray([upper, fewer], jnp.int32)
    return _restored(carry, nnx.vmap(run, in_axes=in_axes, **mode)(objects, arrays, lasts))
