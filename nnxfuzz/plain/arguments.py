"""How a transform is called: decorator forms, keyword arguments, and where a scan has its carry."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flax import nnx

from nnxfuzz.plain.axes import leaves_of
from nnxfuzz.plain.names import name_of

_NOT_GIVEN = object()


def optional(transform: Callable[..., Callable[..., Any]]) -> Callable[..., Any]:
    """`transform` as Flax has it: without a function it is a decorator with these options."""

    @functools.wraps(transform)
    def dressed(f: Any = _NOT_GIVEN, /, **options: Any) -> Any:
        for name in ("f", "fun"):  # the first parameter's name in Flax
            f = options.pop(name, f)
        if f is _NOT_GIVEN:
            return functools.partial(dressed, **options)
        return transform(f, **options)

    return dressed


def in_order(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], defaults: bool = True
) -> Any:
    """The arguments in the order of the function's parameters; graph mode adds its defaults."""
    if not (kwargs or defaults):
        return args
    if isinstance(f, functools.partial):  # as Flax has it
        if kwargs:
            raise TypeError("keyword arguments could not be resolved to positions")
        return args
    bound = inspect.signature(f).bind(*args, **kwargs)
    if defaults:
        bound.apply_defaults()
    if bound.kwargs:
        raise TypeError("keyword arguments could not be resolved to positions")
    return bound.args


def numbers(which: int | Iterable[int] | None) -> tuple[int, ...]:
    """Positions, of which one alone may be given as a number."""
    return () if which is None else (which,) if isinstance(which, int) else tuple(which)


def static_places(
    f: Callable[..., Any],
    argnums: int | Iterable[int] | None,
    argnames: str | Iterable[str] | None,
) -> tuple[set[int], set[str]]:
    """The positions and the names of arguments that are static, or donated; where one of the two is
    given, both are known.
    """
    names = {argnames} if isinstance(argnames, str) else set(argnames or ())
    places = set(numbers(argnums))
    try:
        known = [p for p in inspect.signature(f).parameters.values() if p.kind in _BY_PLACE]
    except (TypeError, ValueError):
        return places, names
    places = {place % len(known) if place < 0 and known else place for place in places}
    names |= {p.name for k, p in enumerate(known) if k in places}
    places |= {k for k, p in enumerate(known) if p.name in names}
    return places, names


def static_given(
    f: Callable[..., Any],
    static: tuple[set[int], set[str]],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[str, Any]:
    """The static arguments that are given, by the names of the parameters."""
    places, names = static
    held = {name_of(f, k): args[k] for k in sorted(places) if k < len(args)}
    return held | {k: kwargs[k] for k in kwargs if k in names}


def without_static(
    f: Callable[..., Any],
    static: tuple[set[int], set[str]],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[functools.partial[Any], tuple[Any, ...], dict[str, Any]]:
    """`f` as a function of the arguments that are not static, which reaches those that are by the
    names of the parameters; and the arguments that are not.
    """
    places, names = static
    count = len(args)
    by_place = [name_of(f, k) for k in sorted(places) if k < count]

    def rest(*given: Any, **named: Any) -> Any:
        left, kept = iter(given), iter([named.pop(name) for name in by_place])
        return f(*(next(kept if k in places else left) for k in range(count)), **named)

    live = tuple(value for k, value in enumerate(args) if k not in places)
    bound = functools.partial(rest, **static_given(f, static, args, kwargs))
    return bound, live, {name: kwargs[name] for name in kwargs if name not in names}


_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Inputs(NamedTuple):
    """The arguments of a scan besides the carry, or their axes."""

    inputs: Any


class Given(NamedTuple):
    """The arguments of a vmap, or their axes."""

    args: Any
    kwargs: Any


class CarryPosition:
    """Where the carry stands in the arguments and results of a scan; ValueError if it may not."""

    def __init__(self, in_axes: Any, out_axes: Any) -> None:
        self._check(in_axes, out_axes)
        #: `in_axes=nnx.Carry` is one argument, the carry; any other single one is for all of them.
        self._alone = in_axes is nnx.Carry
        self._at = 0 if self._alone else _place(in_axes)
        self._out_at = _place(out_axes)
        self._only_carry = out_axes is nnx.Carry
        self.input_axes = () if self._alone else _without(in_axes, self._at)
        self.emitted_axes = () if self._only_carry else _without(out_axes, self._out_at)

    @staticmethod
    def _check(in_axes: Any, out_axes: Any) -> None:
        for leaf in leaves_of(out_axes):
            inner = leaf.axes if isinstance(leaf, nnx.StateAxes) else [leaf]
            if None in inner:
                raise ValueError(f"Cannot broadcast output state. Got out_axes={out_axes}")
            if isinstance(leaf, nnx.StateAxes) and nnx.Carry in inner:
                raise ValueError(f"Cannot carry output state. Got out_axes={out_axes}")
        counts = []
        for axes in (in_axes, out_axes):
            top = axes if isinstance(axes, tuple) else (axes,)
            count = sum(axis is nnx.Carry for axis in top)
            if sum(leaf is nnx.Carry for leaf in leaves_of(axes)) > count:
                raise ValueError(f"Carry must be a top-level argument, it cannot be nested: {axes}")
            if count > 1:
                raise ValueError(f"Found multiple Carry definitions in {axes}")
            counts.append(count)
        if counts[0] != counts[1]:
            raise ValueError(
                "If one of in_axes or out_axes has Carry, the other must also have Carry. "
                f"Got in_axes={in_axes}, out_axes={out_axes}"
            )

    def apart(self, args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """The carry, and the further arguments."""
        if self._alone and len(args) != 1:
            raise ValueError(
                "When in_axes=Carry, the function must take exactly one argument, "
                f"got {len(args)} arguments."
            )
        if self._at is None:
            return None, args
        return args[self._at], (*args[: self._at], *args[self._at + 1 :])

    def arguments(self, carry: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of a trip."""
        if self._at is None:
            return inputs
        return (*inputs[: self._at], carry, *inputs[self._at :])

    def carry_and_rest(self, out: Any) -> tuple[Any, Any]:
        """What a trip returned as the carry, and the rest of it."""
        if self._only_carry:
            return out, ()
        if self._out_at is None:
            return None, out
        if not isinstance(out, tuple):
            gave = type(out).__name__
            raise TypeError(f"out_axes asks for a tuple with a Carry, the function gave {gave}")
        return out[self._out_at], (*out[: self._out_at], *out[self._out_at + 1 :])

    def result(self, carry: Any, ys: Any) -> Any:
        """What the scan returns."""
        if self._only_carry:
            return carry
        if self._out_at is None:
            return ys
        return (*ys[: self._out_at], carry, *ys[self._out_at :])


def _place(axes: Any) -> int | None:
    """Where the Carry stands in a tuple of axes."""
    if not isinstance(axes, tuple):
        return None
    return next((k for k, axis in enumerate(axes) if axis is nnx.Carry), None)


def _without(axes: Any, at: int | None) -> Any:
    return axes if at is None else (*axes[:at], *axes[at + 1 :])
