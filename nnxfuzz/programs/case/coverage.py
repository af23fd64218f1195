"""Which features of the language a case exercises, by name, for the counts of a campaign.

`exercised` names them and `EXERCISABLE` lists all the names there are.  What is scan's own is in
`coverage_scan`.  Wrappers are no property of a case: a campaign counts them by its arms.
"""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.coverage_scan import OF_SCAN, named, of_scan
from nnxfuzz.programs.case.places import Holder, Standing, candidates
from nnxfuzz.programs.case.queries import cyclic, family, held, operands, statements, trips
from nnxfuzz.programs.case.rows import references


def _tags(union: object) -> tuple[str, ...]:
    """The tags of the members of a tagged union."""
    return tuple(str(kind.__struct_config__.tag) for kind in get_args(union))


EXERCISABLE: tuple[str, ...] = (
    *OF_SCAN,
    *named("trips", "none", "one", "many"),
    *named("loop", "lower not 0", "traced bounds", "until"),
    *named("until", "array", "variable", "in a module", "nested"),
    *named("unroll", "int", "bool", "beyond the trips"),
    *named("slot", *_tags(t.Slot), "namedtuple", "dataclass"),
    *named("node", *_tags(t.Node)),
    *named("layer", *get_args(t.LayerKind)),
    *named("linear", "ones", "random"),
    *named("optimizer", "sgd", "momentum", "adam"),
    *named("streams", "carry", "closure", "attribute"),
    *named("variable", *get_args(t.VariableType)),
    *named("dtype", *get_args(t.DType)),
    "not finite",
    *named("metadata", "tag", "names", "get hook", "set hook", "reference"),
    *named("attribute", "variable", "node", "array", "static", "data mark", "static mark"),
    *named("shared", "variable", "node", "cycle"),
    *named("statement", *_tags(t.Statement)),
    *named("operand", *_tags(t.Operand), "fork"),
    *named("called", "linear", *get_args(t.LayerKind)),
    *named("update", "set", "add", "mul", "setitem", "dtype"),
    *named("everywhere", "update", "merge", "state"),
    *named("make", *_tags(t.Attribute)),
    *named("sow", "list", "total"),
    *named("pop", "two filters"),
    "train:every loop",
    "train:scan",
    *named("within", *t.HOWS, "otherwise", "two deep", "arguments"),
    *named("closure", "read", "written"),
    *named("asked", "config", "context"),
    *named("body", "partial", "object", "wrapper", "module"),
    *named("earlier", "chained", "mode"),
)


#: Features that say what a program is made of, and nothing of what it does.  They differ between
#: the minimal forms of one bug: whatever is simplest stands there.
MATERIAL = (
    *("asked", "attribute", "carry in", "carry out", "dtype", "input", "length", "linear"),
    *("loop:lower not 0", "make", "node", "not finite", "output", "scan", "slot", "sow"),
    *("trips", "update", "variable"),
    *named("axis", "0", "1 and up"),
    *named("everywhere", "merge", "update"),
    *named("operand", "const", "index"),
    *named("output axis", "0", "1 and up"),
)


def exercised(case: t.Case) -> frozenset[str]:
    """The names of `EXERCISABLE` that hold for a case."""
    rows = reached_rows(case)
    return frozenset(
        (
            *of_scan(case),
            *_of_the_loop(case),
            *_of_the_objects(case, rows),
            *_of_the_variables(case, rows),
            *_of_sharing(case, rows),
            *_of_statements(case),
            *_of_operands(case),
            *_of_the_call_style(case),
        )
    )


def reached_rows(case: t.Case) -> list[int]:
    """The rows of the nodes that the program reaches or makes."""
    tops = (
        row
        for path, table, row in references(case)
        if table == "nodes" and not path.startswith("$.nodes")
    )
    return sorted({row for top in tops for row in family(case, top)})


# --- the loop -------------------------------------------------------------------------------


def _of_the_loop(case: t.Case) -> Iterator[str]:
    loop, count = case.loop, trips(case.loop)
    yield f"trips:{'none' if not count else 'one' if count == 1 else 'many'}"
    if loop.lower:
        yield "loop:lower not 0"
    if loop.bounds == "traced":
        yield "loop:traced bounds"
    if loop.until is not None:
        yield "loop:until"
        yield from _of_until(case, loop.until)
    if loop.unroll is not None:
        yield f"unroll:{'bool' if isinstance(loop.unroll, bool) else 'int'}"
        if loop.unroll > max(1, count):
            yield "unroll:beyond the trips"


def _of_until(case: t.Case, until: t.Until) -> Iterator[str]:
    """What the condition of a while_loop reads, and how deep it stands."""
    above = [candidates(case, until.at[:end], {}) for end in range(1, len(until.at))]
    depth = sum(any(isinstance(thing, Standing) for thing in things) for things in above)
    held = candidates(case, until.at, {})
    variable = any(isinstance(thing, Holder) and thing.form == "variable" for thing in held)
    yield f"until:{'in a module' if depth else 'variable' if variable else 'array'}"
    yield from ["until:nested"] * (depth > 1)


def _of_the_call_style(case: t.Case) -> Iterator[str]:
    for name in case.call_style.__struct_fields__:
        value = getattr(case.call_style, name)
        yield from [f"{name}:{value}"] * (value != getattr(t.CallStyle(), name))


# --- the objects ----------------------------------------------------------------------------


def _of_the_objects(case: t.Case, rows: list[int]) -> Iterator[str]:
    for slot in case.carry:
        yield f"slot:{_tag(slot)}"
        if isinstance(slot, t.NodeSlot) and isinstance(case.nodes[slot.node], t.Streams):
            yield "streams:carry"
        if isinstance(slot, t.RecordSlot):
            yield f"slot:{slot.kind}"
    for each in case.closure:
        if isinstance(each, t.OfNode) and isinstance(case.nodes[each.node], t.Streams):
            yield "streams:closure"
    for row in rows:
        node = case.nodes[row]
        yield f"node:{_tag(node)}"
        match node:
            case t.Layer(kind):
                yield f"layer:{kind}"
            case t.Linear(config):
                yield f"linear:{config.init}"
            case t.Optimizer(_, rule):
                yield f"optimizer:{rule}"
            case _:
                yield from _of_attributes(case, row)


def _of_attributes(case: t.Case, row: int) -> Iterator[str]:
    for each in held(case, row):
        yield f"attribute:{_tag(each)}"
        match each:
            case t.OfArray(_, True):
                yield "attribute:data mark"
            case t.OfStatic(_, True):
                yield "attribute:static mark"
            case t.OfNode(node) if isinstance(case.nodes[node], t.Streams):
                yield "streams:attribute"
            case _:
                pass


def _of_the_variables(case: t.Case, rows: list[int]) -> Iterator[str]:
    for variable in case.variables:
        yield f"variable:{variable.kind}"
        yield from ["metadata:tag"] * (variable.tag is not None)
        yield from ["metadata:names"] * (variable.names is not None)
        yield from [f"metadata:{variable.hook} hook"] * (variable.hook is not None)
        yield from ["metadata:reference"] * variable.ref
    arrays = [v.value for v in case.variables]
    arrays += [s.array for s in case.carry if isinstance(s, t.ArraySlot)]
    arrays += [a.array for row in rows for a in held(case, row) if isinstance(a, t.OfArray)]
    for array in arrays:
        yield f"dtype:{array.dtype}"
        if isinstance(array.fill, str):
            yield "not finite"


def _of_sharing(case: t.Case, rows: list[int]) -> Iterator[str]:
    named: Counter[tuple[str, int]] = Counter()
    for path, table, row in references(case):
        unreached = path.startswith("$.nodes[") and int(path[8 : path.index("]")]) not in rows
        if not path.startswith(("$.body", "$.ys")) and not path.endswith(".model"):
            named[table, row] += not unreached
    for table, name in (("variables", "variable"), ("nodes", "node")):
        if any(count > 1 for (of, _), count in named.items() if of == table):
            yield f"shared:{name}"
    if any(cyclic(case, row) for row in rows):
        yield "shared:cycle"


# --- the body -------------------------------------------------------------------------------


def _of_statements(case: t.Case) -> Iterator[str]:
    for _, statement in statements(case):
        yield f"statement:{_tag(statement)}"
        yield from _of_a_statement(case, statement)


def _of_a_statement(case: t.Case, statement: t.Statement) -> Iterator[str]:
    match statement:
        case t.Update(at, op, _, style, dtype):
            yield f"update:{op}"
            yield from ["update:setitem"] * (style == "setitem")
            yield from ["update:dtype"] * (dtype is not None)
            yield from ["closure:written"] * (at[0] == "closure")
        case t.Everywhere(at, _, via):
            yield f"everywhere:{via}"
            yield from ["everywhere:state"] * _at_a_state(case, at)
        case t.Make(_, what):
            yield f"make:{_tag(what)}"
        case t.Sow(_, _, _, total):
            yield f"sow:{'total' if total else 'list'}"
        case t.Train():
            yield f"train:{'scan' if case.inputs or case.ys else 'every loop'}"
        case t.Within(_, how, times, _, otherwise, args):
            yield f"within:{how}"
            yield from ["within:otherwise"] * (otherwise is not None)
            yield from ["within:arguments"] * bool(args)
            yield from ["within:two deep"] * (how in t.TRANSFORMS and times > 1)
        case t.Pop(_, named):
            yield from ["pop:two filters"] * (named is not None)
        case t.Swap() | t.Bind() | t.Drop() | t.Raise():
            pass


def _at_a_state(case: t.Case, at: t.TreePath) -> bool:
    return any(isinstance(thing, t.StateSlot) for thing in candidates(case, at, {}))


def _of_operands(case: t.Case) -> Iterator[str]:
    for _, operand in operands(case):
        yield f"operand:{_tag(operand)}"
        match operand:
            case t.Draw(stream, fork):
                yield from ["operand:fork"] * fork
                yield from ["closure:written"] * (stream[0] == "closure" and not fork)
            case t.Read(at):
                yield from ["closure:read"] * (at[0] == "closure")
            case t.Call(layer):
                yield from ["closure:read"] * (layer[0] == "closure")
                yield from _called(case, layer)
            case t.Const() | t.Index():
                pass


def _called(case: t.Case, layer: t.TreePath) -> Iterator[str]:
    for thing in candidates(case, layer, {}):
        node = thing.node if isinstance(thing, Standing) else None
        if isinstance(node, t.Layer):
            yield f"called:{node.kind}"
        elif isinstance(node, t.Linear):
            yield "called:linear"


def _tag(row: t.Tagged) -> str:
    return str(row.__struct_config__.tag)
