"""`checkify`: a call whose checks come back as an error, and do not raise.

A check that fails does not end the function, so it cannot be Python's `raise`.  As for `grad`, the
function runs under a trace of jax, on copies that are made there, and the originals are given what
the copies hold (`tracing`).
"""

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax.experimental import checkify as jax_checkify

from nnxfuzz.plain.frame import call
from nnxfuzz.plain.modes import entered_untraced, mode_of, numbers_unchanged
from nnxfuzz.plain.tracing import Traced


def checkify(
    f: Callable[..., Any],
    errors: Any = jax_checkify.user_checks,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.checkify`: the first check of `f` that failed, and what `f` returns."""

    @functools.wraps(f)
    def checkified(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        with (
            call(checkify, mode, f, args=args, kwargs=kwargs) as seen,
            numbers_unchanged(mode, args, kwargs),
        ):
            args, kwargs = entered_untraced((args, kwargs), mode)
            traced = Traced(f, args, kwargs, mode, seen, has_aux=None)
            run = jax_checkify.checkify(
                lambda: traced.run(lambda copies: copies.of(args))[1], errors
            )
            error, arrays = run()
            # jax hands a constant out as a literal, which is no array (`TypedFloat`)
            return error, traced.bring_out(list(map(jnp.asarray, arrays)))

    return checkified
