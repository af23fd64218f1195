"""What is not Flax's in arguments and results: values that jax makes no array of (texts, objects of
a user's class, numpy arrays of either), and containers.
"""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.nnx_api.variables import is_reference
from nnxfuzz.plain.objects import everything, held_by, is_abstract, is_data, is_object


def no_data(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """The leaves at and below `value`, and those that its Variables and the data attributes of its
    nodes hold, that are no data to jax: the path of each, and the name of its class.
    """
    for keys, leaf in jax.tree_util.tree_leaves_with_path(value, is_leaf=is_object):
        path = name + jax.tree_util.keystr(keys)
        if not is_object(leaf):
            yield from _itself(leaf, path)
            continue
        for place in everything(leaf, path):
            if nnx_api.is_variable(place.thing) and not nnx_api.is_hijax(place.thing):
                for held in jax.tree.leaves(nnx_api.stored(place.thing)):
                    yield from _itself(held, place.text)
            elif nnx_api.is_node(place.thing):
                yield from _marked(place.thing, place.text)


def _marked(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Those of attributes that count as data: a function in the place of a layer, say."""
    marks = nnx_api.marks(node)
    for held in held_by(node, text=path) if marks else ():
        if marks.get(str(held.keys[-1])):
            for leaf in jax.tree.leaves(held.thing, is_leaf=is_object):
                if not is_object(leaf):
                    yield from _itself(leaf, held.text)


def _itself(leaf: Any, path: str) -> Iterator[tuple[str, str]]:
    of_texts = isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "OUSMm"
    if of_texts or not (is_data(leaf) or is_abstract(leaf) or is_reference(leaf)):
        yield path, type(leaf).__name__


def is_hashable(value: Any) -> bool:
    """Whether it has a hash."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def is_bool(value: Any) -> bool:
    """Whether jax takes it for one bool, which an array of one item is not."""
    return is_data(value) and jnp.result_type(value) == jnp.bool_ and jnp.shape(value) == ()


class Containers:
    """The lists and dictionaries at and below a value, and what each holds, at one moment."""

    def __init__(self, value: Any, name: str) -> None:
        self._found: list[tuple[str, Any, list[tuple[Any, Any]]]] = []
        self._note(value, name)

    def _note(self, value: Any, path: str) -> None:
        items = _items(value)
        if isinstance(value, list | dict):
            self._found.append((path, value, items))
        for key, held in items:
            self._note(held, f"{path}[{key!r}]")

    def changed(self) -> Iterator[tuple[str, Any]]:
        """Those that hold something else now, with their paths."""
        for path, value, items in self._found:
            now = _items(value)
            same = len(now) == len(items)
            pairs = zip(now, items, strict=False)
            if not same or any(a[0] != b[0] or a[1] is not b[1] for a, b in pairs):
                yield path, value

    def holds(self, value: Any) -> bool:
        """Whether it is one of them."""
        return any(value is one for _, one, _ in self._found)


def _items(value: Any) -> list[tuple[Any, Any]]:
    """The items of a container, with keys or positions; nothing of anything else."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list | tuple) else []
