"""What `scan` and `vmap` keep of a Variable or a node of their arguments, trip by trip."""

from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.plain.axes import Along, Axis, Partition, call_hook, without_name
from nnxfuzz.plain.objects import Keys, held_by, is_array


class ScannedVariable:
    """A Variable of the arguments, with its axis, what it held, and what the trips left in it."""

    def __init__(self, variable: Any, axis: Axis) -> None:
        self.variable = variable
        self.axis = axis
        self.whole = nnx_api.get_raw(variable)
        self.reference = nnx_api.stored(variable) if nnx_api.holds_reference(variable) else None
        self.rows: dict[int, Any] = {}
        #: Whether it is of another trace: no trip may write to it, and it gets back what it held.
        self.lent = not nnx_api.is_hijax(variable) and not nnx_api.is_of_this_trace(variable)
        self.given: dict[int, Any] = {}
        #: Whether the user's hook was told that it has no axis now.
        self.entered = False
        #: The metadata that have lost the entry of its axis by now.
        self.taken: frozenset[str] = frozenset()
        #: The paths that lead to it, the keys below the argument, and its axis there.
        self.places: list[tuple[str, Keys, Axis]] = []

    def give(self, value: Any, position: int) -> None:
        """What a trip sees: a slice of a reference is a reference of its own."""
        by_reference = self.reference is not None
        self.given[position] = nnx_api.reference_to(value) if by_reference else value
        nnx_api.lend(self.variable, self.given[position])

    def enter(self, partition: Partition | None) -> None:
        """Take its axis away, of which the user's hook hears once, as in a trace."""
        if isinstance(self.axis, int):
            self.taken |= without_name(self.variable, self.whole, self.axis, partition)
            if not self.entered:
                call_hook(self.variable, self.axis, partition, added=False)
            self.entered = True

    def unwritten(self) -> bool:
        """Whether it was lent to the trips, and none of them wrote to it."""
        return self.lent and all(self.rows[k] is self.given.get(k) for k in self.rows)


class ScannedNode:
    """A node of the arguments: its axes, its attributes before, those that trips set."""

    def __init__(self, along: Along, node: Any, keys: Keys, text: str) -> None:
        self.along = along
        self.node = node
        self.keys = keys
        self.text = text
        #: The paths by which it is reached, with the axes of the argument.
        self.places: list[tuple[str, Any]] = []
        self.before = dict(vars(node))
        self.broadcast = along.axes is None
        self.entered: dict[str, Any] = {}
        self.rows: dict[str, dict[int, Any]] = {}
        self.deleted: set[str] = set()
        #: What the last trip left, whose attributes are marked as the trip marked them.
        self.left: Any = None

    def axis_of(self, name: str, value: Any) -> Axis:
        return self.along.axis_of((*self.keys, name), value)

    def without_axis(self) -> dict[str, Any]:
        """Its own arrays that have no axis, by path."""
        held = held_by(self.node, self.keys, self.text)
        arrays = [place for place in held if is_array(place.thing)]
        return {p.text: p.thing for p in arrays if self.along.axis_of(p.keys, p.thing) is None}
