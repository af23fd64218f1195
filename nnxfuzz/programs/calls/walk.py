"""Walks over the calls of a program."""

from collections.abc import Iterator
from typing import Any

import msgspec

from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.case.base import Data
from nnxfuzz.programs.case.codec import canonical


def as_data(options: Data) -> dict[str, Any]:
    """The options of a call as plain data, without defaults."""
    found: dict[str, Any] = msgspec.json.decode(canonical(options))
    return found


def calls(call: d.Call) -> Iterator[d.Call]:
    """The call, and those in its functions, the outermost first."""
    yield call
    for block in call.blocks:
        for statement in block.body:
            if isinstance(statement, d.Call):
                yield from calls(statement)


def names_in(call: d.Call) -> set[str]:
    """The names that a call's arguments mention."""
    return {place.name for operand in call.args for _, place in reads(operand)}


def reads(operand: d.Operand, at: str = "") -> Iterator[tuple[str, d.Place]]:
    """The places that an operand reads, each with where it stands in a container."""
    if isinstance(operand, d.Read):
        yield at, operand.place
    elif isinstance(operand, d.Group):
        for k, item in enumerate(operand.items):
            yield from reads(item, f"{at}[{k}]")


def names_inside(call: d.Call) -> set[str]:
    """The names that the functions of a call mention, their own among them."""
    return {name for block in call.blocks for name in names_of(block)}


def names_of(block: d.Block) -> Iterator[str]:
    """The names that a function mentions."""
    for operand in block.returns:
        yield from _of(operand)
    for statement in block.body:
        if isinstance(statement, d.Call):
            yield from names_in(statement) | names_inside(statement)
            continue
        for field in statement.__struct_fields__:
            held = getattr(statement, field)
            for one in held if isinstance(held, tuple) else (held,):
                if isinstance(one, d.Place):
                    yield one.name
                elif isinstance(one, d.Operand):
                    yield from _of(one)


def _of(operand: d.Operand) -> Iterator[str]:
    for _, place in reads(operand):
        yield place.name
