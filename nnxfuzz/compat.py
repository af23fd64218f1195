"""Every difference between Flax releases that the fuzzer has to know, and no other file asks.

What can be probed is probed once, on a real eager object, instead of being looked up by version.
"""

import functools
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import flax
import jax
import jax.numpy as jnp
from flax import nnx

from nnxfuzz.case import TOPICS, Arm, Case, Choice, Feature, Mode, fits, needs
from nnxfuzz.versions import numbers

FLAX = str(flax.__version__)
JAX = str(jax.__version__)

#: What Flax stores on a node beside the user's attributes (`_object__state` up to 0.10,
#: `_pytree__state`, `_pytree__nodes` from 0.11, `_length` of `nnx.List`).
_BOOKKEEPING = ("_object__", "_pytree__", "_length")

#: Metadata that newer releases add to every Variable; it says nothing about a program.
_BUILTIN_METADATA = frozenset({"hijax", "ref", "eager_sharding", "mutable"})

#: What the partition names of a Variable's axes are called (up to 0.11, up to 0.12.3, later).
_PARTITION_NAMES = frozenset({"sharding", "sharding_names", "out_sharding"})

_NODE_TYPES: tuple[type, ...] = tuple(
    getattr(nnx, name) for name in ("Pytree", "Object", "Module") if hasattr(nnx, name)
)


class Custom(nnx.Variable):  # type: ignore[misc]
    """A Variable type of the user's own, as the case language's `Custom`."""


VARIABLE_TYPES: dict[str, type] = {
    "Param": nnx.Param,
    "BatchStat": nnx.BatchStat,
    "Cache": nnx.Cache,
    "Intermediate": nnx.Intermediate,
    "Custom": Custom,
}


def release() -> tuple[int, ...]:
    """The installed Flax release as numbers, for the contract's ranges: (0, 12, 8)."""
    return numbers(FLAX)[:3]


def is_variable(value: object) -> bool:
    """Whether `value` is an `nnx.Variable`."""
    return isinstance(value, nnx.Variable)


def is_node(value: object) -> bool:
    """Whether `value` is a reference object that holds attributes (module or `nnx.List`)."""
    return isinstance(value, _NODE_TYPES) and not isinstance(value, nnx.Variable)


def attributes(node: Any) -> dict[str, Any]:
    """The user's attributes of a node by name, without Flax's bookkeeping."""
    return {str(k): v for k, v in vars(node).items() if not str(k).startswith(_BOOKKEEPING)}


def is_state(value: object) -> bool:
    """Whether `value` is an `nnx.State`: values by name, no reference object."""
    return isinstance(value, nnx.State)


def state_items(state: Any) -> dict[str, Any]:
    """What a State holds: States, Variables (`VariableState` up to 0.11), arrays."""
    return {str(name): held for name, held in state.items()}


def is_state_leaf(value: object) -> bool:
    """Whether `value` is what older releases hold in a State in place of a Variable."""
    kind = getattr(nnx, "VariableState", None)
    return kind is not None and isinstance(value, kind) and not is_variable(value)


def parts(value: Any) -> dict[str, Any] | None:
    """What is directly below a container or node, by name; None for a leaf.

    Order: as stored, so that equal values give equal orders.
    """
    if is_variable(value):
        return None
    if is_node(value):
        return attributes(value)
    if isinstance(value, tuple | list):
        return {str(k): item for k, item in enumerate(value)}
    if isinstance(value, dict):
        return {str(k): item for k, item in value.items()}
    return state_items(value) if is_state(value) else None


def below(value: Any) -> list[Any]:
    """Every node and Variable at or below `value`, each once, in the order of a walk."""
    found: list[Any] = []
    seen: set[int] = set()

    def visit(held: Any) -> None:
        if id(held) in seen:
            return
        items = parts(held)
        if items is not None or is_variable(held):
            seen.add(id(held))
        if is_variable(held) or is_node(held):
            found.append(held)
        for item in (items or {}).values():
            visit(item)

    visit(value)
    return found


def variables_below(value: Any) -> list[Any]:
    """Every Variable at or below `value`."""
    return [held for held in below(value) if is_variable(held)]


def nodes_below(value: Any) -> list[Any]:
    """Every node at or below `value`."""
    return [held for held in below(value) if is_node(held)]


def shallow_copy(node: Any) -> Any:
    """A new node of the same type with the same attribute values."""
    new = object.__new__(type(node))
    vars(new).update(vars(node))
    return new


def rebuilt(template: Any, arrays: Iterator[Any]) -> Any:
    """A new object like `template`, as its constructor would make it here and now.

    Its Variables hold `arrays`, in the order of a walk (None leaves one without a value); what is
    no node, Variable or container is shared.  The marks by which Flax knows under which trace an
    object was made are new.
    """
    made: dict[int, Any] = {}

    def build(value: Any) -> Any:
        if id(value) in made:
            return made[id(value)]
        if is_variable(value):
            made[id(value)] = new = _variable_like(value, next(arrays))
            return new
        if is_node(value):
            made[id(value)] = new = object.__new__(type(value))
            fresh = vars(_Empty())
            for name, held in vars(value).items():
                vars(new)[name] = fresh[name] if name in _TRACE_MARKS else build(held)
            return new
        if type(value) in (tuple, list):
            return type(value)(build(item) for item in value)
        return {k: build(item) for k, item in value.items()} if type(value) is dict else value

    return build(template)


def _variable_like(variable: Any, raw: Any) -> Any:
    options = {n: v for n, v in variable.get_metadata().items() if n not in _BUILTIN_METADATA}
    return type(variable)(raw, **options)


class _Empty(nnx.Module):  # type: ignore[misc]
    """A node with nothing but Flax's bookkeeping."""


#: Under which names a node keeps the trace under which it was made (up to 0.10, later).
_TRACE_MARKS = frozenset({"_object__state", "_pytree__state"})


def set_copied(node: Any, name: str, value: Any) -> None:
    """Set an attribute of a `shallow_copy` without Flax's checks (`nnx.List` may use int keys)."""
    stored = vars(node)
    stored[name if name in stored or not name.isdigit() else int(name)] = value


def sequence() -> Any:
    """An empty `nnx.List`, or a plain list on releases without it."""
    return nnx.List([]) if hasattr(nnx, "List") else []


def mapping() -> Any:
    """An empty `nnx.Dict`."""
    return nnx.Dict()


def as_data(value: Any) -> Any:
    """`value` marked as data for assignment to a module's attribute, where a release can say so.

    From 0.12.2 on a *traced* array that is assigned to a new attribute is taken for static
    (`graphlib.is_node_leaf` asks isinstance of a `typing.Union`, which never sees a tracer as a
    `jax.Array`).  That is a defect of construction, which a loop after it can only trip over, and
    a program that builds its modules eagerly does not meet it: so our builds under a trace say
    what they mean.
    """
    traced = isinstance(value, jax.core.Tracer)
    return nnx.data(value) if traced and hasattr(nnx, "data") else value


def marked(value: Any, data: bool) -> Any:
    """`nnx.data(value)` or `nnx.static(value)`; the value itself where a release has neither."""
    mark = getattr(nnx, "data" if data else "static", None)
    return value if mark is None else mark(value)


def variable(kind: str, value: Any, options: dict[str, Any]) -> Any:
    """A new Variable; `names` among the options are the partition names of its axes."""
    names = options.pop("names", None)
    if names is not None:  # not to be placed on a mesh: there is none
        options |= {"sharding": names, "eager_sharding": False}
    return VARIABLE_TYPES[kind](value, **options)


def get_raw(variable: Any) -> Any:
    """What the Variable stores, without hooks or warnings."""
    if hasattr(nnx.Variable, "get_raw_value"):
        return variable.get_raw_value()
    return variable.raw_value


def set_raw(variable: Any, value: Any) -> None:
    """Store `value` as it is, without hooks, casts or warnings."""
    if hasattr(nnx.Variable, "set_raw_value"):
        variable.set_raw_value(value)
    else:
        variable.raw_value = value


def read(variable: Any) -> Any:
    """The value as a program reads it."""
    return variable.get_value() if hasattr(nnx.Variable, "get_value") else variable.value


def assign(variable: Any, value: Any) -> None:
    """Replace the value as a program does it: `set_value` where it exists, else `.value =`."""
    if hasattr(nnx.Variable, "set_value"):
        variable.set_value(value)
    else:
        variable.value = value


def metadata(variable: Any) -> dict[str, Any]:
    """The user's metadata of a Variable, without hooks and built-in flags."""
    return {
        "names" if name in _PARTITION_NAMES else name: value
        for name, value in variable.get_metadata().items()
        if name not in _BUILTIN_METADATA and not name.endswith("_hooks")
    }


def set_names(variable: Any, names: tuple[str | None, ...]) -> None:
    """Replace the partition names of a Variable that has some."""
    (name,) = _PARTITION_NAMES & variable.get_metadata().keys()
    if hasattr(variable, "set_metadata"):
        variable.set_metadata(**{name: names})
    else:
        setattr(variable, name, names)


def call_arguments(name: str, mode: Mode) -> dict[str, bool]:
    """The keyword arguments that put `nnx.<name>`, which is no loop, into `mode`."""
    return _mode_arguments(getattr(nnx, name), mode)


@functools.cache
def setitem_keeps_dtype() -> bool | None:
    """What `v[...] = x` does when x has another dtype: None if this release cannot do it at all.

    True: x is cast to the Variable's dtype (0.12.4 and newer); False: x replaces the value.
    """
    probe = nnx.Param(jnp.zeros((1,), jnp.int32))
    try:
        with warnings.catch_warnings(), jax.numpy_dtype_promotion("standard"):
            warnings.simplefilter("ignore")
            probe[...] = jnp.ones((1,), jnp.float32)
    except TypeError:
        return None
    return bool(get_raw(probe).dtype == jnp.int32)


#: How a release is asked whether it has a feature.
_HAS: dict[Feature, Callable[[], bool]] = {
    "bare-variables": lambda: release() >= (0, 10, 5),  # google/flax PR #4606
    "raw-arrays": lambda: release() >= (0, 10, 5),  # google/flax PR #4612
    "setitem": lambda: setitem_keeps_dtype() is not None,
    "mapping": lambda: hasattr(nnx, "Dict"),
    "marks": lambda: hasattr(nnx, "data"),
    "rng-fork": lambda: hasattr(nnx.Rngs, "fork"),
    "rng-split": lambda: hasattr(nnx, "split_rngs"),
    "partition": lambda: hasattr(nnx, "PARTITION_NAME"),
    "keywords": lambda: True,
    "hooks": lambda: _hooks_are_called(),
}


def choices() -> frozenset[Choice]:
    """What a search on the installed release may turn on and off."""
    return features() | frozenset(TOPICS)


@functools.cache
def features() -> frozenset[Feature]:
    """What the installed release can do of what a case may need."""
    return frozenset(name for name, has in _HAS.items() if has())


def _hooks_are_called() -> bool:
    """Whether `on_get_value` in the metadata is a hook (before 0.10.5 it was metadata)."""
    probe = nnx.Param(jnp.zeros(()), on_get_value=lambda _, value: value + 1)
    return bool(read(probe) == 1)


def inapplicable(case: Case, arm: Arm) -> str | None:
    """Why the installed release cannot run `arm` of `case`; None if it can."""
    if not fits(case, arm):
        return f"{arm.transform} in {arm.mode} mode cannot run this case"
    if arm.transform not in transforms():
        return f"flax {FLAX} has no nnx.{arm.transform}"
    if arm.mode not in modes():
        return f"flax {FLAX} has no {arm.mode} mode"
    missing = sorted(needs(case) - features())
    return f"flax {FLAX} does not support {', '.join(missing)}" if missing else None


def optimizer_update(optimizer: Any, model: Any, grads: dict[str, Any]) -> None:
    """`optimizer.update` with gradients by the names of the parameters."""
    state = nnx.state(model, nnx.Param)
    leaves, structure = jax.tree.flatten(state)
    held = attributes(model)  # `Param(None)` of older releases has no leaf
    names = sorted(name for name in grads if name in state and get_raw(held[name]) is not None)
    assert len(leaves) == len(names)
    update_optimizer(optimizer, model, structure.unflatten([grads[name] for name in names]))


def update_optimizer(optimizer: Any, model: Any, grads: Any) -> None:
    """`optimizer.update` with gradients as `nnx.grad` gives them (up to 0.10 it has the model)."""
    if "model" in inspect.signature(type(optimizer).update).parameters:
        optimizer.update(model, grads)
    else:
        optimizer.update(grads)


@functools.cache
def modes() -> tuple[Mode, ...]:
    """The modes that the installed release's loops have."""
    names = inspect.signature(nnx.scan).parameters
    if "graph_updates" in names:
        return ("graph", "gnu", "tree")
    return ("graph", "tree") if "graph" in names else ("graph",)


def mode_arguments(mode: Mode) -> dict[str, bool]:
    """The keyword arguments that put a transform of this release into `mode`."""
    return _mode_arguments(nnx.scan, mode)


def _mode_arguments(transform: Callable[..., Any], mode: Mode) -> dict[str, bool]:
    known = inspect.signature(transform).parameters
    wanted = {"graph": mode != "tree", "graph_updates": mode == "graph"}
    return {name: value for name, value in wanted.items() if name in known}


def transforms() -> dict[str, Callable[..., Any]]:
    """The release's loop transforms by name; a release without one lacks its key."""
    names = ("fori_loop", "while_loop", "scan")
    return {name: getattr(nnx, name) for name in names if hasattr(nnx, name)}


def quiet() -> None:
    """Silence the deprecation warnings of Variable access, and keep whole tracebacks."""
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="flax")
    jax.config.update("jax_traceback_filtering", "off")
