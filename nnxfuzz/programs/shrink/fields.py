"""Steps inside of rows: one field at its default, or simpler."""

from collections.abc import Iterator
from typing import Any

from nnxfuzz.programs.shrink.rows import replaced, without

Json = Any

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
    "axis": (0, None),
    "carry_in": (0, 1),
    "carry_out": (0, 1),
    "length": (0, 1),
}

#: Operands by what they may be replaced with, simplest first.
_CONST: Json = {"is": "const"}
_INDEX: Json = {"is": "index"}
_OPERANDS: dict[str, tuple[Json, ...]] = {
    "index": (_CONST,),
    "read": (_CONST, _INDEX),
    "call": (_CONST, _INDEX),
    "draw": (_CONST, _INDEX),
}

#: Fields that hold lists whose entries may go one by one.
_LISTS = ("shape", "items", "axis", "args")

#: Fields that hold paths, whose steps but the root may go one by one: a module that holds itself is
#: reached by a shorter path as well.
_PATHS = ("at", "other", "layer")


def smaller_fields(value: Json) -> Iterator[Json]:
    """Every document that differs in one field: dropped (so at its default) or simpler."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name != "is":
                yield {n: v for n, v in value.items() if n != name}
            if name in _LISTS and isinstance(item, list | tuple):
                yield from (value | {name: without(item, row)} for row in range(len(item)))
            if name in _PATHS and isinstance(item, list | tuple):
                yield from (value | {name: without(item, k)} for k in range(1, len(item)))
            for simpler in _SIMPLER.get(name, ()):
                if simpler != item and not isinstance(item, dict):
                    yield value | {name: simpler}
            if isinstance(item, dict):
                others = _OPERANDS.get(item.get("is", ""), ())
                yield from (value | {name: other} for other in others)
            for smaller in smaller_fields(item):
                yield value | {name: smaller}
    elif isinstance(value, list | tuple):
        for row, item in enumerate(value):
            if isinstance(item, dict | list | tuple):
                for smaller in smaller_fields(item):
                    yield replaced(value, row, smaller)
