"""What stands where in a case, told from the data alone: the places that paths name.

The checker asks what *may* stand at a path (`candidates`), the strategies which places there are
(`places`), the rules of inputs what is reached from one (`reached`).  All of them go by one step,
`entries`, over what the *initial* structure has and what an earlier `Make` put at that very path.
Nothing here follows what `Swap`, `Bind` and `Drop` move about, nor one object's several paths:
that is for the run to settle, which has the objects.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Rows
from typing import Literal

from nnxfuzz.programs.case import types as t

Shape = tuple[int, ...]
Axis = int | Literal["carry"] | None


class Cut(t.Data, frozen=True):
    """How an input is taken apart for a trip: its `axis`, and what of its parts counts here.

    `passed` are the names on the way that some part has as its `under`.
    """

    axis: int | tuple[t.Part, ...] | None = None
    passed: frozenset[str] = frozenset()

    def through(self, step: str | int) -> "Cut":
        """The cut of what stands below the attribute `step`."""
        names = [p.under for p in self.axis] if isinstance(self.axis, tuple) else []
        return Cut(self.axis, self.passed | {str(step)}) if step in names else self

    def of(self, kind: str) -> Axis:
        """What becomes of a Variable of a type: that of the first part that matches."""
        if not isinstance(self.axis, tuple):
            return self.axis
        for part in self.axis:
            if part.only in ("...", kind) and (part.under is None or part.under in self.passed):
                return part.axis
        return None

    @property
    def only(self) -> Axis:
        """The axis of all that stands here, where it does not depend on the Variable."""
        return self.of("Param")


WHOLE = Cut()


class Holder(t.Data, frozen=True):
    """Something that holds an array: a Variable, a raw array, or a Python number or bool.

    `shape` is that of one trip's slice, `axis` where it was cut from the whole.
    """

    form: Literal["variable", "array", "number", "bool"]
    dtype: t.DType
    shape: Shape
    row: int | None = None
    axis: Axis = None

    @property
    def writable(self) -> bool:
        return self.form != "bool"


class Standing(t.Data, frozen=True):
    """The node of row `row`, of which a trip sees what `cut` says."""

    row: int
    node: t.Node
    cut: Cut = WHOLE


class Stream(t.Data, frozen=True):
    """One stream of a `Streams`; no key can be drawn from one that is split and not cut."""

    drawable: bool


class Root(t.Data, frozen=True):
    """The closure, or the inputs."""

    items: tuple["Thing", ...]


Thing = Holder | Standing | Stream | Root | t.OfStatic | t.Container | t.NoneSlot | t.StateSlot

#: What the earlier `Make` statements put where.
Made = Mapping[t.TreePath, Rows[t.Attribute]]


# --- one step -------------------------------------------------------------------------------


def root(case: t.Case, name: object) -> Thing | None:
    match name:
        case "carry":
            return slot_thing(case, 0)
        case "closure":
            return Root(tuple(attribute_thing(case, held) for held in case.closure))
        case "inputs":
            return Root(tuple(input_thing(case, row) for row in case.inputs))
        case _:
            return None


def entries(case: t.Case, thing: Thing) -> Iterator[tuple[str | int, Thing]]:
    """What stands one step below."""
    match thing:
        case Root(items):
            yield from enumerate(items)
        case t.TupleSlot() | t.ListSlot() | t.DictSlot() | t.RecordSlot():
            yield from ((step, slot_thing(case, row)) for step, row in t.entries_of(thing))
        case Standing():
            yield from node_entries(case, thing)
        case Holder() | Stream() | t.OfStatic() | t.NoneSlot() | t.StateSlot():
            pass


def node_entries(case: t.Case, standing: Standing) -> Iterator[tuple[str | int, Thing]]:
    cut = standing.cut
    match standing.node:
        case t.Module(named) | t.Mapping(named):
            for name, held in named.items():
                yield name, attribute_thing(case, held, cut.through(name))
        case t.Sequence(items):
            for k, held in enumerate(items):
                yield k, attribute_thing(case, held, cut)
        case t.Linear() as layer:
            for name, shape in parameters(layer).items():
                axis = cut.through(name).of("Param")
                yield name, Holder("variable", "float32", sliced(shape, axis), None, axis)
        case t.Streams(seeds, splits):
            drawable = splits is None or isinstance(cut.only, int)
            yield from ((name, Stream(drawable)) for name in seeds)
        case t.Layer() | t.Optimizer():
            pass


def parameters(layer: t.Linear) -> dict[str, Shape]:
    """The shapes of the Variables of an `nnx.Linear`, by name."""
    config = layer.config
    stack = () if layer.stack is None else (layer.stack,)
    shapes: dict[str, Shape] = {"kernel": (*stack, config.in_features, config.out_features)}
    if config.use_bias:
        shapes["bias"] = (*stack, config.out_features)
    return shapes


def attribute_thing(case: t.Case, attribute: t.Attribute, cut: Cut = WHOLE) -> Thing:
    match attribute:
        case t.OfVariable(row):
            variable = case.variables[row]
            axis = cut.of(variable.kind)
            shape = sliced(variable.value.shape, axis)
            return Holder("variable", variable.value.dtype, shape, row, axis)
        case t.OfNode(row):
            return Standing(row, case.nodes[row], cut)
        case t.OfArray(array):
            shape = sliced(array.shape, cut.only)
            return Holder("array", array.dtype, shape, None, cut.only)
        case t.OfStatic():
            return attribute


def input_thing(case: t.Case, row: t.Input) -> Thing:
    return attribute_thing(case, row.what, Cut(row.axis))


def slot_thing(case: t.Case, row: int) -> Thing:
    slot = case.carry[row]
    match slot:
        case t.VariableSlot(variable):
            return attribute_thing(case, t.OfVariable(variable))
        case t.NodeSlot(node):
            return Standing(node, case.nodes[node])
        case t.ArraySlot(array):
            return Holder("array", array.dtype, array.shape)
        case t.ScalarSlot(value):
            dtype: t.DType = "float32" if isinstance(value, float) else "int32"
            return Holder("bool" if isinstance(value, bool) else "number", dtype, ())
        case t.TupleSlot() | t.ListSlot() | t.DictSlot() | t.RecordSlot():
            return slot
        case t.NoneSlot() | t.StateSlot():
            return slot


def sliced(shape: Shape, axis: Axis) -> Shape:
    """The shape without the axis; as it is where nothing is cut, or where there is no such axis."""
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return shape
    position = axis % len(shape)
    return shape[:position] + shape[position + 1 :]


# --- at a path ------------------------------------------------------------------------------


def candidates(case: t.Case, path: t.TreePath, made: Made) -> list[Thing]:
    """All that may stand at `path`; empty if nothing can."""
    first = root(case, path[0]) if path else None
    things = [] if first is None else [first]
    for end in range(2, len(path) + 1):
        below = [dict(entries(case, parent)).get(path[end - 1]) for parent in things]
        things = [thing for thing in below if thing is not None]
        things += [attribute_thing(case, what) for what in made.get(path[:end], ())]
    return things


# --- all that is there ----------------------------------------------------------------------

#: The longest path that `places` lists, its root included.
MAX_STEPS = 6


class Place(t.Data, frozen=True):
    """What stands at `path`, and what holds it (None for the carry as a whole)."""

    path: t.TreePath
    thing: Thing
    holder: Thing | None

    @property
    def array(self) -> Holder | None:
        """What stands here, if it holds an array."""
        return self.thing if isinstance(self.thing, Holder) else None

    @property
    def node(self) -> t.Node | None:
        """What stands here, if it is a node."""
        return self.thing.node if isinstance(self.thing, Standing) else None


def places(case: t.Case) -> list[Place]:
    """Every place: a shared object under every path to it, cycles up to `MAX_STEPS`."""
    found = list(places_below(case, Place(("carry",), slot_thing(case, 0), None)))
    for name in ("closure", "inputs"):
        top = root(case, name)
        assert top is not None
        for k, thing in entries(case, top):
            found += places_below(case, Place((name, k), thing, top))
    return found


def places_below(case: t.Case, place: Place) -> Iterator[Place]:
    yield place
    if len(place.path) < MAX_STEPS or not isinstance(place.thing, Standing):
        for step, thing in entries(case, place.thing):
            yield from places_below(case, Place((*place.path, step), thing, place.thing))


def reached(case: t.Case, path: t.TreePath, thing: Thing) -> Iterator[tuple[t.TreePath, Thing]]:
    """All that is reached from `thing`, itself first; each node once for each cut."""
    seen: set[tuple[int, Cut]] = set()
    left = [(path, thing)]
    while left:
        path, thing = left.pop()
        if isinstance(thing, Standing):
            if (thing.row, thing.cut) in seen:
                continue
            seen.add((thing.row, thing.cut))
        yield path, thing
        below = [((*path, step), held) for step, held in entries(case, thing)]
        left += reversed(below)


def has_record(case: t.Case, thing: Thing) -> bool:
    """Whether it is a record of the carry, or a container of it that has one."""
    match thing:
        case t.RecordSlot():
            return True
        case t.TupleSlot() | t.ListSlot() | t.DictSlot():
            return any(has_record(case, below) for _, below in entries(case, thing))
        case _:
            return False


def all_variables(case: t.Case, thing: Thing) -> bool:
    """Whether it is a state, a Variable, or a node of nothing but Variables and statics."""
    match thing:
        case t.StateSlot() | Holder("variable"):
            return True
        case Standing():
            return all(_plain(below) for _, below in reached(case, (), thing))
        case _:
            return False


def _plain(thing: Thing) -> bool:
    if isinstance(thing, Standing):
        return isinstance(thing.node, t.Module | t.Sequence | t.Mapping | t.Linear)
    return isinstance(thing, t.OfStatic) or (isinstance(thing, Holder) and thing.form == "variable")
