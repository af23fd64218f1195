"""The executors: a table of ways to get from a `Staged` arm to its numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp

from nnxfuzz import nnx_api
from nnxfuzz.oracle.failures import failure_of
from nnxfuzz.oracle.verdict import Failure, World
from nnxfuzz.programs.case import Arm, Case, has_references
from nnxfuzz.programs.numbers import number
from nnxfuzz.runners.canary import usable
from nnxfuzz.runners.evaluate import evaluate
from nnxfuzz.runners.isolated import in_own_thread
from nnxfuzz.runners.loops import Loops
from nnxfuzz.runners.staged import Staged

Executor = Literal["trace", "eager", "jit"]


@dataclass(eq=False)
class Observed:
    """What a run of the transform came to.

    `leaked` is the failure of the executor itself to finish, which a tracer that escaped causes;
    `usable` whether a plain loop still works afterwards (asked only after a failure).
    """

    world: World
    failure: Failure | None
    leaked: Failure | None
    usable: bool


#: What numpy and jax raise where a number is asked of a tracer.
_OF_TRACERS = (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError)


def _trace(staged: Staged) -> list[Any]:
    closed = jax.make_jaxpr(staged)(*staged.inputs)
    try:
        return evaluate(closed, staged.inputs)
    except _OF_TRACERS as error:  # nothing is traced here: it is a constant of a trace that is over
        raise jax.errors.UnexpectedTracerError(
            "Encountered an unexpected tracer: a constant of the trace is of one that is over"
        ) from error


def _eager(staged: Staged) -> list[Any]:
    outputs = staged(*(jnp.asarray(array) for array in staged.inputs))
    return [out if isinstance(out, jax.core.Tracer) else number(out) for out in outputs]


def _jit(staged: Staged) -> list[Any]:
    outputs = jax.jit(staged)(*(jnp.asarray(array) for array in staged.inputs))
    return [number(out) for out in outputs]


EXECUTORS: dict[Executor, Callable[[Staged], list[Any]]] = {
    "trace": _trace,
    "eager": _eager,
    "jit": _jit,
}


def confirming(case: Case) -> tuple[Executor, ...]:
    """The executors that may confirm a finding on `case`, in order of preference."""
    return ("jit",) if case.loop.bounds == "traced" else ("eager", "jit")


@nnx_api.settled()
def observe(case: Case, arm: Arm, executor: Executor, loops: Loops | None = None) -> Observed:
    """Run `arm` of `case` and observe the world; `loops` default to Flax's own.

    Raises what is a fault of ours (see `failures.origin`).
    """
    staged = Staged(case, arm, nnx_api.transforms() if loops is None else loops)
    if executor == "trace" and has_references(case):
        executor = confirming(case)[0]  # numpy has no references
    return in_own_thread(lambda: _settled(staged, executor))


@nnx_api.settled()
def _settled(staged: Staged, executor: Executor) -> Observed:
    return _observe(staged, executor)


def _observe(staged: Staged, executor: Executor) -> Observed:
    leaked = None
    try:
        numbers = _numbers(staged, executor)
    except jax.errors.UnexpectedTracerError as error:
        leaked, numbers = failure_of(error), []
    except Exception as error:
        if usable():
            raise  # then it is a fault of ours
        failure = staged.failure or failure_of(error)
        return Observed(staged.world([]), failure, None, usable=False)
    works = True if staged.failure is None and leaked is None else usable()
    return Observed(staged.world(numbers), staged.failure, leaked, works)


def _numbers(staged: Staged, executor: Executor) -> list[Any]:
    """The outputs; where one belongs to a trace that is over, those of the rest."""
    try:
        return EXECUTORS[executor](staged)
    except jax.errors.UnexpectedTracerError:
        staged.probing = True
        return EXECUTORS[executor](staged)
