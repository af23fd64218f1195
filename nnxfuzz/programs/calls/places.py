"""Places and operands of a call program as text, with the types of what stands there."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.types import Unfit

INDENT = "    "

#: How a container is written around its items.
_AROUND = {"tuple": "({})", "list": "[{}]", "dict": "{{{}}}", "record": "Pair({})"}


class CallText(NamedTuple):
    """What a call is written from: the options, the types of the arguments, the functions and the
    arguments as text, the name of the result, and how the functions are handed over.
    """

    options: Any
    args: tuple[t.Type, ...]
    functions: Sequence[str]
    given: Sequence[str]
    name: str
    style: d.Style = "def"


def bind(scope: dict[str, t.Type], name: str, type_: t.Type) -> None:
    """Give a name its type; no name is bound twice, so that none hides another."""
    if name in scope:
        raise Unfit(f"{name} is bound twice")
    if not name.isidentifier():
        raise Unfit(f"{name!r} is no name")
    scope[name] = type_


def found(place: d.Place, scope: t.Scope) -> t.Type:
    """What stands at a place; raises Unfit."""
    if place.name not in scope:
        raise Unfit(f"there is no {place.name}")
    return t.at(scope[place.name], place.path)


def shown(place: d.Place) -> str:
    """A place as text."""
    steps = (f"[{s}]" if isinstance(s, int) else f".{s}" for s in place.path)
    return place.name + "".join(steps)


def argument(operand: d.Operand, scope: t.Scope) -> tuple[str, t.Type]:
    """What an operand is as an argument or a result."""
    match operand:
        case d.Const(value):
            return f'jnp.asarray({value}, "float32")', t.Array(())
        case d.Plain(value):
            dtype = {bool: "bool", int: "int32"}.get(type(value), "float32")
            return repr(value), t.Static() if value is None else t.Array((), dtype, number=True)
        case d.Group(kind, items):
            return _group(kind, [argument(item, scope) for item in items])
        case d.Read(place):
            return shown(place), found(place, scope)


def _group(kind: str, items: list[tuple[str, t.Type]]) -> tuple[str, t.Type]:
    if kind == "record" and len(items) != 2:
        raise Unfit("a record has two items")
    texts = [text for text, _ in items]
    if kind == "dict":
        texts = [f"{k}: {text}" for k, text in enumerate(texts)]
    inside = ", ".join(texts) + ("," if kind == "tuple" and len(texts) == 1 else "")
    return _AROUND[kind].format(inside), t.Results(tuple(type_ for _, type_ in items), kind)


def number(operand: d.Operand, scope: t.Scope) -> tuple[str, t.Array]:
    """What an operand is as an array; raises Unfit if it is none."""
    text, type_ = argument(operand, scope)
    if isinstance(type_, t.Variable):
        return f"{text}[...]" if type_.by_item else f"{text}.value", type_.array
    if not isinstance(type_, t.Array):
        raise Unfit(f"{text} is no array")
    if type_.number:
        return f"jnp.asarray({text})", t.Array(type_.shape, type_.dtype)
    return text, type_


def fitted(operand: d.Operand, scope: t.Scope, want: t.Array, whole: bool = False) -> str:
    """An operand made to go with an array; `whole`: of its very shape."""
    if isinstance(operand, d.Const):
        if whole and want.shape:
            return f'jnp.full({want.shape}, {operand.value}, "{want.dtype}")'
        return f'jnp.asarray({operand.value}, "{want.dtype}")'
    text, have = number(operand, scope)
    if have.shape not in ((), want.shape):
        text, have = f"jnp.sum({text})", t.Array((), have.dtype)
    if have.dtype != want.dtype:
        text = f'{text}.astype("{want.dtype}")'
    if whole and have.shape != want.shape:
        text = f"jnp.broadcast_to({text}, {want.shape})"
    return text
