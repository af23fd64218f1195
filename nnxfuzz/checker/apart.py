"""The transforms of `plain` with two of what a function is given and reaches by closure as well.

To Flax the argument is one object, and what the closure holds is another: that of before the call.
No documentation says what the one sees of the other.  A run with these transforms tells where it
matters which of the two a function works on; nowhere else may Flax differ from Python for it.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax

from nnxfuzz import plain
from nnxfuzz.plain.closures import captured, rebound
from nnxfuzz.plain.objects import Copies, is_object, objects_in

#: What traces a function at its first call, and not again: what it reached then is a constant.
_COMPILED = ("cached_partial", "jit", "jit_partial")


#: The parameters of transforms that take a function, which may be a module.
_FUNCTIONS = ("f", "fun", "true_fun", "false_fun", "branches")


class _InPlaceOfNnx:
    """`plain`, with each of its transforms changed."""

    def __init__(self, change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._change = change

    def __getattr__(self, name: str) -> Any:
        transform = plain.TRANSFORMS.get(name)
        return getattr(plain, name) if transform is None else self._change(transform)


def _apart(transform: Callable[..., Any]) -> Callable[..., Any]:
    parameters = enumerate(inspect.signature(transform).parameters)
    functions = {k for k, name in parameters if name in _FUNCTIONS}

    @functools.wraps(transform)
    def called(*given: Any, **options: Any) -> Any:
        views, compiled = _Views(), False
        own = tuple(views.seen_by(value, k in functions) for k, value in enumerate(given))
        views.begin((given, options))  # what is no option is an argument, given by name
        made = transform(*own, **options)
        if not callable(made):
            return made

        @functools.wraps(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal compiled
            if not compiled:
                views.begin((given, args, kwargs))
            compiled = transform.__name__ in _COMPILED
            return made(*args, **kwargs)

        def defvjp(*functions: Any, **options: Any) -> None:
            made.defvjp(*map(views.seen_by, functions), **options)

        if hasattr(made, "defvjp"):
            call.defvjp = defvjp  # type: ignore[attr-defined]
        return call

    return called


def _handing_on(transform: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(transform)
    def called(*given: Any, **options: Any) -> Any:
        made = transform(*given, **options)
        if not callable(made):
            return _copied(made, given[:1], (*given[1:], *options.values()))

        @functools.wraps(made)
        def call(*args: Any, **kwargs: Any) -> Any:
            out = made(*args, **kwargs)
            return _copied(out, given[:1], (*given[1:], *args, *kwargs.values()))

        if hasattr(made, "defvjp"):
            call.defvjp = made.defvjp  # type: ignore[attr-defined]
        return call

    return called


def _copied(out: Any, function: tuple[Any, ...], given: tuple[Any, ...]) -> Any:
    """A result, with a copy of each object that a function reaches by closure: the `function` of a
    transform, which may be a module, or one among what else is `given`.
    """
    leaves = jax.tree.leaves(given, is_leaf=is_object)
    held = [*function, *(value for value in leaves if not is_object(value))]
    reached = [place.thing for f in held if callable(f) for place in captured(f)]
    own = set(map(id, objects_in(reached))) - set(map(id, objects_in(given)))
    copies = Copies()
    copies.made = {id(thing): (thing, thing) for thing in objects_in(out) if id(thing) not in own}
    return copies.of(out)


class _Views:
    """What the functions of one call reach instead of their arguments."""

    def __init__(self) -> None:
        #: Functions, and what is called in their place.
        self._functions: list[tuple[Any, list[Any]]] = []
        self._given: set[int] = set()
        self._copies = Copies()

    def begin(self, given: Any) -> None:
        """Copy what the functions reach of these arguments."""
        self._given = set(map(id, objects_in(given)))
        self._copies = Copies()
        for f, instead in self._functions:
            instead[0] = rebound(f, self._of, pytrees=True)

    def seen_by(self, value: Any, is_function: bool = False) -> Any:
        """A function, and those in a list, with the copies; anything else as it is, a module, too,
        unless it is a function that a transform is of.
        """
        if type(value) in (list, tuple):
            return type(value)(self.seen_by(one, is_function) for one in value)
        if (is_object(value) and not is_function) or not callable(value):
            return value
        instead = [value]
        self._functions.append((value, instead))

        def viewed(*args: Any, **kwargs: Any) -> Any:
            return instead[0](*args, **kwargs)

        functools.update_wrapper(viewed, value)
        # `plain` looks at what a function reaches, too, and is to find the copies alone.
        del viewed.__dict__["__wrapped__"]
        viewed.__signature__ = inspect.signature(value)  # type: ignore[attr-defined]
        return viewed

    def _of(self, held: Any) -> Any:
        below = objects_in(held)
        return self._copies.of(held) if any(id(x) in self._given for x in below) else held


#: Functions reach copies, made as the call begins, of what they are given.
APART = _InPlaceOfNnx(_apart)

#: The same but for `transform_metadata`, which calls its function as it is, on copies of what it is
#: given: what the function reaches by closure are the caller's own objects.
APART_WHERE_TRACED = _InPlaceOfNnx(
    lambda transform: transform if transform is plain.transform_metadata else _apart(transform)
)

#: What a function returns of what it reaches by closure is a copy.  So graph mode's `remat`,
#: `cond`, `switch`, `grad` and `checkify` do, where others refuse it.
HANDED_ON = _InPlaceOfNnx(_handing_on)
