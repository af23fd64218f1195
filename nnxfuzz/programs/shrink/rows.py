"""Steps that drop a row of a table; what refers to later rows is renumbered."""

from collections.abc import Iterator
from typing import Any

Json = Any
Document = dict[str, Json]


def fewer_rows(case: Document) -> Iterator[Document]:
    for row in range(len(case.get("body", []))):
        yield case | {"body": without(case["body"], row)}
    for row, statement in enumerate(case.get("body", [])):
        if statement["is"] == "within":
            yield _unwrapped(case, row)
    for block, statements in enumerate(case.get("blocks", [])):
        for row in range(len(statements)):
            yield case | {"blocks": replaced(case["blocks"], block, without(statements, row))}
        yield _without_block(case, block)
    for row in range(len(case.get("ys", []))):
        yield clipped(case | {"ys": without(case["ys"], row)})
    for row in range(len(case.get("inputs", []))):
        yield clipped(without_root(case, "inputs", row))
    for row in range(len(case.get("closure", []))):
        yield without_root(case, "closure", row)
    for row, statement in enumerate(case.get("body", [])):
        if statement["is"] != "raise":  # it may raise because an earlier one took its place away
            yield case | {"body": replaced(case["body"], row, {"is": "raise"})}
    for table in ("variables", "nodes"):
        for row in range(len(case.get(table, []))):
            yield without_row(case, table, row)
    for row in range(len(case.get("nodes", []))):
        yield case | {"nodes": replaced(case["nodes"], row, {"is": "module"})}


def without(rows: Json, row: int) -> list[Json]:
    return [*rows[:row], *rows[row + 1 :]]


def replaced(rows: Json, row: int, value: Json) -> list[Json]:
    return [*rows[:row], value, *rows[row + 1 :]]


# --- objects --------------------------------------------------------------------------------


def without_row(case: Document, table: str, row: int) -> Document:
    """The case without a Variable or node, and without whatever holds it.

    An optimizer is no longer one without its model.
    """
    key = "variable" if table == "variables" else "node"
    rest = case | {table: without(case[table], row)}
    if "carry" in case:
        rest["carry"] = [_without_object(slot, key, row) for slot in case["carry"]]
    if key == "node":
        rest["nodes"] = [_without_model(node, row) for node in rest["nodes"]]
    smaller = _renumbered(rest, key, row)
    assert isinstance(smaller, dict)
    return smaller


def _without_object(slot: Json, key: str, row: int) -> Json:
    return {"is": "none"} if slot["is"] in (key, "state") and slot.get(key) == row else slot


def _without_model(node: Json, row: int) -> Json:
    if node["is"] != "optimizer":
        return node
    model = node["model"]
    return {"is": "module"} if model == row else node | {"model": model - (model > row)}


def _renumbered(value: Json, key: str, gone: int) -> Json:
    """`value` with the indices under `key` past `gone` moved down; None where it named `gone`."""
    if isinstance(value, dict):
        tagged = "is" in value  # else `key` may be a name that the program has
        if tagged and value["is"] == key and value.get(key) == gone:
            return None
        out = {}
        for name, item in value.items():
            if tagged and name == key and isinstance(item, int):
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


# --- inputs and closure ---------------------------------------------------------------------


def without_root(case: Document, table: str, row: int) -> Document:
    """The case without an input or an object of the closure; paths to later ones move along."""
    rest = moved_paths(case, [table], row)
    assert isinstance(rest, dict)
    return rest | {table: without(case[table], row)}


def clipped(case: Document) -> Document:
    """The case with the carry at a position that is still there."""
    form = dict(case.get("form", {}))
    for name, table in (("carry_in", "inputs"), ("carry_out", "ys")):
        rows = len(case.get(table, []))
        if form.get(name, 0) > (min(rows, 1) if form.get("packed") else rows):
            form[name] -= 1
    if not case.get("inputs") and not case.get("ys"):
        form.pop("packed", None)
    return case | {"form": form}


def moved_paths(value: Json, at: list[Json], position: int) -> Json:
    """`value` with every path through `at` past `position` moved down by one."""
    if isinstance(value, dict):
        return {name: moved_paths(item, at, position) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    steps = list(value)
    depth = len(at)
    if steps[:depth] == at and len(steps) > depth and isinstance(steps[depth], int):
        steps[depth] -= steps[depth] > position
        return steps
    return [moved_paths(item, at, position) for item in steps]


def without_step(value: Json, at: list[Json]) -> Json:
    """`value` with every path that starts with `at` shortened by the last step of `at`."""
    return renamed(value, at, at[:-1])


def renamed(value: Json, old: list[Json], new: list[Json]) -> Json:
    """`value` with every path that starts with `old` starting with `new` instead."""
    if isinstance(value, dict):
        return {name: renamed(item, old, new) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    if list(value[: len(old)]) == old:
        return [*new, *value[len(old) :]]
    return [renamed(item, old, new) for item in value]


# --- blocks ---------------------------------------------------------------------------------


def _without_block(case: Document, block: int) -> Document:
    """The case without a block: statements that ran it are gone, or lose that branch."""
    body = [_without_branch(statement, block) for statement in case.get("body", [])]
    kept = [statement for statement in body if statement is not None]
    return case | {"blocks": without(case["blocks"], block), "body": kept}


def _without_branch(statement: Json, block: int) -> Json:
    if statement["is"] != "within":
        return statement
    if statement["block"] == block:
        return None
    other = statement.get("otherwise")
    branches = {"block": statement["block"] - (statement["block"] > block)}
    branches["otherwise"] = None if other in (None, block) else other - (other > block)
    return statement | branches


def _unwrapped(case: Document, row: int) -> Document:
    """The case with the statements of a block in the place of what runs them."""
    block = case["body"][row]["block"]
    body = [*case["body"][:row], *case["blocks"][block], *case["body"][row + 1 :]]
    if any(s["is"] == "within" and block in (s["block"], s.get("otherwise")) for s in body):
        return case | {"body": body}
    return _without_block(case | {"body": body}, block)
