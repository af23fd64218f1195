"""Live objects: walks with paths, copies, and putting back what they held.

A *node* is a module or another object of Flax with attributes, a *leaf* whatever stands in a
container (tuple, list, dict, any pytree of jax) and is none itself.  Containers are values: they
are made anew, and no identity of theirs is kept.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api

Keys = tuple[Any, ...]


class Unsupported(NotImplementedError):
    """An option or a form that `plain` does not have; the message is one sentence."""


class Place(NamedTuple):
    """Something at a place: the keys that lead there, as text, and what stands there.

    `inside`: the place is in a node.
    """

    keys: Keys
    text: str
    thing: Any
    inside: bool = False


def is_object(value: object) -> bool:
    """Whether `value` has an identity for Flax: a Variable or a node."""
    return nnx_api.is_variable(value) or nnx_api.is_node(value)


def is_array(value: object) -> bool:
    """Whether `value` is an array of jax or numpy, or a reference to one."""
    return isinstance(value, jax.Array | np.ndarray | np.generic)


def is_abstract(value: object) -> bool:
    """Whether `value` tells the shape and dtype of an array that is not there."""
    return isinstance(value, jax.ShapeDtypeStruct)


def is_number(value: object) -> bool:
    """Whether `value` is a Python number."""
    return isinstance(value, bool | int | float | complex)


def is_data(value: object) -> bool:
    """Whether jax takes `value` for data: an array or a Python number."""
    return is_array(value) or is_number(value)


def mapped(f: Callable[[Any], Any], value: Any) -> Any:
    """`value` with `f` of each leaf and object in its containers; objects are not entered."""
    return jax.tree.map(f, value, is_leaf=is_object)


#: What is a leaf by itself, in the order in which it is met most.
_LEAVES = (np.ndarray, str, int, float, np.generic, jax.Array)


def entries(value: Any, keys: Keys = (), text: str = "") -> list[Place]:
    """The leaves and objects in the containers of `value`."""
    if is_object(value) or isinstance(value, _LEAVES):  # as most are
        return [Place(keys, text, value)]
    found = jax.tree_util.tree_flatten_with_path(value, is_leaf=is_object)[0]
    return [
        Place((*keys, *map(_key, path)), text + jax.tree_util.keystr(path), leaf)
        for path, leaf in found
    ]


def _key(entry: Any) -> Any:
    """A step of a path as filters of Flax know it: the name or the index alone."""
    for name in ("key", "idx", "name"):
        if hasattr(entry, name):
            return getattr(entry, name)
    return entry


def held_by(node: Any, keys: Keys = (), text: str = "") -> Iterator[Place]:
    """The attributes of a node, in the order of their names."""
    for name, value in sorted(nnx_api.attributes(node).items()):
        yield Place((*keys, int(name) if name.isdigit() else name), text + step(name), value)


def step(name: str) -> str:
    """The step of a path to an attribute of a node; those of a List are numbers."""
    return f"[{name}]" if name.isdigit() else f".{name}"


def everything(value: Any, text: str = "", again: bool = False) -> list[Place]:
    """The leaves and objects at and below `value`, in the order in which Flax walks.

    An object that is met again is left out, or, if `again`, listed and not entered.
    """
    found: list[Place] = []
    seen: set[int] = set()

    def visit(value: Any, keys: Keys, text: str, inside: bool) -> None:
        for place in entries(value, keys, text):
            place = place._replace(inside=inside)
            if is_object(place.thing):
                if id(place.thing) in seen:
                    if again:
                        found.append(place)
                    continue
                seen.add(id(place.thing))
            found.append(place)
            if nnx_api.is_node(place.thing):
                for held in held_by(place.thing, place.keys, place.text):
                    visit(held.thing, held.keys, held.text, True)

    visit(value, (), text, False)
    return found


def objects_in(value: Any) -> list[Any]:
    """The nodes and Variables at and below `value`, each once."""
    return [place.thing for place in everything(value) if is_object(place.thing)]


def variables(value: Any) -> list[Any]:
    """Every Variable at or below `value`, each once."""
    return [place.thing for place in everything(value) if nnx_api.is_variable(place.thing)]


def nodes(value: Any) -> list[Any]:
    """Every node at or below `value`, each once."""
    return [place.thing for place in everything(value) if nnx_api.is_node(place.thing)]


def contains_data(value: Any) -> bool:
    """Whether an attribute's value holds objects or arrays, so that it is not static."""
    return is_object(value) or any(is_object(p.thing) or is_array(p.thing) for p in entries(value))


def holds_data(value: Any) -> bool:
    """Whether an attribute's value is a container that holds objects or arrays."""
    alone = is_object(value) or isinstance(value, _LEAVES)
    return not alone and contains_data(value)


def assign(node: Any, name: str, value: Any) -> None:
    """Set an attribute: a new one as a program does, one that is there in its place."""
    if name in nnx_api.attributes(node):
        nnx_api.set_copied(node, name, value)
    elif name.isdigit():
        node.append(value)
    else:
        setattr(node, name, value)


# --- copies ---------------------------------------------------------------------------------


class Copies:
    """Copies of objects, made here and now; what is shared among them is shared in the copies.

    `array` makes the copy's array of each array that a Variable, a node or a container holds.
    With `traced` a Variable of hijax becomes one that can be written under a trace of jax.
    """

    def __init__(
        self, array: Callable[[Any], Any] = lambda array: array, traced: bool = False
    ) -> None:
        self.array = array
        self.traced = traced
        #: By the original's id: the original, which must live as long, and its copy.
        self.made: dict[int, tuple[Any, Any]] = {}

    def of(self, value: Any) -> Any:
        """The copy of `value`."""
        return mapped(self._leaf, value)

    def _leaf(self, leaf: Any) -> Any:
        if not is_object(leaf):
            return self.array(leaf) if is_data(leaf) or is_abstract(leaf) else leaf
        if id(leaf) not in self.made:
            if nnx_api.is_variable(leaf):
                self.made[id(leaf)] = leaf, self._variable(leaf)
            else:
                self._node(leaf)
        return self.made[id(leaf)][1]

    def _variable(self, variable: Any) -> Any:
        raw = mapped(self._leaf, nnx_api.get_raw(variable))
        usual = {"hijax": False} if self.traced and nnx_api.is_hijax(variable) else {}
        return nnx_api.variable_copied(variable, raw, **usual)

    def _node(self, node: Any) -> None:
        new = nnx_api.bare(node)
        self.made[id(node)] = node, new
        for name, held in nnx_api.attributes(node).items():
            nnx_api.set_copied(new, name, self.attribute(held) if contains_data(held) else held)

    def attribute(self, value: Any) -> Any:
        """Python numbers in an attribute are static."""
        return mapped(lambda x: self._leaf(x) if is_object(x) or is_array(x) else x, value)


# --- what objects hold ----------------------------------------------------------------------


class Held:
    """What the objects below some values hold now, to put it back later."""

    def __init__(self, *values: Any) -> None:
        self._variables: list[tuple[Any, Any, Any, dict[str, Any]]] = []
        self._nodes: list[tuple[Any, dict[str, Any]]] = []
        self._containers: list[tuple[Any, Any]] = []
        for place in everything(values):
            thing = place.thing
            if nnx_api.is_variable(thing):
                told = dict(thing.get_metadata())
                self._variables.append((thing, nnx_api.stored(thing), nnx_api.get_raw(thing), told))
            elif nnx_api.is_node(thing):
                self._nodes.append((thing, dict(vars(thing))))
                for value in nnx_api.attributes(thing).values():
                    self._keep(value)

    def _keep(self, value: Any) -> None:
        if type(value) in (list, dict):
            self._containers.append((value, value.copy()))
            for item in value.values() if isinstance(value, dict) else value:
                self._keep(item)

    def put_back(self) -> None:
        """Give every object what it held.

        What did not change is left alone: under a trace an object from outside may not be written.
        """
        for node, before in self._nodes:
            vars(node).clear()
            vars(node).update(before)
        for container, items in self._containers:
            container.clear()
            container.extend(items) if isinstance(container, list) else container.update(items)
        for variable, before, raw, metadata in self._variables:
            if variable.get_metadata() != metadata:
                nnx_api.set_metadata(variable, metadata)
            if nnx_api.stored(variable) is not before:
                nnx_api.set_raw(variable, before)
            if nnx_api.holds_reference(variable):
                before[...] = raw


# --- arrays ---------------------------------------------------------------------------------


def as_array(leaf: Any) -> Any:
    """A number or an array of numpy as an array of jax, whatever else as it is."""
    return jnp.asarray(leaf) if is_data(leaf) and not isinstance(leaf, jax.Array) else leaf
