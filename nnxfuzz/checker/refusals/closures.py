"""What a function reaches by closure: written, returned, handed on."""

import os
import re
from typing import Any

from nnxfuzz.checker.naming import is_of_another_run, named_class
from nnxfuzz.checker.refusals.base import CARRY, Evidence, Reason, calls_of, seen, words
from nnxfuzz.checker.refusals.donating import GONE, TWICE
from nnxfuzz.checker.tracebacks import (
    is_written_by_flax,
    line_of_user,
    raised_at_a_write,
    traces_forbid,
    written_object,
)
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.deviations import FROZEN, GRAPH
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import Observation


def closure_written(e: Evidence) -> tuple[str, ...] | None:
    """What the function reaches by closure is written."""
    return _written(e, inside=False)


def closure_written_inside(e: Evidence) -> tuple[str, ...] | None:
    """What the function of a transform in the body reaches by closure is written."""
    return _written(e, inside=True)


def _written(e: Evidence, inside: bool) -> tuple[str, ...] | None:
    """Such a write.

    Nothing may be seen of it, because Python does not get to it (the trace of plain's own gradient
    forbids it, too, or a function does not run), or because it left everything as it was (`sow` and
    then `pop`, a cast to the dtype that is there).  Then what is reached and of the class that is
    written will do; in the second case only if no argument holds an object of that class, or if
    what is reached is an argument itself, to which a function of Flax may give its own value.
    """
    writes = str(e.error).startswith("Cannot mutate")
    if writes and not raised_at_a_write(e.error):
        return None
    if not inside and e.live and not _stands_there(e, written_object(e.error)):
        return None
    if e.live and _is_given_alone(e, written_object(e.error)):
        return None
    kinds: list[Observed] = ["captured-written"]
    kinds += ["captured-alone"] if writes else []
    forbidden = e.python is not None and traces_forbid(e.python)
    alike = forbidden and named_class(e.python) == named_class(e.error)
    own = writes and bool(e.seen.of("captured-argument") or e.seen.of("captured-module"))
    if alike or own or is_of_another_run(e.error, e.seen.ran):
        kinds.append("captured")
    found = (o for kind in kinds for o in e.named_by_error(kind) if (o.depth > 0) == inside)
    return next(map(e.paths_of, found), None)


def _is_given_alone(e: Evidence, written: Any) -> bool:
    """Whether the very object that is written is one of an argument, of which a transform makes
    another for the function, and the function does not get to it by closure, too.
    """
    places = [path for path, held in e.before.objects.items() if held is written]
    given = bool(places) and all(path[0] == "caller" for path in places)
    return given and not e.seen.of("captured-argument") and not e.seen.of("captured-module")


def _stands_there(e: Evidence, written: Any) -> bool:
    """Whether what is written is known to be an object of before the call, or is not known."""
    return written is None or any(held is written for held in e.before.objects.values())


def reached_and_written(e: Evidence) -> tuple[str, ...] | None:
    """The very object that is written was there before the call, and is in no argument: however
    the function gets to it (a class, a weak reference, a `singledispatch`), that is by closure.
    """
    written = written_object(e.error)
    if not e.live or written is None or not str(e.error).startswith("Cannot mutate"):
        return None
    if not raised_at_a_write(e.error) or is_written_by_flax(e.error):
        return None
    places = [path for path, held in e.before.objects.items() if held is written]
    captured = all(path[0] == "closure" for path in places)
    return (name_of(places[0]),) if places and captured else None


def written_by_jax(e: Evidence) -> tuple[str, ...] | None:
    """What a function of jax calls writes to what is not its own, in Python, too; the line."""
    if e.python is None or not traces_forbid(e.python):
        return None
    line = line_of_user(e.python)
    if line is None or line != line_of_user(e.error):
        return None
    return (f"{os.path.basename(line[0])}:{line[1]}",)


def captured_and_donated(e: Evidence) -> tuple[str, ...] | None:
    """A function reaches an argument by closure, too, and some call donates its arguments: that
    argument, if it is the call itself and says so by numbers.
    """
    asked = [
        (where, name, value)
        for where, _, options in calls_of(e)
        for name, value in options.items()
        if name.startswith("donate") and value not in (None, ())
    ]
    if not asked:
        return None
    numbers = [
        k
        for where, name, value in asked
        for k in (value if isinstance(value, tuple | list) else (value,))
        if name == "donate_argnums" and not where and isinstance(k, int) and k >= 0
    ]
    known = len(asked) == 1 and bool(numbers)

    def is_given_up(o: Observation) -> bool:
        place = re.match(r"args\[(\d+)\]", o.paths[1])
        return not known or bool(o.depth) or place is None or int(place[1]) in numbers

    found = filter(is_given_up, e.named_by_error("captured-argument"))
    return next(map(e.paths_of, found), None)


def put_where_it_is(e: Evidence) -> tuple[str, ...] | None:
    """The function reaches an argument by closure, too, so that it may set an attribute to what
    that holds already: nothing in Python, and a captured object in an argument to Flax.
    """
    if str(e.error).startswith("Cannot mutate"):
        written = written_object(e.error)
        elsewhere = e.live and not _stands_there(e, written)
        if written is None or elsewhere or not is_written_by_flax(e.error):
            return None
    # the function has run by then, so that no code of it is in the traceback
    return next(map(e.paths_of, e.seen.of("captured-argument")), None)


def handed_on(e: Evidence) -> tuple[str, ...] | None:
    """A function hands what it reaches by closure to another transform."""
    return seen("of-another-trace", "captured-given")(e)


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
        "in the body, a function that jax traces writes, at {}, to what is none of its trace: it "
        "reaches it by closure, or is given it as an argument by which it is not differentiated",
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
            words("TypeError", r"^No constant handler for type: <class 'jax\..*Tracer'>$"),
            words("ValueError", r"^safe_zip\(\) argument 1 has length \d+ but argument 0"),
        ),
        seen("captured-traced"),
        "the error's own text: \"Try passing the closed-over value into the custom_vjp function as "
        'an argument"; `CustomVJPException` in jax/_src/custom_derivatives.py. Where a `jax.jit` '
        "in the function is given the value, jax finds the tracer there first; where the value is "
        "of a loop, it traces the forward function after the loop's body (so do `jax.custom_vjp` "
        "and `jax.lax.fori_loop` alone, jax 0.10.2 and 0.12.0.1). Under `checkify` the words are "
        "of a `safe_zip` (so they are under jax's own alone, 0.10.2 and 0.12.0.1). Where the "
        "function is in a `jax.jit`, the rule that closes over the tracer cannot be lowered "
        "(jax-ml/jax #40111 has better words for it, after 0.12.0.1)",
        "pass it to that function as an argument",
    ),
    Reason(
        "captured-donated",
        "the function donates {}, which it reaches by closure and is given as well",
        (*TWICE, *GONE),
        captured_and_donated,
        'XLA\'s own text: "Toy example for this bug: `f(donate(a), a)`"; to Flax the argument is a '
        "copy, which shares its arrays with what the closure holds; outside of a trace they are "
        "deleted before the copy is read",
        "reach it by the argument alone",
    ),
    Reason(
        "captured-returned",
        "the function returns {}, which it reaches by closure",
        (w.CAPTURED, w.TRACE_LEVEL, *CARRY),
        seen("captured-returned"),
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
        "pass it as an argument",
    ),
    *(
        Reason(
            "closure-nested",
            "the function hands {}, which it reaches by closure, to another transform",
            wordings,
            handed_on,
            'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
            "pass it as an argument",
            modes,
        )
        for wordings, modes in (
            # of the transform that it is handed to, which may be in another mode than the call
            ((w.CAPTURED, w.TRACE_LEVEL), GRAPH),
            # `check_consistent_aliasing2` in flax/nnx/extract.py looks at the trace of no object
            ((words("ValueError", "Cannot return captured"), w.TRACE_LEVEL), FROZEN),
        )
    ),
    Reason(
        "captured-returned",
        "{} are one object, which the function reaches by closure and hands back in the argument",
        (w.CAPTURED, w.TRACE_LEVEL),
        put_where_it_is,
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
        "reach it by the argument alone",
        GRAPH,
    ),
    Reason(
        "closure-written",
        "the function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL,),
        reached_and_written,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
)
