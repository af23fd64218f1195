"""Which statements, operands and places a case has, wherever they stand in it."""

from collections.abc import Iterator
from typing import assert_never

from nnxfuzz.programs.case import (
    Bind,
    Call,
    Case,
    Const,
    Draw,
    Drop,
    Everywhere,
    Index,
    Make,
    OfNode,
    OfVariable,
    Operand,
    Pop,
    Raise,
    Read,
    Sow,
    Statement,
    Swap,
    Train,
    TreePath,
    Update,
    Within,
)


def statements(case: Case) -> Iterator[Statement]:
    """The statements of the body, and of the blocks that it runs."""
    for statement in case.body:
        yield statement
        if isinstance(statement, Within):
            yield from case.blocks[statement.block]
            if statement.otherwise is not None:
                yield from case.blocks[statement.otherwise]


def operands(case: Case) -> Iterator[Operand]:
    """What is computed with: in statements, and as what scan emits."""
    for statement in statements(case):
        if isinstance(statement, Update | Sow):
            yield statement.operand
    for output in case.ys:
        if not isinstance(output.value, OfVariable | OfNode):
            yield output.value


def read_by(operand: Operand) -> list[TreePath]:
    """The places that an operand reads or calls."""
    match operand:
        case Const() | Index():
            return []
        case Read(at):
            return [at]
        case Call(layer, at):
            return [layer, at]
        case Draw(stream):
            return [stream]
        case other:
            assert_never(other)


def needs(statement: Statement) -> list[TreePath]:
    """The places that must exist for the statement to work."""
    match statement:
        case Update(at, _, operand) | Sow(at, _, operand):
            return [at, *read_by(operand)]
        case Drop(at) | Everywhere(at) | Pop(at):
            return [at]
        case Swap(at, other):
            return [at, other]
        case Bind(_, source):
            return [source]
        case Train(optimizer, model, at):
            return [optimizer, model, at]
        case Within(at=at, args=args):
            return [*([] if at is None else [at]), *args]
        case Make() | Raise():
            return []
        case unknown:
            assert_never(unknown)


def places(statement: Statement) -> list[TreePath]:
    """Every place that the statement names."""
    bound = [statement.at] if isinstance(statement, Bind | Make) else []
    return [*needs(statement), *bound]


def rebound(statement: Statement) -> list[TreePath]:
    """The places that may hold something else after the statement."""
    match statement:
        case Swap(at, other):
            return [at, other]
        case Update(at) | Bind(at) | Make(at) | Drop(at) | Everywhere(at):
            return [at]
        case Raise() | Sow() | Pop() | Train() | Within():
            return []
        case unknown:
            assert_never(unknown)


def writes(statement: Statement) -> list[TreePath]:
    """The places at or below which the statement may write (a layer that is called may, too)."""
    match statement:
        case Update(at, _, operand) | Sow(at, _, operand):
            return [at, *([] if isinstance(operand, Read) else read_by(operand))]
        case Everywhere(at) | Pop(at) | Drop(at) | Bind(at) | Make(at):
            return [at]
        case Swap() | Train():
            return needs(statement)
        case Raise() | Within():
            return []
        case unknown:
            assert_never(unknown)


def calls(case: Case) -> bool:
    """Whether real layers compute, so that numbers are only nearly equal."""
    computed = any(isinstance(operand, Call) for operand in operands(case))
    return computed or any(isinstance(statement, Train) for statement in case.body)
