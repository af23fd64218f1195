"""What `nnx.jit` and `nnx.jit_partial` made before anyone looked: what of it can be read off.

jax keeps which arguments are static and donated (`_jit_info`).  Where it does not, those without an
array count as static.
"""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api

_OPTIONS = ("static_argnums", "static_argnames", "donate_argnums", "donate_argnames")


def function_of(made: Any) -> Any:
    """The function of which a transform made it."""
    return made.fun if hasattr(made, "fun") else made.__wrapped__


def leading_of(made: Any) -> tuple[Any, ...]:
    """The arguments that it was given already; to the function of `nnx.jit_partial`'s they are one,
    a list.
    """
    held = getattr(made, "partial_args", ())
    return (held,) if "Partial" in type(made).__name__ else tuple(held)


def mode_options_of(made: Any) -> dict[str, bool]:
    """The options that ask for the mode that it is in."""
    tree = type(made).__name__.startswith("Tree")  # 0.12.4 and 0.12.5
    graph = False if tree else getattr(made, "graph", None)  # with graph updates there is none
    return {"graph": graph is None or bool(graph), "graph_updates": graph is None}


def jit_options(made: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Which arguments of a call with these are static, and, where jax tells, which are donated."""
    info = getattr(getattr(made, "jitted_fn", None), "_jit_info", None)
    if all(hasattr(info, name) for name in _OPTIONS):
        return {name: getattr(info, name) for name in _OPTIONS}
    places = tuple(k for k, value in enumerate(args) if _is_static(value))
    names = tuple(name for name, value in kwargs.items() if _is_static(value))
    return {"static_argnums": places, "static_argnames": names}


def _is_static(value: Any) -> bool:
    """Whether no array, Variable or node stands in it."""
    leaves = jax.tree.leaves(value, is_leaf=nnx_api.is_node)
    kinds = jax.Array | np.ndarray | np.generic
    return not any(
        isinstance(x, kinds) or nnx_api.is_node(x) or nnx_api.is_variable(x) for x in leaves
    )
