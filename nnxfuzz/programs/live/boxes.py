"""The containers of a carry, opened so that their entries can be rebound, and closed again."""

from collections.abc import Iterator, Sequence
from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.programs.containers import entries, is_record, remade


class Box:
    """A container of the carry while the body works on it: entries can be rebound."""

    def __init__(self, kind: type, items: dict[str | int, Any]) -> None:
        self.kind = kind
        self.items = items


def _items(value: Any) -> dict[Any, Any] | None:
    """The entries of a container by name or position; None for anything else."""
    if is_record(value):
        return entries(value)
    if isinstance(value, tuple | list):
        return dict(enumerate(value))
    return value if isinstance(value, dict) else None


def opened(value: Any) -> Any:
    """The carry with its containers opened into boxes."""
    items = _items(value)
    if items is None:
        return value
    return Box(type(value), {name: opened(item) for name, item in items.items()})


def closed(value: Any) -> Any:
    """Boxes made into containers again."""
    if not isinstance(value, Box):
        return value
    return remade(value.kind, {name: closed(item) for name, item in value.items.items()})


def is_object(value: Any) -> bool:
    """Whether it is a node or a Variable."""
    return nnx_api.is_node(value) or nnx_api.is_variable(value)


def with_arrays(before: Any, after: Any) -> Any:
    """The carry `before` with the arrays, numbers and States of `after`, and its own objects."""
    items, others = _items(before), _items(after)
    if items is not None and others is not None:
        pairs = {name: with_arrays(item, others[name]) for name, item in items.items()}
        return remade(type(before), pairs)
    return before if is_object(before) else after


def caught(values: Sequence[Any]) -> Box:
    return Box(list, dict(enumerate(values)))


def without_objects(carry: Any) -> Any:
    """The carry with None in the place of each node and Variable."""
    items = _items(carry)
    if items is not None:
        return remade(type(carry), {name: without_objects(item) for name, item in items.items()})
    return None if is_object(carry) else carry


def objects_of(carry: Any) -> list[Any]:
    """The nodes and Variables of the carry, in order."""
    if is_object(carry):
        return [carry]
    return [found for item in (_items(carry) or {}).values() for found in objects_of(item)]


def with_objects(like: Any, arrays: Any, objects: Iterator[Any]) -> Any:
    """A carry of the shape of `like` with the arrays and, in their order, the objects."""
    if is_object(like):
        return next(objects)
    items, others = _items(like), _items(arrays)
    if items is None or others is None:
        return arrays
    made = {name: with_objects(item, others[name], objects) for name, item in items.items()}
    return remade(type(like), made)
