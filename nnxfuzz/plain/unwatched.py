"""A call of a transform that nobody observes, or that another part of nnxfuzz takes notes of: what
`frame` asks of either.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nnxfuzz.plain.axes import Arrays
from nnxfuzz.plain.modes import Mode
from nnxfuzz.plain.slices import Slices

Holds = Callable[[Any, Any, Mode | None], bool]
#: Arguments that stay as they are: their positions, and their names.
Static = tuple[set[int], set[str]]


class Unwatched:
    """A call that nobody observes."""

    def sliced(self, slices: Slices) -> None:
        """The arguments with their axes; ValueError if these have no meaning."""
        slices.refuse_meaningless()

    @contextmanager
    def trip(self, f: Any = None, **before: Any) -> Iterator["Unwatched"]:
        """One run of the body, which is `f` if not the call's function itself."""
        yield self

    def returned(self, **after: Any) -> None:
        """Take note of what the body returned, by name."""

    def differentiates(self, held: list[tuple[Any, str, Any]]) -> None:
        """Take note of what a gradient is taken by: objects, attributes of nodes, and arrays."""

    def static(self, f: Any, static: Static, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Take note of the static arguments of `f` that are given, and of those that are not."""

    def given_first(self, first: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Take note of all arguments, of which the first ones are those of `jit_partial`."""

    def donates(self, donated: Static, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Take note of all arguments, of which some are donated."""

    def copies(self, made: Iterable[tuple[Any, Any]]) -> None:
        """Take note of copies that the function gets for objects."""

    def bounds(self, *bounds: Any) -> None:
        """Take note of a loop, which has these bounds, if it has any."""

    def promoted(self, path: str) -> None:
        """Take note of a number of the carry that has the dtype which the body gives it."""

    def condition(self, holds: Holds, cond_fun: Any, carry: Any, mode: Mode | None) -> bool:
        """Whether the condition of a while_loop holds."""
        return holds(cond_fun, carry, mode)


class Host(Unwatched):
    """Takes notes of all calls within in its own way, and handles their arrays (`hosts`).

    It looks at nothing that an exception leaves, so nothing is put back then.
    """

    arrays: Arrays
    #: What its functions reach of the program besides their arguments.
    reached: Any = ()

    def copied(self, node: Any, copy: Any, again: bool) -> None:
        """Take note of a node that the body sees as a copy; `again`: not for the first time."""
