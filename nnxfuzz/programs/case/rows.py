"""Walks over the rows of a case, each with its JSON path."""

from collections.abc import Iterator

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.problem import member
from nnxfuzz.programs.case.queries import statements


def held(path: str, node: t.Node) -> Iterator[tuple[str, t.Attribute]]:
    """What a node names."""
    table = "attributes" if isinstance(node, t.Module) else "items"
    return ((entry(f"{path}.{table}", step), a) for step, a in t.held_by(node))


def entry(path: str, step: str | int) -> str:
    """The JSON path of an entry of a table."""
    return f"{path}[{step}]" if isinstance(step, int) else member(path, step)


def attributes(case: t.Case) -> Iterator[tuple[str, t.Attribute]]:
    """What nodes, the closure, inputs, `make` statements and outputs name."""
    for k, node in enumerate(case.nodes):
        yield from held(f"$.nodes[{k}]", node)
    for k, each in enumerate(case.closure):
        yield f"$.closure[{k}]", each
    for k, row in enumerate(case.inputs):
        yield f"$.inputs[{k}].what", row.what
    for path, statement in statements(case):
        if isinstance(statement, t.Make):
            yield f"{path}.what", statement.what
    for k, output in enumerate(case.ys):
        if isinstance(output.value, t.OfVariable | t.OfNode):
            yield f"$.ys[{k}].value", output.value


def arrays(case: t.Case) -> Iterator[tuple[str, t.Array]]:
    for k, variable in enumerate(case.variables):
        yield f"$.variables[{k}].value", variable.value
    for path, attribute in attributes(case):
        if isinstance(attribute, t.OfArray):
            yield f"{path}.array", attribute.array
    for k, slot in enumerate(case.carry):
        if isinstance(slot, t.ArraySlot):
            yield f"$.carry[{k}].array", slot.array


def references(case: t.Case) -> Iterator[tuple[str, str, int]]:
    """Every index of the case: its JSON path, the table it points into, the row."""
    for path, attribute in attributes(case):
        if isinstance(attribute, t.OfVariable):
            yield f"{path}.variable", "variables", attribute.variable
        elif isinstance(attribute, t.OfNode):
            yield f"{path}.node", "nodes", attribute.node
    for k, node in enumerate(case.nodes):
        if isinstance(node, t.Optimizer):
            yield f"$.nodes[{k}].model", "nodes", node.model
    for k, slot in enumerate(case.carry):
        if isinstance(slot, t.VariableSlot):
            yield f"$.carry[{k}].variable", "variables", slot.variable
        elif isinstance(slot, t.NodeSlot | t.StateSlot):
            yield f"$.carry[{k}].node", "nodes", slot.node
        for step, row in t.entries_of(slot):
            yield entry(f"$.carry[{k}].items", step), "carry", row
    for path, statement in statements(case):
        if isinstance(statement, t.Within):
            yield f"{path}.block", "blocks", statement.block
            if statement.otherwise is not None:
                yield f"{path}.otherwise", "blocks", statement.otherwise
