"""Planted bugs: transforms that break exactly one promise, to see that it is found.

Each row of `PLANTED` wraps the loop transforms and says what has to be found, and in how small a
case.  A wrapper works on live objects, so it runs under a trace and eagerly, over Flax's
transforms and over `python_loops` alike.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from nnxfuzz import compat
from nnxfuzz.case import Data
from nnxfuzz.transforms import Loops
from nnxfuzz.world import roots

Wrap = Callable[[Loops], Loops]


class Planted(Data, frozen=True):
    """A planted bug.

    The finding has to be of `kind`, its `where` one of those given, and the shrunk case may have
    no more than `most` rows (Variables, nodes and statements together).
    """

    wrap: Wrap
    kind: str
    where: tuple[str, ...]
    most: int


class Run:
    """One call of a transform: the carry that goes in, and the real call on any carry.

    What comes out of the three differs; `carry_of` and `with_carry` hide that.
    """

    def __init__(self, name: str, carry: Any, real: Callable[[Any], Any], emits: bool) -> None:
        self.name, self.carry, self.real, self.emits = name, carry, real, emits

    def carry_of(self, out: Any) -> Any:
        """The carry among what came out."""
        match self.name:
            case "while_loop":
                return out[1]
            case "scan" if self.emits:
                return out[0]
            case _:
                return out

    def with_carry(self, out: Any, carry: Any) -> Any:
        """What came out, with another carry."""
        match self.name:
            case "while_loop":
                return out[0], carry
            case "scan" if self.emits:
                return carry, out[1]
            case _:
                return carry


#: A bug in what is done around the real call.
Around = Callable[[Run], Any]


def around(bug: Around) -> Wrap:
    """Every transform with `bug` around it."""

    def wrap(loops: Loops) -> Loops:
        def fori_loop(lower: Any, upper: Any, body: Any, init: Any, **options: Any) -> Any:
            def real(carry: Any) -> Any:
                return loops["fori_loop"](lower, upper, body, carry, **options)

            return bug(Run("fori_loop", init, real, emits=False))

        def while_loop(cond: Any, body: Any, init: Any, **options: Any) -> Any:
            def real(carry: Any) -> Any:
                return loops["while_loop"](cond, body, (init[0], carry), **options)

            return bug(Run("while_loop", init[1], real, emits=False))

        def scan(f: Any, **options: Any) -> Any:
            def scanned(init: Any, *xs: Any) -> Any:
                def real(carry: Any) -> Any:
                    return loops["scan"](f, **options)(carry, *xs)

                return bug(Run("scan", init, real, isinstance(options["out_axes"], tuple)))

            return scanned

        return loops | {"fori_loop": fori_loop, "while_loop": while_loop, "scan": scan}

    return wrap


def instead(name: str, bug: Callable[..., Any]) -> Wrap:
    """The transform `name` replaced by `bug`, which gets the real one first."""
    return lambda loops: loops | {name: functools.partial(bug, loops[name])}


# --- what the wrappers do to live objects ---------------------------------------------------


def variables_of(value: Any) -> list[Any]:
    """The distinct Variables below `value`, in the order of a walk."""
    return list({id(v): v for v in roots(r=value).objects.values() if compat.is_variable(v)}.values())


def nodes_of(value: Any) -> list[Any]:
    """The distinct nodes below `value`."""
    return list({id(n): n for n in roots(r=value).objects.values() if compat.is_node(n)}.values())


def slots(value: Any, change: Callable[[Any], Any]) -> Any:
    """A carry with `change` applied to everything in it that is no container."""
    if isinstance(value, tuple | list):
        return type(value)(slots(item, change) for item in value)
    if isinstance(value, dict):
        return {name: slots(item, change) for name, item in value.items()}
    return change(value)


def clone(value: Any) -> Any:
    """Another object that holds the same."""
    if compat.is_node(value):
        return compat.shallow_copy(value)
    if compat.is_variable(value):
        return type(value)(compat.get_raw(value), **compat.metadata(value))
    return value


def is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and not compat.is_variable(value)


def array_attributes(node: Any) -> dict[str, Any]:
    """The attributes of a node that are raw arrays."""
    return {name: held for name, held in compat.attributes(node).items() if is_array(held)}


def static_attributes(node: Any) -> dict[str, Any]:
    """The attributes of a node that are static."""
    held = compat.attributes(node)
    return {n: v for n, v in held.items() if v is None or isinstance(v, str | int | float)}


# --- updates that are lost ------------------------------------------------------------------


def update_lost(run: Run) -> Any:
    before = [(v, compat.get_raw(v)) for v in variables_of(run.carry)]
    out = run.real(run.carry)
    for variable, value in before:
        compat.set_raw(variable, value)
    return out


def attributes_lost(of: Callable[[Any], dict[str, Any]], run: Run) -> Any:
    before = [(node, of(node)) for node in nodes_of(run.carry)]
    out = run.real(run.carry)
    for node, held in before:
        for name in held.keys() & compat.attributes(node).keys():
            compat.set_copied(node, name, held[name])
    return out


def values_swapped(run: Run) -> Any:
    out = run.real(run.carry)
    like: dict[Any, Any] = {}
    for variable in variables_of(run.carry):
        raw = compat.get_raw(variable)
        first = like.setdefault((raw.shape, raw.dtype), variable)
        if first is not variable:
            compat.set_raw(variable, compat.get_raw(first))
            compat.set_raw(first, raw)
            break
    return out


def nan_to_zero(run: Run) -> Any:
    out = run.real(run.carry)
    for variable in variables_of(run.carry):
        raw = compat.get_raw(variable)
        if jnp.issubdtype(raw.dtype, jnp.floating):
            compat.set_raw(variable, jnp.where(jnp.isnan(raw), jnp.zeros_like(raw), raw))
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
    """Two Variables that were equal come back as one."""
    out = run.real(run.carry)
    first: dict[type, Any] = {}

    def one(value: Any) -> Any:
        return first.setdefault(type(value), value) if compat.is_variable(value) else value

    return run.with_carry(out, slots(run.carry_of(out), one))


def metadata_lost(run: Run) -> Any:
    out = run.real(run.carry)
    for variable in variables_of(run.carry):
        if "tag" in compat.metadata(variable):
            delattr(variable, "tag")
    return out


def type_changed(value: Any) -> Any:
    if type(value) is not compat.VARIABLE_TYPES["Custom"]:
        return value
    return compat.VARIABLE_TYPES["Param"](compat.get_raw(value), **compat.metadata(value))


def other_dtype(value: Any) -> Any:
    return value.astype(jnp.float32) if is_array(value) and value.dtype == jnp.int32 else value


def other_shape(value: Any) -> Any:
    return value.reshape((1,)) if is_array(value) and value.shape == () else value


def replaced(value: Any) -> Any:
    return clone(value) if compat.is_node(value) else value


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
        if run.emits:
            raise
        return run.with_carry((0, None), run.carry)


def tracer_left(run: Run) -> Any:
    """After an error the caller's first Variable holds a value of a trace that is over."""
    try:
        return run.real(run.carry)
    except Exception:
        for variable in variables_of(run.carry)[:1]:
            compat.set_raw(variable, escaped(compat.get_raw(variable)))
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
            compat.set_raw(variable, compat.get_raw(variable) + jnp.ones((), compat.get_raw(variable).dtype))
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
    def scanned(*given: Any) -> Any:
        out = real(f, **options)(*given)
        if not isinstance(options["out_axes"], tuple):
            return out
        return out[0], jax.tree.map(lambda y: y[::-1], out[1])

    return scanned


def last_output_dropped(real: Any, f: Any, **options: Any) -> Any:
    def scanned(*given: Any) -> Any:
        out = real(f, **options)(*given)
        if not isinstance(options["out_axes"], tuple):
            return out
        return out[0], out[1][:-1]

    return scanned


ANY_VALUE = ("caller variable value", "caller array value", "result array value")

PLANTED: dict[str, Planted] = {
    "update-lost": Planted(around(update_lost), "wrong-world", ("caller variable value",), 2),
    "raw-array-lost": Planted(
        around(functools.partial(attributes_lost, array_attributes)),
        "wrong-world",
        ("caller array value",),
        2,
    ),
    "static-lost": Planted(
        around(functools.partial(attributes_lost, static_attributes)),
        "wrong-world",
        ("caller static static", "caller static kind"),
        2,
    ),
    "values-swapped": Planted(around(values_swapped), "wrong-world", ("caller variable value",), 2),
    "nan-to-zero": Planted(around(nan_to_zero), "wrong-world", ("caller variable value",), 1),
    "un-shared": Planted(
        around(unshared),
        "wrong-world",
        ("result variable identity", "result node identity", "caller variable value"),
        2,
    ),
    "merged": Planted(around(merged), "wrong-world", ("result variable identity",), 2),
    "metadata-lost": Planted(around(metadata_lost), "wrong-world", ("caller variable metadata",), 1),
    "type-changed": Planted(
        around(functools.partial(changed_slots, type_changed)),
        "wrong-world",
        ("result variable kind",),
        1,
    ),
    "wrong-dtype": Planted(
        around(functools.partial(changed_slots, other_dtype)),
        "wrong-world",
        ("result array dtype",),
        0,
    ),
    "wrong-shape": Planted(
        around(functools.partial(changed_slots, other_shape)),
        "wrong-world",
        ("result array shape",),
        0,
    ),
    "caller's-module-replaced": Planted(
        around(functools.partial(changed_slots, replaced)),
        "wrong-world",
        ("result node identity",),
        1,
    ),
    "list-for-tuple": Planted(
        around(list_for_tuple), "wrong-world", ("result container kind",), 0
    ),
    "two-modules-refused": Planted(
        around(two_modules_refused), "spurious-refusal", ("ValueError in jax",), 2
    ),
    "dict-fails": Planted(around(dict_fails), "internal-error", ("KeyError in jax",), 0),
    "error-swallowed": Planted(
        around(error_swallowed), "wrong-world", ("result container missing",), 1
    ),
    "tracer-left": Planted(
        around(tracer_left),
        "poisoned-state",
        ("caller variable tracer", "UnexpectedTracerError in jax"),
        2,
    ),
    "update-kept-after-error": Planted(
        around(update_kept_after_error), "poisoned-state", ("caller variable value",), 2
    ),
    "one-trip-more": Planted(instead("fori_loop", one_trip_more), "wrong-world", ANY_VALUE, 2),
    "one-trip-less": Planted(
        instead("while_loop", one_trip_less),
        "wrong-world",
        (*ANY_VALUE, "counter array value"),
        2,
    ),
    "zero-trips-run-once": Planted(
        instead("fori_loop", zero_trips_run_once), "wrong-world", ANY_VALUE, 2
    ),
    "counter-off": Planted(
        instead("while_loop", counter_off), "wrong-world", ("counter array value",), 0
    ),
    "reverse-ignored": Planted(
        instead("scan", reverse_ignored), "wrong-world", (*ANY_VALUE, "ys array value"), 3
    ),
    "outputs-reversed": Planted(
        instead("scan", outputs_reversed), "wrong-world", ("ys array value",), 0
    ),
    "last-output-dropped": Planted(
        instead("scan", last_output_dropped),
        "wrong-world",
        ("ys array missing", "ys container static"),
        0,
    ),
}
