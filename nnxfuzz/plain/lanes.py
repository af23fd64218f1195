"""`vmap`, and `pmap` on one device: a loop over lanes."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nnxfuzz.plain.arguments import Given, in_order, numbers, optional
from nnxfuzz.plain.axes import partition_of
from nnxfuzz.plain.frame import call
from nnxfuzz.plain.modes import Mode, frozen, mode_of, undone
from nnxfuzz.plain.objects import Unsupported
from nnxfuzz.plain.slices import Broadcast, Slices


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

    A collective over `axis_name` is unsupported: no lane knows of the others.
    """
    axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes

    @functools.wraps(f)
    def vmapped(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        lanes = _Lanes("vmap", f, mode, partition_of(transform_metadata, mode))
        return lanes.run(args, kwargs, axes, out_axes, axis_size)

    return vmapped


class _Lanes:
    """A function to be called once for each lane."""

    def __init__(
        self, name: str, f: Callable[..., Any], mode: Mode | None, partition: str | None
    ) -> None:
        self.name = name
        self.f = f
        self.mode = mode
        self.partition = partition

    def run(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        in_axes: Any,
        out_axes: Any,
        axis_size: int | None,
    ) -> Any:
        """What the lanes return, stacked."""
        # Without graph updates keyword arguments have axis 0; otherwise they have their places.
        if not (kwargs and frozen(self.mode)):
            args, kwargs = in_order(self.f, args, kwargs), {}
        in_axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args)
        with call(self.name, self.mode, self.f, args=args, kwargs=kwargs) as seen:
            unkept: Broadcast = "carried" if self.mode is None else "one lane"
            slices = Slices(
                Given(args, kwargs), Given(in_axes, 0), self.mode, unkept, self.partition
            )
            seen.sliced(slices)
            rows: list[Any] = []
            for lane in range(slices.length(self.name, axis_size)):
                with seen.trip() as trip:
                    mine, named = slices.enter(lane)
                    rows.append(self._called(mine, named))
                    trip.returned(out=rows[-1])
                slices.leave(lane)
            slices.close()
            shown = rows or [self._tried(slices)]
            return slices.stacking(shown).along(out_axes, empty=not rows)

    def _tried(self, slices: Slices) -> Any:
        """What a lane would return where there is none.  Its slices are zeros."""
        with undone(self.f, slices.values):
            return self._called(*slices.enter(0))

    def _called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return self.f(*args, **kwargs)
        except NameError as error:
            if "axis name" not in str(error):
                raise
            told = f"plain.{self.name} has no collectives over an axis_name: {error}"
            raise Unsupported(told.splitlines()[0]) from error


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
    """As `nnx.pmap`, whose lanes run one after the other here, as those of `vmap`."""
    if global_arg_shapes is not None:
        raise Unsupported("plain.pmap has no global_arg_shapes")
    axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
    static = set(numbers(static_broadcasted_argnums))

    @functools.wraps(f)
    def pmapped(*args: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        live = [k for k in range(len(args)) if k not in static]

        def lane(*given: Any) -> Any:
            whole = dict(zip(live, given, strict=True))
            return f(*(whole.get(k, value) for k, value in enumerate(args)))

        all_axes = axes if isinstance(axes, tuple) else (axes,) * len(args)
        lanes = _Lanes("pmap", lane, mode, partition_of(transform_metadata, mode))
        mine = tuple(args[k] for k in live)
        return lanes.run(mine, {}, tuple(all_axes[k] for k in live), out_axes, axis_size)

    return pmapped
