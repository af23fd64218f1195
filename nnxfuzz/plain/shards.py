"""`shard_map`: the function of each device's shards of the arguments."""

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.sharding import PartitionSpec

from nnxfuzz.plain.arguments import Given, optional
from nnxfuzz.plain.at_once import alone_or_together, at_once
from nnxfuzz.plain.calls import run_once
from nnxfuzz.plain.frame import call
from nnxfuzz.plain.modes import frozen, mode_of, numbers_unchanged
from nnxfuzz.plain.slices import Slices


@optional
def shard_map(
    f: Callable[..., Any],
    *,
    mesh: Any,
    in_specs: Any,
    out_specs: Any,
    graph: bool | None = None,
    graph_updates: bool | None = None,
    **options: Any,
) -> Callable[..., Any]:
    """As `nnx.shard_map`: `f` of each device's shards, and what it returns put together.

    A spec that does not name an axis of the mesh says that all devices along it have a replica of
    their own, and that these end up equal, so that one of them is what is left.  Options that say
    what jax checks of that (`check_vma`) and over which axes (`axis_names`) are its own.

    On one device that is the function itself, unless it has a collective.  Several devices run at
    once (`at_once`), because jax gives a meaning to collectives between them, and, with
    `check_vma`, to derivatives: that by a replica is the sum over the devices.  jax runs the
    function eagerly there, so that breakpoints stop, and numbers are shown of each device.
    """

    whole = PartitionSpec()

    @functools.wraps(f)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        if kwargs and frozen(mode):
            raise TypeError("shard_map takes no keyword arguments without graph updates")
        given = Given(args, kwargs)
        with (
            call(shard_map, mode, f, args=args, kwargs=kwargs) as seen,
            numbers_unchanged(mode, args, kwargs),
        ):

            def together() -> Any:
                slices = Slices(given, Given(in_specs, whole), mode, "one lane")
                seen.sliced(slices)
                return at_once(f, slices, seen, out_specs, whole, mapping)

            if mesh.size > 1:
                return together()
            alone = functools.partial(run_once, f, mode, seen, args, kwargs)
            return alone_or_together(alone, together, f, given)

    def mapping(body: Any, into: Any, out: Any) -> Any:
        return _jax_shard_map()(body, mesh=mesh, in_specs=into, out_specs=out, **options)

    return mapped


def _jax_shard_map() -> Any:
    """That of jax, wherever the release has it."""
    if hasattr(jax, "shard_map"):
        return jax.shard_map
    from jax.experimental.shard_map import shard_map as experimental

    return experimental
