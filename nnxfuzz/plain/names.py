"""The names that code mentions, and those of its parameters."""

import dis
import functools
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

#: What code reaches a global, or an attribute of a module or class, with whose name is a text.
_BY_TEXT = frozenset(
    {"globals", "vars", "__dict__", "modules", "getattr", "setattr", "delattr", "attrgetter"}
)


class Names(NamedTuple):
    """The names that code mentions: of globals, of attributes, of those of which it does more than
    to set them, of those that it sets, and of modules that it imports.

    Code that reaches names by a text (`globals()["n"]`) mentions those that it has as texts.
    """

    globals: frozenset[str]
    attributes: frozenset[str]
    read: frozenset[str]
    stored: frozenset[str]
    imported: frozenset[str]


@functools.lru_cache(maxsize=4096)
def names_of(code: types.CodeType) -> Names:
    """The names that a code object mentions, and the code nested in it."""
    nested = [names_of(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    every = list(dis.get_instructions(code))
    in_globals = frozenset(str(i.argval) for i in every if i.opname.endswith(("_GLOBAL", "_NAME")))
    texts = _texts_of(code)
    read = frozenset(str(i.argval) for i in every if i.opname not in ("STORE_ATTR", "DELETE_ATTR"))
    stored = frozenset(str(i.argval) for i in every if i.opname == "STORE_ATTR")
    imported = frozenset(str(i.argval) for i in every if i.opname == "IMPORT_NAME")
    return Names(
        in_globals.union(texts, *(n.globals for n in nested)),
        (frozenset(code.co_names) - in_globals).union(texts, *(n.attributes for n in nested)),
        read.intersection(code.co_names).union(*(n.read for n in nested)),
        stored.union(*(n.stored for n in nested)),
        imported.union(*(n.imported for n in nested)),
    )


def _texts_of(code: types.CodeType) -> frozenset[str]:
    """The names that stand in code as texts, if it reaches any in this way."""
    if _BY_TEXT.isdisjoint(code.co_names):
        return frozenset()
    return frozenset(c for c in code.co_consts if isinstance(c, str) and c.isidentifier())


def name_of(f: Callable[..., Any], place: int) -> str:
    """The name of the parameter at a position."""
    try:
        return list(inspect.signature(f).parameters)[place]
    except (TypeError, ValueError, IndexError):
        return f"args[{place}]"


def defaults_of(f: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """The defaults of a function's parameters, with the names of these."""
    by_place = f.__code__.co_varnames[: f.__code__.co_argcount]
    values = f.__defaults__ or ()
    yield from zip(by_place[len(by_place) - len(values) :], values, strict=True)
    yield from (f.__kwdefaults__ or {}).items()
