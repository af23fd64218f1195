"""Steps that put what a node holds into the place of the node; paths lose a step."""

from collections.abc import Iterator
from typing import Any

from nnxfuzz.programs.case import Case
from nnxfuzz.programs.case.places import Standing, places
from nnxfuzz.programs.case.queries import held
from nnxfuzz.programs.shrink.rows import without_row, without_step

Json = Any
Document = dict[str, Json]


def lifted_nodes(case: Case, document: Document) -> Iterator[Document]:
    for row, node in enumerate(document.get("nodes", [])):
        if len(held(case, row)) == 1:
            items = node.get("attributes") or node["items"]
            step = next(iter(items)) if isinstance(items, dict) else 0
            yield _lifted(case, document, row, step, items[step])


def _lifted(case: Case, document: Document, row: int, step: str | int, inner: Json) -> Document:
    rest = document
    for place in reversed(places(case)):
        if isinstance(place.thing, Standing) and place.thing.row == row:
            rest = without_step(rest, [*place.path, step])
    return without_row(_instead(rest, {"is": "node", "node": row}, inner), "nodes", row)


def _instead(value: Json, old: Json, new: Json) -> Json:
    """`value` with every `old` in it replaced."""
    if value == old:
        return new
    if isinstance(value, dict):
        return {name: _instead(item, old, new) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_instead(item, old, new) for item in value]
    return value
