"""What a call program has, by names: the transforms, which stands in which, and the objects."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import (
    Attach,
    Call,
    CallProgram,
    Detach,
    Group,
    New,
    Plain,
    Swap,
)
from nnxfuzz.programs.calls.walk import calls, names_in, names_inside, names_of, reads
from nnxfuzz.programs.calls.writer import BINDING


def exercised(program: CallProgram) -> frozenset[str]:
    """The names of what the program does and has."""
    names: set[str] = set()
    returned = {call.name for call in calls(program.call)}
    for call in calls(program.call):
        names.add(f"call:{call.transform}")
        if names_in(call) & returned:
            names.add("call:result given")
        if call.style != "def":
            names.add(f"call as {call.style}")
        names |= {f"call:{option}" for option in call.options}
        if static := call.options.get("static"):
            names.add(f"call:static {static}")
        if any(map(_is_negative, (call.options.get("in_axes"), call.options.get("out_axes")))):
            names.add("call:negative axis")
        if call.keywords:
            names.add("call:keywords")
        if call.transform == "while_loop" and set(names_of(call.blocks[-1])) & set(program.objects):
            names.add("call:condition captures")
        if call.transform == "switch" and len(call.blocks) == 1:
            names.add("call:only branch")
        if len(call.args) > 1:
            names.add("call:several arguments")
        for operand in (*call.args, *(r for block in call.blocks for r in block.returns)):
            names |= {"call:container"} if isinstance(operand, Group) else set()
            names |= {"call:number"} if isinstance(operand, Plain) else set()
        places = [(p.name, *p.path) for operand in call.args for _, p in reads(operand)]
        if any(a == b[: len(a)] for a, b in permutations(places, 2)):
            names.add("call:one object twice")
        for block in call.blocks:
            own = block.params[call.style in BINDING :]
            for statement in block.body:
                names |= _of(call, statement)
                if isinstance(statement, Detach) and statement.place.name not in own:
                    names.add("call:closure detached")
    inside, given = names_inside(program.call) & set(program.objects), names_in(program.call)
    names |= {"call:closure"} if inside - given else set()
    names |= {"call:argument captured"} if inside & given else set()
    names |= {"call:array replaced"} if _arrays_replaced(program) else set()
    if _shares(program):
        names.add("call:shared")
    variables = [*program.variables, *_made(program)]
    if any(variable.ref for variable in variables):
        names.add("call:reference")
    if any(variable.hijax for variable in variables):
        names.add("call:hijax")
    for name in ("tag", "names", "hook"):
        if any(getattr(variable, name) is not None for variable in variables):
            names.add(f"call:{name}")
    kinds = {type(node).__name__ for node in program.nodes if not isinstance(node, c.Module)}
    return frozenset(names | {f"call:{kind}" for kind in kinds})


def _is_negative(axes: Any) -> bool:
    """Whether an axis, or one of several, counts from the last one."""
    if isinstance(axes, list | tuple):
        return any(map(_is_negative, axes))
    return isinstance(axes, int) and axes < 0


def _shares(program: CallProgram) -> bool:
    """Whether a row stands at two places of the program's objects."""
    nodes = [node for node in program.nodes if isinstance(node, c.Module | c.Sequence | c.Mapping)]
    held = [*program.objects.values(), *(item for node in nodes for _, item in c.held_by(node))]
    rows = [item for item in held if isinstance(item, c.OfVariable | c.OfNode)]
    return len(set(rows)) < len(rows)


def _made(program: CallProgram) -> Iterator[c.Variable]:
    """The Variables that its functions make."""
    for statement in _statements(program):
        value = getattr(statement, "value", None)
        if isinstance(value, New):
            yield value.variable


def _arrays_replaced(program: CallProgram) -> set[str]:
    """The names of attributes that hold an array, and to which a function assigns a Variable."""
    assigned = {
        statement.attribute
        for statement in _statements(program)
        if isinstance(statement, Attach) and isinstance(statement.value, New)
    }
    nodes = [node for node in program.nodes if isinstance(node, c.Module)]
    held = [item for node in nodes for item in node.attributes.items()]
    return assigned & {name for name, value in held if isinstance(value, c.OfArray)}


def _statements(program: CallProgram) -> Iterator[object]:
    """What all of its functions do."""
    for call in calls(program.call):
        for block in call.blocks:
            yield from block.body


def _of(call: Call, statement: object) -> set[str]:
    match statement:
        case Call(transform=inner):
            return {f"{inner} in {call.transform}"}
        case Attach() | Detach() | Swap():
            return {"call:structure"}
    return {f"call:{_NAMES.get(name := type(statement).__name__.lower(), name)}"}


#: Statements that go by another name.
_NAMES = {"apply": "layer"}
