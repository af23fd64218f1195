"""What `nnx.cached_partial` and `nnx.jit_partial` were given, and what it is by now.

Both take their arguments apart where these are given, and not at each call, as their docstrings in
flax/nnx/transforms/compilation.py say.  Who calls `model.eval()` later, or puts another head into
the model, calls what was there before.
"""

import weakref
from collections.abc import Callable
from typing import Any

from nnxfuzz import nnx_api, plain
from nnxfuzz.plain.names import name_of
from nnxfuzz.plain.objects import everything


def as_given(
    transform: str, function: Any, given: tuple[Any, ...]
) -> tuple[tuple[Any, ...], Callable[[], tuple[str, ...]]]:
    """What a transform keeps of the arguments that are given to it, and what tells the paths at
    which these are no longer as then; no module lives longer for it.
    """
    if transform not in ("cached_partial", "jit_partial"):
        return given, tuple
    kept = plain.cached_partial(function, *given).args
    pairs = [
        (weakref.ref(value), copy, name_of(function, k))
        for k, (value, copy) in enumerate(zip(given, kept, strict=True))
        if nnx_api.is_node(value) and value is not copy
    ]

    def outdated() -> tuple[str, ...]:
        now = ((of(), copy, name) for of, copy, name in pairs)
        return tuple(p for value, *rest in now if value is not None for p in _apart(value, *rest))

    return kept, outdated


def _apart(value: Any, copy: Any, name: str) -> list[str]:
    """The paths at which a module holds something else than its copy, outermost first."""
    held, kept = (
        {place.text: place.thing for place in everything(one, name, again=True)}
        for one in (value, copy)
    )
    found: list[str] = []
    for path in dict.fromkeys((*held, *kept)):
        below = any(path.startswith((f"{at}.", f"{at}[")) for at in found)
        both = path in held and path in kept
        if not below and not (both and _is_same(held[path], kept[path])):
            found.append(path)
    return found


def _is_same(one: Any, other: Any) -> bool:
    """Whether two things are one, nodes of one class, or static values that are equal."""
    if one is other or type(one) is not type(other):
        return one is other
    if nnx_api.is_node(one) or nnx_api.is_variable(one):
        return nnx_api.is_node(one)
    try:
        return bool(one == other)
    except Exception:  # what cannot be compared, such as two arrays
        return False
