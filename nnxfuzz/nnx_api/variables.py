"""Variables: what they are, hold and say of themselves, whatever a release calls it."""

import functools
from collections.abc import Callable
from typing import Any

import jax
from flax import nnx
from flax.nnx import spmd

#: Metadata that newer releases add to every Variable.
_BUILTIN_METADATA = frozenset({"hijax", "ref", "eager_sharding", "mutable"})

#: What the partition names of a Variable's axes are called (up to 0.11, up to 0.12.3, later).
_PARTITION_NAMES = frozenset({"sharding", "sharding_names", "out_sharding"})


class Custom(nnx.Variable):  # type: ignore[misc]
    """A Variable type of the user's own, as the case language's `Custom`."""


VARIABLE_TYPES: dict[str, type] = {
    "Param": nnx.Param,
    "BatchStat": nnx.BatchStat,
    "Cache": nnx.Cache,
    "Intermediate": nnx.Intermediate,
    "Custom": Custom,
}


class ByType(dict[type, bool]):
    """Answers about types, worked out once for each: they are asked for a million times a minute,
    and Flax's own `isinstance` is slow.
    """

    def __init__(self, answer: Callable[[type], bool]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, kind: type) -> bool:
        return self.setdefault(kind, self._answer(kind))


_VARIABLES = ByType(lambda kind: issubclass(kind, nnx.Variable))

#: What may stand for a Variable without being one of their classes, and has to be asked itself.
_DISGUISED = ByType(lambda kind: issubclass(kind, jax.core.Tracer) or "Hijax" in kind.__name__)


def is_variable(value: object) -> bool:
    """Whether `value` is an `nnx.Variable`."""
    kind = type(value)
    return _VARIABLES[kind] or (_DISGUISED[kind] and isinstance(value, nnx.Variable))


def class_of(value: Any) -> type:
    """The class of an object; of a Variable of hijax, whose type is of jax, the class it shows."""
    disguised = _DISGUISED[type(value)] and isinstance(value, nnx.Variable)
    kind: type = value._var_type if disguised else type(value)
    return kind


def variable(kind: str, value: Any, options: dict[str, Any]) -> Any:
    """A new Variable; `names` among the options are the partition names of its axes."""
    names = options.pop("names", None)
    if names is not None:  # not to be placed on a mesh: there is none
        options |= {"sharding": names, "eager_sharding": False}
    return VARIABLE_TYPES[kind](value, **options)


def is_hijax(variable: Any) -> bool:
    """Whether the Variable is a value of jax itself (`hijax=True`)."""
    return "Hijax" in type(variable).__name__


#: What may be a reference of jax: one itself, or a tracer of one.
_REFERENCES = ByType(lambda kind: kind.__name__ == "Ref" or issubclass(kind, jax.core.Tracer))


def is_reference(raw: Any) -> bool:
    """Whether it is a reference to an array, which can be written in place."""
    return _REFERENCES[type(raw)] and type(raw.aval).__name__ == "AbstractRef"


def holds_reference(variable: Any) -> bool:
    """Whether the Variable stores a reference to its array."""
    return is_reference(stored(variable))


def is_of_this_trace(variable: Any) -> bool:
    """Whether it was made under the trace of jax that is the current one now."""
    return bool(variable._trace_state.is_valid())


def reference_to(value: Any) -> Any:
    """A new reference to an array, as `Variable(ref=True)` makes one."""
    return stored(nnx.Variable(value, ref=True))


def get_raw(variable: Any) -> Any:
    """What the Variable stores, without hooks or warnings; of a reference, what it refers to, but
    for one that a trace has left there, of which nothing can be read.
    """
    raw = stored(variable)
    try:
        return raw[...] if is_reference(raw) else raw
    except jax.errors.UnexpectedTracerError:
        return raw


def stored(variable: Any) -> Any:
    """What the Variable stores, as it is."""
    if hasattr(nnx.Variable, "get_raw_value"):
        return variable.get_raw_value()
    return variable.raw_value


def set_raw(variable: Any, value: Any) -> None:
    """Store `value` as it is, without hooks, casts or warnings."""
    if hasattr(nnx.Variable, "set_raw_value"):
        variable.set_raw_value(value)
    else:
        variable.raw_value = value


def lend(variable: Any, value: Any) -> None:
    """As `set_raw`, for a time: also to a Variable that was made under another trace of jax, which
    Flax lets no program write to.
    """
    if is_hijax(variable) or is_of_this_trace(variable):
        set_raw(variable, value)
    else:
        object.__setattr__(variable, _RAW, value)


#: The name under which a Variable stores its value, by release.
_RAW = "_raw_value" if hasattr(nnx.Variable, "_raw_value") else "raw_value"


def read(variable: Any) -> Any:
    """The value as a program reads it."""
    return variable.get_value() if hasattr(nnx.Variable, "get_value") else variable.value


def assign(variable: Any, value: Any) -> None:
    """Replace the value as a program does it: `set_value` where it exists, else `.value =`."""
    if hasattr(nnx.Variable, "set_value"):
        variable.set_value(value)
    else:
        variable.value = value


#: Whether a transform's metadata may name an entry for the axis in other metadata of a Variable
#: than the partition names: from 0.10.5 on.
AXES_IN_METADATA = hasattr(spmd, "_get_partition_name_and_metadata")


def metadata(variable: Any) -> dict[str, Any]:
    """The metadata of a Variable, without what every Variable has (`ref` is told by what it holds:
    `holds_reference`; `hijax` by its class).
    """
    usual, found = _usual_metadata(), variable.get_metadata()
    if is_usual_metadata(found):  # as most have
        return {}
    lost = dict.fromkeys(usual.keys() - found.keys(), "missing")
    return {
        "names" if name in _PARTITION_NAMES else name: value
        for name, value in (found | lost if lost else found).items()
        if name not in ("ref", "hijax") and not (name in usual and usual[name] == value)
    }


def is_usual_metadata(found: Any) -> bool:
    """Whether a Variable's metadata are those of one of which nothing was said."""
    return bool(found == _usual_metadata())


def set_metadata(variable: Any, metadata: dict[str, Any]) -> None:
    """Replace all metadata of a Variable, the built-in flags included."""
    if "_var_metadata" in dir(type(variable)):
        own = object.__getattribute__(variable, "_var_metadata")
        own.clear()
        own.update(metadata)
    elif "_var_metadata" in vars(variable):
        vars(variable)["_var_metadata"] = dict(metadata)
    else:  # up to 0.10.1 metadata are attributes
        kept = {name: vars(variable)[name] for name in ("raw_value", "_trace_state")}
        vars(variable).clear()
        vars(variable).update(metadata | kept)


@functools.cache
def _usual_metadata() -> dict[str, Any]:
    """What a Variable has in its metadata where nothing was said: flags, and hooks up to 0.10."""
    return dict(nnx.Variable(0).get_metadata())


def set_names(variable: Any, names: tuple[str | None, ...]) -> None:
    """Replace the partition names of a Variable that has some."""
    (name,) = _PARTITION_NAMES & variable.get_metadata().keys()
    if hasattr(variable, "set_metadata"):
        variable.set_metadata(**{name: names})
    else:
        setattr(variable, name, names)


def variable_like(variable: Any, raw: Any) -> Any:
    """A new Variable of the same type and metadata."""
    options = {n: v for n, v in variable.get_metadata().items() if n not in _BUILTIN_METADATA}
    return type(variable)(raw, **options)


def variable_copied(variable: Any, raw: Any, **metadata: Any) -> Any:
    """A new Variable like `variable` that stores `raw`, made here and now, with other `metadata`.

    No constructor and no hook runs, and all metadata is kept, whatever the class.
    """
    kind = class_of(variable)
    if hasattr(kind, "from_metadata"):  # from 0.10.2 on
        return kind.from_metadata(raw, variable.get_metadata() | metadata)
    new: Any = object.__new__(kind)
    vars(new).update(vars(variable) | {"raw_value": raw})
    vars(new)["_trace_state"] = vars(nnx.Variable(0))["_trace_state"]
    return new
