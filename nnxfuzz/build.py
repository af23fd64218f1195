"""A case's tables -> live nnx objects.

Both runs build with this file, the reference from numpy arrays and the transform from jax ones
(or tracers), so that whatever a release does on construction is the same on both sides.
"""

import functools
from collections.abc import Callable
from typing import Any, assert_never

import jax
import numpy as np
from flax import nnx

from nnxfuzz import compat
from nnxfuzz.case import (
    ArraySlot,
    Attribute,
    Case,
    DictSlot,
    Linear,
    LinearConfig,
    ListSlot,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    ScalarSlot,
    Sequence,
    TupleSlot,
    VariableSlot,
)
from nnxfuzz.numbers import ramp

#: Makes the array of one run out of a numpy array.
ToArray = Callable[[np.ndarray], Any]


@functools.cache
def block(names: frozenset[str]) -> type:
    """The class of the modules that have these attributes, which are set from outside.

    Modules with other attributes are of another class, as they would be in a program by hand.
    """
    return type("Block", (nnx.Module,), {"__doc__": f"Attributes: {', '.join(sorted(names))}."})


class _NoKeys:
    """Stands in for `nnx.Rngs` where the initialisers ignore their key."""

    def params(self) -> None:
        return None


@functools.lru_cache(maxsize=512)
def initial_linear(config: LinearConfig, seed: int) -> dict[str, np.ndarray]:
    """The arrays of `nnx.Linear(..., rngs=nnx.Rngs(seed))`, drawn by Flax's own initialisers."""
    with jax.ensure_compile_time_eval():  # a body may be the first to ask, under its trace
        layer = nnx.Linear(**_arguments(config), rngs=nnx.Rngs(seed))
    held = {name: v for name, v in compat.attributes(layer).items() if compat.is_variable(v)}
    return {name: np.asarray(compat.get_raw(v)) for name, v in held.items()}


def _arguments(config: LinearConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__struct_fields__}


class Builder:
    """Builds rows on demand; a row asked for twice is one object.

    `explicit` marks raw array attributes as data (see `compat.as_data`).
    """

    def __init__(self, case: Case, to_array: ToArray, explicit: bool = False) -> None:
        self.case = case
        self.to_array = to_array
        self.explicit = explicit
        self.variables: dict[int, Any] = {}
        self.nodes: dict[int, Any] = {}

    def variable(self, row: int) -> Any:
        """The Variable of `row`."""
        if row not in self.variables:
            spec = self.case.variables[row]
            metadata = {} if spec.tag is None else {"tag": spec.tag}
            value = self.to_array(ramp(spec.value))
            self.variables[row] = compat.VARIABLE_TYPES[spec.kind](value, **metadata)
        return self.variables[row]

    def node(self, row: int) -> Any:
        """The node of `row`; it is entered in the table before what it holds (cycles)."""
        if row not in self.nodes:
            match self.case.nodes[row]:
                case Module(attributes):
                    self.nodes[row] = module = block(frozenset(attributes))()
                    for name, held in attributes.items():
                        value = self.attribute(held)
                        raw = self.explicit and isinstance(held, OfArray)
                        setattr(module, name, compat.as_data(value) if raw else value)
                case Sequence(items):
                    self.nodes[row] = sequence = compat.sequence()
                    for held in items:
                        sequence.append(self.attribute(held))
                case Linear(config, seed):
                    self.nodes[row] = self._linear(config, seed)
                case other:
                    assert_never(other)
        return self.nodes[row]

    def _linear(self, config: LinearConfig, seed: int) -> Any:
        initial = initial_linear(config, seed)

        def kernel(*_: Any) -> Any:
            return self.to_array(initial["kernel"])

        def bias(*_: Any) -> Any:
            return self.to_array(initial["bias"])

        return nnx.Linear(**_arguments(config), kernel_init=kernel, bias_init=bias, rngs=_NoKeys())

    def attribute(self, held: Attribute) -> Any:
        """What an attribute holds."""
        match held:
            case OfVariable(row):
                return self.variable(row)
            case OfNode(row):
                return self.node(row)
            case OfArray(array):
                return self.to_array(ramp(array))
            case OfStatic(value):
                return value
            case other:
                assert_never(other)

    def slot(self, row: int = 0) -> Any:
        """The part of the carry that starts at `row`."""
        match self.case.carry[row]:
            case TupleSlot(items):
                return tuple(self.slot(item) for item in items)
            case ListSlot(items):
                return [self.slot(item) for item in items]
            case DictSlot(items):
                return {name: self.slot(item) for name, item in items.items()}
            case NoneSlot():
                return None
            case NodeSlot(node):
                return self.node(node)
            case VariableSlot(variable):
                return self.variable(variable)
            case ArraySlot(array):
                return self.to_array(ramp(array))
            case ScalarSlot(value):
                return value
            case other:
                assert_never(other)


class Objects:
    """The live objects of one run: the carry, the closure, and the arrays scanned over."""

    def __init__(self, case: Case, to_array: ToArray, explicit: bool = False) -> None:
        builder = Builder(case, to_array, explicit)
        self.carry = builder.slot()
        self.closure = [builder.attribute(held) for held in case.closure]
        self.xs = tuple(to_array(ramp(array)) for array in case.xs)
