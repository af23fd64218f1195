"""Call programs that are a step smaller: without an object, a statement, an argument, an option, or
with what stands in a function in the place of the call.

Those that are not well formed are among them; the writer tells.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.walk import as_data, names_in, names_inside
from nnxfuzz.programs.calls.writer import BINDING, text

_replace = msgspec.structs.replace


class Row(Protocol):
    """What shrinking asks of a row of the registry."""

    leading: Any

    def read(self, options: dict[str, Any]) -> Any: ...
    def without(self, options: Any, arg: int) -> Any: ...
    def smaller(self, options: Any) -> Iterator[Any]: ...


def candidates(program: d.CallProgram, registry: Mapping[str, Any]) -> Iterator[d.CallProgram]:
    """Every well-formed program one step smaller, the largest steps first."""
    seen: set[bytes] = set()
    for step in _steps(program, registry):
        smaller = tidy(step)
        document = c.canonical(smaller)
        if document in seen or c.weight(smaller) >= c.weight(program):
            continue
        seen.add(document)
        try:
            text(smaller, registry)
        except Unfit:
            continue
        yield smaller


def _steps(program: d.CallProgram, registry: Mapping[str, Row]) -> Iterator[d.CallProgram]:
    for call in _calls(program.call, registry):
        yield _replace(program, call=call)
    for row, node in enumerate(program.nodes):
        for smaller in _nodes(node):
            nodes = (*program.nodes[:row], smaller, *program.nodes[row + 1 :])
            yield _replace(program, nodes=nodes)
    for row, variable in enumerate(program.variables):
        for simpler in _variables(variable):
            variables = (*program.variables[:row], simpler, *program.variables[row + 1 :])
            yield _replace(program, variables=variables)
    for name, held in program.objects.items():
        for other in _objects(program, held):
            yield _replace(program, objects={**program.objects, name: other})


# --- calls ----------------------------------------------------------------------------------


def _calls(call: d.Call, registry: Mapping[str, Row]) -> Iterator[d.Call]:
    """Smaller calls: what stands in it first."""
    for block in call.blocks:
        for statement in block.body:
            if isinstance(statement, d.Call):
                yield _moved(statement, _given(call, block, registry))
    row = registry[call.transform]
    options = row.read(call.options)
    if call.style != "def":
        yield _replace(call, style="def")
    if call.keywords:
        yield _replace(call, keywords=0)
    for k in range(len(call.args)):
        yield from _without_argument(call, k, row, options)
    for k in range(len(call.blocks) - 1, 0, -1):
        yield _replace(call, blocks=call.blocks[:k] + call.blocks[k + 1 :])
    for k in range(len(call.blocks[0].returns) if len(call.blocks) > 1 else 0):
        yield _replace(call, blocks=tuple(_without_result(block, k) for block in call.blocks))
    for k, block in enumerate(call.blocks):
        for smaller in _blocks(block, registry):
            yield _replace(call, blocks=(*call.blocks[:k], smaller, *call.blocks[k + 1 :]))
    for simpler in row.smaller(options):
        yield _replace(call, options=as_data(simpler))
    for k, operand in enumerate(call.args):
        for simpler in _operands(operand):
            yield _replace(call, args=(*call.args[:k], simpler, *call.args[k + 1 :]))


def _without_argument(call: d.Call, k: int, row: Row, options: Any) -> Iterator[d.Call]:
    """The call without an argument, and without the parameter that gets it."""
    first = 1 if call.style in BINDING else 0
    if k < first:
        return
    at = k + len(row.leading)
    blocks = []
    for block in call.blocks:
        if at >= len(block.params):
            return
        gone = block.params[at]
        kept = _replace(block, params=block.params[:at] + block.params[at + 1 :])
        blocks.append(_replace(kept, returns=tuple(r for r in kept.returns if not _is(r, gone))))
    left = as_data(row.without(options, k - first))
    yield _replace(
        call,
        args=call.args[:k] + call.args[k + 1 :],
        options=left,
        blocks=tuple(blocks),
        keywords=min(call.keywords, len(call.args) - 1 - first),
    )


def _is(operand: d.Operand, name: str) -> bool:
    return isinstance(operand, d.Read) and operand.place.name == name


def _given(call: d.Call, block: d.Block, registry: Mapping[str, Row]) -> dict[str, d.Operand]:
    """What the parameters of a function stand for."""
    first = 1 if call.style in BINDING else 0
    leading = registry[call.transform].leading
    own = block.params[:first] + block.params[first + len(leading) :]
    found: dict[str, d.Operand] = dict(zip(own, call.args, strict=False))
    return found | {name: d.Const() for name in block.params[first : first + len(leading)]}


def _blocks(block: d.Block, registry: Mapping[str, Row]) -> Iterator[d.Block]:
    body = block.body
    for k, statement in enumerate(body):
        yield _replace(block, body=body[:k] + body[k + 1 :])
        if isinstance(statement, d.Call):
            for inner in statement.blocks:
                names = _given(statement, inner, registry)
                lifted = tuple(_moved(one, names) for one in inner.body)
                yield _replace(block, body=(*body[:k], *lifted, *body[k + 1 :]))
    for k in range(len(block.returns)):
        yield _without_result(block, k)
    for k, statement in enumerate(body):
        for smaller in _statements(statement, registry):
            yield _replace(block, body=(*body[:k], smaller, *body[k + 1 :]))
    for k, operand in enumerate(block.returns):
        for simpler in _operands(operand):
            yield _replace(block, returns=(*block.returns[:k], simpler, *block.returns[k + 1 :]))


def _without_result(block: d.Block, k: int) -> d.Block:
    return _replace(block, returns=block.returns[:k] + block.returns[k + 1 :])


def _operands(operand: d.Operand) -> Iterator[d.Operand]:
    """Simpler operands: what stands in a container, a smaller one, a number."""
    if isinstance(operand, d.Group):
        yield from operand.items
        for k in range(len(operand.items)):
            yield _replace(operand, items=operand.items[:k] + operand.items[k + 1 :])
        if operand.kind != "tuple":
            yield _replace(operand, kind="tuple")
    if not isinstance(operand, d.Const):
        yield d.Const()


def _statements(one: d.Statement, registry: Mapping[str, Row]) -> Iterator[d.Statement]:
    match one:
        case d.Call():
            yield from _calls(one, registry)
        case d.Update(op=op, operand=operand):
            if operand != d.Const():
                yield _replace(one, operand=d.Const())
            if op != "add":
                yield _replace(one, op="add")
        case d.Let(left=left, right=right, op=op):
            if left != d.Const():
                yield _replace(one, left=d.Const())
            if right != d.Const():
                yield _replace(one, right=d.Const())
            if op != "add":
                yield _replace(one, op="add")
        case d.Apply() | d.Sow() | d.Step() | d.Measure() if one.operand != d.Const():
            yield _replace(one, operand=d.Const())
        case d.Fork(split=int()):
            yield _replace(one, split=None)
        case d.Turn(to="train"):
            yield _replace(one, to="eval")
        case d.Split() | d.State() if one.filter:
            yield _replace(one, filter="")
        case d.Attach(value=value, update=update):
            if isinstance(value, d.Read | d.New):
                yield _replace(one, value=1)
            if update:
                yield _replace(one, update=False)


def _moved(one: Any, names: Mapping[str, d.Operand]) -> Any:
    """A statement in which other operands stand for some names."""
    match one:
        case d.Read(place):
            new, path = _inside(names.get(place.name), place.path)
            if isinstance(new, d.Read):
                return d.Read(d.Place(new.place.name, new.place.path + path))
            return one if new is None else new
        case d.Place(name):
            new, path = _inside(names.get(name), one.path)
            return (
                d.Place(new.place.name, new.place.path + path) if isinstance(new, d.Read) else one
            )
        case tuple():
            return tuple(_moved(item, names) for item in one)
        case msgspec.Struct() if isinstance(one, d.Call | d.Block | d.Statement):
            fields = {n: _moved(getattr(one, n), names) for n in one.__struct_fields__}
            return type(one)(**fields)
        case _:
            return one


def _inside(operand: d.Operand | None, path: c.TreePath) -> tuple[d.Operand | None, c.TreePath]:
    """What stands at the start of a path in a container, and the rest of the path."""
    while isinstance(operand, d.Group) and path:
        at = "ab".index(path[0]) if isinstance(path[0], str) else path[0]
        if at >= len(operand.items):
            break
        operand, path = operand.items[at], path[1:]
    return operand, path


# --- objects --------------------------------------------------------------------------------


def _nodes(node: c.Node) -> Iterator[c.Node]:
    match node:
        case c.Module(attributes):
            for name in attributes:
                yield c.Module({n: held for n, held in attributes.items() if n != name})
        case c.Sequence(items) if items:
            yield c.Sequence(items[:-1])
        case c.Linear(stack=int()):
            yield _replace(node, stack=None)
        case c.Optimizer(model) if node != c.Optimizer(model):
            yield c.Optimizer(model)


def _variables(variable: c.Variable) -> Iterator[c.Variable]:
    for name in ("ref", "hijax", "kind", "tag", "names", "hook"):
        default = getattr(c.Variable(), name)
        if getattr(variable, name) != default:
            yield _replace(variable, **{name: default})
    for array in _arrays(variable.value):
        yield _replace(variable, value=array)


def _arrays(array: c.Array) -> Iterator[c.Array]:
    for shape in ((), (2,), (2, 2)):
        if len(shape) < len(array.shape):
            yield _replace(array, shape=shape)
    for name in ("fill", "dtype"):
        default = getattr(c.Array(), name)
        if getattr(array, name) != default:
            yield _replace(array, **{name: default})


def _objects(program: d.CallProgram, held: c.Attribute) -> Iterator[c.Attribute]:
    """What may stand for an object: what a list or a module of one attribute holds."""
    match held:
        case c.OfArray(array):
            yield from (c.OfArray(smaller) for smaller in _arrays(array))


# --- what nothing names -----------------------------------------------------------------------


def tidy(program: d.CallProgram) -> d.CallProgram:
    """The program without objects and rows that its call does not reach."""
    used = names_in(program.call) | names_inside(program.call)
    objects = {name: held for name, held in program.objects.items() if name in used}
    nodes: list[int] = []
    variables: list[int] = []

    def visit(held: c.Attribute) -> None:
        match held:
            case c.OfVariable(row) if row not in variables:
                variables.append(row)
            case c.OfNode(row) if row not in nodes:
                nodes.append(row)
                for below in _held(program.nodes[row]):
                    visit(below)

    for held in objects.values():
        visit(held)
    nodes.sort()
    variables.sort()

    def moved(held: c.Attribute) -> c.Attribute:
        match held:
            case c.OfVariable(row):
                return c.OfVariable(variables.index(row))
            case c.OfNode(row):
                return c.OfNode(nodes.index(row))
        return held

    return d.CallProgram(
        program.call,
        tuple(program.variables[row] for row in variables),
        tuple(_with_held(program.nodes[row], moved) for row in nodes),
        {name: moved(held) for name, held in objects.items()},
    )


def _held(node: c.Node) -> Iterator[c.Attribute]:
    match node:
        case c.Module(attributes):
            yield from attributes.values()
        case c.Mapping(items):
            yield from items.values()
        case c.Sequence(items):
            yield from items
        case c.Optimizer(model):
            yield c.OfNode(model)


def _with_held(node: c.Node, moved: Callable[[c.Attribute], c.Attribute]) -> c.Node:
    match node:
        case c.Module(attributes):
            return c.Module({name: moved(held) for name, held in attributes.items()})
        case c.Mapping(items):
            return c.Mapping({name: moved(held) for name, held in items.items()})
        case c.Sequence(items):
            return c.Sequence(tuple(map(moved, items)))
        case c.Optimizer(model):
            now = moved(c.OfNode(model))
            assert isinstance(now, c.OfNode)
            return _replace(node, model=now.node)
        case _:
            return node
