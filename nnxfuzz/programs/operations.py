"""The operations of a body, which the Python loop and the transform do each in its own way."""

from typing import Any, Protocol

from nnxfuzz.programs.case import Attribute, Case, Within


class Machine(Protocol):
    """What the two runs do differently."""

    def constant(self, value: int) -> Any:
        """A number as an array of shape ()."""

    def total(self, value: Any) -> Any:
        """The sum of an array, in its own dtype."""

    def combine(self, op: str, current: Any, operand: Any, dtype: str | None) -> Any:
        """`op(current, operand)` in `dtype` (default: the dtype of `current`)."""

    def read(self, variable: Any) -> Any:
        """What a Variable holds, as a program reads it."""

    def write(self, variable: Any, value: Any, style: str) -> None:
        """Give a Variable a value in the given style."""

    def call(self, layer: Any, value: Any) -> Any:
        """A Linear applied to an array, or any other layer to what counts up from its sum."""

    def draw(self, streams: Any, name: str, fork: bool) -> Any:
        """A number made of the next key of a stream, or of a fork's."""

    def everywhere(self, value: Any, amount: int, via: str) -> Any:
        """Add to every number below a node or Variable; of a State, return a new one."""

    def sow(self, module: Any, name: str, value: Any, total: bool) -> None:
        """`module.sow`."""

    def pop(self, module: Any, named: str | None) -> None:
        """`nnx.pop` of all Intermediates, those of a name by a filter of their own."""

    def train(self, optimizer: Any, model: Any, value: Any) -> None:
        """One step of an optimizer on an input that counts up from the sum of `value`."""

    def within(self, statement: Within, chosen: Any, body: Any) -> None:
        """Run blocks of the `Body` inside of another transform."""

    def make(self, case: Case, what: Attribute) -> Any:
        """A newly built object or value."""
