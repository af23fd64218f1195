"""`vjp` and `jvp`: products of a function's derivative with cotangents and with tangents.

As for `grad`, the function runs once under a trace of jax, on copies that are made there, and the
originals are given what the copies hold (`tracing`).  All that the arguments hold is differentiated
by.  The derivative by a module is a module of its class, as Flax has it in the modes that have
these transforms.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax

from nnxfuzz.plain.frame import call
from nnxfuzz.plain.gradients import Wanted
from nnxfuzz.plain.modes import entered, mode_of, numbers_unchanged
from nnxfuzz.plain.objects import entries, is_object
from nnxfuzz.plain.tracing import Traced

_NOT_GIVEN: Any = object()


def vjp(
    f: Callable[..., Any] = _NOT_GIVEN,
    *primals: Any,
    has_aux: bool = False,
    reduce_axes: Sequence[Any] = (),
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As `nnx.vjp`: what `f` returns, and the function from a cotangent of that to those of the
    arguments; then the second result of `f` if `has_aux`.

    Without a function it is a decorator, without arguments it gives the function that takes them.
    """
    if reduce_axes:
        raise NotImplementedError("reduce_axes argument to vjp is deprecated")
    options: dict[str, Any] = {"has_aux": has_aux, "graph": graph, "graph_updates": graph_updates}
    if f is _NOT_GIVEN or not primals:
        return functools.partial(vjp, *(() if f is _NOT_GIVEN else (f,)), **options)
    mode = mode_of(graph, graph_updates)
    with call(vjp, mode, f, args=primals) as seen, numbers_unchanged(mode, primals):
        args = entered(primals, mode)
        wanted, traced = _differentiated(f, args, mode, seen, has_aux)
        outcome = _Outcome()
        total = functools.partial(_total, wanted, traced, outcome)
        found, pull, arrays = jax.vjp(total, wanted.arrays(), has_aux=True)
        out, aux = outcome.made(found), traced.bring_out(arrays)

        def back(cotangent: Any) -> Any:
            return wanted.results(pull(outcome.arrays_of(cotangent))[0])

        return (out, back, aux) if has_aux else (out, back)


def jvp(
    f: Callable[..., Any] = _NOT_GIVEN,
    primals: tuple[Any, ...] = _NOT_GIVEN,
    tangents: tuple[Any, ...] = _NOT_GIVEN,
    *,
    has_aux: bool = False,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As `nnx.jvp`: what `f` returns, and its derivative along the tangents of the arguments; then
    the second result of `f` if `has_aux`.

    Without a function it is a decorator, without arguments it gives the function that takes them.
    """
    options: dict[str, Any] = {"has_aux": has_aux, "graph": graph, "graph_updates": graph_updates}
    if f is _NOT_GIVEN or primals is _NOT_GIVEN or tangents is _NOT_GIVEN:
        return functools.partial(jvp, *(() if f is _NOT_GIVEN else (f,)), **options)
    mode = mode_of(graph, graph_updates)
    _refuse_another_form(tuple(primals), tuple(tangents))
    given = {"primals": tuple(primals), "tangents": tuple(tangents)}
    with call(jvp, mode, f, **given) as seen, numbers_unchanged(mode, primals):
        args = entered(given["primals"], mode)
        wanted, traced = _differentiated(f, args, mode, seen, has_aux)
        moves = entered(given["tangents"], mode)  # one tree a place, as of the arguments
        along = Wanted(moves, tuple(range(len(moves))), filtered=False).arrays()
        outcome = _Outcome()
        total = functools.partial(_total, wanted, traced, outcome)
        found, moved, arrays = jax.jvp(total, (wanted.arrays(),), (along,), has_aux=True)
        out, tangent, aux = outcome.made(found), outcome.made(moved), traced.bring_out(arrays)
        return (out, tangent, aux) if has_aux else (out, tangent)


def _refuse_another_form(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> None:
    """Tangents have "the same structure as `primals`" (docstring of `nnx.jvp`): along a module goes
    a module of its class, and no State.
    """
    given, along = (jax.tree.flatten(them, is_leaf=is_object) for them in (primals, tangents))
    pairs = zip(given[0], along[0], strict=False)
    unlike = (type(p) is not type(t) for p, t in pairs if is_object(p) or is_object(t))
    if given[1] != along[1] or any(unlike):
        told = "primal and tangent arguments to jax.jvp must have the same tree structure"
        raise TypeError(f"{told}; primals have {given[1]}, and tangents have {along[1]}")


def _differentiated(
    f: Callable[..., Any], args: tuple[Any, ...], mode: Any, seen: Any, has_aux: bool
) -> tuple[Wanted, Traced]:
    wanted = Wanted(args, tuple(range(len(args))), filtered=False)
    return wanted, Traced(f, args, {}, mode, seen, has_aux, derives=True)


class _Outcome:
    """What a function returns to be differentiated, which may hold modules and Variables."""

    def __init__(self) -> None:
        self._form: Wanted | None = None

    def take(self, out: Any) -> Any:
        """The arrays of what the function returned; that itself, if it holds no objects."""
        if any(is_object(place.thing) for place in entries(out)):
            self._form = _form_of(out)
        return self.arrays_of(out)

    def arrays_of(self, like: Any) -> Any:
        """The arrays of what has the form of the result."""
        return like if self._form is None else _form_of(like).arrays()

    def made(self, arrays: Any) -> Any:
        """The result with these arrays in it."""
        return arrays if self._form is None else self._form.results(arrays)[0]


def _form_of(out: Any) -> Wanted:
    return Wanted((out,), (0,), filtered=False)


def _total(wanted: Wanted, traced: Traced, outcome: _Outcome, arrays: list[Any]) -> Any:
    """The arrays of what the function returns, and of all that there is afterwards."""
    out, after = traced.run(functools.partial(wanted.give, arrays))
    return outcome.take(out), after
