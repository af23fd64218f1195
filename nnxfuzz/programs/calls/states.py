"""`nnx.split`, `merge`, `state`, `update` and `clone`, and `jax.tree.map`, in a call program: text
and types.

The type of a State is that of its module's data, as a node of the kind "state".
"""

from dataclasses import replace
from typing import Any

from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.places import bind, found, shown
from nnxfuzz.programs.calls.types import Unfit

#: By filter: whether it takes a Param, and whether it takes all else.
_TAKES = {"": (True, True), "nnx.Param": (True, False), "the rest": (False, True)}

STATEMENTS = d.Split | d.Merge | d.State | d.Load | d.Clone | d.TreeMap


def written(one: STATEMENTS, scope: dict[str, t.Type]) -> str:
    """A statement as text; raises Unfit if it does not fit what it names."""
    at = shown(one.place)
    match one:
        case d.Split(name, place, filter_):
            node = module_or_layer(found(place, scope))
            parts = [state_of(node, f) for f in ((filter_, "the rest") if filter_ else ("",))]
            bind(scope, name, t.Results((t.Definition(node), *parts)))
            return f"{name} = nnx.split({at}{f', {filter_}, ...' if filter_ else ''})"
        case d.State(name, place, filter_):
            bind(scope, name, state_of(module_or_layer(found(place, scope)), filter_))
            return f"{name} = nnx.state({at}{f', {filter_}' if filter_ else ''})"
        case d.Merge(name, place, states):
            definition = found(place, scope)
            if not isinstance(definition, t.Definition):
                raise Unfit(f"{at} is no GraphDef")
            bind(scope, name, merged(definition.node, [found(s, scope) for s in states]))
            return f"{name} = nnx.merge({', '.join([at, *map(shown, states)])})"
        case d.Load(place, state):
            new = loaded(module_or_layer(found(place, scope)), found(state, scope))
            scope[place.name] = t.put(scope[place.name], place.path, new)
            return f"nnx.update({at}, {shown(state)})"
        case d.Clone(name, place):
            bind(scope, name, module_or_layer(found(place, scope)))
            return f"{name} = nnx.clone({at})"
        case d.TreeMap(name, place):
            bind(scope, name, mappable(found(place, scope)))
            return f"{name} = jax.tree.map(lambda x: x + x, {at})"


def module_or_layer(type_: t.Type) -> t.Node:
    """A module or a layer; raises Unfit for all else."""
    if not isinstance(type_, t.Node) or type_.kind in ("list", "dict", "state"):
        raise Unfit("it is no module and no layer")
    return type_


def mappable(type_: t.Type) -> t.Node:
    """A module, a layer or a State of numbers alone; raises Unfit for all else."""
    if not isinstance(type_, t.Node) or not all(isinstance(a, t.Array) for a in t.arrays(type_)):
        raise Unfit("what is mapped is a module or a State, and holds no keys")
    if type_.kind != "state":
        module_or_layer(type_)
    t.no_hijax(type_)
    t.no_references(type_)
    return type_


def state_of(node: t.Node, filter_: str = "") -> t.Node:
    """The type of a module's State; what holds no data is not in it."""
    params, others = _TAKES[filter_]
    held: list[tuple[str | int, t.Type]] = []
    for name, below in node.attributes:
        match below:
            case t.Node():
                part = state_of(below, filter_)
                held += [(name, part)] if part.attributes else []
            case t.Variable(kind=kind) if params if kind == "Param" else others:
                held.append((name, below))
            case t.Array() | t.Sown() if others:
                held.append((name, below))
            case t.Streams(lanes=lanes) if others:
                held.append((name, t.Streams((), lanes)))  # its keys and counts, and no stream
            case t.Optimizer() | t.Whole():
                raise Unfit("what it holds has no names here")
    return t.Node(node.row, "state", tuple(held))


def merged(node: t.Node, states: list[t.Type]) -> t.Node:
    """The type of what `nnx.merge` makes; raises Unfit if the States are not of the node."""
    parts = [dict(_names(state)) for state in states]
    wanted = [name for name, _ in state_of(node).attributes]
    if sorted(map(str, wanted)) != sorted({str(name) for part in parts for name in part}):
        raise Unfit("the States have other names than the GraphDef")
    return _with(node, parts)


def loaded(node: t.Node, state: t.Type) -> t.Node:
    """The type of a module into which a State was read; raises Unfit where it lacks a name."""
    part = dict(_names(state))
    if not part or not part.keys() <= dict(node.attributes).keys():
        raise Unfit("the State has other names than the module")
    return _with(node, [part])


def _with(node: t.Node, parts: list[dict[str | int, t.Type]]) -> t.Node:
    held: list[tuple[str | int, t.Type]] = []
    for name, was in node.attributes:
        new = [part[name] for part in parts if name in part]
        held.append((name, _as(was, new) if new else was))
    return replace(node, attributes=tuple(held), layer=node.layer and _same(node, held))


def _as(was: t.Type, new: list[t.Type]) -> t.Type:
    """What stands where `was` stood, of what the States have there."""
    if isinstance(was, t.Node):
        return _with(was, [dict(_names(one)) for one in new])
    if len(new) != 1 or type(new[0]) is not type(was):
        raise Unfit("a State has another thing at a name")
    if isinstance(was, t.Streams) and isinstance(new[0], t.Streams):
        return replace(was, lanes=new[0].lanes)
    return new[0]


def _same(node: t.Node, held: Any) -> bool:
    return tuple(held) == node.attributes


def _names(state: t.Type) -> tuple[tuple[str | int, t.Type], ...]:
    if not isinstance(state, t.Node) or state.kind != "state":
        raise Unfit("it is no State")
    return state.attributes
