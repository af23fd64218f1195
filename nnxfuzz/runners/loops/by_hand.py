"""The same loop written by hand with `nnx.split`, `nnx.merge` and the loop of `jax.lax`.

If this is wrong too, the fault is jax's (or that of split and merge), and not the transform's.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from nnxfuzz.programs.case import trips
from nnxfuzz.programs.live.boxes import objects_of, with_arrays, with_objects, without_objects
from nnxfuzz.runners.loops.program import Program, Returned


def by_hand(program: Program) -> Returned:
    """Run the loop over the state of the carry, and give it back to the objects."""
    hand = _Hand(program)
    loop = program.case.loop
    lower, upper = program.bounds
    if program.arm.scans:
        index = jnp.arange(loop.lower, loop.lower + trips(loop), dtype=jnp.int32)
        state, ys = jax.lax.scan(
            lambda s, x: hand.trip(s, x[0], x[1]),
            hand.state,
            (index, program.objects.inputs),
            reverse=loop.reverse,
        )
        return hand.returned(state, ys=ys)
    if program.arm.counts:
        counter, state = jax.lax.while_loop(
            lambda value: program.goes_on(value[0], hand.carry(value[1]), upper),
            lambda value: (value[0] + 1, hand.trip(value[1], value[0], [])[0]),
            (jnp.asarray(lower, jnp.int32), hand.state),
        )
        return hand.returned(state, counter=counter)
    state = jax.lax.fori_loop(lower, upper, lambda i, s: hand.trip(s, i, [])[0], hand.state)
    return hand.returned(state)


class _Hand:
    """The carry taken apart: its objects into their structure and their state, and its arrays."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.given = program.objects.carry
        self.objects = objects_of(self.given)
        self.graphdef, state = nnx.split(self.objects)
        self.state = state, without_objects(self.given)

    def carry(self, state: Any) -> Any:
        """The carry put together again."""
        held, arrays = state
        return with_objects(self.given, arrays, iter(nnx.merge(self.graphdef, held)))

    def trip(self, state: Any, index: Any, inputs: list[Any]) -> tuple[Any, Any]:
        """One trip over the state; what scan emits."""
        carry, ys = self.program.body(index, inputs, self.carry(state)).run()
        return (nnx.split(objects_of(carry))[1], without_objects(carry)), ys

    def returned(self, state: Any, ys: Any = None, counter: Any = None) -> Returned:
        """The objects that were given, holding the final state."""
        nnx.update(self.objects, state[0])
        return Returned(with_arrays(self.given, state[1]), ys or None, counter)
