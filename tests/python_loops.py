"""The reference dressed as a transform: `fori_loop`, `while_loop`, `scan` as plain Python loops.

They have the signatures of `flax.nnx`'s (of what `transforms.call` uses) and stand for a release
without a single bug: under them the fuzzer must find nothing, and a planted bug over them
(`planted`) is the only thing there is to find.

They work on whatever the objects hold, tracers included, so all executors run them.  What they
cannot do is decide on a traced value: a loop whose bounds or `until` are traced needs the eager
executor (`decidable` tells).

Where a promise differs from what Python does, they keep the promise: the modes without graph
updates get new nodes, and an exception undoes what the body did to the caller's objects.  A plain
loop would leave them as they were when it was raised, which the contract's `exception-undoes`
forbids.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flax
import jax.numpy as jnp
from flax import nnx
from python_scan import Layout, positional, scan_loop

from nnxfuzz import compat
from nnxfuzz.case import Case, Mode
from nnxfuzz.reference import seen_by_the_loop
from nnxfuzz.transforms import Loops


def decidable(case: Case) -> bool:
    """Whether a Python loop can be traced over `case`: nothing that is traced decides on a trip."""
    return case.loop.bounds == "static" and case.loop.until is None


def python_loops() -> Loops:
    """The three of them."""
    return {"fori_loop": fori_loop, "while_loop": while_loop, "scan": scan}


def fori_loop(lower: Any, upper: Any, body: Any, init: Any, **options: Any) -> Any:
    with undone_by_an_exception(init, body):
        mode = mode_of(options)
        carry = seen_by_the_loop(init, mode)
        for i in range(int(lower), int(upper)):
            carry = seen_by_the_loop(body(jnp.asarray(i, jnp.int32), carry), mode)
        return carry


def while_loop(cond: Any, body: Any, init: Any, **options: Any) -> Any:
    with undone_by_an_exception(init, body):
        mode = mode_of(options)
        value = seen_by_the_loop(init, mode)
        while bool(cond(value)):
            value = seen_by_the_loop(body(value), mode)
        return value


def scan(
    f: Callable[..., Any] | None = None, *, in_axes: Any, out_axes: Any, **options: Any
) -> Callable[..., Any]:
    """As `nnx.scan`, which is a decorator where it is given no function."""
    if f is None:
        return functools.partial(scan, in_axes=in_axes, out_axes=out_axes, **options)
    layout = Layout(in_axes, out_axes)

    def scanned(*arguments: Any, **named: Any) -> Any:
        given = positional(f, arguments, named)
        with undone_by_an_exception(given, f):
            return scan_loop(f, layout, given, mode_of(options), undone, **options)

    return scanned


def undone(given: Any, f: Callable[..., Any], work: Callable[[], Any]) -> Any:
    """What `work` returns, without what it did to the objects."""
    held = kept(given, f)
    try:
        return work()
    finally:
        put_back(held)


def mode_of(options: dict[str, Any]) -> Mode:
    """The mode that the transform's arguments ask for, or Flax's defaults where there are none."""
    graph, updates = (
        options[name] if name in options else default(name) for name in ("graph", "graph_updates")
    )
    return "tree" if not graph else "graph" if updates else "gnu"


def default(argument: str) -> bool:
    """What a keyword argument is by default now."""
    name = {"graph": "graph_mode"}.get(argument, argument)
    setter = getattr(nnx, f"set_{name}", None)
    return bool(setter.current_value() if setter else getattr(flax.config, f"nnx_{name}", True))


# --- what the caller holds ------------------------------------------------------------------

#: Objects, each with what it held and, of a Variable, the array of that.
Kept = list[tuple[Any, Any, Any]]


@contextmanager
def undone_by_an_exception(init: Any, body: Callable[..., Any]) -> Iterator[None]:
    """Put back what the caller's objects held if an exception comes out."""
    held = kept(init, body)
    try:
        yield
    except Exception:
        put_back(held)
        raise


def kept(init: Any, body: Callable[..., Any]) -> Kept:
    """What the objects of `init`, and those that `body` closes over, hold now."""
    objects = compat.below([init, closure_of(body)])
    return [
        (o, compat.stored(o), compat.get_raw(o))
        if compat.is_variable(o)
        else (o, dict(vars(o)), None)
        for o in objects
    ]


def closure_of(body: Any) -> list[Any]:
    """The live objects that `transforms` lets its bodies close over, in functions too."""
    function = getattr(body, "__func__", body)
    found: list[Any] = []
    for cell in getattr(function, "__closure__", None) or ():
        held = cell.cell_contents
        found += closure_of(held) if callable(held) else getattr(held, "closure", [])
    return found


def put_back(held: Kept) -> None:
    """Give every object what it held."""
    for thing, before, raw in held:
        if compat.is_variable(thing):
            compat.set_raw(thing, before)
            if compat.holds_reference(thing):
                before[...] = raw
        else:
            thing.__dict__.clear()
            thing.__dict__.update(before)
