"""`shard_map` on one device: the call itself, whose only shard is the whole."""

import functools
from collections.abc import Callable
from typing import Any

from nnxfuzz.plain.arguments import optional
from nnxfuzz.plain.calls import called
from nnxfuzz.plain.modes import mode_of
from nnxfuzz.plain.objects import Unsupported


@optional
def shard_map(
    f: Callable[..., Any],
    *,
    mesh: Any,
    in_specs: Any,
    out_specs: Any,
    axis_names: Any = frozenset(),
    check_vma: bool = True,
    check_rep: bool = True,
    auto: Any = frozenset(),
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.shard_map`, on a mesh of one device; with more of them it is unsupported.

    There the specs say nothing of what comes out.  A collective over an axis of the mesh is
    unsupported: no shard knows of the others.
    """
    if mesh.size != 1:
        raise Unsupported(f"plain.shard_map has one device, and the mesh has {mesh.size}")

    @functools.wraps(f)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return called("shard_map", f, mode_of(graph, graph_updates), args, kwargs)
        except NameError as error:
            if "axis name" not in str(error):
                raise
            told = f"plain.shard_map has no collectives over an axis of the mesh: {error}"
            raise Unsupported(told.splitlines()[0]) from error

    return mapped
