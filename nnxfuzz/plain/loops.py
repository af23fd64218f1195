"""READ FIRST.  What the loops of NNX mean: a Python loop over live objects.

`fori_loop`, `while_loop` and `scan` have the signatures of `flax.nnx`'s.  Each is the loop that one
would write by hand.  Besides that:

- `as_arrays` makes arrays of Python numbers, as jax does.
- `seen_by_body` applies what a mode documents (`modes`); by default it does nothing.
- `Statics` undoes in graph mode what the last trip did to static attributes, as Flax traces a body
  once.
- `Slices` gives each scanned Variable its slice for a trip, and stacks what the trips left.
- `seen` takes notes of what the body does (`observations`), if anyone asks for them.

No transform, split, merge or clone of Flax is used.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz.plain.arguments import CarryPosition, Inputs, in_order, optional
from nnxfuzz.plain.axes import partition_of
from nnxfuzz.plain.frame import call
from nnxfuzz.plain.modes import (
    Mode,
    Statics,
    as_arrays,
    asks_for_updates,
    keeps_numpy,
    mode_of,
    seen_by_body,
    undone,
)
from nnxfuzz.plain.promoting import left_by, promoted
from nnxfuzz.plain.slices import Broadcast, Sizes, Slices
from nnxfuzz.plain.trying import all_are_tried, tried
from nnxfuzz.plain.unwatched import Unwatched

_SIZES = Sizes(
    "scan got no values to scan over and `length` not provided.",
    "scan got values with different leading axis sizes: {sizes}.",
    "scan got `length` argument of {given} which disagrees with the sizes {sizes}.",
)


def fori_loop(
    lower: Any,
    upper: Any,
    body_fun: Callable[[Any, Any], Any],
    init_val: Any,
    *,
    unroll: int | bool | None = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As `nnx.fori_loop`: `carry = body_fun(i, carry)` for each i from lower up to upper."""
    mode = mode_of(graph, graph_updates)
    with call(fori_loop, mode, body_fun, carry=init_val) as seen:
        seen.bounds(lower, upper)
        carry = seen_by_body(as_arrays(init_val), mode)
        statics = Statics(carry, mode)

        def after(i: int, carry: Any) -> Any:
            statics.put_back(carry)
            with seen.trip(carry=carry) as trip:
                carry = as_arrays(body_fun(_index(i, lower, upper), carry))
                trip.returned(carry=carry)
            return seen_by_body(carry, mode)

        trips = range(int(lower), int(upper))
        if not trips and all_are_tried():
            with tried(body_fun, carry):
                after(int(lower), carry)
        for i in trips:
            carry = after(i, carry)
        if not trips:
            body = functools.partial(body_fun, _index(int(lower), lower, upper))
            carry = promoted(init_val, carry, left_by(body, init_val, carry, mode), mode, seen)
        return carry


def while_loop(
    cond_fun: Callable[[Any], Any],
    body_fun: Callable[[Any], Any],
    init_val: Any,
    *,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As `nnx.while_loop`: `carry = body_fun(carry)` as long as `cond_fun(carry)` is true."""
    mode = mode_of(graph, graph_updates)
    with call(while_loop, mode, body_fun, carry=init_val) as seen:
        seen.bounds()
        carry = seen_by_body(as_arrays(init_val), mode)
        statics = Statics(carry, mode)

        def after(carry: Any) -> Any:
            statics.put_back(carry)
            with seen.trip(carry=carry) as trip:
                carry = as_arrays(body_fun(carry))
                trip.returned(carry=carry)
            return seen_by_body(carry, mode)

        if all_are_tried():
            with tried(body_fun, carry):
                after(carry)
        trips = 0
        while seen.condition(_holds, cond_fun, carry, mode):
            carry, trips = after(carry), trips + 1
        if not trips:
            carry = promoted(init_val, carry, left_by(body_fun, init_val, carry, mode), mode, seen)
        return carry


@optional
def scan(
    f: Callable[..., Any],
    *,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    _split_transpose: bool = False,
    in_axes: Any = (nnx.Carry, 0),
    out_axes: Any = (nnx.Carry, 0),
    transform_metadata: Mapping[str, Any] | None = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.scan`: a loop over slices of the arguments, which stacks what the trips return."""
    form = CarryPosition(in_axes, out_axes)

    @functools.wraps(f)
    def scanned(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        by_default = asks_for_updates(graph, graph_updates)
        given, inputs = form.apart(in_order(f, args, kwargs, by_default))
        with call(scan, mode, f, carry=given, inputs=inputs) as seen:
            carry = seen_by_body(as_arrays(given), mode)
            statics = Statics(carry, mode)
            partition = partition_of(transform_metadata, mode)
            unkept: Broadcast = "dropped" if mode == "graph" else "carried"
            axes = Inputs(form.input_axes)
            slices = Slices(Inputs(inputs), axes, mode, unkept, partition, carry)
            seen.sliced(slices)
            order = range(slices.length(_SIZES, length))
            emitted: dict[int, Any] = {}
            for k in reversed(order) if reverse else order:
                statics.put_back(carry)
                with seen.trip(carry=carry) as trip, slices.trip(k) as mine:
                    out = f(*form.arguments(carry, mine.inputs))
                    carry, emitted[k] = form.carry_and_rest(as_arrays(out))
                    trip.returned(carry=carry, inputs=mine.inputs, ys=emitted[k])
                carry = seen_by_body(carry, mode)
                slices.leave(k)
            slices.close()
            rows = [emitted[k] for k in order]
            if not order:
                after, shown = _trial(f, form, given, slices, seen)
                carry, rows = promoted(given, carry, after, mode, seen), [shown]
            ys = slices.stacking(rows, f).along(form.emitted_axes, empty=not emitted)
            return form.result(carry, ys)

    return scanned


def _index(i: int, lower: Any, upper: Any) -> Any:
    """The loop's index as the body gets it: an array of the bounds' dtype."""
    dtype = jnp.result_type(lower, upper)
    return np.asarray(i, dtype) if keeps_numpy() else jnp.asarray(i, dtype)


def _holds(cond_fun: Callable[[Any], Any], carry: Any, mode: Mode | None) -> bool:
    """Whether the condition holds.  In a mode, what it writes is dropped."""
    if mode is None:
        return bool(cond_fun(carry))
    with undone(cond_fun, carry):
        return bool(cond_fun(carry))


def _trial(
    f: Callable[..., Any], form: CarryPosition, carry: Any, slices: Slices, seen: Unwatched
) -> tuple[Any, Any]:
    """What a trip of a scan without trips would carry on and emit.  Its slices are zeros."""
    carry = as_arrays(carry)
    with tried(f, carry, slices.values), seen.trip(carry=carry) as trip:
        carry, emitted = form.carry_and_rest(f(*form.arguments(carry, slices.enter(0).inputs)))
        carry = as_arrays(carry)
        trip.returned(carry=carry, ys=emitted)
        return carry, emitted
