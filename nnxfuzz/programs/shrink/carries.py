"""Steps that make the carry smaller; paths through it are moved along."""

from collections.abc import Iterator
from typing import Any

from nnxfuzz.programs.shrink.rows import moved_paths, renamed, replaced, without_step

Json = Any
Document = dict[str, Json]


def smaller_carries(case: Document) -> Iterator[Document]:
    slots = case.get("carry", [])
    for row in range(1, len(slots)):
        yield _without_slot(case, row)
    for row, slot in enumerate(slots):
        if slot["is"] != "none" and not _children(slot):
            yield case | {"carry": replaced(slots, row, {"is": "none"})}
        if slot["is"] == "record":
            yield case | {
                "carry": replaced(slots, row, {"is": "dict", "items": slot.get("items", {})})
            }
        if slot["is"] == "dict":
            yield _without_names(case, row)
        if slot["is"] == "state":
            yield case | {"carry": replaced(slots, row, slot | {"is": "node"})}
    for row, slot in enumerate(slots):
        if len(_children(slot)) == 1:
            yield _hoisted(case, row)


def _without_slot(case: Document, row: int) -> Document:
    """The case without a slot of the carry and everything below it; paths are moved along."""
    slots = case["carry"]
    gone = {row}
    for k in range(row, len(slots)):
        if k in gone:
            gone.update(_children(slots[k]))
    numbers = {old: new for new, old in enumerate(k for k in range(len(slots)) if k not in gone)}
    parent = next(k for k in range(row) if row in _children(slots[k]))
    position = list(_children(slots[parent])).index(row)
    kept = [_with_children(slots[k], gone, numbers) for k in range(len(slots)) if k not in gone]
    at = _path_of(slots, parent)
    rest = {name: value for name, value in case.items() if name != "carry"}
    if not isinstance(slots[parent]["items"], dict):
        rest = moved_paths(rest, at, position)
    return rest | {"carry": kept}


def _without_names(case: Document, row: int) -> Document:
    """The case with a tuple in place of a dict; paths go by position."""
    slots = case["carry"]
    at, items = _path_of(slots, row), slots[row].get("items", {})
    rest: Json = {name: value for name, value in case.items() if name != "carry"}
    for position, name in enumerate(items):
        rest = renamed(rest, [*at, name], [*at, position])
    as_tuple = {"is": "tuple", "items": list(items.values())}
    return {**rest, "carry": replaced(slots, row, as_tuple)}


def _hoisted(case: Document, row: int) -> Document:
    """The case with a container of one slot replaced by that slot; paths lose a step."""
    slots = case["carry"]
    child = _children(slots[row])[0]
    at = _path_of(slots, row)
    step = _path_of(slots, child)[-1]
    left = [slots[child] if k == row else slot for k, slot in enumerate(slots)]
    numbers = {old: new for new, old in enumerate(k for k in range(len(slots)) if k != child)}
    kept = [_with_children(slot, {child}, numbers) for k, slot in enumerate(left) if k != child]
    rest = {name: value for name, value in case.items() if name != "carry"}
    shorter = without_step(rest, [*at, step])
    assert isinstance(shorter, dict)
    return shorter | {"carry": kept}


def _children(slot: Json) -> list[int]:
    items = slot.get("items", [])
    return list(items.values()) if isinstance(items, dict) else list(items)


def _with_children(slot: Json, gone: set[int], numbers: dict[int, int]) -> Json:
    items = slot.get("items")
    if isinstance(items, dict):
        return slot | {"items": {n: numbers[k] for n, k in items.items() if k not in gone}}
    if items is not None:
        return slot | {"items": [numbers[k] for k in items if k not in gone]}
    return slot


def _path_of(slots: Any, row: int) -> list[Json]:
    if row == 0:
        return ["carry"]
    parent = next(k for k in range(row) if row in _children(slots[k]))
    items = slots[parent]["items"]
    names = list(items) if isinstance(items, dict) else range(len(items))
    step = next(n for n, k in zip(names, _children(slots[parent]), strict=True) if k == row)
    return [*_path_of(slots, parent), step]
