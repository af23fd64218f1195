"""Values that jax takes no data from: texts, objects of a user's class, numpy arrays of either."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.nnx_api.variables import is_reference
from nnxfuzz.plain.objects import everything, is_abstract, is_data, is_object


def no_data(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """The leaves at and below `value`, and those that its Variables hold, that are no data to jax:
    the path of each, and the name of its class.
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
