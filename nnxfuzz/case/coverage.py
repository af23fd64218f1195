"""Which features of the language a case exercises, by name, for statistics and coverage tables."""

from collections.abc import Iterator

from nnxfuzz.case.features import FEATURES, needs
from nnxfuzz.case.queries import has_cycle, trips
from nnxfuzz.case.types import (
    Call,
    Case,
    Input,
    Linear,
    Loop,
    Module,
    OfNode,
    OfVariable,
    Operand,
    Sequence,
    Update,
)

_SLOTS = ("tuple", "list", "dict", "none", "node", "variable", "array", "scalar")
_STATEMENTS = ("update", "swap", "bind", "make", "drop", "raise")
_ATTRIBUTES = ("variable", "node", "array", "static")

#: Every name that `exercised` may give.
EXERCISABLE: tuple[str, ...] = (
    *FEATURES,
    *(f"slot:{name}" for name in _SLOTS),
    *(f"body:{name}" for name in _STATEMENTS),
    *(f"attribute:{name}" for name in _ATTRIBUTES),
    *("node:module", "node:sequence", "node:linear"),
    *("call", "input", "cast", "closure", "cycle", "nan", "shared", "tagged", "ys"),
    *("loop:no-trip", "loop:reverse", "loop:traced", "loop:unroll", "loop:until"),
)


def exercised(case: Case) -> frozenset[str]:
    """The names out of `EXERCISABLE` that say what is in `case`."""
    return frozenset({*needs(case), *_rows(case), *_body(case), *_whole(case), *_loop(case.loop)})


def _kind(row: object) -> str:
    return str(type(row).__struct_config__.tag)  # type: ignore[attr-defined]


def _rows(case: Case) -> Iterator[str]:
    for slot in case.carry:
        yield f"slot:{_kind(slot)}"
    for node in case.nodes:
        match node:
            case Module(attributes):
                yield "node:module"
                yield from (f"attribute:{_kind(held)}" for held in attributes.values())
            case Sequence(items):
                yield "node:sequence"
                yield from (f"attribute:{_kind(item)}" for item in items)
            case Linear():
                yield "node:linear"
    for variable in case.variables:
        if variable.tag is not None:
            yield "tagged"
        if isinstance(variable.value.fill, str):
            yield "nan"


def _body(case: Case) -> Iterator[str]:
    for statement in case.body:
        yield f"body:{_kind(statement)}"
        if isinstance(statement, Update):
            yield from _operand(statement.operand)
            if statement.dtype is not None:
                yield "cast"
    for output in case.ys:
        yield "ys"
        yield from _operand(output)


def _operand(operand: Operand) -> Iterator[str]:
    if isinstance(operand, Call):
        yield "call"
    if isinstance(operand, Input):
        yield "input"


def _whole(case: Case) -> Iterator[str]:
    if case.closure:
        yield "closure"
    if has_cycle(case):
        yield "cycle"
    if trips(case.loop) == 0:
        yield "loop:no-trip"
    if _shared(case):
        yield "shared"


def _shared(case: Case) -> bool:
    """Whether one row is named at two places."""
    named: list[tuple[str, int]] = []
    for node in case.nodes:
        held = node.attributes.values() if isinstance(node, Module) else ()
        for item in node.items if isinstance(node, Sequence) else held:
            if isinstance(item, OfVariable):
                named.append(("variable", item.variable))
            elif isinstance(item, OfNode):
                named.append(("node", item.node))
    for slot in case.carry:
        named += [(n, getattr(slot, n)) for n in ("variable", "node") if hasattr(slot, n)]
    return len(set(named)) < len(named)


def _loop(loop: Loop) -> Iterator[str]:
    if loop.bounds == "traced":
        yield "loop:traced"
    if loop.reverse:
        yield "loop:reverse"
    if loop.unroll is not None:
        yield "loop:unroll"
    if loop.until is not None:
        yield "loop:until"


__all__ = ["EXERCISABLE", "exercised"]
