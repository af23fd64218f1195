"""Rule W25, and W11 to W13 for them: the outputs of each trip."""

from collections.abc import Iterator

from nnxfuzz.case import types as t
from nnxfuzz.case.check_operands import View, operand_problems, shape_of
from nnxfuzz.case.places import Holder, Shape, Standing, attribute_thing, reached
from nnxfuzz.case.problem import Problem
from nnxfuzz.case.queries import cyclic, family, held


def outputs(case: t.Case) -> Iterator[Problem]:
    after = View(case, case.body)
    for k, output in enumerate(case.ys):
        path, value = f"$.ys[{k}]", output.value
        if isinstance(value, t.OfVariable | t.OfNode):
            problems = list(object_problems(case, f"{path}.value", value))
        else:
            problems = list(operand_problems(after, f"{path}.value", value))
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


def axis_problems(view: View, path: str, output: t.Output) -> Iterator[Problem]:
    for shape in emitted(view, output.value):
        most = len(shape)
        if not -most - 1 <= output.axis <= most:
            reason = f"what has the shape {list(shape)} is not stacked along axis {output.axis}"
            yield Problem(25, path, reason, f"use {-most - 1} to {most}")
            return


def emitted(view: View, value: t.Operand | t.OfVariable | t.OfNode) -> Iterator[Shape]:
    """The shapes of what a trip emits, as far as they are known."""
    if isinstance(value, t.OfVariable | t.OfNode):
        for _, thing in reached(view.case, (), attribute_thing(view.case, value)):
            if isinstance(thing, Holder):
                yield thing.shape
            elif isinstance(thing, Standing) and isinstance(thing.node, t.Layer | t.Streams):
                yield ()
    elif not view.moved:
        yield shape_of(view, value)
