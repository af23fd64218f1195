"""What a judge takes a call for, be it of a user's program or of a call program."""

from collections.abc import Mapping
from typing import Any, Protocol

from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.trial import Side
from nnxfuzz.oracle.verdict import World
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.observations import Tried

Options = Mapping[str, Any]


class Judgeable(Protocol):
    """What is judged: `functions` and `options` of the transform, names of the arguments, and runs.

    `given` is a walk over the arguments, and over what the functions reach besides, before the
    call.  A run is made on objects that are as they were before it.
    """

    @property
    def functions(self) -> tuple[Any, ...]: ...
    @property
    def options(self) -> Options: ...
    @property
    def transform(self) -> str: ...
    @property
    def arguments(self) -> tuple[str, ...]: ...
    @property
    def keywords(self) -> tuple[str, ...]: ...
    @property
    def static(self) -> frozenset[str]:
        """The names of the arguments that are static."""

    @property
    def given(self) -> Walk: ...
    @property
    def leaked(self) -> tuple[str, ...]:
        """Where something holds a tracer that is none of Flax's, by the names of the program."""

    @property
    def outdated(self) -> tuple[str, ...]:
        """Where an argument that was given before is another now, which the call does not see."""

    @property
    def live(self) -> bool:
        """Whether `given` is of the very objects that the runs are made on."""

    def before(self) -> World: ...
    def between(self, error: BaseException) -> World | None:
        """What stands where a first call has returned and a second one raises `error`."""

    def plain(self, meaning: Any, added: Options) -> Side: ...
    def later(self, meaning: Any, added: Options) -> Side:
        """A plain run once more, at a later time."""

    def as_traced(self, added: Options, numbers: bool = False) -> Side | None:
        """A run of what the mode documents, with functions that take themselves for traced, and
        with `numbers` get none of an array; None where none asks.
        """

    def nudged(self, added: Options, seed: int) -> Side: ...
    def drawn(self, meaning: Any, added: Options) -> Side: ...
    def shadow(self, added: Options) -> Side: ...
    @property
    def tolerance(self) -> Tolerance: ...
    def tried(self, added: Options) -> Side | None:
        """A plain run in which functions are tried that Python does not call; None where `branches`
        has them.
        """

    def inner_branches(self, added: Options) -> Tried: ...
    def afresh(self, added: Options) -> Side | None:
        """The run by Flax with functions traced anew; None where they always are."""

    def changed(self) -> dict[str, str]:
        """What the functions reach by closure and held otherwise in an earlier call, by path."""

    def effects(
        self, python: Side, flax: Side, everywhere: bool = False, exactly: bool = False
    ) -> dict[str, str]:
        """What is done to the program's own objects, where Flax leaves it otherwise, by path."""

    def branches(self, added: Options) -> list[Side]:
        """Plain runs in which functions are called that Flax traces and Python does not call."""

    def in_this_mode(self, added: Options) -> tuple[list[Side], Tried]:
        """Plain runs of what the mode documents, those among them; and their inner branches."""
