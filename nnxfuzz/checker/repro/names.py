"""What libraries have under a name, and how a script imports it."""

import inspect
import operator
import sys
import types
from typing import Any

from nnxfuzz.checker.intercept import INTERCEPTION
from nnxfuzz.checker.repro.source import CannotCarry
from nnxfuzz.plain.libraries import is_library

#: Where a name of a library is looked for first, and how the script calls the module.
_PUBLIC = (
    ("flax.nnx", "nnx"),
    ("jax.numpy", "jnp"),
    ("jax", "jax"),
    ("numpy", "np"),
    ("optax", "optax"),
    ("jax.nn", "jax.nn"),
    ("jax.lax", "jax.lax"),
    ("jax.random", "jax.random"),
    ("builtins", ""),
)


def public(value: Any) -> tuple[str, str] | None:
    """The code that names what a library has, and its import; None for anything else."""
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if not isinstance(name, str) or isinstance(value, types.ModuleType | types.MethodType):
        return None
    if any(value is ours for ours in INTERCEPTION.stand_ins()):
        return f"nnx.{name}", ""
    for module, alias in _PUBLIC:
        held = getattr(sys.modules.get(module), name, None)
        if held is value or (held is not None and getattr(held, "__wrapped__", 0) is value):
            code = f"{alias}.{name}" if alias else name
            return code, imported(module, alias) if alias else ""
    where = getattr(value, "__module__", None)
    if isinstance(where, str) and is_library(where) and found(where, name) is value:
        return f"{where}.{name}", f"import {where}"
    return None


def cells_of(function: types.FunctionType, path: str) -> dict[str, Any]:
    """What a function that a library's function made closes over, cell by cell.

    Raises CannotCarry if the script could not find its code in the library's.
    """
    outer, *inner = function.__qualname__.split(".<locals>.")
    code = getattr(inspect.unwrap(found(function.__module__, outer) or print), "__code__", None)
    for name in inner:
        consts = code.co_consts if code is not None else ()
        codes = [c for c in consts if isinstance(c, types.CodeType) and c.co_name == name]
        code = codes[0] if codes else None
    if code is not function.__code__:
        raise CannotCarry(f"{path} is {function.__qualname__}, which {function.__module__} hides")
    return dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))


def decorated(value: Any) -> Any:
    """The user's function that a decorator made a value of; None for a plain function."""
    if isinstance(value, types.FunctionType | type | types.MethodType):
        inner = getattr(value, "__wrapped__", None)
    else:
        inner = getattr(value, "fun", None) or getattr(value, "__wrapped__", None)
    is_users = isinstance(inner, types.FunctionType) and not is_library(inner.__module__)
    return inner if is_users else None


def imported(module: str, name: str) -> str:
    """The import that gives a module a name."""
    if module == name:
        return f"import {module}"
    package, _, last = module.rpartition(".")
    return f"from {package} import {name}" if last == name else f"import {module} as {name}"


def module_of(code: str) -> str:
    """The module of what a library has under a dotted name."""
    alias = code.rpartition(".")[0]
    return next((module for module, short in _PUBLIC if short == alias), alias)


def found(module: str, name: str) -> Any:
    """What a module has under a dotted name; None if nothing."""
    try:
        return operator.attrgetter(name)(sys.modules[module])
    except (AttributeError, KeyError, TypeError):
        return None
