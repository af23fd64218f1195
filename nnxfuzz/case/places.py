"""What may stand at a path of the program, told from the data alone.

The checker asks this of every path in a body.  The answer is a list of candidates: what the
*initial* structure has there, and whatever an earlier `Make` put at that very path.  It does not
follow what `Swap`, `Bind` and `Drop` move about, nor one object's several paths: that is for the
run to settle, which has the objects.
"""

from collections.abc import Iterable, Mapping, Sequence

from nnxfuzz.case import types as t
from nnxfuzz.case.problem import place_name


class Holder(t.Data, frozen=True):
    """Something that holds an array: a Variable, a raw array, or a Python number or bool."""

    form: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def writable(self) -> bool:
        return self.form != "bool"


Thing = (
    Holder
    | t.OfStatic
    | t.Module
    | t.Sequence
    | t.Linear
    | t.TupleSlot
    | t.ListSlot
    | t.DictSlot
    | t.NoneSlot
)

#: What the earlier `Make` statements put where.
Made = Mapping[t.Path, Sequence[t.Attribute]]


def candidates(case: t.Case, path: t.Path, made: Made) -> list[Thing]:
    """All that may stand at `path`; empty if nothing can."""
    things: list[Thing] = []
    if path[:1] == ("carry",):
        things = [slot_thing(case, 0)]
    elif path[:1] == ("closure",):
        things = [t.Sequence(case.closure)]
    for end in range(2, len(path) + 1):
        children = [child(case, parent, path[end - 1]) for parent in things]
        things = [thing for thing in children if thing is not None]
        things += [attribute_thing(case, what) for what in made.get(path[:end], ())]
    return things


def child(case: t.Case, parent: Thing, step: str | int) -> Thing | None:
    """What stands one step below `parent`, if anything does."""
    match parent:
        case t.TupleSlot(rows) | t.ListSlot(rows):
            inside = isinstance(step, int) and 0 <= step < len(rows)
            return slot_thing(case, rows[int(step)]) if inside else None
        case t.DictSlot(named):
            return slot_thing(case, named[str(step)]) if step in named else None
        case t.Module(attributes):
            return attribute_thing(case, attributes[str(step)]) if step in attributes else None
        case t.Sequence(items):
            inside = isinstance(step, int) and 0 <= step < len(items)
            return attribute_thing(case, items[int(step)]) if inside else None
        case t.Linear(config):
            return parameters(config).get(step)
        case Holder() | t.OfStatic() | t.NoneSlot():
            return None


def parameters(config: t.LinearConfig) -> dict[str | int, Holder]:
    """The Variables of an `nnx.Linear`, by name."""
    shapes: dict[str | int, tuple[int, ...]] = {"kernel": (config.in_features, config.out_features)}
    if config.use_bias:
        shapes["bias"] = (config.out_features,)
    return {name: Holder("variable", "float32", shape) for name, shape in shapes.items()}


def attribute_thing(case: t.Case, attribute: t.Attribute) -> Thing:
    match attribute:
        case t.OfVariable(row):
            return array_holder("variable", case.variables[row].value)
        case t.OfNode(row):
            return case.nodes[row]
        case t.OfArray(array):
            return array_holder("array", array)
        case t.OfStatic():
            return attribute


def slot_thing(case: t.Case, row: int) -> Thing:
    slot = case.carry[row]
    match slot:
        case t.VariableSlot(variable):
            return array_holder("variable", case.variables[variable].value)
        case t.NodeSlot(node):
            return case.nodes[node]
        case t.ArraySlot(array):
            return array_holder("array", array)
        case t.ScalarSlot(value):
            dtype = "float32" if isinstance(value, float) else "int32"
            return Holder("bool" if isinstance(value, bool) else "number", dtype, ())
        case t.TupleSlot() | t.ListSlot() | t.DictSlot() | t.NoneSlot():
            return slot


def array_holder(form: str, array: t.Array) -> Holder:
    return Holder(form, array.dtype, array.shape)


# --- in the words of a message --------------------------------------------------------------


def described(thing: Thing) -> str:
    match thing:
        case Holder("bool"):
            return "a bool"
        case Holder(form, dtype, shape):
            return f"a {dtype} {form} of shape {list(shape)}"
        case t.OfStatic():
            return "a static attribute"
        case t.Module(named):
            return f"a module with {listed(named)}"
        case t.DictSlot(named):
            return f"a dict with {listed(named)}"
        case t.Linear(config):
            return f"a linear layer with {listed(parameters(config))}"
        case t.Sequence(items) | t.ListSlot(items):
            return f"a list of length {len(items)}"
        case t.TupleSlot(items):
            return f"a tuple of length {len(items)}"
        case t.NoneSlot():
            return "None"


def listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names)) or "no entries"


def dead_end(case: t.Case, path: t.Path, made: Made) -> str:
    """Why nothing stands at `path`: what the last step that still leads somewhere finds."""
    known = next(
        (path[:end] for end in range(len(path) - 1, 0, -1) if candidates(case, path[:end], made)),
        (),
    )
    if not known:
        return "there is no such root"
    return f"{place_name(known)} is {described(candidates(case, known, made)[0])}"
