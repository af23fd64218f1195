"""The features that only scan has: axes, inputs, outputs, and how the call is written."""

from collections.abc import Iterable, Iterator
from typing import get_args

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.places import (
    Cut,
    Holder,
    Standing,
    Thing,
    candidates,
    input_thing,
    reached,
)
from nnxfuzz.programs.case.queries import family, scans, statements, trips, uses_index


def named(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}:{name}" for name in names)


OF_SCAN: tuple[str, ...] = (
    "scan",
    *named("carry in", "alone", "first", "between", "last", "all", "none"),
    *named("carry out", "alone", "first", "between", "last"),
    *named("axis", "0", "1 and up", "negative", "third", "broadcast", "parts"),
    *named("parts", "by type", "by path", "the rest", "broadcast", "carry", "int"),
    "prefix:nested",
    *named("input", "array", "variable", "module", "stacked linear", "stacked layer"),
    *named("input", "split streams", "broadcast streams", "unlike shapes"),
    *named("input", "slice written", "broadcast written"),
    *named("aliased", "inputs, equal axes", "inputs, different axes", "input and carry"),
    *named("output", "number", "variable", "module"),
    *named("output axis", "0", "1 and up", "negative", "third", "parts"),
    *named("length", "inferred", "given", "zero", "contradictory"),
    "reverse",
    "partition",
    *named("partition", "of names", "of parts"),
    "parts:nnx.prefix",
    *named("ill-formed", *get_args(t.Wrong)),
    *named("style", "method", "keyword", "decorator"),
)


def of_scan(case: t.Case) -> Iterator[str]:
    if scans(case):
        yield "scan"
        yield from _of_the_form(case)
        yield from _of_axes(case)
        yield from _of_inputs(case)
        yield from _of_writes(case)
        yield from _of_aliases(case)
        yield from _of_outputs(case)


# --- the call -------------------------------------------------------------------------------


def _of_the_form(case: t.Case) -> Iterator[str]:
    form, length = case.form, trips(case.loop)
    arguments = len(case.inputs) + uses_index(case)
    yield f"carry in:{_position(form.carry_in, arguments, form.packed)}"
    yield from {"alone": ["carry in:all"], "none": ["carry in:none"]}.get(form.carry, [])
    yield f"carry out:{_position(form.carry_out, len(case.ys), form.packed)}"
    if form.length is None:
        yield "length:inferred"
    else:
        yield "length:given" if form.length == length else "length:contradictory"
        yield from ["length:zero"] * (form.length == 0)
    if case.loop.reverse:
        yield "reverse"
    if form.packed:
        yield "prefix:nested"
    if form.wrong is not None:
        yield f"ill-formed:{form.wrong}"
    if form.parts == "prefix":
        yield "parts:nnx.prefix"
    if form.style != "call":
        yield f"style:{form.style}"
    if form.partition is not None:
        yield "partition"
        yield from ["partition:of names"] * _names_are_cut(case.inputs, case)
        several = [row for row in case.inputs if isinstance(row.axis, tuple) and len(row.axis) > 1]
        yield from ["partition:of parts"] * _names_are_cut(several, case)


def _position(carry: int, others: int, packed: bool) -> str:
    last = min(others, 1) if packed else others
    if not last:
        return "alone"
    return "first" if carry == 0 else "last" if carry >= last else "between"


def _names_are_cut(rows: Iterable[t.Input], case: t.Case) -> bool:
    """Whether a Variable with partition names is scanned over, below one of these inputs."""
    return any(
        isinstance(thing, Holder)
        and thing.row is not None
        and isinstance(thing.axis, int)
        and case.variables[thing.row].names is not None
        for row in rows
        for thing in _below(case, row)
    )


def _below(case: t.Case, row: t.Input) -> Iterator[Thing]:
    yield from (thing for _, thing in reached(case, ("inputs",), input_thing(case, row)))


def _below_inputs(case: t.Case) -> Iterator[Thing]:
    for row in case.inputs:
        yield from _below(case, row)


# --- inputs ---------------------------------------------------------------------------------


def _sign(axis: int) -> str:
    return "negative" if axis < 0 else "1 and up" if axis else "0"


def _of_axes(case: t.Case) -> Iterator[str]:
    for row in case.inputs:
        match row.axis:
            case int(axis):
                yield f"axis:{_sign(axis)}"
                yield from ["axis:third"] * (axis not in (-2, -1, 0, 1))
            case None:
                yield "axis:broadcast"
            case tuple(parts):
                yield "axis:parts"
                for part in parts:
                    yield from _of_a_part(part)


def _of_a_part(part: t.Part) -> Iterator[str]:
    if part.only != "...":
        yield "parts:by type"
    if part.under is not None:
        yield "parts:by path"
    if part.only == "..." and part.under is None:
        yield "parts:the rest"
    match part.axis:
        case None:
            yield "parts:broadcast"
        case "carry":
            yield "parts:carry"
        case _:
            yield "parts:int"


def _of_inputs(case: t.Case) -> Iterator[str]:
    for row in case.inputs:
        match row.what:
            case t.OfArray():
                yield "input:array"
            case t.OfVariable():
                yield "input:variable"
            case t.OfNode(node) if isinstance(case.nodes[node], t.Module):
                yield "input:module"
            case _:
                pass
    shapes = [{h.shape for h in _below(case, row) if isinstance(h, Holder)} for row in case.inputs]
    if any(one and other and one != other for one in shapes for other in shapes):
        yield "input:unlike shapes"
    for thing in _below_inputs(case):
        match thing:
            case Standing(_, t.Linear(_, _, int())):
                yield "input:stacked linear"
            case Standing(_, t.Layer(_, _, int())):
                yield "input:stacked layer"
            case Standing(_, t.Streams(_, splits)):
                yield f"input:{'broadcast' if splits is None else 'split'} streams"
            case _:
                pass


def _of_writes(case: t.Case) -> Iterator[str]:
    for _, statement in statements(case):
        at = statement.at if isinstance(statement, t.Update | t.Everywhere) else ()
        if at[:1] == ("inputs",):
            for thing in candidates(case, at, {}):
                cut = thing.cut if isinstance(thing, Standing) else thing
                whole = isinstance(cut, Holder | Cut) and cut.axis is None
                yield f"input:{'broadcast' if whole else 'slice'} written"


def _of_aliases(case: t.Case) -> Iterator[str]:
    objects = [row for row in case.inputs if not isinstance(row.what, t.OfArray)]
    for k, one in enumerate(objects):
        for other in objects[:k]:
            if one.what == other.what:
                equal = "equal" if one.axis == other.axis else "different"
                yield f"aliased:inputs, {equal} axes"
    carried: set[int] = set()
    for slot in case.carry:
        if isinstance(slot, t.NodeSlot):
            carried |= family(case, slot.node)
    bare = {slot.variable for slot in case.carry if isinstance(slot, t.VariableSlot)}
    for thing in _below_inputs(case):
        if (isinstance(thing, Standing) and thing.row in carried) or (
            isinstance(thing, Holder) and thing.row in bare
        ):
            yield "aliased:input and carry"


# --- outputs --------------------------------------------------------------------------------


def _of_outputs(case: t.Case) -> Iterator[str]:
    for output in case.ys:
        match output.value:
            case t.OfVariable():
                yield "output:variable"
            case t.OfNode():
                yield "output:module"
            case _:
                yield "output:number"
        if isinstance(output.axis, tuple):
            yield "output axis:parts"
        else:
            yield f"output axis:{_sign(output.axis)}"
            yield from ["output axis:third"] * (output.axis not in (-2, -1, 0, 1))
