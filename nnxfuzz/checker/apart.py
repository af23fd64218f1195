"""The transforms of `plain` with two of what a function is given and reaches by closure as well.

To Flax the argument is one object, and what the closure holds is another: that of before the call.
No documentation says what the one sees of the other.  A run with these transforms tells where it
matters which of the two a function works on; nowhere else may Flax differ from Python for it.
"""

import functools
from collections.abc import Callable
from typing import Any

from nnxfuzz import plain
from nnxfuzz.plain.closures import captured, rebound
from nnxfuzz.plain.objects import Copies, everything, is_object


class Apart:
    """Stands for `nnx`: functions reach copies, made as the call begins, of what they are given."""

    def __getattr__(self, name: str) -> Any:
        transform = plain.TRANSFORMS.get(name)
        return getattr(plain, name) if transform is None else _apart(transform)


def _apart(transform: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(transform)
    def called(*given: Any, **options: Any) -> Any:
        views = _Views()
        own = tuple(map(views.seen_by, given))
        views.begin(given)
        made = transform(*own, **options)
        if not callable(made):
            return made

        @functools.wraps(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            views.begin((given, args, kwargs))
            return made(*args, **kwargs)

        def defvjp(*functions: Any, **options: Any) -> None:
            made.defvjp(*map(views.seen_by, functions), **options)

        if hasattr(made, "defvjp"):
            call.defvjp = defvjp  # type: ignore[attr-defined]
        return call

    return called


class _Views:
    """What the functions of one call reach instead of their arguments."""

    def __init__(self) -> None:
        self._functions: list[Any] = []
        self._given: set[int] = set()
        self._copies = Copies()

    def begin(self, given: Any) -> None:
        """Copy what the functions reach of these arguments."""
        self._given = {id(place.thing) for place in everything(given) if is_object(place.thing)}
        self._copies = Copies()
        for f in self._functions:
            for place in captured(f):
                self._of(place.thing)

    def seen_by(self, value: Any) -> Any:
        """A function, and those in a list, with the copies; anything else as it is."""
        if isinstance(value, list | tuple):
            return type(value)(map(self.seen_by, value)) if type(value) in (list, tuple) else value
        if is_object(value) or not callable(value):
            return value
        self._functions.append(value)

        @functools.wraps(value)
        def viewed(*args: Any, **kwargs: Any) -> Any:
            return rebound(value, self._of)(*args, **kwargs)

        return viewed

    def _of(self, held: Any) -> Any:
        below = (place.thing for place in everything(held) if is_object(place.thing))
        return self._copies.of(held) if any(id(x) in self._given for x in below) else held
