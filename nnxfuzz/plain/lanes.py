"""`vmap` and `pmap`: a loop over lanes."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax

from nnxfuzz.plain.arguments import Given, in_order, numbers, optional, without_static
from nnxfuzz.plain.at_once import alone_or_together, at_once
from nnxfuzz.plain.axes import Partition, partition_of
from nnxfuzz.plain.frame import call
from nnxfuzz.plain.modes import Mode, asks_for_updates, mode_of
from nnxfuzz.plain.objects import Unsupported
from nnxfuzz.plain.observations import drawing_alike
from nnxfuzz.plain.slices import Broadcast, Sizes, Slices
from nnxfuzz.plain.trying import tried
from nnxfuzz.plain.unwatched import Unwatched


@optional
def vmap(
    f: Callable[..., Any],
    *,
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    transform_metadata: Mapping[str, Any] | None = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.vmap`: `f` of each lane of the arguments, and what it returns stacked.

    If there is a collective over `axis_name`, they run at once (`at_once`).
    """
    axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes

    @functools.wraps(f)
    def vmapped(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        # Without graph updates keyword arguments have axis 0; otherwise they have their places.
        if asks_for_updates(graph, graph_updates):
            args, kwargs = in_order(f, args, kwargs), {}
        nothing = "must have at least one non-None value in in_axes"
        partition = partition_of(transform_metadata, mode)
        lanes = _Lanes(vmap, nothing, f, mode, partition, axis_name)
        return lanes.run(args, kwargs, axes, out_axes, axis_size)

    return vmapped


class _Lanes:
    """A function to be called once for each lane."""

    def __init__(
        self,
        transform: Callable[..., Any],
        nothing: str,
        f: Callable[..., Any],
        mode: Mode | None,
        partition: Partition | None,
        axis_name: Any,
    ) -> None:
        self.transform = transform
        name, mapped = transform.__name__, "to be mapped: {sizes}"
        self.words = Sizes(
            f"{name} {nothing}",
            f"{name} got inconsistent sizes for array axes {mapped}",
            f"{name} got axis_size {{given}}, which disagrees with the sizes {mapped}",
            by_axis=transform is pmap,
        )
        self.f = f
        self.mode = mode
        self.partition = partition
        self.axis_name = axis_name

    def run(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        in_axes: Any,
        out_axes: Any,
        axis_size: int | None,
    ) -> Any:
        """What the lanes return, stacked."""
        in_axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args)
        given, axes = Given(args, kwargs), Given(in_axes, 0)
        with call(self.transform, self.mode, self.f, args=args, kwargs=kwargs) as seen:

            def alone() -> Any:
                slices = self._slices(given, axes, self._broadcast(), self.partition)
                seen.sliced(slices)
                return self._alone(slices, seen, slices.length(self.words, axis_size), out_axes)

            def together() -> Any:
                slices = self._slices(given, axes, "one lane")
                size = slices.length(self.words, axis_size)
                mapping = functools.partial(self._mapping, axis_size=size)
                return at_once(self.f, slices, seen, out_axes, None, mapping)

            if self.axis_name is None:
                return alone()
            return alone_or_together(alone, together, self.f, given)

    def _slices(
        self, given: Given, axes: Given, broadcast: Broadcast, partition: Partition | None = None
    ) -> Slices:
        traced = self.transform is pmap
        return Slices(given, axes, self.mode, broadcast, partition, traced=traced)

    def _broadcast(self) -> Broadcast:
        if self.mode is None:
            return "carried"
        return "first lane" if self.transform is pmap else "one lane"

    def _alone(self, slices: Slices, seen: Unwatched, size: int, out_axes: Any) -> Any:
        """What the lanes return, one after the other."""
        rows: list[Any] = []
        for lane in drawing_alike(range(size)):
            with seen.trip() as trip, slices.trip(lane) as (mine, named):
                rows.append(self.f(*mine, **named))
                trip.returned(args=mine, kwargs=named, out=rows[-1])
            slices.leave(lane)
        slices.close()
        shown = rows or [self._tried(slices, seen)]
        return slices.stacking(shown, self.f).along(out_axes, empty=not rows)

    def _tried(self, slices: Slices, seen: Unwatched) -> Any:
        """What a lane would return where there is none.  Its slices are zeros."""
        with tried(self.f, slices.values), seen.trip() as trip:
            args, kwargs = slices.enter(0)
            out = self.f(*args, **kwargs)
            trip.returned(args=args, kwargs=kwargs, out=out)
            return out

    def _mapping(self, body: Any, into: Any, out: Any, axis_size: int) -> Any:
        if self.partition is not None:
            raise Unsupported(
                f"plain.{self.transform.__name__} has no collectives with transform_metadata"
            )
        return jax.vmap(
            body, in_axes=into, out_axes=out, axis_name=self.axis_name, axis_size=axis_size
        )


@optional
def pmap(
    f: Callable[..., Any],
    *,
    axis_name: Any = None,
    in_axes: Any = 0,
    out_axes: Any = 0,
    static_broadcasted_argnums: int | Iterable[int] = (),
    devices: Sequence[Any] | None = None,
    backend: str | None = None,
    axis_size: int | None = None,
    donate_argnums: int | Iterable[int] = (),
    global_arg_shapes: Any = None,
    transform_metadata: Mapping[str, Any] | None = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.pmap`, whose lanes run here as those of `vmap`."""
    if global_arg_shapes is not None:
        raise Unsupported("plain.pmap has no global_arg_shapes")
    axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
    static = set(numbers(static_broadcasted_argnums))

    @functools.wraps(f)
    def pmapped(*args: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        # the function reaches the static arguments, and no others
        lane, live, _ = without_static(f, (static, set()), args, {})
        all_axes = axes if isinstance(axes, tuple) else (axes,) * len(args)
        lane_axes = tuple(axis for k, axis in enumerate(all_axes) if k not in static)
        nothing = "requires at least one argument with a mapped axis."
        partition = partition_of(transform_metadata, mode)
        lanes = _Lanes(pmap, nothing, lane, mode, partition, axis_name)
        return lanes.run(live, {}, lane_axes, out_axes, axis_size)

    return pmapped
