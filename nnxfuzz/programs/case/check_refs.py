"""Rule W28: where a Variable may hold a reference to its array.

jax lets nothing return a reference, so none can be carried, broadcast or emitted; it moves no axis
of one, and has no slices of one that is empty.  What is left are inputs that are scanned over along
axis 0 in some trips, and closures.
"""

from collections.abc import Iterator

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.places import (
    Holder,
    Standing,
    Thing,
    attribute_thing,
    candidates,
    input_thing,
    reached,
    slot_thing,
)
from nnxfuzz.programs.case.problem import Problem
from nnxfuzz.programs.case.queries import statements, trips
from nnxfuzz.programs.case.wrappers import has_references


def references(case: t.Case) -> Iterator[Problem]:
    for row, variable in enumerate(case.variables):
        if variable.hijax:
            reason = "only call programs have a Variable of hijax"
            yield Problem(28, f"$.variables[{row}].hijax", reason, "leave out 'hijax'")
    if not has_references(case):
        return
    barred = reasons(case)
    for row, variable in enumerate(case.variables):
        if variable.ref and row in barred:
            reason = f"it holds a reference and {barred[row]}"
            yield Problem(28, f"$.variables[{row}].ref", reason, "leave out 'ref'")


def reasons(case: t.Case) -> dict[int, str]:
    """The Variables that may not hold a reference, and why not."""
    found: dict[int, str] = {}
    for row, variable in enumerate(case.variables):
        if variable.names is not None or variable.hook is not None:
            found[row] = "has names or a hook"
    for why, top in _barring(case):
        for _, thing in reached(case, (), top):
            if isinstance(thing, Holder) and thing.row is not None:
                found.setdefault(thing.row, why)
    for given in case.inputs:
        for _, thing in reached(case, (), input_thing(case, given)):
            if isinstance(thing, Holder) and thing.row is not None:
                if thing.axis != 0:
                    found.setdefault(thing.row, "is not scanned over along axis 0")
                elif not trips(case.loop):
                    found.setdefault(thing.row, "is scanned over in no trip")
    return found


def _barring(case: t.Case) -> Iterator[tuple[str, Thing]]:
    """What bars the Variables below it."""
    for row, slot in enumerate(case.carry):
        if isinstance(slot, t.StateSlot):
            yield "is carried", Standing(slot.node, case.nodes[slot.node])
        elif isinstance(slot, t.NodeSlot | t.VariableSlot):
            yield "is carried", slot_thing(case, row)
    for output in case.ys:
        if isinstance(output.value, t.OfVariable | t.OfNode):
            yield "is emitted", attribute_thing(case, output.value)
    for _, statement in statements(case):
        args = statement.args if isinstance(statement, t.Within) else ()
        for path, why in [*_written(statement), *((at, "is handed on") for at in args)]:
            yield from ((why, thing) for thing in candidates(case, path, {}))
        if isinstance(statement, t.Make):
            yield "is made in the body", attribute_thing(case, statement.what)


def _written(statement: t.Statement) -> list[tuple[t.TreePath, str]]:
    """The paths at which a statement does something else than to write in place."""
    match statement:
        case t.Swap(at, other):
            return [(at, "is moved"), (other, "is moved")]
        case t.Bind(_, source):
            return [(source, "is moved")]
        case t.Everywhere(at):
            return [(at, "is mapped as a State")]
        case t.Update(at, dtype=str()):
            return [(at, "is given another dtype")]
        case t.Update(at, style="assign"):
            return [(at, "is assigned and not written in place")]
        case _:
            return []
