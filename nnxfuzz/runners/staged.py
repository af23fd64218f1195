"""An arm as one function of arrays: build the objects, call the transform, observe the world.

Building happens inside, so that under a trace the objects belong to that trace, as they do in a
user's jitted function.  The world's structure is kept on the side; its numbers are the outputs.
"""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.oracle.failures import failure_of, origin
from nnxfuzz.oracle.verdict import Failure, World
from nnxfuzz.oracle.world import Walk, filled, roots
from nnxfuzz.programs.case import Arm, Case, TreePath, reads_objects_only
from nnxfuzz.programs.live.build import Objects, shifted
from nnxfuzz.programs.live.gradient import gradients, total_of
from nnxfuzz.runners.loops import Loops, Program, Returned, call


class Staged:
    """The function of one arm, and what its last run left on the side.

    `inputs` are the arrays of the case in the order in which they are built, then the bounds if
    they are traced.
    """

    def __init__(self, case: Case, arm: Arm, loops: Loops) -> None:
        self.case, self.arm, self.loops = case, arm, loops
        self.inputs = _RECORDER.arrays(case)
        if arm.examples:
            self.inputs = _two_examples(case, self.inputs, _RECORDER.slots)
        if case.loop.bounds == "traced":
            self.inputs += [np.asarray(b, np.int32) for b in (case.loop.lower, case.loop.upper)]
        self.failure: Failure | None = None
        self.walk = Walk()
        #: Whether to look for tracers of traces that are over, which cannot be returned.
        self.probing = False
        self._returned: list[TreePath] = []

    def __call__(self, *arrays: Any) -> list[Any]:
        """Build, run, observe; returns the live arrays of the world in the walk's order."""
        self.failure = None
        self.walk = self._gradient(arrays) if self.arm.derives else self._run(arrays)
        kept = {p: x for p, x in self.walk.arrays.items() if not (self.probing and _escaped(x))}
        self._returned = list(kept)
        return list(kept.values())

    def _run(self, arrays: Sequence[Any]) -> Walk:
        """The world around one call."""
        objects, bounds = self._built(arrays)
        named: dict[str, Any] = {
            "caller": objects.carry,
            "inputs": objects.inputs,
            "closure": objects.closure,
        }
        at_first = roots(**named)
        try:
            returned = call(Program(self.case, self.arm, objects, bounds, self.loops))
        except Exception as error:
            self._failed(error)
            named["result"] = objects.carry
        else:
            named |= _results(self.case, returned)
        if self.arm.abstract:  # it only looks
            returned_only = {n: v for n, v in named.items() if n in ("result", "ys", "counter")}
            return roots(Walk(), **returned_only)
        return roots(at_first, **named)

    def _built(self, arrays: Sequence[Any]) -> tuple[Objects, tuple[Any, Any]]:
        left = iter(arrays)
        objects = Objects(self.case, lambda _: next(left), explicit=True)
        return objects, tuple(left) or (self.case.loop.lower, self.case.loop.upper)

    def _gradient(self, arrays: Sequence[Any]) -> Walk:
        """The world of a gradient: nothing but its arrays."""

        def total(given: list[Any]) -> Any:
            objects, bounds = self._built(given)
            returned = call(Program(self.case, self.arm, objects, bounds, self.loops))
            ys = [] if returned.ys is None else returned.ys
            return total_of([objects.carry, objects.inputs], returned.carry, ys)

        try:
            grad = functools.partial(nnx.grad, **nnx_api.call_arguments("grad", self.arm.mode))
            return roots(Walk(), grad=tuple(gradients(total, list(arrays), grad)))
        except Exception as error:
            self._failed(error)
            return roots(Walk(), grad=())

    def _failed(self, error: Exception) -> None:
        """Note what the transform raised; what is a fault of ours is raised again."""
        if origin(error) == "ours":
            raise error
        self.failure = failure_of(error)

    def world(self, numbers: list[Any]) -> World:
        """The world of the last run, given the numbers that its arrays came to.

        An array that could not be returned, or has no number, counts as a leaked tracer.
        """
        return filled(self.walk, dict(zip(self._returned, numbers, strict=False)))


def _escaped(array: Any) -> bool:
    """Whether `array` is a tracer that can no longer be computed with."""
    if not isinstance(array, jax.core.Tracer):
        return False
    try:
        jax.lax.broadcast(array, (1,))
    except jax.errors.UnexpectedTracerError:
        return True
    return False


def _two_examples(case: Case, arrays: list[np.ndarray], slots: set[int]) -> list[np.ndarray]:
    """The arrays with a second example, one more, along a new axis 0; as they are where `vmap`
    broadcasts them.
    """
    alone = reads_objects_only(case)
    return [
        array if alone and k not in slots else np.stack([array, shifted(array, 1)])
        for k, array in enumerate(arrays)
    ]


def _results(case: Case, returned: Returned) -> dict[str, Any]:
    named = {"result": returned.carry}
    if case.ys:
        named["ys"] = returned.ys
    if returned.counter is not None:
        named["counter"] = returned.counter
    return named


class _Recorder:
    """The numpy arrays that building a case asks for, in its order; those of the last case kept,
    because a case is run on several arms one after another.
    """

    def __init__(self) -> None:
        self.case: Case | None = None
        self.asked: list[np.ndarray] = []
        #: Which of them stand in the carry by themselves.
        self.slots: set[int] = set()

    def arrays(self, case: Case) -> list[np.ndarray]:
        """A new list of them."""
        if case is not self.case:
            self.case, self.asked, self.slots = case, [], set()
            Objects(case, self._record, to_slot=self._record_slot)
        return list(self.asked)

    def _record_slot(self, array: np.ndarray) -> np.ndarray:
        self.slots.add(len(self.asked))
        return self._record(array)

    def _record(self, array: np.ndarray) -> np.ndarray:
        self.asked.append(array)
        return array


_RECORDER = _Recorder()
