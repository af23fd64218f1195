"""Steps that change rows together that are alike: a bug may need them to stay so.

A module's class follows from the names of its attributes (`build`), so two of a class lose a name
together.  Equal Variables change together.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from nnxfuzz.programs.shrink.fields import smaller_fields

Json = Any
Document = dict[str, Json]


def smaller_together(case: Document) -> Iterator[Document]:
    """Every document in which two or more rows that are alike are smaller in the same way."""
    for rows in _alike(case.get("variables", []), str):
        first = case["variables"][rows[0]]
        for smaller in smaller_fields(first):
            yield _with(case, "variables", rows, lambda row, smaller=smaller: smaller)
    for rows in _alike(case.get("nodes", []), _names):
        for name in case["nodes"][rows[0]].get("attributes", {}):
            yield _with(case, "nodes", rows, lambda row, name=name: _without(row, name))


def _alike(rows: Json, key: Any) -> list[list[int]]:
    """The numbers of the rows of each key that two or more have."""
    order = sorted(range(len(rows)), key=lambda row: key(rows[row]))
    groups = (list(group) for _, group in groupby(order, lambda row: key(rows[row])))
    return [group for group in groups if len(group) > 1]


def _names(node: Json) -> str:
    """What the class of a node follows from."""
    return f"{node['is']} {sorted(node.get('attributes', {}))}"


def _without(node: Json, name: str) -> Json:
    return node | {"attributes": {n: v for n, v in node["attributes"].items() if n != name}}


def _with(case: Document, table: str, rows: list[int], change: Any) -> Document:
    """The case with some rows of a table changed."""
    changed = [change(value) if row in rows else value for row, value in enumerate(case[table])]
    return case | {table: changed}
