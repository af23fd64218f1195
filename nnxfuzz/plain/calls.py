"""`jit`, `remat`, `cond`, `switch` and `eval_shape`: one call of a function.

In Python `jit` and `remat` are the call itself.  What is static is handed on; donated buffers,
shardings, policies and the like say how to compute and not what, so they are ignored.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nnxfuzz import nnx_api
from nnxfuzz.plain.arguments import optional, static_given, static_places
from nnxfuzz.plain.closures import lent, rebound
from nnxfuzz.plain.frame import call, given_as_made
from nnxfuzz.plain.modes import (
    Mode,
    as_arrays,
    entered,
    mode_of,
    numbers_unchanged,
    seen_by_body,
    undone,
)
from nnxfuzz.plain.objects import Copies, Unsupported, is_array, is_data, is_object
from nnxfuzz.plain.observations import current, observing, unused
from nnxfuzz.plain.picture import Picture
from nnxfuzz.plain.stages import with_stages
from nnxfuzz.plain.unwatched import Static, Unwatched


def called(
    transform: Callable[..., Any],
    f: Callable[..., Any],
    mode: Mode | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    static: Static = (set(), set()),
    first: int | None = None,
    donated: Static = (set(), set()),
) -> Any:
    """What a transform that calls its function once returns; `first`: how many of the arguments
    `jit_partial` was given; `donated`: those of `jit` that are.
    """
    live, named = _live(args, kwargs, static)
    with (
        call(transform, mode, _reaching(f, static, args, kwargs), args=live, kwargs=named) as seen,
        numbers_unchanged(mode, live, named),
    ):
        seen.static(f, static, args, kwargs)
        seen.donates(donated, args, kwargs)
        if first is not None:
            seen.given_first(first, args, kwargs)
        return run_once(f, mode, seen, args, kwargs, static)


def _live(args: tuple[Any, ...], kwargs: dict[str, Any], static: Static) -> Any:
    """The arguments with None in the place of the static ones."""
    places, names = static
    live = tuple(None if k in places else a for k, a in enumerate(args))
    return live, {k: None if k in names else a for k, a in kwargs.items()}


def _reaching(
    f: Callable[..., Any], static: Static, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[..., Any]:
    """`f` as what is looked at: no transform takes a static argument apart, so that the function
    reaches what that holds as by closure.  A static module is left out: where a mode takes one, it
    hands the function a copy.
    """
    given = static_given(f, static, args, kwargs)
    held = {name: value for name, value in given.items() if not is_object(value)}
    return functools.partial(f, **held) if held else f


def run_once(
    f: Callable[..., Any],
    mode: Mode | None,
    seen: Unwatched,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    static: Static = (set(), set()),
) -> Any:
    """What the function returns, in a call that is watched."""
    places, names = static
    live, named = entered(_live(args, kwargs, static), mode)
    with seen.trip(args=live, kwargs=named) as trip:
        out = f(
            *(given if k in places else live[k] for k, given in enumerate(args)),
            **{k: given if k in names else named[k] for k, given in kwargs.items()},
        )
        trip.returned(args=live, kwargs=named, out=out)
    as_arrays((live, named))
    return entered(out, mode)


@optional
def jit(
    fun: Callable[..., Any],
    *,
    in_shardings: Any = None,
    out_shardings: Any = None,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Iterable[str] | None = None,
    donate_argnums: int | Sequence[int] | None = None,
    donate_argnames: str | Iterable[str] | None = None,
    keep_unused: bool = False,
    device: Any = None,
    backend: str | None = None,
    inline: bool = False,
    abstracted_axes: Any = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.jit`: the function itself."""
    if abstracted_axes is not None:
        raise Unsupported("plain.jit has no abstracted_axes")
    static = static_places(fun, static_argnums, static_argnames)
    donated = static_places(fun, donate_argnums, donate_argnames)

    @functools.wraps(fun)
    def jitted(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        return called(jit, fun, mode, args, kwargs, static, donated=donated)

    shape_of = functools.partial(eval_shape, graph=graph, graph_updates=graph_updates)
    return with_stages(jitted, fun, static, shape_of)


def jit_partial(
    fun: Callable[..., Any],
    *partial_args: Any,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Iterable[str] | None = None,
    **options: Any,
) -> Callable[..., Any]:
    """As `nnx.jit_partial`: the function with its first arguments given.

    A static position counts all of these as one, that of number 0: Flax hands them to jax as a list
    (`SimpleJitPartialWrapped` in flax/nnx/transforms/compilation.py).
    """
    first = len(partial_args)
    places, names = static_places(fun, None, static_argnames)
    places |= {first - 1 + k for k in static_places(fun, static_argnums, None)[0]}
    graph, updates = options.get("graph"), options.get("graph_updates")
    given_as_made(jit_partial, mode_of(graph, updates), fun, partial_args)

    @functools.wraps(fun)
    def jitted(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, updates)
        return called(jit_partial, fun, mode, partial_args + args, kwargs, (places, names), first)

    shape_of = functools.partial(eval_shape, graph=graph, graph_updates=updates)
    return with_stages(jitted, fun, (places, names), shape_of, partial_args)


def cached_partial(
    f: Callable[..., Any], *cached_args: Any, **options: Any
) -> functools.partial[Any]:
    """As `nnx.cached_partial`: the function with its first arguments given.

    The modules are copied when it is called, and the copies hold the same Variables, as its
    docstring says: what is set on a module later, such as `model.eval()`, does not reach them.
    """
    return functools.partial(f, *seen_by_body(cached_args, "graph-frozen"))


@optional
def remat(
    f: Callable[..., Any],
    *,
    prevent_cse: bool = True,
    static_argnums: int | tuple[int, ...] = (),
    policy: Callable[..., bool] | None = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.remat`: the function itself."""
    static = static_places(f, static_argnums, None)

    @functools.wraps(f)
    def rematted(*args: Any, **kwargs: Any) -> Any:
        return called(remat, f, mode_of(graph, graph_updates), args, kwargs, static)

    return rematted


def cond(
    pred: Any,
    true_fun: Callable[..., Any],
    false_fun: Callable[..., Any],
    *operands: Any,
    graph: bool | None = None,
    graph_updates: bool | None = None,
    **kwargs: Any,
) -> Any:
    """As `nnx.cond`: the one function or the other."""
    _refuse("cond", kwargs)
    if pred is None or isinstance(pred, str | bytes | list | tuple | dict):
        raise TypeError(f"Pred must be a scalar, got {pred!r} of type {type(pred)}")
    at = 0 if bool(pred) else 1
    return _branch(cond, (true_fun, false_fun), at, operands, mode_of(graph, graph_updates))


def switch(
    index: Any,
    branches: Sequence[Callable[..., Any]],
    *operands: Any,
    graph: bool | None = None,
    graph_updates: bool | None = None,
    **kwargs: Any,
) -> Any:
    """As `nnx.switch`: one of the functions; an index out of range is the nearest that is not.

    The functions are what comes of going through `branches`: of a dictionary these are its keys.
    """
    _refuse("switch", kwargs)
    branches = list(branches)
    if not branches:
        raise ValueError("Empty branch sequence")
    if not jnp.issubdtype(jnp.result_type(index), jnp.integer):
        raise TypeError(f"Index type must be an integer, got {index}")
    # jax calls an only branch whatever the index is, which may be traced
    at = min(max(int(index), 0), len(branches) - 1) if len(branches) > 1 else 0
    return _branch(switch, branches, at, operands, mode_of(graph, graph_updates))


def _branch(
    transform: Callable[..., Any],
    branches: Sequence[Callable[..., Any]],
    at: int,
    operands: tuple[Any, ...],
    mode: Mode | None,
) -> Any:
    """What one of the branches returns; if someone asks for it, all are tried before."""
    seen = current()
    if seen is not None and seen.tried is not None:
        seen.tried.append([_tried(transform, branch, operands, mode) for branch in branches])
    return called(transform, branches[at], mode, operands, {})


def _tried(
    transform: Callable[..., Any], branch: Callable[..., Any], operands: Any, mode: Mode | None
) -> Any:
    """What a branch shows and returns; what it changes is put back."""
    before, seen = Picture(args=operands), current()
    with undone(branch, operands), observing() as shown:
        shown.around = tuple(call.transform for call in seen.inside) if seen is not None else ()
        shown.tried = []  # those of a branch in it, too
        try:
            result = called(transform, branch, mode, operands, {})
            shown.left = Picture(args=operands).outline(before)
            return shown, result
        except Exception:  # it would fail in Python, too, if it ran
            return shown, None


def _refuse(name: str, kwargs: dict[str, Any]) -> None:
    """Keyword arguments are handed on to `jax.lax`, which has few; a branch gets none."""
    known = inspect.signature(getattr(jax.lax, name)).parameters
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in known.values())
    unknown = [key for key in kwargs if key not in known]
    if unknown and not open_ended:
        raise TypeError(f"{name}() got an unexpected keyword argument {unknown[0]!r}")
    if kwargs:
        raise Unsupported(f"plain.{name} takes no keyword arguments for jax.lax: {sorted(kwargs)}")


# --- shapes alone ---------------------------------------------------------------------------


def eval_shape(
    f: Callable[..., Any],
    *args: Any,
    graph: bool | None = None,
    graph_updates: bool | None = None,
    **kwargs: Any,
) -> Any:
    """As `nnx.eval_shape`: what the function returns, with a `jax.ShapeDtypeStruct` for each array.

    The function runs on copies of its arguments and of what else it reaches, in which abstract
    arrays are zeros.  So it does compute, and nothing that the caller holds changes.  In a mode the
    metadata of a captured Variable with a reference do: Flax lets the function write to it, and
    drops the arrays alone.
    """
    mode = mode_of(graph, graph_updates)
    copies = Copies(_concrete)
    mine, named = copies.of((args, kwargs))
    given = set(copies.made)
    inner = rebound(f, copies.of)
    with call(eval_shape, mode, inner, args=mine, kwargs=named) as seen:
        mine, named = entered((mine, named), mode)
        with unused(), lent(f, copies.of), seen.trip(inner, args=mine, kwargs=named) as trip:
            out = inner(*mine, **named)
            trip.returned(args=mine, kwargs=named, out=out)
        if mode is not None:
            captured = [pair for key, pair in copies.made.items() if key not in given]
            _keep_metadata(captured)
        return Copies(_abstract).of(as_arrays(out))


def _keep_metadata(copied: Iterable[tuple[Any, Any]]) -> None:
    """Give each Variable with a reference the metadata of its copy."""
    for original, copy in copied:
        if nnx_api.is_variable(original) and nnx_api.holds_reference(original):
            told = dict(copy.get_metadata())
            if told != original.get_metadata():
                nnx_api.set_metadata(original, told)


def _concrete(array: Any) -> Any:
    """An array in the place of an abstract one; a copy of one that can be written."""
    if not isinstance(array, jax.ShapeDtypeStruct):
        return array.copy() if is_array(array) and not isinstance(array, jax.Array) else array
    if jax.dtypes.issubdtype(array.dtype, jax.dtypes.prng_key):
        return jnp.broadcast_to(jax.random.key(0), array.shape)
    return jnp.zeros(array.shape, array.dtype)


def _abstract(array: Any) -> Any:
    """The shape and dtype of an array."""
    if not is_data(array) or isinstance(array, jax.ShapeDtypeStruct):
        return array
    like = jnp.asarray(array)
    return jax.ShapeDtypeStruct(like.shape, like.dtype)
