"""What a function reaches by closure: written, returned, handed on."""

import os

from nnxfuzz.checker.naming import is_of_another_run, named_class
from nnxfuzz.checker.refusals.base import CARRY, Evidence, Reason, seen, words
from nnxfuzz.checker.tracebacks import line_of_user, traces_forbid
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import class_name


def closure_written(e: Evidence) -> tuple[str, ...] | None:
    """What the function reaches by closure is written."""
    return _written(e, inside=False)


def closure_written_inside(e: Evidence) -> tuple[str, ...] | None:
    """What the function of a transform in the body reaches by closure is written."""
    return _written(e, inside=True)


def _written(e: Evidence, inside: bool) -> tuple[str, ...] | None:
    """Such a write.

    What is reached and of the class that is written will do where nothing was seen of the write,
    because Python does not get to it (the trace of plain's own gradient forbids it, too, or a
    function does not run) or because it was undone at once (`sow` and `pop`): then no argument may
    hold an object of the class.
    """
    kinds: list[Observed] = ["captured-written"]
    forbidden = e.python is not None and traces_forbid(e.python)
    alike = forbidden and named_class(e.python) == named_class(e.error)
    if alike or is_of_another_run(e.error, e.seen.ran) or not _given_one(e):
        kinds.append("captured")
    found = e.named_by_error(*kinds)
    return next((e.paths_of(o) for o in found if (o.depth > 0) == inside), None)


def _given_one(e: Evidence) -> bool:
    """Whether an argument holds an object of the class that is written, if that is named."""
    kind = named_class(e.error)
    given = (held for path, held in e.before.objects.items() if path[0] == "caller")
    return not kind or kind in map(class_name, given)


def written_by_jax(e: Evidence) -> tuple[str, ...] | None:
    """What a function of jax calls writes to what is not its own, in Python, too; the line."""
    if e.python is None or not traces_forbid(e.python):
        return None
    line = line_of_user(e.python)
    if line is None or line != line_of_user(e.error):
        return None
    return (f"{os.path.basename(line[0])}:{line[1]}",)


REASONS: tuple[Reason, ...] = (
    Reason(
        "closure-written",
        "the function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL,),
        closure_written,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
    Reason(
        "closure-written",
        "in the body, a function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL,),
        closure_written_inside,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it to that function as an argument",
    ),
    Reason(
        "closure-written",
        "in the body, a function that jax traces writes to what it reaches by closure, at {}",
        (w.TRACE_LEVEL,),
        written_by_jax,
        "docstring of `flax.errors.TraceContextError`",
        "call the function of nnx in the place of jax's, and pass it as an argument",
    ),
    Reason(
        "custom-vjp-closed-over",
        "the function of `nnx.custom_vjp` reaches {} by closure, and a derivative is taken by it",
        (
            words("CustomVJPException", "with respect to a closed-over value"),
            words("UnexpectedTracerError", "wrapped in a (DynamicJaxpr|JVP|Linearize)Tracer"),
        ),
        seen("captured-traced"),
        "the error's own text: \"Try passing the closed-over value into the custom_vjp function as "
        'an argument"; `CustomVJPException` in jax/_src/custom_derivatives.py. Where a `jax.jit` '
        "in the function is given the value, jax finds the tracer there first; where the value is "
        "of a loop, it traces the forward function after the loop's body (so do `jax.custom_vjp` "
        "and `jax.lax.fori_loop` alone, jax 0.10.2 and 0.12.0.1)",
        "pass it to that function as an argument",
    ),
    Reason(
        "captured-returned",
        "the function returns {}, which it reaches by closure",
        (w.CAPTURED, w.TRACE_LEVEL, *CARRY),
        seen("captured-returned"),
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
        "pass it as an argument",
    ),
    Reason(
        "closure-nested",
        "the function hands {}, which it reaches by closure, to another transform",
        (w.CAPTURED, w.TRACE_LEVEL),
        seen("of-another-trace", "captured-given"),
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
)
