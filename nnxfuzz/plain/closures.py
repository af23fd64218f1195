"""The live objects that a function reaches besides its arguments, and the function with others.

A function reaches the variables of enclosing functions, the defaults of its parameters, the globals
that its code and the functions in it name, the object that a method is bound to, the arguments of a
`functools.partial`, and what the functions among these reach in turn.
"""

import functools
import inspect
import types
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import jax

from nnxfuzz import nnx_api
from nnxfuzz.plain.hosts import current_host
from nnxfuzz.plain.libraries import is_library, is_library_class
from nnxfuzz.plain.names import defaults_of, name_of, names_of
from nnxfuzz.plain.objects import Place, everything, is_object, mapped
from nnxfuzz.plain.stored import dictionary_of, is_cache, members_of, pairs_of, results_of, step_to

#: Where code begins: file, name, and line.
Code = tuple[str, str, int]

#: How deep objects that are not Flax's are looked into.
_DEPTH = 3

#: Functions and containers.
_LOOKED_INTO = (types.FunctionType, types.MethodType, functools.partial, list, tuple, dict)

#: Globals that reach nothing which a transform traces.
_NO_HOLDERS = (type, types.ModuleType, jax.Array)

#: Packages whose functions reach no object of a user.
_LIBRARIES = frozenset({"flax", "jax", "jaxlib", "numpy", "optax", "builtins", "functools"})


def captured(f: Any, arguments: Iterable[Any] = ()) -> list[Place]:
    """The Variables and nodes that `f` reaches directly, with the names by which it does.

    Its own default is none of them if it is one of the arguments: transforms that need a position
    for each argument hand the defaults on as arguments.
    """
    given = set(map(id, arguments))
    own = defaults_of(f) if isinstance(f, types.FunctionType) else ()
    left_out = {(f".{name}", id(held)) for name, held in own if id(held) in given}
    found = _visited(f, left_out)
    return [Place((), text, value) for text, value in found if is_object(value)]


def code_at(code: types.CodeType) -> Code:
    """Where code begins."""
    return code.co_filename, code.co_name, code.co_firstlineno


def codes_of(f: Any) -> frozenset[Code]:
    """Where the code begins that may run if `f` is called, also that of what it wraps: by name, or,
    if it is a function of `plain`, by closure.
    """
    found: set[Code] = set()
    left = [f]
    while left:
        f = left.pop()
        if isinstance(f, functools.partial):
            left.append(f.func)
        elif not isinstance(f, types.FunctionType | types.MethodType):
            left += [call] if isinstance(call := type(f).__call__, types.FunctionType) else []
        elif code_at(f.__code__) not in found:
            found.add(code_at(f.__code__))
            left += [f.__wrapped__] if hasattr(f, "__wrapped__") else []
            if str(f.__module__).startswith("nnxfuzz.plain"):
                left += filter(callable, inspect.getclosurevars(f).nonlocals.values())
    return frozenset(found)


def traced(f: Any, inside: bool) -> list[str]:
    """The names by which `f` reaches arrays that jax traces, also in Variables and nodes.

    Flax traces whatever is `inside` of another transform, so any array there counts.
    """
    kind: type = jax.Array if inside else jax.core.Tracer
    return [text for text, value in _visited(f) if _holds(kind, value)]


def _holds(kind: type, value: Any) -> bool:
    """Whether it is an array of this kind, or a Variable or node with one."""
    below = (place.thing for place in everything(value)) if is_object(value) else (value,)
    raw = (nnx_api.get_raw(x) if nnx_api.is_variable(x) else x for x in below)
    return any(isinstance(x, kind) for x in raw)


def _is_gone(value: Any) -> bool:
    """Whether it stands for an object that lives no more: it reaches nothing, and cannot be asked
    for its class.
    """
    if type(value) in weakref.ProxyTypes:
        try:
            value.__class__  # noqa: B018
        except ReferenceError:
            return True
    return False


def _visited(f: Any, left_out: Collection[tuple[str, int]] = ()) -> list[tuple[str, Any]]:
    """The objects that `f` reaches directly, and what else it is reached by, with the names.

    `left_out` are steps from `f` itself that are not taken, each with the id of what is there.
    """
    found: list[tuple[str, Any]] = []
    seen: set[int] = set()
    host = current_host()

    def visit(text: str, value: Any, depth: int) -> None:
        if id(value) in seen or depth < 0 or _is_gone(value):
            return
        if host is not None and value is host:  # its own things are no part of the program
            value = host.reached
        seen.add(id(value))
        found.append((text, value))
        if is_object(value):
            return
        for step, held in _reached(value):
            if value is f and (step, id(held)) in left_out:
                continue
            visit(text + step if text else step.lstrip("."), held, depth - _costs(value))

    visit(type(f).__name__ if is_object(f) else "", f, _DEPTH)
    visit("", _call_of(f), _DEPTH)
    for name, held in nnx_api.attributes(f).items() if nnx_api.is_node(f) else ():
        if callable(held) and not is_object(held):
            visit(name, held, _DEPTH)
    return found


def _call_of(f: Any) -> Any:
    """The function that runs where a callable object is called; `f` itself if it is none."""
    while isinstance(f, functools.partial):
        f = f.func
    call = f if isinstance(f, types.FunctionType | types.MethodType) else type(f).__call__
    return call if isinstance(call, types.FunctionType) else f


def reached(f: Any) -> set[int]:
    """The ids of the Variables and nodes that `f` reaches, directly or below others."""
    return {id(held.thing) for place in captured(f) for held in everything(place.thing)}


def _costs(value: Any) -> int:
    """Functions and containers are looked into however deep they stand."""
    return 0 if isinstance(value, _LOOKED_INTO) or nnx_api.is_state(value) else 1


def _reached(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value reaches directly, each with the step that leads there."""
    if isinstance(value, functools.partial):
        yield "", value.func
        yield from ((f".{name_of(value.func, k)}", held) for k, held in enumerate(value.args))
        yield from ((f".{name}", held) for name, held in value.keywords.items())
    elif isinstance(value, types.MethodType):
        yield "", value.__func__
        yield ".self", value.__self__
    elif isinstance(value, types.FunctionType):
        if str(value.__module__).partition(".")[0] not in _LIBRARIES:
            yield from _variables_of(value)
    elif isinstance(value, list | tuple):
        every = enumerate(members_of(value))
        yield from ((f"[{k}]", held) for k, held in every if not _is_bare(held))
    elif isinstance(value, dict) or nnx_api.is_state(value):
        # all at once, here and below: it may be a cache, which grows while it is looked into
        pairs = tuple(pairs_of(value))
        yield from [(step_to(name), held) for name, held in pairs if not _is_bare(held)]
    elif is_cache(value):
        yield "", value.__wrapped__
        if not is_library(value.__module__):
            yield from [("()", held) for held in results_of(value)]
    elif not isinstance(value, type | types.ModuleType):
        stored = tuple((dictionary_of(value) or {}).items())
        yield from [(f".{name}", held) for name, held in stored if not _is_bare(held)]


def _is_bare(value: Any) -> bool:
    """Whether it is a number or a text, or a container of such, as a data set has many."""
    kind = type(value)
    if kind in (list, tuple, dict):
        return all(type(held) in _BARE for held in (value.values() if kind is dict else value))
    return kind in _BARE


_BARE = frozenset({type(None), bool, int, float, complex, str, bytes})


def _variables_of(f: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """What a function has by closure and as defaults, then the globals that it names."""
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        try:
            yield f".{name}", cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    yield from ((f".{name}", held) for name, held in defaults_of(f))
    for name in sorted(names_of(f.__code__).globals):
        held = f.__globals__.get(name)
        if not _is_gone(held) and (is_object(held) or not isinstance(held, _NO_HOLDERS)):
            yield f".{name}", held


@contextmanager
def lent(f: Any, replace: Callable[[Any], Any]) -> Iterator[None]:
    """For a while, the user's own objects that `f` reaches hold `replace(object)` as attributes in
    the place of each of Flax's.  What `f` assigns itself stays.
    """
    owners = [value for _, value in _visited(f) if _is_of_the_user(value)]
    held = [(owner, *item) for owner in owners for item in vars(owner).items()]
    changed = []
    for owner, name, thing in held:
        new = replace(thing) if is_object(thing) else thing
        if new is not thing:
            vars(owner)[name] = new
            changed.append((owner, name, thing, new))
    try:
        yield
    finally:
        for owner, name, thing, new in changed:
            if vars(owner).get(name) is new:
                vars(owner)[name] = thing


def _is_of_the_user(value: Any) -> bool:
    """Whether it is an object of a class of the user's that is none of Flax's."""
    none = (*_LOOKED_INTO, type, types.ModuleType)
    if is_object(value) or isinstance(value, none) or dictionary_of(value) is None:
        return False
    return not is_library_class(type(value))


def rebound(
    f: Callable[..., Any], replace: Callable[[Any], Any], pytrees: bool = False
) -> Callable[..., Any]:
    """`f` with `replace(object)` for each object that it reaches; `f` itself if it reaches none.

    Objects that are not Flax's are shared: what stands in their attributes is `lent`.  With
    `pytrees`, those that jax knows as containers are made anew, as lists are.
    """
    made: dict[int, Any] = {}

    def new(value: Any) -> Any:
        if is_object(value):
            return replace(value)
        is_function = isinstance(value, types.FunctionType | types.MethodType | functools.partial)
        known = pytrees and not is_function and not jax.tree_util.all_leaves([value])
        if isinstance(value, list | tuple | dict) or known or nnx_api.is_state(value):
            return mapped(new, value) if _holds_objects(value) else value
        if not is_function:
            return value
        if id(value) not in made:
            made[id(value)] = value  # a function that reaches itself
            made[id(value)] = _function(value, new) if _replaceable(value) else value
        return made[id(value)]

    return new(f)  # type: ignore[no-any-return]


def _holds_objects(value: Any) -> bool:
    found: list[Any] = []
    mapped(found.append, value)
    return any(is_object(leaf) or callable(leaf) for leaf in found)


def _replaceable(f: Any) -> bool:
    """Whether anything that `f` reaches through functions and containers is an object."""
    return bool(captured(f))


def _function(f: Any, new: Callable[[Any], Any]) -> Any:
    """A function like `f` that reaches other objects."""
    if isinstance(f, functools.partial):
        args = (new(held) for held in f.args)
        return functools.partial(new(f.func), *args, **{k: new(v) for k, v in f.keywords.items()})
    if isinstance(f, types.MethodType):
        return types.MethodType(new(f.__func__), new(f.__self__))
    cells = tuple(_cell(cell, new) for cell in f.__closure__ or ())
    named = names_of(f.__code__).globals & f.__globals__.keys()
    names = {name: f.__globals__[name] for name in named}
    others = {name: new(held) for name, held in names.items()}
    changed = any(others[name] is not held for name, held in names.items())
    world = f.__globals__ | others if changed else f.__globals__
    defaults = f.__defaults__ and tuple(map(new, f.__defaults__))
    made = types.FunctionType(f.__code__, world, f.__name__, defaults, cells)
    made.__kwdefaults__ = f.__kwdefaults__ and {k: new(v) for k, v in f.__kwdefaults__.items()}
    made.__qualname__, made.__module__ = f.__qualname__, f.__module__
    vars(made).update(vars(f))
    return made


def _cell(cell: types.CellType, new: Callable[[Any], Any]) -> types.CellType:
    try:
        held = cell.cell_contents
    except ValueError:
        return cell
    other = new(held)
    return cell if other is held else types.CellType(other)
