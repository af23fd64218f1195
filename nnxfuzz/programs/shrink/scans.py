"""Steps of the loop and of what it cuts, which stays as long as the loop makes trips."""

from collections.abc import Iterator
from typing import Any

from nnxfuzz.programs.case import Case, OfArray, OfNode, TupleSlot, trips
from nnxfuzz.programs.case.places import Holder, Standing, input_thing, reached
from nnxfuzz.programs.shrink.rows import clipped, renamed, replaced, without, without_root

Json = Any
Document = dict[str, Json]


def smaller_scans(case: Case, document: Document) -> Iterator[Document]:
    if case.loop.lower:
        from_zero = {"lower": 0, "upper": trips(case.loop)}
        yield document | {"loop": document["loop"] | from_zero}
    for count in range(min(3, trips(case.loop))):
        yield _shortened(case, document, count)
    for k, row in enumerate(case.inputs):
        plain = {"what": {"is": "array", "array": {"shape": [trips(case.loop)]}}}
        yield document | {"inputs": replaced(document["inputs"], k, plain)}
        if isinstance(row.axis, int) and row.axis != 0:
            yield _straightened(case, document, k)
        if not isinstance(row.what, OfArray) and case.carry == (TupleSlot(),):
            yield _carried(case, document, k)


def _shortened(case: Case, document: Document, count: int) -> Document:
    """The case with fewer trips, and as much of everything that is cut."""
    given, length = case.loop, trips(case.loop)
    loop = document.get("loop", {}) | {"upper": given.lower + count}
    out = document | {"loop": loop}
    if case.form.length == length:
        out["form"] = document["form"] | {"length": count}
    for k in range(len(case.inputs)):
        out = _with_axes(case, out, k, lambda shape, axis: replaced(shape, axis, count), count)
    return out


def _straightened(case: Case, document: Document, k: int) -> Document:
    """The case with an input cut along axis 0, of which each trip gets a single number."""
    length = trips(case.loop)
    out = _with_axes(case, document, k, lambda shape, axis: [length], length)
    return out | {"inputs": replaced(out["inputs"], k, out["inputs"][k] | {"axis": 0})}


def _carried(case: Case, document: Document, k: int) -> Document:
    """The case that carries what it cut: each trip sees one slice's worth of it."""

    def slice_of(shape: list[int], axis: int) -> list[int]:
        return without(shape, axis)

    out = _with_axes(case, document, k, slice_of, None)
    moved = renamed(out, ["inputs", k], ["carry"])
    return clipped(without_root(moved | {"carry": [out["inputs"][k]["what"]]}, "inputs", k))


def _with_axes(case: Case, document: Document, k: int, change: Any, stack: int | None) -> Document:
    """The case with the shape of all that an input cuts changed, and `stack` of what is stacked."""
    tables = {name: list(document.get(name, [])) for name in ("variables", "nodes", "inputs")}
    for _, thing in reached(case, ("inputs", k), input_thing(case, case.inputs[k])):
        match thing:
            case Holder("array", _, _, _, int(axis)) if not isinstance(case.inputs[k].what, OfNode):
                row = tables["inputs"][k]
                array = _reshaped(row["what"].get("array", {}), axis, change)
                tables["inputs"][k] = row | {"what": row["what"] | {"array": array}}
            case Holder("variable", _, _, int(row), int(axis)):
                variable = tables["variables"][row]
                value = _reshaped(variable.get("value", {}), axis, change)
                tables["variables"][row] = variable | {"value": value}
            case Standing(row):
                node = tables["nodes"][row]
                names = [name for name in ("stack", "splits") if node.get(name) is not None]
                tables["nodes"][row] = node | dict.fromkeys(names, stack)
            case _:
                pass
    return document | {name: rows for name, rows in tables.items() if rows}


def _reshaped(array: Json, axis: int, change: Any) -> Json:
    shape = list(array.get("shape", []))
    return array | {"shape": change(shape, axis % len(shape))}
