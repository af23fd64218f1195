"""What a function writes to a module while a function of jax traces it, and what is lost of that.

To jax a module is a tree.  `jax.jit` and its like hand the function a copy of each module and
Variable that is an argument, and nobody gets what it writes to that copy, unless the function
returns it.
"""

import contextvars
import functools
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

import jax

from nnxfuzz import nnx_api
from nnxfuzz.checker.worlds import name_of

#: What a function may be that a function of jax is given, to be looked at.
_FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)

#: The attribute of a function that has what `watched` made of it, so that jax, which compiles
#: once for each function, is given one function again.
_OURS = "__nnxfuzz_watched__"

#: Transforms of NNX that hand back another array of each Variable, written or not.
_RENEWING = frozenset({"jit", "jit_partial", "cached_partial", "remat"})


class Writes:
    """What the function that one call traces has written, and does not return."""

    def __init__(self, given: tuple[Any, ...]) -> None:
        self._given = given
        self._begun = False
        self.sure = True
        self.lost: tuple[str, ...] = ()

    def run(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Call the function, and look at what it does, if it is the one that the call traces."""
        if self._begun:
            return function(*args, **kwargs)
        self._begun = True
        # what is written to the caller's own Variables is not lost
        own = {id(held) for _, held in _variables(enumerate(self._given))}
        named = _named(function, args, kwargs)
        before = [
            (path, held, nnx_api.stored(held))
            for path, held in _variables(named.items())
            if id(held) not in own
        ]
        out = function(*args, **kwargs)
        leaves = jax.tree.leaves(out, is_leaf=nnx_api.is_variable)
        kept = {id(leaf) for leaf in leaves}
        kept |= {id(nnx_api.stored(leaf)) for leaf in leaves if nnx_api.is_variable(leaf)}
        self.lost = tuple(
            name_of(path)
            for path, held, raw in before
            if nnx_api.stored(held) is not raw
            and kept.isdisjoint({id(held), id(nnx_api.stored(held))})
        )
        return out


#: Of the call that is made now.
_NOW: contextvars.ContextVar[Writes | None] = contextvars.ContextVar("nnxfuzz_writes", default=None)


def watched(function: Any) -> Any:
    """A function of the user's, that tells the call which traces it what it writes."""
    if not isinstance(function, _FUNCTIONS):
        return function
    known = getattr(function, "__dict__", {}).get(_OURS)
    if known is not None and known.__wrapped__ is function:
        return known

    @functools.wraps(function)
    def watching(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        writes = _NOW.get()
        if writes is None:
            return function(*args, **kwargs)
        return writes.run(function, args, kwargs)

    if isinstance(function, types.FunctionType):
        setattr(function, _OURS, watching)
    return watching


def calling(real: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, tuple[str, ...]]:
    """What a call of a function of jax returns, and the Variables whose new values are lost."""
    __tracebackhide__ = True
    writes = Writes((*args, *kwargs.values()))
    token = _NOW.set(writes)
    try:
        out = real(*args, **kwargs)
    finally:
        _NOW.reset(token)
    return out, writes.lost if writes.sure else ()


def meets(transform: str) -> None:
    """Take note that the function calls a transform of NNX.  After some it is not known what was
    written: they give each Variable another array.
    """
    writes = _NOW.get()
    if writes is not None and transform in _RENEWING:
        writes.sure = False


def _named(function: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments by the names that the function has for them."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return {**{f"args[{k}]": value for k, value in enumerate(args)}, **kwargs}
    return dict(bound)


def _variables(named: Any) -> Iterator[tuple[Any, Any]]:
    """The Variables of modules, and those that stand by themselves in tuples, lists and
    dictionaries, each once.  A State is left out: who passes one around takes it from what is
    returned.  So is what jax writes in place: a reference, a Variable that is a value of jax.
    """
    seen: set[int] = set()
    for name, value in named:
        yield from _below(("caller", str(name)), value, False, seen)


def _below(
    path: tuple[str | int, ...], value: Any, in_node: bool, seen: set[int]
) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, jax.core.Tracer) or id(value) in seen:
        return
    if nnx_api.is_state(value) and not in_node:
        return
    if nnx_api.is_variable(value):
        seen.add(id(value))
        if not nnx_api.is_hijax(value) and not nnx_api.holds_reference(value):
            yield path, value
        return
    items = nnx_api.parts(value)
    if items:
        seen.add(id(value))
        inside = in_node or nnx_api.is_node(value)
        for name, held in items.items():
            key = int(name) if name.isdigit() else name
            yield from _below((*path, key), held, inside, seen)
