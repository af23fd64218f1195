"""The containers of a carry, opened so that their entries can be rebound, and closed again."""

from collections.abc import Iterator, Sequence
from typing import Any

from nnxfuzz import compat


class Box:
    """A container of the carry while the body works on it: entries can be rebound."""

    def __init__(self, kind: type, items: dict[str | int, Any]) -> None:
        self.kind = kind
        self.items = items


def opened(value: Any) -> Any:
    """The carry with its containers opened into boxes."""
    if isinstance(value, tuple | list):
        return Box(type(value), {i: opened(item) for i, item in enumerate(value)})
    if isinstance(value, dict):
        return Box(dict, {name: opened(item) for name, item in value.items()})
    return value


def closed(value: Any) -> Any:
    """Boxes made into containers again."""
    if not isinstance(value, Box):
        return value
    items = {name: closed(item) for name, item in value.items.items()}
    return items if value.kind is dict else value.kind(items.values())


def with_arrays(before: Any, after: Any) -> Any:
    """The carry `before` with the arrays, numbers and States of `after`, and its own objects."""
    if isinstance(before, tuple | list):
        return type(before)(with_arrays(b, a) for b, a in zip(before, after, strict=True))
    if isinstance(before, dict):
        return {name: with_arrays(before[name], after[name]) for name in before}
    return before if compat.is_node(before) or compat.is_variable(before) else after


def caught(values: Sequence[Any]) -> Box:
    return Box(list, dict(enumerate(values)))


def without_objects(carry: Any) -> Any:
    """The carry with None in the place of each node and Variable."""
    if isinstance(carry, tuple | list):
        return type(carry)(without_objects(item) for item in carry)
    if isinstance(carry, dict):
        return {name: without_objects(item) for name, item in carry.items()}
    return None if compat.is_node(carry) or compat.is_variable(carry) else carry


def objects_of(carry: Any) -> list[Any]:
    """The nodes and Variables of the carry, in order."""
    if compat.is_node(carry) or compat.is_variable(carry):
        return [carry]
    items = carry.values() if isinstance(carry, dict) else carry
    if not isinstance(carry, tuple | list | dict):
        return []
    return [found for item in items for found in objects_of(item)]


def with_objects(like: Any, arrays: Any, objects: Iterator[Any]) -> Any:
    """A carry of the shape of `like` with the arrays and, in their order, the objects."""
    if compat.is_node(like) or compat.is_variable(like):
        return next(objects)
    if isinstance(like, tuple | list):
        pairs = zip(like, arrays, strict=True)
        return type(like)([with_objects(item, a, objects) for item, a in pairs])
    if isinstance(like, dict):
        return {name: with_objects(item, arrays[name], objects) for name, item in like.items()}
    return arrays
