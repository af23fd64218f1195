"""Rule W25, and W11 to W13 for them: the outputs of each trip."""

from collections.abc import Iterator

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.check_operands import View, operand_problems, shape_of
from nnxfuzz.programs.case.places import Cut, Holder, Shape, Standing, attribute_thing, reached
from nnxfuzz.programs.case.problem import Problem
from nnxfuzz.programs.case.program import told_twice
from nnxfuzz.programs.case.queries import cyclic, family, held


def outputs(case: t.Case) -> Iterator[Problem]:
    after = View(case, case.body)
    for k, output in enumerate(case.ys):
        path, value = f"$.ys[{k}]", output.value
        if isinstance(value, t.OfVariable | t.OfNode):
            problems = list(object_problems(case, f"{path}.value", value))
        else:
            problems = list(operand_problems(after, f"{path}.value", value))
        problems += part_problems(f"{path}.axis", output)
        yield from problems
        if not problems:
            yield from axis_problems(after, f"{path}.axis", output)


def object_problems(case: t.Case, path: str, value: t.OfVariable | t.OfNode) -> Iterator[Problem]:
    if isinstance(value, t.OfVariable):
        return
    if cyclic(case, value.node):
        reason = f"row {value.node} of nodes reaches itself"
        yield Problem(25, path, reason, "name a node that does not")
    for row in sorted(family(case, value.node)):
        if isinstance(case.nodes[row], t.Optimizer):
            yield Problem(25, path, f"row {row} of nodes is an optimizer", "leave it out")
        elif any(isinstance(each, t.OfArray) for each in held(case, row)):
            yield Problem(25, path, f"row {row} of nodes holds a raw array", "make it a Variable")


def part_problems(path: str, output: t.Output) -> Iterator[Problem]:
    if not isinstance(output.axis, tuple):
        return
    if not isinstance(output.value, t.OfNode):
        yield Problem(25, path, "only a node has parts", "give it an axis, or emit a node")
    last = output.axis[-1:]
    if not last or last[0].only != "...":
        reason = "its parts do not say what becomes of the rest"
        yield Problem(25, path, reason, "end them with '...'")
    if told_twice(output.axis):
        yield Problem(25, path, "two of its parts are of the same types", "leave one of them out")
    for k, part in enumerate(output.axis):
        if part.under is not None or not isinstance(part.axis, int):
            reason = "a part of an output has no axis, or is told by a path"
            yield Problem(25, f"{path}[{k}]", reason, "give it an axis, and leave out 'under'")


def axis_problems(view: View, path: str, output: t.Output) -> Iterator[Problem]:
    for shape, kind in emitted(view, output.value):
        most = len(shape)
        for axis in axes_of(output.axis, kind):
            if not -most - 1 <= axis <= most:
                reason = f"what has the shape {list(shape)} is not stacked along axis {axis}"
                yield Problem(25, path, reason, f"use {-most - 1} to {most}")
                return


def axes_of(axis: int | tuple[t.Part, ...], kind: t.VariableType | None) -> list[int]:
    """Along what a Variable of a type is stacked; along any of them, if the type is not known."""
    if isinstance(axis, int):
        return [axis]
    if kind is None:
        return [part.axis for part in axis if isinstance(part.axis, int)]
    along = Cut(axis).of(kind)
    return [along] if isinstance(along, int) else []


def emitted(
    view: View, value: t.Operand | t.OfVariable | t.OfNode
) -> Iterator[tuple[Shape, t.VariableType | None]]:
    """The shapes of what a trip emits, as far as they are known, with their Variables' types."""
    if isinstance(value, t.OfVariable | t.OfNode):
        for _, thing in reached(view.case, (), attribute_thing(view.case, value)):
            if isinstance(thing, Holder):
                row = thing.row
                yield thing.shape, "Param" if row is None else view.case.variables[row].kind
            elif isinstance(thing, Standing) and isinstance(thing.node, t.Layer | t.Streams):
                yield (), None
    elif not view.moved:
        yield shape_of(view, value), None
