"""Rules W10, W19 and W23: the inputs of a scan, what they are cut along, and how it is called.

The rules are stated in the box of `check`; indices are known to be sound (`check_tables`).
"""

from collections.abc import Iterator

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.check_tables import stacked
from nnxfuzz.programs.case.ill_formed import wrongs
from nnxfuzz.programs.case.places import Cut, Holder, Shape, Standing, Thing, input_thing, reached
from nnxfuzz.programs.case.problem import Problem, place_name
from nnxfuzz.programs.case.program import told_twice
from nnxfuzz.programs.case.queries import scans_over, trips, uses_index
from nnxfuzz.programs.case.wording import described_node


def inputs(case: t.Case) -> Iterator[Problem]:
    for k, row in enumerate(case.inputs):
        path = f"$.inputs[{k}]"
        misplaced = list(part_problems(path, row))
        yield from misplaced
        if isinstance(row.what, t.OfArray):
            yield from array_problems(case, path, row.what, row.axis)
        elif not misplaced:
            thing = input_thing(case, row)
            below = list(reached(case, ("inputs", k), thing))
            yield from one_axis_problems(path, below)
            for place, each in below:
                yield from length_problems(case, path, place, each)


def part_problems(path: str, row: t.Input) -> Iterator[Problem]:
    """W19, as far as the row itself says."""
    if not isinstance(row.axis, tuple):
        return
    if not isinstance(row.what, t.OfNode):
        remedy = "give it an axis or null, or pass a node"
        yield Problem(19, f"{path}.axis", "only a node has parts", remedy)
    last = row.axis[-1:]
    if not last or last[0].only != "..." or last[0].under is not None:
        reason = "its parts do not say what becomes of the rest"
        yield Problem(19, f"{path}.axis", reason, "end them with '...' that has no 'under'")
    if told_twice(row.axis):
        reason = "two of its parts are of the same Variables"
        yield Problem(19, f"{path}.axis", reason, "leave one of them out")


def array_problems(
    case: t.Case, path: str, what: t.OfArray, axis: int | tuple[t.Part, ...] | None
) -> Iterator[Problem]:
    if what.marked:
        remedy = "leave out 'marked'"
        yield Problem(19, f"{path}.what", "it marks an array that is no attribute", remedy)
    if isinstance(axis, int):
        where = f"{path}.what.array.shape"
        yield from axis_problems(case, where, "it", what.array.shape, axis)


def axis_problems(
    case: t.Case, where: str, name: str, shape: Shape, axis: int
) -> Iterator[Problem]:
    """W10 for one array."""
    length = trips(case.loop)
    if not -len(shape) <= axis < len(shape):
        reason = f"{name} has the shape {list(shape)}, which has no axis {axis}"
        yield Problem(10, where, reason, "name an axis that is there")
    elif shape[axis] != length:
        reason = f"{name} has the shape {list(shape)}, which does not fit a loop of {length} trips"
        yield Problem(10, where, reason, f"give axis {axis} the length {length}, one for each trip")


def length_problems(case: t.Case, path: str, place: t.TreePath, thing: Thing) -> Iterator[Problem]:
    """W10 and W19 for one thing below an input."""
    name = place_name(place)
    match thing:
        case Holder("array") if cut_at_all(case, place):
            reason = f"{name} is a raw array below an input that is scanned over or has parts"
            yield Problem(19, path, reason, "make it a Variable, or pass the input as it is")
        case Holder("variable", _, _, int(row), int(axis)):
            shape = case.variables[row].value.shape
            yield from axis_problems(case, path, name, shape, axis)
        case Standing(_, t.Optimizer(), cut) if cut.axis is not None:
            reason = f"{name} is an optimizer below an input that is scanned over or has parts"
            yield Problem(19, path, reason, "pass the input as it is, or carry the optimizer")
        case Standing(_, t.Linear() | t.Layer() | t.Streams(), cut):
            yield from stack_problems(case, path, name, thing)
        case _:
            pass


def cut_at_all(case: t.Case, place: t.TreePath) -> bool:
    return case.inputs[int(place[1])].axis is not None


def stack_problems(case: t.Case, path: str, name: str, thing: Standing) -> Iterator[Problem]:
    """W10 and W19 for a thing that can be stacked."""
    what, count, length = described_node(thing.node), stacked(thing.node), trips(case.loop)
    parts = thing.cut.axis if isinstance(thing.cut.axis, tuple) else ()
    if len(parts) > 1 and not isinstance(thing.node, t.Linear):
        reason = f"{name} is {what} below an input of {len(parts)} parts"
        yield Problem(19, path, reason, "keep to one part, the rest")
        return
    axes = own_axes(thing.node, thing.cut)
    if axes == {0} and count != length:
        reason = f"{name} is {what} for {count or 1} trips, in a loop of {length}"
        yield Problem(10, path, reason, f"stack {length} of them")
    elif axes != {0} and count is not None:
        reason = f"{name} is {what}, stacked, and not scanned over along axis 0"
        yield Problem(10, path, reason, "scan over all of it along axis 0, or leave it unstacked")
    elif axes != {0} and any(isinstance(axis, int) for axis in axes):
        reason = f"{name} is {what}, scanned over along an axis that is not 0"
        yield Problem(10, path, reason, "scan over all of it along axis 0, or pass it as it is")


def own_axes(node: t.Node, cut: Cut) -> set[object]:
    """What becomes of a layer's own Variables."""
    if not isinstance(node, t.Linear):
        return {cut.only}
    names = ("kernel", "bias") if node.config.use_bias else ("kernel",)
    return {cut.through(name).of("Param") for name in names}


def one_axis_problems(path: str, below: list[tuple[t.TreePath, Thing]]) -> Iterator[Problem]:
    """W19: a Variable that has several places below an input is cut along one axis."""
    first: dict[int, Holder] = {}
    for place, thing in below:
        if isinstance(thing, Holder) and thing.row is not None:
            known = first.setdefault(thing.row, thing)
            if known.axis != thing.axis:
                reason = f"{place_name(place)} has another place, of which another part says {{}}"
                reason = reason.format(known.axis if known.axis is not None else "null")
                yield Problem(19, path, reason, "let one part say what becomes of it")


# --- how the scan is written ----------------------------------------------------------------


def form(case: t.Case) -> Iterator[Problem]:
    """W23."""
    asked, remedy = case.form, "keep to 0 to {}"
    for name, position, table in (
        ("carry_in", asked.carry_in, case.inputs),
        ("carry_out", asked.carry_out, case.ys),
    ):
        most = min(len(table), 1) if asked.packed else len(table)
        if not 0 <= position <= most:
            reason = f"{position} is no position of the carry"
            yield Problem(23, f"$.form.{name}", reason, remedy.format(most))
    if asked.packed and not case.inputs and not case.ys:
        reason = "there is nothing to pack"
        yield Problem(23, "$.form.packed", reason, "leave it out, or add inputs or ys")
    if asked.length not in (None, trips(case.loop)) and not scans_over(case):
        reason = f"a length of {asked.length} contradicts the {trips(case.loop)} trips of the loop"
        yield Problem(23, "$.form.length", reason, "leave it out, or add an input to scan over")
    yield from style_problems(case)
    yield from carry_problems(case)
    if asked.parts == "prefix" and not prefixes(case):
        reason = "not all of its objects have the same parts, or a part is carried, or an output's"
        remedy = "use 'state axes', or give all inputs that are objects the same parts"
        yield Problem(23, "$.form.parts", reason, remedy)
    if asked.wrong is not None and asked.wrong not in wrongs(case):
        reason = f"there is nothing for '{asked.wrong}', or the form is not the simplest one"
        remedy = "leave out the rest of the form, and add an array first in inputs, or ys"
        yield Problem(23, "$.form.wrong", reason, remedy)


def prefixes(case: t.Case) -> bool:
    """Whether the parts of all inputs can be one `nnx.prefix`."""
    found = {row.axis for row in case.inputs if not isinstance(row.what, t.OfArray)}
    parts = next(iter(found), None)
    return (
        len(found) == 1
        and isinstance(parts, tuple)
        and all(part.axis != "carry" for part in parts)
        and not any(isinstance(output.axis, tuple) for output in case.ys)
    )


def carry_problems(case: t.Case) -> Iterator[Problem]:
    asked, where = case.form, "$.form.carry"
    arguments = bool(case.inputs) or uses_index(case)
    if asked.carry == "alone" and arguments:
        reason = "the function takes more than the carry"
        yield Problem(23, where, reason, "use 'placed', or leave out inputs and index")
    elif asked.carry == "none":
        if case.carry != (t.TupleSlot(),):
            yield Problem(23, where, "there is a carry", "let it be an empty tuple")
        elif not arguments or not case.ys:
            reason = "without a carry a trip has nothing to map, or nothing to map it to"
            yield Problem(23, where, reason, "add inputs and ys")
        elif asked.packed or asked.style in ("keyword", "method"):
            reason = "without a carry nothing is packed, a method or passed by keyword"
            yield Problem(23, where, reason, "leave that out")
        elif asked.carry_in or asked.carry_out:
            yield Problem(23, where, "what is not there has no position", "leave out the position")


def style_problems(case: t.Case) -> Iterator[Problem]:
    asked, where = case.form, "$.form.style"
    if asked.style in ("keyword", "method") and asked.packed:
        yield Problem(23, where, "packed inputs have no names", "leave out 'packed'")
    elif asked.style == "keyword" and asked.carry_in >= len(case.inputs):
        reason = "no input comes after the carry, to be passed by keyword"
        yield Problem(23, where, reason, "add an input, or let the carry come first")
    elif asked.style == "method":
        first = case.inputs[0].what if case.inputs else None
        if not isinstance(first, t.OfNode) or asked.carry_in < 1:
            reason = "no node comes first, for the method to bind to"
            remedy = "let the first input be a node, and the carry come after it"
            yield Problem(23, where, reason, remedy)
