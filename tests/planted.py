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

    The finding has to be of `kind`, its `where` has to start with one of those given, and the
    shrunk case may have no more than `most` rows (Variables, nodes and statements together).
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


def objects_of(value: Any) -> list[Any]:
    """The distinct objects below `value`, in the order of a walk."""
    return list({id(o): o for o in roots(r=value).objects.values()}.values())


def variables_of(value: Any) -> list[Any]:
    """The distinct Variables below `value`."""
    return [o for o in objects_of(value) if compat.is_variable(o)]


def nodes_of(value: Any) -> list[Any]:
    """The distinct nodes below `value`."""
    return [o for o in objects_of(value) if compat.is_node(o)]


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


# --- updates that are lost ------------------------------------------------------------------


def update_lost(run: Run) -> Any:
    before = [(v, compat.get_raw(v)) for v in variables_of(run.carry)]
    out = run.real(run.carry)
    for variable, value in before:
        compat.set_raw(variable, value)
    return out


def raw_array_lost(run: Run) -> Any:
    before = [(node, compat.attributes(node)) for node in nodes_of(run.carry)]
    out = run.real(run.carry)
    for node, held in before:
        for name, value in held.items():
            if is_array(value) and is_array(compat.attributes(node).get(name)):
                compat.set_copied(node, name, value)
    return out


def rebinding_lost(run: Run) -> Any:
    """Attributes that the body set, swapped, added, deleted: all are as before the loop."""
    before = [(node, dict(vars(node))) for node in nodes_of(run.carry)]
    out = run.real(run.carry)
    for node, held in before:
        vars(node).clear()
        vars(node).update(held)
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
    """Two objects of one type come back as one."""
    out = run.real(run.carry)
    first: dict[type, Any] = {}

    def one(value: Any) -> Any:
        is_object = compat.is_variable(value) or compat.is_node(value)
        return first.setdefault(type(value), value) if is_object else value

    return run.with_carry(out, slots(run.carry_of(out), one))


def metadata_lost(run: Run) -> Any:
    out = run.real(run.carry)
    for variable in variables_of(run.carry):
        if "tag" in compat.metadata(variable):
            forget = getattr(variable, "del_metadata", variable.__delattr__)
            forget("tag")
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


def variables_replaced(run: Run) -> Any:
    """The caller's modules hold other Variables than before, which hold the same."""
    out = run.real(run.carry)
    clones: dict[int, Any] = {}
    for node in nodes_of(run.carry):
        for name, held in compat.attributes(node).items():
            if compat.is_variable(held):
                compat.set_copied(node, name, clones.setdefault(id(held), clone(held)))
    return out


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
            raw = compat.get_raw(variable)
            compat.set_raw(variable, raw + jnp.ones((), raw.dtype))
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


# --- the table ------------------------------------------------------------------------------

_VALUES = ("caller variable value", "caller array value", "result array value")


def _wrong(wrap: Wrap, most: int, *where: str) -> Planted:
    return Planted(wrap, "wrong-world", where, most)


def _slots_changed(change: Callable[[Any], Any]) -> Wrap:
    return around(functools.partial(changed_slots, change))


PLANTED: dict[str, Planted] = {
    "update-lost": _wrong(around(update_lost), 2, "caller variable value"),
    "raw-array-lost": _wrong(around(raw_array_lost), 2, "caller array value"),
    "rebinding-lost": _wrong(around(rebinding_lost), 5, "caller"),
    "values-swapped": _wrong(around(values_swapped), 3, "caller variable value"),
    "nan-to-zero": _wrong(around(nan_to_zero), 3, "caller variable value"),
    "un-shared": _wrong(
        around(unshared),
        2,
        "result variable identity",
        "result node identity",
        "caller variable value",
    ),
    "merged": _wrong(around(merged), 2, "result variable identity", "result node identity"),
    "metadata-lost": _wrong(around(metadata_lost), 2, "caller variable metadata"),
    "type-changed": _wrong(_slots_changed(type_changed), 1, "result variable kind"),
    "wrong-dtype": _wrong(_slots_changed(other_dtype), 0, "result array dtype"),
    "wrong-shape": _wrong(_slots_changed(other_shape), 0, "result array shape"),
    "module-replaced": _wrong(_slots_changed(replaced), 1, "result node identity"),
    "variables-replaced": _wrong(around(variables_replaced), 2, "held variable"),
    "list-for-tuple": _wrong(around(list_for_tuple), 0, "result container kind"),
    "error-swallowed": _wrong(around(error_swallowed), 1, "result container missing"),
    "one-trip-more": _wrong(instead("fori_loop", one_trip_more), 2, *_VALUES),
    "one-trip-less": _wrong(
        instead("while_loop", one_trip_less), 2, *_VALUES, "counter array value"
    ),
    "zero-trips-run-once": _wrong(instead("fori_loop", zero_trips_run_once), 2, *_VALUES),
    "counter-off": _wrong(instead("while_loop", counter_off), 0, "counter array value"),
    "reverse-ignored": _wrong(
        instead("scan", reverse_ignored), 3, *_VALUES, "ys array value"
    ),
    "outputs-reversed": _wrong(instead("scan", outputs_reversed), 0, "ys array value"),
    "last-output-dropped": _wrong(
        instead("scan", last_output_dropped), 0, "ys array missing", "ys container static"
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
