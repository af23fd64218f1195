"""A function run under a trace of jax, on copies that are made there; and what it did, outside."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.plain.closures import lent, rebound
from nnxfuzz.plain.modes import Mode, frozen, seen_by_body
from nnxfuzz.plain.objects import (
    Copies,
    assign,
    contains_data,
    everything,
    is_data,
    mapped,
    objects_in,
)
from nnxfuzz.plain.unwatched import Unwatched


class Traced:
    """A call of `f`, to be run once under a trace of jax.

    `run` gives what is differentiated, and the arrays of all that there is afterwards; given these
    as numbers, `bring_out` puts them into the caller's objects.  `has_aux`: `f` returns a second
    result, which is none that is differentiated; None: all that it returns is such.  `derives`: it
    is run for a derivative.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        mode: Mode | None,
        watch: Unwatched,
        has_aux: bool | None,
        derives: bool = False,
    ) -> None:
        self.f = f
        self.args = args
        self.kwargs = kwargs
        self.mode = mode
        self.watch = watch
        self.has_aux = has_aux
        self.derives = derives
        self.aux: Any = None
        self.arrays: list[Any] = []
        #: By its copy's id, what a Variable held when the function began, and its metadata.
        self._began: dict[int, tuple[Any, Any]] = {}

    def run(self, given: Callable[[Copies], tuple[Any, ...]]) -> tuple[Any, list[Any]]:
        """What `f` returns for the arguments that `given` makes of the copies, and the arrays."""
        self.copies = Copies(lambda x: x.copy() if isinstance(x, np.ndarray) else x, traced=True)
        args, kwargs = seen_by_body((given(self.copies), self.copies.of(self.kwargs)), self.mode)
        with lent(self.f, self._reached):
            return self._run(rebound(self.f, self._reached), args, kwargs)

    def _run(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, list[Any]]:
        """The same of the function and the arguments with the copies."""
        copies = [copy for _, copy in self.copies.made.values() if nnx_api.is_variable(copy)]
        self._began = {id(v): (nnx_api.stored(v), nnx_api.metadata(v)) for v in copies}
        self.watch.copies(self.copies.made.values())
        with self.watch.trip(f, args=args, kwargs=kwargs) as trip:
            out = f(*args, **kwargs)
            value, self.aux = out if self.has_aux else (out, None)
            if self.has_aux is None:
                value, self.aux = None, out
            trip.returned(args=args, kwargs=kwargs, out=out)
        self.arrays = self._arrays()
        return value, self.arrays

    @functools.cached_property
    def _given(self) -> set[int]:
        """The ids of what the arguments hold."""
        return {id(place.thing) for place in everything((self.args, self.kwargs))}

    def _reached(self, held: Any) -> Any:
        """What stands for an object that `f` reaches besides its arguments: a copy of it; in a mode
        itself, which is a constant of the derivative, if something of it is an argument, too.
        """
        constant = self.derives and self.mode is not None
        if constant and any(id(thing) in self._given for thing in objects_in(held)):
            return held
        return self.copies.of(held)

    def _known(self) -> list[tuple[Any, Any]]:
        """The caller's objects, each with its copy, that what the function did arrives at.

        Without graph updates only what is written to Variables does.
        """
        return [
            (original, copy)
            for original, copy in self.copies.made.values()
            if nnx_api.is_variable(copy) or not frozen(self.mode)
        ]

    def _arrays(self) -> list[Any]:
        """The arrays of the copies and of the further result, each once."""
        copies = [copy for _, copy in self._known()]
        found: dict[int, Any] = {}
        for place in everything([copies, self.aux]):
            if nnx_api.is_variable(place.thing):
                for leaf in _leaves(nnx_api.stored(place.thing)):
                    found.setdefault(id(leaf), leaf)
            elif is_data(place.thing):
                found.setdefault(id(place.thing), place.thing)
        return list(found.values())

    def _is_written(self, copy: Any) -> bool:
        """Whether the function may have written to a copy; numpy's arrays are written in place."""
        held = nnx_api.stored(copy)
        in_place = any(isinstance(leaf, np.ndarray) for leaf in _leaves(held))
        return in_place or held is not self._began[id(copy)][0]

    def _is_marked(self, copy: Any) -> bool:
        """Whether the function has changed the metadata of a copy.  Those of the original may have
        other ones since: where it is a constant of the derivative, the function reaches it, too.
        """
        return bool(nnx_api.metadata(copy) != self._began[id(copy)][1])

    def bring_out(self, arrays: list[Any]) -> Any:
        """Give the caller's objects what their copies hold; the further result."""
        numbers = {id(traced): array for traced, array in zip(self.arrays, arrays, strict=True)}
        outside = Copies(lambda leaf: numbers.get(id(leaf), leaf))
        for original, copy in self.copies.made.values():
            outside.made[id(copy)] = copy, original
        for original, copy in self._known():
            if nnx_api.is_variable(copy):
                _bring_variable(original, copy, outside, self._is_written(copy))
                if self._is_marked(copy):
                    nnx_api.set_metadata(original, copy.get_metadata())
            else:
                _bring_node(original, copy, outside)
        return seen_by_body(outside.of(self.aux), self.mode)


def _leaves(raw: Any) -> list[Any]:
    found: list[Any] = []
    mapped(found.append, raw)
    return [leaf for leaf in found if is_data(leaf)]


def _bring_variable(original: Any, copy: Any, outside: Copies, written: bool) -> None:
    raw = outside.of(nnx_api.stored(copy))
    if nnx_api.holds_reference(original):
        nnx_api.stored(original)[...] = raw
    elif written:  # a trace outside of this one may forbid it
        nnx_api.set_raw(original, raw)


def _bring_node(original: Any, copy: Any, outside: Copies) -> None:
    before, after = nnx_api.attributes(original), nnx_api.attributes(copy)
    static = {name for name, data in nnx_api.marks(copy).items() if not data}
    for name in before.keys() - after.keys():
        delattr(original, name)
    for name, value in after.items():
        data = contains_data(value)
        new = outside.attribute(value) if data else value
        if data and name in static and name in before and not contains_data(before[name]):
            setattr(original, name, new)  # Flax refuses it, and sees no array in a tracer
        else:
            assign(original, name, new)
    nnx_api.count_items(original)
    nnx_api.take_marks(original, copy)
