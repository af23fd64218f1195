"""Which statements, operands and places a case has, wherever they stand in it."""

from typing import assert_never

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import queries


def statements(case: c.Case) -> list[c.Statement]:
    """The statements of the body, and of the blocks."""
    return [statement for _, statement in queries.statements(case)]


def read_by(operand: c.Operand) -> list[c.TreePath]:
    """The places that an operand reads or calls."""
    match operand:
        case c.Const() | c.Index():
            return []
        case c.Read(at):
            return [at]
        case c.Call(layer, at):
            return [layer, at]
        case c.Draw(stream):
            return [stream]
        case other:
            assert_never(other)


def needs(statement: c.Statement) -> list[c.TreePath]:
    """The places that must exist for the statement to work."""
    match statement:
        case c.Update(at, _, operand) | c.Sow(at, _, operand):
            return [at, *read_by(operand)]
        case c.Drop(at) | c.Everywhere(at) | c.Pop(at):
            return [at]
        case c.Swap(at, other):
            return [at, other]
        case c.Bind(_, source):
            return [source]
        case c.Train(optimizer, model, at):
            return [optimizer, model, at]
        case c.Within(at=at, args=args):
            return [*([] if at is None else [at]), *args]
        case c.Make() | c.Raise():
            return []
        case unknown:
            assert_never(unknown)


def places(statement: c.Statement) -> list[c.TreePath]:
    """Every place that the statement names."""
    bound = [statement.at] if isinstance(statement, c.Bind | c.Make) else []
    return [*needs(statement), *bound]


def rebound(statement: c.Statement) -> list[c.TreePath]:
    """The places that may hold something else after the statement."""
    match statement:
        case c.Swap(at, other):
            return [at, other]
        case c.Update(at) | c.Bind(at) | c.Make(at) | c.Drop(at) | c.Everywhere(at):
            return [at]
        case c.Raise() | c.Sow() | c.Pop() | c.Train() | c.Within():
            return []
        case unknown:
            assert_never(unknown)


def writes(statement: c.Statement) -> list[c.TreePath]:
    """The places at or below which the statement may write (a layer that is called may, too)."""
    match statement:
        case c.Update(at, _, operand) | c.Sow(at, _, operand):
            return [at, *([] if isinstance(operand, c.Read) else read_by(operand))]
        case c.Everywhere(at) | c.Pop(at) | c.Drop(at) | c.Bind(at) | c.Make(at):
            return [at]
        case c.Swap() | c.Train():
            return needs(statement)
        case c.Raise() | c.Within():
            return []
        case unknown:
            assert_never(unknown)


def calls(case: c.Case) -> bool:
    """Whether real layers compute, so that numbers are only nearly equal."""
    computed = any(isinstance(operand, c.Call) for _, operand in queries.operands(case))
    return computed or any(isinstance(statement, c.Train) for statement in case.body)
