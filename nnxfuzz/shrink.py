"""A case made 1-minimal: no row, statement or option can be dropped without losing the finding.

Hypothesis shrinks the draws that made a case; this works on the case itself, where dropping a row
of a flat table is one step.  Every candidate is strictly smaller by `weight`, so it ends.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from nnxfuzz.case import Case, CaseError, canonical, check

Json = Any


def reduced(case: Case, shows: Callable[[Case], bool], over: Callable[[], bool]) -> Case:
    """The smallest case reachable from `case` by single steps that still `shows`."""
    best = case
    progress = True
    while progress and not over():
        progress = False
        for candidate in candidates(best):
            if over():
                break
            if shows(candidate):
                best, progress = candidate, True
                break
    return best


def candidates(case: Case) -> Iterator[Case]:
    """Every well-formed case one step smaller, the largest steps first."""
    document = msgspec.to_builtins(case)
    own = weight(case)
    seen: set[bytes] = set()
    for smaller in _documents(document):
        try:
            candidate = msgspec.convert(smaller, Case)
            check(candidate)
        except (msgspec.ValidationError, CaseError):
            continue
        text = canonical(candidate)
        if text not in seen and weight(candidate) < own:
            seen.add(text)
            yield candidate


def weight(case: Case) -> tuple[int, bytes]:
    """The one total order of "smaller": the length of the canonical JSON, then the text."""
    text = canonical(case)
    return len(text), text


def _documents(case: dict[str, Json]) -> Iterator[dict[str, Json]]:
    for table in ("body", "ys", "xs", "closure"):
        for row in range(len(case.get(table, []))):
            yield case | {table: _without(case[table], row)}
    for row, statement in enumerate(case.get("body", [])):
        if statement["is"] != "raise":  # it may raise because an earlier one took its place away
            yield case | {"body": _replaced(case["body"], row, {"is": "raise"})}
    for row in range(1, len(case.get("carry", []))):
        yield _without_slot(case, row)
    for row, slot in enumerate(case.get("carry", [])):
        if slot["is"] != "none" and not _children(slot):
            yield case | {"carry": _replaced(case["carry"], row, {"is": "none"})}
    for row, slot in enumerate(case.get("carry", [])):
        if len(_children(slot)) == 1:
            yield _hoisted(case, row)
    for table in ("variables", "nodes"):
        for row in range(len(case.get(table, []))):
            yield _without_row(case, table, row)
    yield from _deeper(case)


def _without(rows: Any, row: int) -> list[Json]:
    return [*rows[:row], *rows[row + 1 :]]


def _replaced(rows: Any, row: int, value: Json) -> list[Json]:
    return [*rows[:row], value, *rows[row + 1 :]]


# --- rows that others refer to --------------------------------------------------------------


def _renumbered(value: Json, key: str, gone: int) -> Json:
    """`value` with the indices under `key` past `gone` moved down; None where it named `gone`."""
    if isinstance(value, dict):
        if value.get("is") == key and value.get(key) == gone:
            return None
        out = {}
        for name, item in value.items():
            if name == key and isinstance(item, int):
                out[name] = item - (item > gone)
                continue
            new = _renumbered(item, key, gone)
            if new is not None or item is None:
                out[name] = new
        return out
    if isinstance(value, list | tuple):
        kept = [_renumbered(item, key, gone) for item in value]
        return [new for new, old in zip(kept, value, strict=True) if new is not None or old is None]
    return value


def _without_row(case: dict[str, Json], table: str, row: int) -> dict[str, Json]:
    """The case without a Variable or node, and without whatever holds it."""
    key = "variable" if table == "variables" else "node"
    rest = case | {table: _without(case[table], row)}
    carry = [
        {"is": "none"} if slot.get("is") == key and slot.get(key) == row else slot
        for slot in rest.get("carry", [])
    ]
    smaller = _renumbered(rest | {"carry": carry}, key, row)
    assert isinstance(smaller, dict)
    return smaller


def _without_slot(case: dict[str, Json], row: int) -> dict[str, Json]:
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
    if slots[parent]["is"] != "dict":
        rest = _moved_paths(rest, at, position)
    return rest | {"carry": kept}


def _hoisted(case: dict[str, Json], row: int) -> dict[str, Json]:
    """The case with a container of one slot replaced by that slot; paths lose a step."""
    slots = case["carry"]
    child = _children(slots[row])[0]
    at = _path_of(slots, row)
    step = _path_of(slots, child)[-1]
    left = [slots[child] if k == row else slot for k, slot in enumerate(slots)]
    numbers = {old: new for new, old in enumerate(k for k in range(len(slots)) if k != child)}
    kept = [_with_children(slot, {child}, numbers) for k, slot in enumerate(left) if k != child]
    rest = {name: value for name, value in case.items() if name != "carry"}
    shorter = _without_step(rest, [*at, step])
    assert isinstance(shorter, dict)
    return shorter | {"carry": kept}


def _without_step(value: Json, at: list[Json]) -> Json:
    """`value` with every path that starts with `at` shortened by the last step of `at`."""
    if isinstance(value, dict):
        return {name: _without_step(item, at) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    if list(value[: len(at)]) == at:
        return [*at[:-1], *value[len(at) :]]
    return [_without_step(item, at) for item in value]


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


def _moved_paths(value: Json, at: list[Json], position: int) -> Json:
    """`value` with every path through `at` past `position` moved down by one."""
    if isinstance(value, dict):
        return {name: _moved_paths(item, at, position) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    steps = list(value)
    depth = len(at)
    if steps[:depth] == at and len(steps) > depth and isinstance(steps[depth], int):
        steps[depth] -= steps[depth] > position
        return steps
    return [_moved_paths(item, at, position) for item in steps]


# --- inside of rows -------------------------------------------------------------------------

#: Simpler values to try for a field, simplest first.
_SIMPLER: dict[str, tuple[Json, ...]] = {
    "shape": ([], [2]),
    "fill": (0, 1),
    "dtype": ("float32", "int32"),
    "upper": (0, 1, 2),
    "lower": (0,),
    "seed": (0, 1),
    "in_features": (1, 2),
    "out_features": (1, 2),
    "op": ("add",),
    "value": (0, 1),
    "limit": (1,),
}


def _deeper(value: Json) -> Iterator[Json]:
    """Every document that differs in one field: dropped (so at its default) or simpler."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name != "is":
                yield {n: v for n, v in value.items() if n != name}
            for simpler in _SIMPLER.get(name, ()):
                if simpler != item and not isinstance(item, dict):
                    yield value | {name: simpler}
            for smaller in _deeper(item):
                yield value | {name: smaller}
    elif isinstance(value, list | tuple):
        for row, item in enumerate(value):
            if isinstance(item, dict):
                for smaller in _deeper(item):
                    yield _replaced(value, row, smaller)
