"""`transform_metadata`: a function whose arguments have one axis less in their partition names.

It stands below `vmap` or `scan` in the modes in which these leave partition names alone.  The
values have no such axis where the function is called, so no rank says whether a name is due.

It runs its function under no trace, but on copies of the arguments: an exception undoes what was
done to these, and nothing else.  It has no graph updates in any mode.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.plain.arguments import in_order, optional
from nnxfuzz.plain.axes import Axes, Partition, call_hook, with_entry, without_entry
from nnxfuzz.plain.frame import watch
from nnxfuzz.plain.modes import all_or_nothing, asked_mode, mode_of, seen_by_body
from nnxfuzz.plain.objects import everything


@optional
def transform_metadata(
    f: Callable[..., Any],
    *,
    partition: str | None,
    in_axes: Any = 0,
    out_axes: Any = 0,
    graph: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.transform_metadata`: in the function the Variables of the arguments have no entry for
    the axis in their partition names; afterwards they have, and those of the result get one.

    Raises ValueError, in Flax's words, where another name stands at the axis, and IndexError where
    the names have no such axis (`remove_axis` in flax/nnx/spmd.py).
    """

    @functools.wraps(f)
    def named(*args: Any, **kwargs: Any) -> Any:
        given = in_order(f, args, kwargs, defaults=bool(kwargs))
        mode = mode_of(graph, graph_updates=False)
        always = asked_mode(graph, graph_updates=False)  # in Python, too: it asks for no updates
        seen = watch("transform_metadata", always, f, args=given)
        with all_or_nothing(mode, None, given):
            mine = seen_by_body(given, mode)
            axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(mine)
            held: list[tuple[Any, int]] = []
            try:
                for variable, axis in _with_axes(axes, mine):
                    _remove(variable, axis, partition)
                    held.append((variable, axis))
                with seen.trip(args=mine) as trip:
                    out = f(*mine)
                    trip.returned(args=mine, out=out)
            finally:
                for variable, axis in held:
                    _add(variable, axis, partition)
            known = {id(variable) for variable, _ in held}
            for variable, axis in _with_axes(out_axes, out):
                if id(variable) not in known:
                    _add(variable, axis, partition)
            # tree mode hands on what the function returns as it is
            return out if mode == "tree" else seen_by_body(out, mode)

    return named


def _with_axes(axes: Any, value: Any) -> Iterator[tuple[Any, int]]:
    """Each Variable below `value` that has an axis, and the axis."""
    met: set[int] = set()
    for along in Axes(axes).over(value, "what has axes"):
        for place in everything(along.thing):
            if not nnx_api.is_variable(place.thing) or id(place.thing) in met:
                continue
            axis = along.axis_of((*along.keys, *place.keys), place.thing)
            if isinstance(axis, int):
                met.add(id(place.thing))
                yield place.thing, axis


def _remove(variable: Any, axis: int, partition: str | None) -> None:
    names = nnx_api.metadata(variable).get("names")
    if names is not None:
        if not -len(names) <= axis < len(names):  # in the words of `pop`, as in Flax
            raise IndexError("pop index out of range" if names else "pop from empty list")
        there = names[axis]
        if there != partition:
            raise ValueError(
                f"Expected to remove {partition!r} at index {axis} from {names!r}, "
                f"but found {there!r}."
            )
        nnx_api.set_names(variable, without_entry(names, axis))
    call_hook(variable, axis, Partition(partition, {}), added=False)


def _add(variable: Any, axis: int, partition: str | None) -> None:
    names = nnx_api.metadata(variable).get("names")
    if names is not None:
        nnx_api.set_names(variable, with_entry(names, axis, partition))
    call_hook(variable, axis, Partition(partition, {}), added=True)
