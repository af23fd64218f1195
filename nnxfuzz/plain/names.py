"""The names that code mentions, and those of its parameters."""

import dis
import functools
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Names(NamedTuple):
    """The names that code mentions: of globals, of attributes, of those of which it does more than
    to set them, of those that it sets, and of modules that it imports.
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
    read = frozenset(str(i.argval) for i in every if i.opname not in ("STORE_ATTR", "DELETE_ATTR"))
    stored = frozenset(str(i.argval) for i in every if i.opname == "STORE_ATTR")
    imported = frozenset(str(i.argval) for i in every if i.opname == "IMPORT_NAME")
    return Names(
        in_globals.union(*(n.globals for n in nested)),
        (frozenset(code.co_names) - in_globals).union(*(n.attributes for n in nested)),
        read.intersection(code.co_names).union(*(n.read for n in nested)),
        stored.union(*(n.stored for n in nested)),
        imported.union(*(n.imported for n in nested)),
    )


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
