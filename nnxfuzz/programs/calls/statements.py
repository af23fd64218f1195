"""The statements of a call program as text, but for the calls of transforms.

Each is checked against the types of what it names; what it makes, changes or takes away has its new
type in the scope afterwards.
"""

import math
from typing import Any

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import states
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.objects import layer_text
from nnxfuzz.programs.calls.places import argument, bind, fitted, found, number, shown
from nnxfuzz.programs.calls.relations import FUNCTIONS, relation_of
from nnxfuzz.programs.calls.tables import layer, streams, variable
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.layers import LAYERS
from nnxfuzz.programs.text import variable_code

_SIGNS = {"add": "+", "multiply": "*"}

#: Functions that a program's text has if one of its statements calls them.
HELPERS = FUNCTIONS | {
    "train(": """\
def train(optimizer, model, x):
    grads = nnx.grad(lambda m: jnp.sum(m(x)), **mode)(model)
    with_model = "model" in inspect.signature(optimizer.update).parameters
    optimizer.update(*([model] if with_model else []), grads)""",
    "mark(": """\
def mark(variable, tag):
    if hasattr(variable, "set_metadata"):
        variable.set_metadata(tag=tag)
    else:
        variable.tag = tag""",
    "Pair(": """\
@dataclasses.dataclass
class Pair:
    a: object
    b: object


jax.tree_util.register_dataclass(Pair, data_fields=["a", "b"], meta_fields=[])""",
}


def written(one: Any, scope: dict[str, t.Type]) -> list[str]:
    """A statement as lines; raises Unfit if it does not fit what it names."""
    match one:
        case d.Update() | d.Cast():
            return [_assigned(one, scope)]
        case d.Let(name, left, op, right):
            text, array = number(left, scope)
            other = fitted(right, scope, array)
            bind(scope, name, array)
            return [f"{name} = {other if op == 'set' else f'{text} {_SIGNS[op]} {other}'}"]
        case d.Mark():
            return [_marked(one, scope)]
        case d.Make(name, value):
            return [_made(name, value, scope)]
        case d.Attach() | d.Detach() | d.Swap() | d.Sow() | d.Pop():
            return [_restructured(one, scope)]
        case d.Split() | d.Merge() | d.State() | d.Load() | d.Clone() | d.TreeMap():
            return [states.written(one, scope)]
        case d.Raise():
            return ['raise ArithmeticError("of the program")']
        case _:
            return [_library(one, scope)]


def _assigned(one: d.Update | d.Cast, scope: dict[str, t.Type]) -> str:
    """A write to the value of a Variable, or to a raw array."""
    place = one.place
    held, target = found(place, scope), shown(place)
    if isinstance(held, t.Variable):
        array = held.array
        target += "[...]" if held.by_item or (isinstance(one, d.Update) and one.item) else ".value"
    elif isinstance(held, t.Array) and place.path:
        array = held
        _module(d.Place(place.name, place.path[:-1]), scope)
    else:
        raise Unfit(f"{target} cannot be assigned")
    if isinstance(one, d.Cast):
        if isinstance(held, t.Variable) and held.by_item:
            raise Unfit("what is written by item keeps its dtype")
        new = t.Array(array.shape, one.dtype)
        kept: t.Type = t.Variable(new, held.kind) if isinstance(held, t.Variable) else new
        _put(place, kept, scope)
        return f'{target} = {target}.astype("{one.dtype}")'
    other = fitted(one.operand, scope, array, whole=one.op == "set")
    if one.op == "set":  # another array, so that it is a write to be seen
        return f"{target} = " + (f"jnp.array({other})" if _reads(one.operand) else other)
    return f"{target} = {target} {_SIGNS[one.op]} {other}"


def _marked(one: d.Mark, scope: dict[str, t.Type]) -> str:
    """An entry of a Variable's metadata; in a State it is none of the module's."""
    place = one.place
    held = found(place, scope)
    steps = [t.at(scope[place.name], place.path[:end]) for end in range(len(place.path))]
    if not isinstance(held, t.Variable) or held.hijax:
        raise Unfit(f"{shown(place)} is no Variable whose metadata can be set")
    if any(isinstance(above, t.Node) and above.kind == "state" for above in steps):
        raise Unfit("what a State holds is no Variable on every release")
    return f"mark({shown(place)}, {one.tag!r})"


def _reads(operand: d.Operand) -> bool:
    return isinstance(operand, d.Read)


def _made(name: str, value: Any, scope: dict[str, t.Type]) -> str:
    if isinstance(value, d.New):
        bind(scope, name, variable(value.variable))
        return f"{name} = {variable_code(value.variable)}"
    type_ = streams(value) if isinstance(value, c.Streams) else layer(value, -1)
    if type_ is None:
        raise Unfit("a call program has no such layer")
    bind(scope, name, type_)
    return f"{name} = {layer_text(value)}"


def _restructured(one: Any, scope: dict[str, t.Type]) -> str:
    """A statement that changes what a module holds."""
    if isinstance(one, d.Detach):
        if not one.place.path:
            raise Unfit("only an attribute can be deleted")
        _module(d.Place(one.place.name, one.place.path[:-1]), scope)
        found(one.place, scope)
        _put(one.place, None, scope)
        return f"del {shown(one.place)}"
    at = shown(one.place)
    held = _module(one.place, scope)
    match one:
        case d.Attach(place, attribute, value, update):
            if isinstance(value, d.Read):
                text, type_ = argument(value, scope)
                if isinstance(type_, t.Array):
                    raise Unfit("an array is attached as part of a Variable")
                if any(isinstance(b, t.Node) and b.row == held.row for _, b in t.places(type_)):
                    raise Unfit("a module that holds itself ends the process: jax walks it forever")
            elif isinstance(value, d.New):
                text, type_ = variable_code(value.variable), variable(value.variable)
            else:
                text, type_ = repr(value), t.Static()
            if update:
                _check_update(held, attribute, type_)
            _put(_below(place, attribute), type_, scope)
            state = f"nnx.State({{{attribute!r}: {text}}})"
            return f"nnx.update({at}, {state})" if update else f"{at}.{attribute} = {text}"
        case d.Swap(place, one_, other):
            first, second = t.at(held, (one_,)), t.at(held, (other,))
            _put(_below(place, one_), second, scope)
            _put(_below(place, other), first, scope)
            return f"{at}.{one_}, {at}.{other} = {at}.{other}, {at}.{one_}"
        case d.Sow(place, operand):
            text, array = number(operand, scope)
            _put(_below(place, "sown"), t.Sown(array), scope)
            return f'{at}.sow(nnx.Intermediate, "sown", {text})'
        case d.Pop(name, place):
            if any(step == "sown" for step, _ in t.children(held)):
                _put(_below(place, "sown"), None, scope)
            bind(scope, name, t.Static())
            return f"{name} = nnx.pop({at}, nnx.Intermediate)"
    raise AssertionError(one)


def _check_update(held: t.Node, attribute: str, new: t.Type) -> None:
    """Raise Unfit if the attribute is there, or if what it gets is neither static nor a Variable of
    which a copy can be made under a trace: a reference has an owner.
    """
    if attribute in dict(held.attributes):
        raise Unfit(f"{attribute} is there already")
    if not isinstance(new, t.Static | t.Variable) or getattr(new, "ref", False):
        raise Unfit("nnx.update puts a static value or a Variable there")


def _library(one: Any, scope: dict[str, t.Type]) -> str:
    """A call or another use of a layer, of streams, of an optimizer or of a metric."""
    held, at = found(one.place, scope), shown(one.place)
    match one, held:
        case d.Apply(name, _, operand), t.Node(layer=True):
            start = fitted(operand, scope, t.Array(()))
            bind(scope, name, t.Array(t.LAYER_SHAPE))
            return f"{name} = {at}({start} + jnp.arange(4.0).reshape(2, 2))"
        case d.Apply(name, _, operand), t.Whole(kind):
            code = LAYERS[kind]
            start = fitted(operand, scope, t.Array((), code.dtype))
            bind(scope, name, t.Array())
            x = _counting(start, code.shape, code.dtype)
            return f"{name} = jnp.sum({code.call.format(layer=at, x=x)})"
        case d.Relate(name, _, operand), _ if relation := relation_of(held):
            x = _counting(fitted(operand, scope, t.Array(())), relation.shape)
            this, that = (way.format(layer=at) for way in (relation.this, relation.that))
            bind(scope, name, t.Array(relation.shape))
            return f"{name} = related({x}, lambda x: {this}, lambda x: {that})"
        case d.Random(name), t.Streams(names, None) if names:
            bind(scope, name, t.Array((), "float32"))
            return f'{name} = jax.random.randint({at}.{names[0]}(), (), 0, 64).astype("float32")'
        case d.Fork(name, _, split), t.Streams(names, None) if names:
            bind(scope, name, t.Streams(names, split))
            return f"{name} = {at}.fork({'' if split is None else f'split={split}'})"
        case d.Step(_, model, operand), t.Optimizer(row):
            layer = found(model, scope)
            if not isinstance(layer, t.Node) or layer.row != row or not layer.layer:
                raise Unfit(f"{shown(model)} is not the model of the optimizer")
            start = fitted(operand, scope, t.Array(()))
            return f"train({at}, {shown(model)}, {start} + jnp.arange(4.0).reshape(2, 2))"
        case d.Turn(_, to), _:
            states.module_or_layer(held)
            return f"{at}.{to}()"
        case d.Reseed(_, seed), t.Streams(names, None) if names:
            return f"nnx.reseed({at}, {', '.join(f'{name}={seed}' for name in names)})"
        case d.Measure(_, operand), t.Node(kind="MultiMetric"):
            return f"{at}.update(loss={fitted(operand, scope, t.Array(()))})"
    raise Unfit(f"{at} is nothing for a {type(one).__name__}")


def _counting(start: str, shape: tuple[int, ...], dtype: str = "float32") -> str:
    """A layer's input, which counts up from a number that is kept small, as those of cases do."""
    size = math.prod(shape)
    return f'jnp.clip({start}, -8, 8) + jnp.arange({size}, dtype="{dtype}").reshape{shape}'


def _module(place: d.Place, scope: t.Scope) -> t.Node:
    held = found(place, scope)
    if not isinstance(held, t.Node) or held.kind != "module":
        raise Unfit(f"{shown(place)} is no module")
    return held


def _below(place: d.Place, attribute: str) -> d.Place:
    if not attribute.isidentifier():
        raise Unfit(f"{attribute!r} is no name")
    return d.Place(place.name, (*place.path, attribute))


def _put(place: d.Place, type_: t.Type | None, scope: dict[str, t.Type]) -> None:
    """What stands at a place from now on, as far as this name tells."""
    if place.path:
        scope[place.name] = t.put(scope[place.name], place.path, type_)
    elif type_ is not None:
        scope[place.name] = type_
