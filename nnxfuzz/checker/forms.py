"""The form of a call, by its functions and what it is given: two calls of one form are likely to
come to the same.
"""

import functools
import inspect
import types
from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.checker.report import Form

#: How many things are looked at.
_THINGS = 20_000

#: What is part of the form by its value: flags, names and what is left out.
_VALUES = bool | str | None


def form_of(value: Any) -> Form:
    """Classes, names of attributes, flags, which Variables hold references, and which places have
    one object; no numbers, no shapes, and no dtypes.
    """
    found: list[Any] = []
    seen: dict[int, int] = {}
    kept: list[Any] = []  # a State makes what is in it anew, whose id would be used again

    def visit(held: Any) -> None:
        if len(found) > _THINGS:
            return
        if id(held) in seen:
            found.append(seen[id(held)])
            return
        if nnx_api.is_variable(held):
            seen[id(held)] = len(found)
            kept.append(held)
            found.append((nnx_api.class_of(held), nnx_api.holds_reference(held)))
            return
        items = nnx_api.parts(held)
        if items is None:
            found.append((type(held), held if isinstance(held, _VALUES) else None))
            return
        if not isinstance(held, tuple):
            seen[id(held)] = len(found)
        kept.append(held)
        found.append((type(held), *sorted(items)))
        for name in sorted(items):  # a call may leave attributes in another order
            visit(items[name])

    visit(value)
    return tuple(found)


_OF_CODE = (types.FunctionType, types.MethodType, functools.partial)


def codes_of(functions: Any) -> frozenset[types.CodeType]:
    """The code of these functions, and of the functions that they close over."""
    found: set[types.CodeType] = set()

    def visit(value: Any) -> None:
        value = inspect.unwrap(value) if callable(value) else value
        if isinstance(value, tuple | list):
            for one in value:
                visit(one)
        elif isinstance(value, functools.partial):
            visit(value.func)
        elif isinstance(value, types.MethodType):
            visit(value.__func__)
        elif isinstance(value, types.FunctionType) and value.__code__ not in found:
            found.add(value.__code__)
            held = [_content(cell) for cell in value.__closure__ or ()]
            visit([one for one in held if isinstance(one, _OF_CODE)])

    visit(functions)
    return frozenset(found)


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet assigned
        return None
