"""Planted bugs: transforms that break exactly one promise, to see that it is found.

Each row of `PLANTED` wraps the loop transforms and says what has to be found, and in how small a
case.  A wrapper works on live objects, so it runs under a trace and eagerly, over Flax's
transforms and over `clean_loops` alike.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from planted_tools import (
    Run,
    Wrap,
    around,
    carry_position,
    clone,
    instead,
    is_array,
    nodes_of,
    slots,
    variables_of,
)

from nnxfuzz import nnx_api
from nnxfuzz.oracle.world import roots
from nnxfuzz.programs.case import Data


class Planted(Data, frozen=True):
    """A planted bug.

    The finding has to be of `kind`, its `where` has to start with one of those given, and the
    shrunk case may have no more than `most` rows (Variables, nodes and statements together).
    """

    wrap: Wrap
    kind: str
    where: tuple[str, ...]
    most: int


# --- updates that are lost ------------------------------------------------------------------


def update_lost(run: Run) -> Any:
    before = [(v, nnx_api.get_raw(v)) for v in variables_of(run.carry)]
    out = run.real(run.carry)
    for variable, value in before:
        nnx_api.set_raw(variable, value)
    return out


def raw_array_lost(run: Run) -> Any:
    before = [(node, nnx_api.attributes(node)) for node in nodes_of(run.carry)]
    out = run.real(run.carry)
    for node, held in before:
        for name, value in held.items():
            if is_array(value) and is_array(nnx_api.attributes(node).get(name)):
                nnx_api.set_copied(node, name, value)
    return out


def rebinding_lost(run: Run) -> Any:
    """Attributes that the body set, swapped, added, deleted: all are as before the loop."""
    before = [(node, dict(vars(node))) for node in nodes_of(run.carry)]
    out = run.real(run.carry)
    for node, held in before:
        vars(node).clear()
        vars(node).update(held)
    return out


def arrays_of(carry: Any) -> list[tuple[Any, Any]]:
    """The Variables that hold an array (what was sown is a tuple), and that."""
    raws = [(variable, nnx_api.get_raw(variable)) for variable in variables_of(carry)]
    return [(variable, raw) for variable, raw in raws if hasattr(raw, "dtype")]


def values_swapped(run: Run) -> Any:
    out = run.real(run.carry)
    like: dict[Any, Any] = {}
    for variable, raw in arrays_of(run.carry):
        first = like.setdefault((raw.shape, raw.dtype), variable)
        if first is not variable:
            nnx_api.set_raw(variable, nnx_api.get_raw(first))
            nnx_api.set_raw(first, raw)
            break
    return out


def nan_to_zero(run: Run) -> Any:
    out = run.real(run.carry)
    for variable, raw in arrays_of(run.carry):
        if jnp.issubdtype(raw.dtype, jnp.floating):
            nnx_api.set_raw(variable, jnp.where(jnp.isnan(raw), jnp.zeros_like(raw), raw))
    return out


# --- objects and arrays that come back changed ----------------------------------------------


def changed_slots(change: Callable[[Any], Any], run: Run) -> Any:
    out = run.real(run.carry)
    return run.with_carry(out, slots(run.carry_of(out), change))


def unshared(run: Run) -> Any:
    met: set[int] = set()

    def apart(value: Any) -> Any:
        again = id(value) in met
        met.add(id(value))
        return clone(value) if again else value

    return run.real(slots(run.carry, apart))


def merged(run: Run) -> Any:
    """Two objects of one type come back as one."""
    out = run.real(run.carry)
    first: dict[type, Any] = {}

    def one(value: Any) -> Any:
        is_object = nnx_api.is_variable(value) or nnx_api.is_node(value)
        return first.setdefault(type(value), value) if is_object else value

    return run.with_carry(out, slots(run.carry_of(out), one))


def metadata_lost(run: Run) -> Any:
    out = run.real(run.carry)
    for variable in variables_of(run.carry):
        if "tag" in nnx_api.metadata(variable):
            forget = getattr(variable, "del_metadata", variable.__delattr__)
            forget("tag")
    return out


def type_changed(value: Any) -> Any:
    if type(value) is not nnx_api.VARIABLE_TYPES["Custom"]:
        return value
    return nnx_api.VARIABLE_TYPES["Param"](nnx_api.get_raw(value), **nnx_api.metadata(value))


def other_dtype(value: Any) -> Any:
    return value.astype(jnp.float32) if is_array(value) and value.dtype == jnp.int32 else value


def other_shape(value: Any) -> Any:
    return value.reshape((1,)) if is_array(value) and value.shape == () else value


def replaced(value: Any) -> Any:
    return clone(value) if nnx_api.is_node(value) else value


def list_for_tuple(run: Run) -> Any:
    out = run.real(run.carry)
    carry = run.carry_of(out)
    return run.with_carry(out, list(carry) if isinstance(carry, tuple) else carry)


# --- errors ---------------------------------------------------------------------------------


def two_modules_refused(run: Run) -> Any:
    if len(nodes_of(run.carry)) > 1:
        raise ValueError("carry has another structure than before")
    return run.real(run.carry)


def dict_fails(run: Run) -> Any:
    kinds = [entry.kind for entry in roots(r=run.carry).entries.values()]
    if "dict" in kinds:
        raise KeyError("dict")
    return run.real(run.carry)


def error_swallowed(run: Run) -> Any:
    try:
        return run.real(run.carry)
    except Exception:
        if run.at is not None:
            raise
        return run.with_carry((0, None), run.carry)


def tracer_left(run: Run) -> Any:
    """After an error the caller's first Variable holds a value of a trace that is over."""
    try:
        return run.real(run.carry)
    except Exception:
        for variable in variables_of(run.carry)[:1]:
            nnx_api.set_raw(variable, escaped(nnx_api.get_raw(variable)))
        raise


def escaped(like: Any) -> Any:
    """A tracer whose trace is over."""
    caught: list[Any] = []

    def body(x: Any) -> Any:
        caught.append(x)
        return x

    jax.make_jaxpr(body)(jax.ShapeDtypeStruct(like.shape, like.dtype))
    return caught[0]


def update_kept_after_error(run: Run) -> Any:
    """After an error the caller's first Variable holds another number than before."""
    try:
        return run.real(run.carry)
    except Exception:
        for variable in variables_of(run.carry)[:1]:
            raw = nnx_api.get_raw(variable)
            nnx_api.set_raw(variable, raw + jnp.ones((), raw.dtype))
        raise


# --- trips ----------------------------------------------------------------------------------


def one_trip_more(real: Any, lower: Any, upper: Any, *rest: Any, **options: Any) -> Any:
    return real(lower, upper + 1, *rest, **options)


def one_trip_less(real: Any, cond: Any, body: Any, init: Any, **options: Any) -> Any:
    return real(lambda value: cond((value[0] + 1, value[1])), body, init, **options)


def zero_trips_run_once(real: Any, lower: Any, upper: Any, *rest: Any, **options: Any) -> Any:
    return real(lower, max(upper, lower + 1), *rest, **options)


def counter_off(real: Any, *rest: Any, **options: Any) -> Any:
    counter, carry = real(*rest, **options)
    return counter + 1, carry


def reverse_ignored(real: Any, f: Any, **options: Any) -> Any:
    return real(f, **(options | {"reverse": False}))


def outputs_reversed(real: Any, f: Any, **options: Any) -> Any:
    def backwards(out: Any) -> Any:
        if isinstance(out, tuple):
            return tuple(map(backwards, out))
        return out[::-1] if isinstance(out, jax.Array) else out

    return with_outputs(real, f, lambda ys: tuple(map(backwards, ys)), options)


def last_output_dropped(real: Any, f: Any, **options: Any) -> Any:
    def shorter(ys: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*ys[:-1], ys[-1][:-1]) if ys and isinstance(ys[-1], tuple) else (*ys[:-1], None)

    return with_outputs(real, f, shorter, options)


def with_outputs(real: Any, f: Any, change: Any, options: dict[str, Any]) -> Any:
    """A scan with something else done to what it emits."""
    at = carry_position(options["out_axes"])

    def scanned(*given: Any, **named: Any) -> Any:
        out = real(f, **options)(*given, **named)
        if at is None:
            return out
        ys = change((*out[:at], *out[at + 1 :]))
        return (*ys[:at], out[at], *ys[at:])

    return scanned


# --- the table ------------------------------------------------------------------------------

_VALUES = ("caller variable value", "caller array value", "result array value")


def _wrong(wrap: Wrap, most: int, *where: str) -> Planted:
    return Planted(wrap, "wrong-world", where, most)


def _slots_changed(change: Callable[[Any], Any]) -> Wrap:
    return around(functools.partial(changed_slots, change))


PLANTED: dict[str, Planted] = {
    "update-lost": _wrong(around(update_lost), 3, "caller variable value"),
    "raw-array-lost": _wrong(around(raw_array_lost), 3, "caller array "),
    "rebinding-lost": _wrong(around(rebinding_lost), 5, "caller"),
    "values-swapped": _wrong(around(values_swapped), 4, "caller variable value"),
    "nan-to-zero": _wrong(around(nan_to_zero), 3, "caller variable value"),
    "un-shared": _wrong(
        around(unshared),
        2,
        "result variable identity",
        "result node identity",
        "caller variable value",
    ),
    "merged": _wrong(around(merged), 2, "result variable identity", "result node identity"),
    "metadata-lost": _wrong(around(metadata_lost), 1, "caller variable metadata"),
    "type-changed": _wrong(_slots_changed(type_changed), 1, "result variable kind"),
    "wrong-dtype": _wrong(_slots_changed(other_dtype), 0, "result array dtype"),
    "wrong-shape": _wrong(_slots_changed(other_shape), 0, "result array shape"),
    "module-replaced": _wrong(_slots_changed(replaced), 1, "result node identity"),
    "list-for-tuple": _wrong(around(list_for_tuple), 0, "result container kind"),
    "error-swallowed": _wrong(around(error_swallowed), 1, "result container missing"),
    "one-trip-more": _wrong(instead("fori_loop", one_trip_more), 3, *_VALUES),
    "one-trip-less": _wrong(
        instead("while_loop", one_trip_less), 3, *_VALUES, "counter array value"
    ),
    # The trip too many may show in whatever the body changes, objects and statics included.
    "zero-trips-run-once": _wrong(
        instead("fori_loop", zero_trips_run_once), 3, "caller ", "result "
    ),
    "counter-off": _wrong(instead("while_loop", counter_off), 0, "counter array value"),
    "reverse-ignored": _wrong(instead("scan", reverse_ignored), 3, *_VALUES, "ys array value"),
    "outputs-reversed": _wrong(instead("scan", outputs_reversed), 1, "ys array value"),
    "last-output-dropped": _wrong(
        instead("scan", last_output_dropped),
        0,
        "ys array",
        "ys container static",
        "ys variable",
        "ys node",
    ),
    "two-modules-refused": Planted(
        around(two_modules_refused), "spurious-refusal", ("ValueError in jax",), 2
    ),
    "dict-fails": Planted(around(dict_fails), "internal-error", ("KeyError in jax",), 0),
    "tracer-left": Planted(around(tracer_left), "poisoned-state", ("caller variable tracer",), 3),
    "update-kept-after-error": Planted(
        around(update_kept_after_error), "poisoned-state", ("caller variable value",), 3
    ),
}
