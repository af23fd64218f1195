"""The places of a drawn case, sorted by what a statement may do with them, and operands."""

from typing import Literal

from nnxfuzz.programs.case import (
    Call,
    Case,
    Const,
    Draw,
    Index,
    Layer,
    Linear,
    Module,
    NoneSlot,
    OfStatic,
    Operand,
    Read,
    StateSlot,
    TreePath,
)
from nnxfuzz.programs.case.places import Holder, Place, Shape, Standing, Stream, has_record, places
from nnxfuzz.strategies.graphs import Draft

Holds = Literal[
    "variable", "array", "scalar", "static", "none", "state", "node", "layer", "stream", "container"
]


def holds(place: Place) -> Holds:
    """What kind of thing stands at a place."""
    match place.thing:
        case Holder("variable" | "array" as form):
            return form
        case Holder():
            return "scalar"
        case OfStatic():
            return "static"
        case NoneSlot():
            return "none"
        case StateSlot():
            return "state"
        case Standing(_, Linear() | Layer()):
            return "layer"
        case Standing():
            return "node"
        case Stream():
            return "stream"
        case _:
            return "container"


def row_of(place: Place) -> int | None:
    """The row of the object that stands at a place."""
    return place.thing.row if isinstance(place.thing, Holder | Standing) else None


def shape_at(place: Place) -> Shape:
    assert place.array is not None
    return place.array.shape


class Sources:
    """What the statements of a case can name, with its tables and carry complete."""

    def __init__(self, draft: Draft, case: Case) -> None:
        self.draft = draft
        self.case = case
        everything = places(case)
        self.carried = [p for p in everything if p.path[0] == "carry"]
        self.readable = [p for p in everything if p.array is not None and p.array.writable]
        self.inputs = [p for p in self.readable if p.path[0] == "inputs"]
        writable = [p for p in self.readable if not _passed_array(p)]
        self.broadcast = [p for p in writable if self._is_broadcast(p)]
        outside = ("closure",)
        self.targets = [p for p in writable if p.path[0] not in outside]
        self.targets = [p for p in self.targets if p not in self.broadcast]
        self.captured = [p for p in self.readable if p.path[0] == "closure"]
        self.layers = [p for p in everything if holds(p) == "layer"]
        self.streams = [p for p in everything if p.thing == Stream(True)]
        self.modules = [p for p in self.carried if isinstance(p.node, Module)]
        self.sown = [*self.modules, *(p for p in everything if self._gathers(p))]
        self._callable: list[tuple[Place, Place]] | None = None

    def _gathers(self, place: Place) -> bool:
        """Whether it is an input that is broadcast, or that stacks what is sown."""
        if len(place.path) != 2 or place.path[0] != "inputs" or not isinstance(place.node, Module):
            return False
        axis = self.case.inputs[int(place.path[1])].axis
        if isinstance(axis, tuple):
            return axis[0].only == "Intermediate"
        return axis in (None, 0)

    def one(self, options: list[Place]) -> Place:
        return options[self.draft.count(len(options) - 1)]

    def _is_broadcast(self, place: Place) -> bool:
        assert place.array is not None
        return place.path[0] == "inputs" and place.array.axis is None

    # --- operands ---------------------------------------------------------------------------

    def operand(self, shape: Shape | None, whole: bool = False) -> Operand:
        """An operand that goes into `shape`, or of any shape; no rounded float if `whole`."""
        readable, inputs, captured = (
            [p for p in places if not whole or _is_whole(p)]
            for places in (self.readable, self.inputs, self.captured)
        )
        kinds = ["const", "index"]
        kinds += ["read", "read"] if readable else []
        kinds += ["input", "input"] if inputs else []
        kinds += ["captured", "captured"] if captured else []
        kinds += ["draw"] * 4 if self.streams else []
        calls = 4 if self.draft.theme in ("layers", "inner") else 1
        kinds += ["call"] * calls if self.calls() and not whole else []
        match self.draft.pick(*kinds):
            case "const":
                return Const(self.draft.count(3))
            case "index":
                return Index()
            case "read":
                return self._read(self.one(readable), shape)
            case "input":
                return self._read(self.one(inputs), shape)
            case "captured":
                return self._read(self.one(captured), shape)
            case "draw":
                fork = "rng-fork" in self.draft.features and self.draft.count(3) == 3
                return Draw(self.one(self.streams).path, fork)
            case _:
                return self.call(shape)

    def passed(self, shape: Shape) -> Operand | None:
        """A call of a layer that is an input, or in one, or a key of a stream there; None if there
        is neither.
        """
        layers = [(x, at) for x, at in self.calls() if x.path[0] == "inputs"]
        streams = [place for place in self.streams if place.path[0] == "inputs"]
        if streams and (not layers or self.draft.count(1)):
            return Draw(self.one(streams).path)
        if not layers:
            return None
        return self._called(*layers[self.draft.count(len(layers) - 1)], shape)

    def varying(self, shape: Shape | None) -> Operand:
        """An operand that is another one in every trip."""
        scanned = [p for p in self.inputs if not self._is_broadcast(p)]
        match self.draft.pick("index", *("input",) * bool(scanned)):
            case "input":
                return self._read(self.one(scanned), shape)
            case _:
                return Index()

    def _read(self, source: Place, shape: Shape | None) -> Read:
        return Read(source.path, total=_sums(shape_at(source), shape))

    def calls(self) -> list[tuple[Place, Place]]:
        """Every layer with every place that has the right input for it."""
        if self._callable is None:
            pairs = [(layer, place) for layer in self.layers for place in self.readable]
            self._callable = [pair for pair in pairs if _takes(*pair)]
        return self._callable

    def call(self, shape: Shape | None) -> Call:
        """A call of some layer, which there has to be."""
        return self._called(*self.calls()[self.draft.count(len(self.calls()) - 1)], shape)

    def _called(self, layer: Place, place: Place, shape: Shape | None) -> Call:
        if not isinstance(layer.node, Linear):
            return Call(layer.path, place.path, total=True)
        out = (*shape_at(place)[:-1], layer.node.config.out_features)
        return Call(layer.path, place.path, total=_sums(out, shape))

    # --- relations between places -----------------------------------------------------------

    def partners(self, place: Place) -> list[Place]:
        """Places that hold things of the same kind, neither inside of the other."""
        kind = holds(place)
        return [
            p
            for p in self.carried
            if movable(p, self.case)
            and holds(p) == kind != "none"
            and not nested(p.path, place.path)
        ]

    def below(self, place: Place) -> list[Place]:
        """The places at and below a place of the carry."""
        return [p for p in self.carried if p.path[: len(place.path)] == place.path]


def _is_whole(place: Place) -> bool:
    """Whether it holds integers; a float may be rounded, or not finite, by the time it is read."""
    return place.array is not None and place.array.dtype == "int32"


def is_float(place: Place) -> bool:
    """Whether it holds floats."""
    return place.array is not None and place.array.dtype in ("float32", "bfloat16")


def _passed_array(place: Place) -> bool:
    """Whether it is an array that is itself an input."""
    return place.path[0] == "inputs" and len(place.path) == 2 and holds(place) == "array"


def _takes(layer: Place, place: Place) -> bool:
    node, given = layer.node, place.array
    assert given is not None
    if not isinstance(node, Linear):
        return True
    return given.dtype == "float32" and given.shape[-1:] == (node.config.in_features,)


def movable(place: Place, case: Case) -> bool:
    """Whether a structural statement may aim at a place of the carry."""
    holder = place.holder
    if has_record(case, place.thing):
        return False
    if isinstance(holder, Standing) and isinstance(holder.node, Linear):
        return False
    return holder is not None and not isinstance(place.thing, Stream)


def nested(one: TreePath, other: TreePath) -> bool:
    short = min(len(one), len(other))
    return one[:short] == other[:short]


def _sums(given: Shape, wanted: Shape | None) -> bool:
    """Whether an operand has to be summed to go into the wanted shape."""
    return wanted is not None and given not in (wanted, ())
