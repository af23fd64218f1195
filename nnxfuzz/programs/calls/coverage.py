"""What a call program has, by names: the transforms, which stands in which, and the objects."""

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls.data import Apply, Attach, Call, CallProgram, Detach, Random, Update
from nnxfuzz.programs.calls.walk import calls, names_in, names_inside


def exercised(program: CallProgram) -> frozenset[str]:
    """The names of what the program does and has."""
    names: set[str] = set()
    for call in calls(program.call):
        names.add(f"call:{call.transform}")
        if call.style != "def":
            names.add(f"call as {call.style}")
        places = [operand for operand in call.args if not hasattr(operand, "value")]
        if len(set(map(str, places))) < len(places):
            names.add("call:one object twice")
        for block in call.blocks:
            for statement in block.body:
                names |= _of(call, statement)
    if (names_inside(program.call) - names_in(program.call)) & set(program.objects):
        names.add("call:closure")
    if any(variable.ref for variable in program.variables):
        names.add("call:reference")
    kinds = {type(node).__name__ for node in program.nodes if not isinstance(node, c.Module)}
    return frozenset(names | {f"call:{kind}" for kind in kinds})


def _of(call: Call, statement: object) -> set[str]:
    match statement:
        case Call(transform=inner):
            return {f"{inner} in {call.transform}"}
        case Attach() | Detach():
            return {"call:structure"}
        case Update():
            return {"call:update"}
        case Apply():
            return {"call:layer"}
        case Random():
            return {"call:random"}
    return set()
