"""An arm as one function of arrays: build the objects, call the transform, observe the world.

Building happens inside, so that under a trace the objects belong to that trace, as they do in a
user's jitted function.  The world's structure is kept on the side; its numbers are the outputs.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import compat
from nnxfuzz.build import Objects, block
from nnxfuzz.case import Arm, Case, Path
from nnxfuzz.failures import failure_of
from nnxfuzz.transforms import Loops, Program, Returned, call
from nnxfuzz.verdict import Failure, World
from nnxfuzz.world import Walk, filled, roots


class Staged:
    """The function of one arm, and what its last run left on the side.

    `inputs` are the arrays of the case in the order in which they are built, then the bounds if
    they are traced.
    """

    def __init__(self, case: Case, arm: Arm, loops: Loops) -> None:
        self.case, self.arm, self.loops = case, arm, loops
        self.inputs = _RECORDER.arrays(case)
        if case.loop.bounds == "traced":
            self.inputs += [np.asarray(b, np.int32) for b in (case.loop.lower, case.loop.upper)]
        self.failure: Failure | None = None
        self.walk = Walk()
        #: Whether to look for tracers of traces that are over, which cannot be returned.
        self.probing = False
        self._returned: list[Path] = []

    def __call__(self, *arrays: Any) -> list[Any]:
        """Build, run, observe; returns the live arrays of the world in the walk's order."""
        left = iter(arrays)
        objects = Objects(self.case, lambda _: next(left), explicit=True)
        bounds = tuple(left) or (self.case.loop.lower, self.case.loop.upper)
        named: dict[str, Any] = {
            "caller": objects.carry,
            "inputs": objects.inputs,
            "closure": objects.closure,
        }
        at_first = roots(**named)
        self.failure = None
        try:
            returned = call(Program(self.case, self.arm, objects, bounds, self.loops))
        except Exception as error:
            self.failure = failure_of(error)
            named["result"] = objects.carry
        else:
            named |= _results(self.case, returned)
        self.walk = roots(at_first, **named)
        kept = {p: x for p, x in self.walk.arrays.items() if not (self.probing and _escaped(x))}
        self._returned = list(kept)
        return list(kept.values())

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

    def arrays(self, case: Case) -> list[np.ndarray]:
        """A new list of them."""
        if case is not self.case:
            self.case, self.asked = case, []
            Objects(case, self._record)
        return list(self.asked)

    def _record(self, array: np.ndarray) -> np.ndarray:
        self.asked.append(array)
        return array


_RECORDER = _Recorder()


def canary() -> bool:
    """Whether the process still runs a plain NNX loop right (call it inside or outside a trace)."""
    module = block(frozenset({"n"}))()
    module.n = compat.VARIABLE_TYPES["Param"](jnp.asarray(0, jnp.int32))

    def body(i: Any, m: Any) -> Any:
        compat.assign(m.n, compat.read(m.n) + i)
        return m

    try:
        compat.transforms()["fori_loop"](0, 3, body, module)
    except Exception:
        return False
    return True
