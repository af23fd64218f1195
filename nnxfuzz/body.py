"""The one interpreter for bodies, used by the Python loop and by the transform alike.

What differs between the two runs (how numbers are combined, how a Variable is written, how an
object is made) is a `Machine`; everything else - which place a statement means, what order things
happen in, how the carry is taken apart and put together - happens here once.
"""

from collections.abc import Sequence as Seq
from typing import Any, Protocol, assert_never

import numpy as np

from nnxfuzz import compat
from nnxfuzz.case import (
    Attribute,
    Bind,
    Call,
    Case,
    Const,
    Drop,
    Index,
    Input,
    Make,
    Operand,
    Path,
    Raise,
    Read,
    Statement,
    Swap,
    Update,
)


class BodyRaised(Exception):
    """The program's own exception: a `Raise`, or a statement whose place is gone."""


class Machine(Protocol):
    """What the two runs do differently."""

    def constant(self, value: int) -> Any:
        """A number as an array of shape ()."""

    def total(self, value: Any) -> Any:
        """The sum of an array, in its own dtype."""

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        """`op(current, operand)` in `dtype` (default: the dtype of `current`)."""

    def read(self, variable: Any) -> Any:
        """What a Variable holds."""

    def write(self, variable: Any, value: Any, style: str) -> None:
        """Give a Variable a value in the given style."""

    def call(self, layer: Any, value: Any) -> Any:
        """A layer applied to an array."""

    def make(self, case: Case, what: Attribute) -> Any:
        """A newly built object or value."""


class Box:
    """A container of the carry while the body works on it: entries can be rebound."""

    def __init__(self, kind: type, items: dict[str | int, Any]) -> None:
        self.kind = kind
        self.items = items


def opened(value: Any) -> Any:
    """The carry with its containers opened into boxes."""
    if isinstance(value, tuple | list):
        return Box(type(value), {i: opened(item) for i, item in enumerate(value)})
    if isinstance(value, dict):
        return Box(dict, {name: opened(item) for name, item in value.items()})
    return value


def closed(value: Any) -> Any:
    """Boxes made into containers again."""
    if not isinstance(value, Box):
        return value
    items = {name: closed(item) for name, item in value.items.items()}
    return items if value.kind is dict else value.kind(items.values())


class Body:
    """One trip of the body over one carry."""

    def __init__(
        self,
        case: Case,
        machine: Machine,
        closure: Seq[Any],
        index: Any,
        inputs: Seq[Any],
        carry: Any,
    ) -> None:
        self.case = case
        self.machine = machine
        self.index = index
        self.inputs = inputs
        #: Whether an object that is reached by closure was put elsewhere.
        self.captured = False
        #: Every Variable written and every node rebound, in order, for the reference's facts.
        self.touched: list[Any] = []
        caught = Box(list, dict(enumerate(closure)))
        self.roots = Box(dict, {"carry": opened(carry), "closure": caught})

    def run(self) -> tuple[Any, tuple[Any, ...]]:
        """Run every statement; return the carry and what the trip emits."""
        for statement in self.case.body:
            self.execute(statement)
        emitted = tuple(self.operand(operand) for operand in self.case.ys)
        return closed(self.roots.items["carry"]), emitted

    def execute(self, statement: Statement) -> None:
        """Run one statement."""
        match statement:
            case Update():
                self.update(statement)
            case Swap(at, other):
                self.captured |= (at[0] == "closure") != (other[0] == "closure")
                first, second = self.get(at), self.get(other)
                self.put(at, second)
                self.put(other, first)
            case Bind(at, source):
                self.captured |= at[0] != "closure" and source[0] == "closure"
                self.put(at, self.get(source))
            case Make(at, what):
                self.put(at, self.machine.make(self.case, what))
            case Drop(at):
                self.drop(at)
            case Raise():
                raise BodyRaised("raised by the body")
            case other:
                assert_never(other)

    def update(self, statement: Update) -> None:
        target = self.get(statement.at)
        current = self.held(target)
        operand = self.operand(statement.operand)
        value = self.machine.combine(statement.op, current, operand, statement.dtype)
        if compat.is_variable(target):
            self.touched.append(target)
            self.machine.write(target, value, statement.style)
        else:
            self.put(statement.at, value)

    def operand(self, operand: Operand) -> Any:
        """The array that an operand stands for."""
        match operand:
            case Const(value):
                return self.machine.constant(value)
            case Index():
                return self.index
            case Read(at, total):
                value = self.held(self.get(at))
            case Input(x, total):
                value = self.inputs[x]
            case Call(layer, at, total):
                value = self.machine.call(self.get(layer), self.held(self.get(at)))
            case other:
                assert_never(other)
        return self.machine.total(value) if total else value

    def held(self, value: Any) -> Any:
        """The array in a Variable, or the array itself."""
        if compat.is_variable(value):
            return self.machine.read(value)
        number = isinstance(value, int | float) or hasattr(value, "dtype")
        if not number or compat.is_node(value):  # an nnx.Linear has a dtype too
            raise BodyRaised(f"a {type(value).__name__} holds no number")
        return value

    # --- places -----------------------------------------------------------------------------

    def get(self, path: Path) -> Any:
        """What stands at `path` now."""
        value: Any = self.roots
        for step in path:
            value = _step(value, step)
        return value

    def put(self, path: Path, value: Any) -> None:
        """Rebind the place at `path`."""
        holder, last = self.get(path[:-1]), path[-1]
        self.touched.append(holder)
        if isinstance(holder, Box):
            holder.items[last] = value
        elif isinstance(last, int) and _is_sequence(holder):
            holder[last] = value
        elif isinstance(last, str) and compat.is_node(holder):
            setattr(holder, last, value)
        else:
            raise BodyRaised(f"a {type(holder).__name__} has no place {last}")

    def drop(self, path: Path) -> None:
        """Remove the place at `path`; the entries of a list close up."""
        holder, last = self.get(path[:-1]), path[-1]
        _step(holder, last)
        self.touched.append(holder)
        if not isinstance(holder, Box):
            delattr(holder, str(last))
            return
        del holder.items[last]
        if holder.kind is not dict:
            holder.items = dict(enumerate(holder.items.values()))


def common_shape(op: str, current: tuple[int, ...], operand: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of `op(current, operand)`.

    Raises BodyRaised where the shapes do not go together.
    """
    try:
        shape = np.broadcast_shapes(current, operand)
    except ValueError as error:
        raise BodyRaised(f"shapes {current} and {operand} do not go together") from error
    if op == "set" and shape != current:
        raise BodyRaised(f"shape {operand} cannot be set into {current}")
    return shape


def _is_sequence(holder: Any) -> bool:
    """Whether `holder` is an `nnx.List`, or the plain list of older releases."""
    return isinstance(holder, list) or (compat.is_node(holder) and hasattr(holder, "__getitem__"))


def _step(holder: Any, step: str | int) -> Any:
    """One step of a path.

    Raises BodyRaised where an earlier statement took the place away.
    """
    try:
        if isinstance(holder, Box):
            return holder.items[step]
        if isinstance(step, int) and _is_sequence(holder):
            return holder[step]
        return compat.attributes(holder)[str(step)]
    except (KeyError, IndexError, TypeError) as error:
        raise BodyRaised(f"nothing stands at {step!r}") from error
