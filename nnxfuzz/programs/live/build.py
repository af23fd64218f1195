"""A case's tables -> live nnx objects.

Both runs build with this file, the reference from numpy arrays and the transform from jax ones
(or tracers), so that whatever a release does on construction is the same on both sides.
"""

import functools
from collections.abc import Callable
from typing import Any, assert_never

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.programs import case as c
from nnxfuzz.programs.containers import record
from nnxfuzz.programs.live.layers import LIVE_LAYERS
from nnxfuzz.programs.numbers import is_key, number, ramp

#: Makes the array of one run out of a numpy array.
ToArray = Callable[[np.ndarray], Any]

#: The rules of `Optimizer`, one object each: an optimizer's structure holds the very functions.
#: With a rate of 1, two steps of plain gradient descent on the input 1 put the parameters back.
RULES: dict[str, Any] = {
    "sgd": optax.sgd(0.25),
    "momentum": optax.sgd(0.5, momentum=0.5),
    "adam": optax.adam(0.25),
}


@functools.cache
def block(names: frozenset[str]) -> type:
    """The class of the modules that have these attributes, which are set from outside.

    Modules with other attributes are of another class, as they would be in a program by hand.
    """
    return type("Block", (nnx.Module,), {"__doc__": f"Attributes: {', '.join(sorted(names))}."})


# --- hooks: one function each, since a Variable's structure holds the very functions ---------


def add_one(variable: Any, value: Any) -> Any:
    """The `get` hook."""
    return value + jnp.asarray(1, value.dtype)


def double(variable: Any, value: Any) -> Any:
    """The `set` hook."""
    return value * jnp.asarray(2, value.dtype)


HOOKS: dict[str, dict[str, Any]] = {
    "get": {"on_get_value": add_one},
    "set": {"on_set_value": double},
}


# --- objects with a constructor of their own ------------------------------------------------


def _constructed(node: c.Linear | c.Layer | c.Streams, seed: int) -> Any:
    """The object as Flax makes it; `seed` takes the place of its own."""
    match node:
        case c.Linear(config):
            ones: dict[str, Any] = {}
            if config.init == "ones":
                init = nnx.initializers.ones
                ones = {"kernel_init": init, "bias_init": init}
            return nnx.Linear(**_arguments(config), **ones, rngs=nnx.Rngs(seed))
        case c.Layer(kind):
            return LIVE_LAYERS[kind].make(nnx.Rngs(seed))
        case c.Streams(seeds, splits):
            rngs = nnx.Rngs(**seeds)
            if splits is not None:
                nnx.split_rngs(rngs, splits=splits)
            return rngs
        case other:
            assert_never(other)


def _arguments(config: c.LinearConfig) -> dict[str, Any]:
    names = ("in_features", "out_features", "use_bias")
    return {name: getattr(config, name) for name in names}


class Initial:
    """What a row's constructor made, once: a template, and the arrays of its Variables in the order
    of a walk (of random keys their words), stacked along axis 0 if the row says so.
    """

    def __init__(self, node: c.Linear | c.Layer | c.Streams) -> None:
        with jax.ensure_compile_time_eval():  # a body may be the first to ask, under its trace
            seed = 0 if isinstance(node, c.Streams) else node.seed
            self.template = _constructed(node, seed)
            self.arrays = _arrays(self.template)
            stack = None if isinstance(node, c.Streams) else node.stack
            if stack is not None:
                rows = [_arrays(_constructed(node, seed + k)) for k in range(stack)]
                self.arrays = tuple(map(_stacked, zip(*rows, strict=True)))
        variables = nnx_api.variables_below(self.template)
        self.keys = tuple(is_key(nnx_api.get_raw(variable)) for variable in variables)

    def built(self, to_array: ToArray) -> Any:
        """A new object with this run's arrays."""
        made = (
            None if array is None else _keyed(to_array(array), key)
            for array, key in zip(self.arrays, self.keys, strict=True)
        )
        return nnx_api.rebuilt(self.template, made)


def _stacked(column: tuple[np.ndarray | None, ...]) -> np.ndarray | None:
    return None if column[0] is None else np.stack([a for a in column if a is not None])


def _keyed(array: Any, key: bool) -> Any:
    return jax.random.wrap_key_data(array) if key else array


_INITIAL: dict[bytes, Initial] = {}


def initial(node: c.Linear | c.Layer | c.Streams) -> Initial:
    """The row's `Initial`, kept for the next build of an equal row."""
    name = c.canonical(node)
    if name not in _INITIAL:
        _INITIAL[name] = Initial(node)
    return _INITIAL[name]


def _arrays(value: Any) -> tuple[np.ndarray | None, ...]:
    raws = [nnx_api.get_raw(variable) for variable in nnx_api.variables_below(value)]
    return tuple(None if raw is None else number(raw) for raw in raws)


class Builder:
    """Builds rows on demand; a row asked for twice is one object.

    `explicit` is for what a transform is given: it marks raw array attributes as data (see
    `nnx_api.as_data`), and gives Variables references to their arrays.  `to_slot` makes the arrays
    that stand in the carry by themselves, if they are made otherwise.
    """

    def __init__(
        self,
        case: c.Case,
        to_array: ToArray,
        explicit: bool = False,
        to_slot: ToArray | None = None,
    ) -> None:
        self.case = case
        self.to_array = to_array
        self.to_slot = to_slot or to_array
        self.explicit = explicit
        self.variables: dict[int, Any] = {}
        self.nodes: dict[int, Any] = {}
        #: The node and the name of every attribute that was given an array without a mark.
        self.unmarked: list[tuple[Any, str]] = []

    def variable(self, row: int) -> Any:
        """The Variable of `row`."""
        if row not in self.variables:
            spec = self.case.variables[row]
            options: dict[str, Any] = {} if spec.tag is None else {"tag": spec.tag}
            if spec.names is not None:
                options["names"] = spec.names
            if spec.hook is not None:
                options |= HOOKS[spec.hook]
            if spec.ref and self.explicit:
                options["ref"] = True
            value = self.to_array(ramp(spec.value))
            self.variables[row] = nnx_api.variable(spec.kind, value, options)
        return self.variables[row]

    def node(self, row: int) -> Any:
        """The node of `row`; it is entered in the table before what it holds (cycles)."""
        if row not in self.nodes:
            match self.case.nodes[row]:
                case c.Module(attributes):
                    self.nodes[row] = module = block(frozenset(attributes))()
                    self._assign(module, attributes)
                case c.Sequence(items):
                    self.nodes[row] = sequence = nnx_api.sequence()
                    for held in items:
                        sequence.append(self.attribute(held))
                case c.Mapping(named):
                    self.nodes[row] = mapping = nnx_api.mapping()
                    self._assign(mapping, named)
                case c.Optimizer(model, rule):
                    self.nodes[row] = nnx.Optimizer(self.node(model), RULES[rule], wrt=nnx.Param)
                case c.Linear() | c.Layer() | c.Streams() as node:
                    self.nodes[row] = initial(node).built(self.to_array)
                case other:
                    assert_never(other)
        return self.nodes[row]

    def _assign(self, node: Any, attributes: dict[str, c.Attribute]) -> None:
        """Give a new node its attributes."""
        for name, held in attributes.items():
            setattr(node, name, self.held(held))
            if isinstance(held, c.OfArray) and not held.marked:
                self.unmarked.append((node, name))

    def held(self, held: c.Attribute) -> Any:
        """What is assigned to an attribute, marked where the row or a trace asks for it."""
        value = self.attribute(held)
        match held:
            case c.OfArray(_, True):
                return nnx_api.marked(value, data=True)
            case c.OfStatic(_, True):
                return nnx_api.marked(value, data=False)
            case c.OfArray() if self.explicit:
                return nnx_api.as_data(value)
            case _:
                return value

    def attribute(self, held: c.Attribute) -> Any:
        """What an attribute holds."""
        match held:
            case c.OfVariable(row):
                return self.variable(row)
            case c.OfNode(row):
                return self.node(row)
            case c.OfArray(array):
                return self.to_array(ramp(array))
            case c.OfStatic(value):
                return value
            case other:
                assert_never(other)

    def slot(self, row: int = 0) -> Any:
        """The part of the carry that starts at `row`."""
        match self.case.carry[row]:
            case c.TupleSlot(items):
                return tuple(self.slot(item) for item in items)
            case c.ListSlot(items):
                return [self.slot(item) for item in items]
            case c.DictSlot(items):
                return {name: self.slot(item) for name, item in items.items()}
            case c.RecordSlot(named, kind):
                held = {name: self.slot(item) for name, item in named.items()}
                return record(kind, tuple(named))(**held)
            case c.NoneSlot():
                return None
            case c.NodeSlot(node):
                return self.node(node)
            case c.VariableSlot(variable):
                return self.variable(variable)
            case c.StateSlot(node):
                return nnx.state(self.node(node))
            case c.ArraySlot(array):
                return self.to_slot(ramp(array))
            case c.ScalarSlot(value):
                return value
            case other:
                assert_never(other)


def shifted(array: np.ndarray, more: int) -> np.ndarray:
    """The array with `more` added to every number, in its own dtype."""
    return array + np.asarray(more).astype(array.dtype) if more else array


class Objects:
    """The live objects of one run: the carry, the closure, and the further arguments of a scan."""

    def __init__(
        self,
        case: c.Case,
        to_array: ToArray,
        explicit: bool = False,
        to_slot: ToArray | None = None,
    ) -> None:
        builder = Builder(case, to_array, explicit, to_slot)
        self.carry = builder.slot()
        self.closure = [builder.attribute(held) for held in case.closure]
        self.inputs = [builder.attribute(row.what) for row in case.inputs]
        #: The Variables that hold a reference.
        self.references = [v for row, v in builder.variables.items() if case.variables[row].ref]
