"""`custom_vjp`: a function that says itself what its derivative is.

Where nothing is differentiated it is the function.  Under `grad` or `vjp` the arrays are tracers of
jax, and `jax.custom_vjp` runs `fwd` in the place of the function, on copies that are made there;
what the copies hold afterwards is given to the originals (`tracing`).  Later it runs `bwd`.

What `bwd` is given depends on the mode that the call asks for, as Flax documents it.  In graph
mode it is a pair: the cotangents of what the arguments hold afterwards, as `nnx.State`s, and those
of the result; it returns `nnx.State`s for modules.  In the other modes it is the cotangents of the
result alone, and those of written Variables as `updates_g` if it takes that; it returns modules.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.plain.arguments import in_order, optional
from nnxfuzz.plain.calls import called
from nnxfuzz.plain.frame import call
from nnxfuzz.plain.gradients import Wanted
from nnxfuzz.plain.modes import Mode, asks_for_updates, entered, frozen, mode_of
from nnxfuzz.plain.objects import (
    Copies,
    Unsupported,
    everything,
    is_array,
    is_data,
    objects_in,
)
from nnxfuzz.plain.tracing import Traced
from nnxfuzz.plain.unwatched import Unwatched


@optional
def custom_vjp(
    fun: Callable[..., Any],
    *,
    nondiff_argnums: tuple[Any, ...] = (),
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> "CustomVjp":
    """As `nnx.custom_vjp`: `fun`, whose derivative `defvjp` tells."""
    return CustomVjp(fun, nondiff_argnums, graph, graph_updates)


class CustomVjp:
    """A function with a derivative of its own."""

    def __init__(
        self,
        fun: Callable[..., Any],
        nondiff_argnums: tuple[Any, ...],
        graph: bool | None,
        graph_updates: bool | None,
    ) -> None:
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.fwd: Callable[..., Any] | None = None
        self.bwd: Callable[..., Any] | None = None
        self._options = graph, graph_updates
        #: The positions of arguments that have no derivative, and filters of what has one.
        self._whole = {which for which in nondiff_argnums if isinstance(which, int)}
        chosen = [which for which in nondiff_argnums if not isinstance(which, int)]
        self._filters = {which.argnum: which.filter for which in chosen}
        if len(self._whole | self._filters.keys()) < len(nondiff_argnums):
            raise ValueError(f"an argument is repeated in nondiff_argnums: {nondiff_argnums}")

    def defvjp(
        self, fwd: Callable[..., Any], bwd: Callable[..., Any], symbolic_zeros: bool = False
    ) -> None:
        """As that of `nnx.custom_vjp`: how the derivative is worked out."""
        if symbolic_zeros:
            raise Unsupported("plain.custom_vjp has no symbolic_zeros")
        self.fwd, self.bwd = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        mode = mode_of(*self._options)
        args = in_order(self.fun, args, kwargs)
        if self.fwd is None or self.bwd is None:
            raise ValueError("custom_vjp has no derivative; define it with defvjp")
        if frozen(mode) and self._filters:
            raise ValueError("`nondiff_argnums` cannot contain `DiffState` objects")
        if not any(isinstance(place.thing, jax.core.Tracer) for place in _arrays(args)):
            return called(custom_vjp, self.fun, mode, args, {}, (self._whole, set()))
        with call(custom_vjp, mode, self.fun, args=args) as seen:
            entered_args = tuple(
                arg if k in self._whole else entered(arg, mode) for k, arg in enumerate(args)
            )
            return _Differentiated(self, entered_args, mode, seen).result()

    def wanted(self, args: tuple[Any, ...], whole: bool = False) -> Wanted:
        """What of the arguments has a derivative, or (`whole`) might have one."""
        places = [k for k in range(len(args)) if k not in self._whole]
        filters = {} if whole else self._filters
        chosen = tuple(nnx.DiffState(k, filters.get(k, ...)) for k in places)
        return Wanted(args, chosen, filtered=asks_for_updates(*self._options))


class _Run(Traced):
    """A run of the function or of `fwd`: what it did to the arguments is brought out."""

    def _known(self) -> list[tuple[Any, Any]]:
        """The arguments, and what is reached besides that may be written in a trace: Variables that
        hold references.
        """
        return [
            (original, copy)
            for original, copy in super()._known()
            if id(original) in self._given
            or (nnx_api.is_variable(original) and getattr(original, "ref", False))
        ]

    def _is_written(self, copy: Any) -> bool:
        """In graph mode each Variable of the arguments comes out of the call, written or not, so
        that a derivative by what it is used for afterwards is what `bwd` makes of it.
        """
        return self.mode == "graph" or super()._is_written(copy)


class _Differentiated:
    """One call whose arrays are traced."""

    def __init__(
        self, custom: CustomVjp, args: tuple[Any, ...], mode: Mode | None, watch: Unwatched
    ) -> None:
        self.custom = custom
        self.args = args
        self.mode = mode
        self.watch = watch
        self.wanted = custom.wanted(args)
        self.states = self.wanted.filtered
        numbers = [np.asarray(k) for k in range(len(self.wanted.arrays()))]
        #: The arguments with the number of each array in its place.
        self.numbered = custom.wanted(args).results(numbers)
        self.ran: _Run

    def result(self) -> Any:
        """What the function returns; the arguments are as it left them."""
        function = jax.custom_vjp(lambda arrays: self._run(self.custom.fun, arrays, False))
        function.defvjp(self._forward, self._backward)
        out, after = function(self.wanted.arrays())
        self.ran.bring_out(after)
        return out

    def _run(self, f: Any, arrays: list[Any], has_aux: bool) -> tuple[Any, list[Any]]:
        self.ran = _Run(f, self.args, {}, self.mode, self.watch, has_aux)
        out, after = self.ran.run(functools.partial(self.wanted.give, arrays))
        if objects_in(out):
            raise Unsupported("plain.custom_vjp differentiates arrays, and no modules")
        return out, after

    def _forward(self, arrays: list[Any]) -> tuple[Any, list[Any]]:
        result = self._run(self.custom.fwd, arrays, True)
        self.forward, self.residual = self.ran, self.ran.aux
        kept = {id(leaf): leaf for leaf in map(_thing, _arrays(self.residual))}
        self.kept = list(kept.values())
        return result, self.kept

    def _backward(self, kept: list[Any], cotangents: Any) -> tuple[Any]:
        """The cotangents of what is differentiated by, as the user's `bwd` gives them."""
        out, after = cotangents
        numbers = {id(old): new for old, new in zip(self.kept, kept, strict=True)}
        residual = Copies(lambda leaf: numbers.get(id(leaf), leaf)).of(self.residual)
        nondiff = [self.args[k] for k in sorted(self.custom._whole)]
        bwd: Any = self.custom.bwd
        changes = self._changes(after)
        if self.states:
            told = bwd(*nondiff, residual, (changes, out))
        else:
            takes = "updates_g" in inspect.signature(bwd).parameters
            told = bwd(*nondiff, residual, out, **({"updates_g": changes} if takes else {}))
        return (self._cotangents(told),)

    def _changes(self, after: list[Any]) -> tuple[Any, ...]:
        """The cotangents of what the arguments hold after the run, in the form of the arguments."""
        numbers = {id(old): new for old, new in zip(self.forward.arrays, after, strict=True)}
        grads = []
        every = self.custom.wanted(self.args, whole=True)
        variables = {at: v for v, at in every.variables.values()}
        for at, array in enumerate(every.arrays()):
            copy = self.forward.copies.of(variables[at]) if at in variables else None
            raw = None if copy is None else nnx_api.get_raw(copy)
            grads.append(numbers.get(id(raw), jnp.zeros_like(array)))
        told = every.results(grads)
        return tuple(None if is_data(one) else one for one in told)

    def _cotangents(self, told: Any) -> list[Any]:
        """The arrays of what `bwd` returns, in the order of what is differentiated by."""
        arrays = self.wanted.arrays()
        grads = [jnp.zeros_like(array) for array in arrays]
        if not isinstance(told, tuple if self.states else tuple | list):
            raise TypeError(f"bwd gives no tuple, but a {type(told).__name__}")
        if len(told) != len(self.numbered):
            raise TypeError(f"bwd gives {len(told)} cotangents for {len(self.numbered)} arguments")
        for places, mine in zip(self.numbered, told, strict=True):
            if not objects_in((places, mine)):
                _check_form(mine, places)
            numbers, found = list(map(_thing, _arrays(places))), list(map(_thing, _arrays(mine)))
            if mine is not None and len(found) != len(numbers):
                raise TypeError(f"bwd gives {len(found)} arrays for an argument of {len(numbers)}")
            for at, array in zip(numbers, found, strict=False):
                grads[int(at)] = array
        return grads


def _check_form(mine: Any, argument: Any) -> None:
    """jax asks of a cotangent that it has the containers of the argument, or None for them."""
    try:
        jax.tree.map(lambda *_: None, mine, argument, is_leaf=lambda leaf: leaf is None)
    except ValueError as error:
        raise TypeError(f"bwd gives a cotangent of another structure: {error}") from None


def _arrays(value: Any) -> list[Any]:
    """The places of the arrays at and below a value, those that Variables hold among them.

    A number of Python is static where it stands in a node, and an array elsewhere.
    """
    found = []
    for place in everything(value):
        if nnx_api.is_variable(place.thing):
            found += [p for p in everything(nnx_api.stored(place.thing)) if is_data(p.thing)]
        elif is_array(place.thing) or (is_data(place.thing) and not place.inside):
            found.append(place)
    return found


def _thing(place: Any) -> Any:
    return place.thing
