"""`nnx.vmap`: the function of each lane of the arguments."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, result


class Axes(Data, frozen=True):
    """The axis of each argument (None: broadcast), that of all results, and the number of lanes
    where no argument tells it.
    """

    in_axes: tuple[int | None, ...] = ()
    out_axes: int = 0
    axis_size: int | None = None


class Vmap(Transform):
    """The row of `vmap`."""

    name = "vmap"
    Options = Axes

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Axes:
        axes = tuple(draws.pick(axes_of(arg)) for arg in args)
        if all(axis is None for axis in axes):
            return Axes(axes, 0, draws.number(1, 2))
        return Axes(axes, 0)

    def check(self, options: Axes, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_axes) != len(args):
            raise t.Unfit("each argument has an axis")
        lanes(args, options.in_axes, options.axis_size)
        t.no_references(*(arg for arg, axis in zip(args, options.in_axes, strict=True) if axis))

    def enter(self, options: Axes, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        pairs = zip(args, options.in_axes, strict=True)
        return tuple(arg if axis is None else t.sliced(arg, axis) for arg, axis in pairs)

    def leave(self, options: Axes, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        size = lanes(args, options.in_axes, options.axis_size)
        return result(tuple(t.stacked(one, options.out_axes, size) for one in returned))

    def keywords(self, options: Axes, args: tuple[t.Type, ...]) -> dict[str, str]:
        words = {"in_axes": repr(options.in_axes), "out_axes": str(options.out_axes)}
        return words | ({} if options.axis_size is None else {"axis_size": str(options.axis_size)})

    def without(self, options: Axes, arg: int) -> Axes:
        axes = options.in_axes[:arg] + options.in_axes[arg + 1 :]
        return msgspec.structs.replace(options, in_axes=axes)

    def smaller(self, options: Axes) -> Iterator[Axes]:
        if options.out_axes:
            yield msgspec.structs.replace(options, out_axes=0)
        if (options.axis_size or 0) > 1:
            yield msgspec.structs.replace(options, axis_size=1)
        for k, axis in enumerate(options.in_axes):
            if axis:
                axes = (*options.in_axes[:k], 0, *options.in_axes[k + 1 :])
                yield msgspec.structs.replace(options, in_axes=axes)

    def faults(self) -> tuple[Fault, ...]:
        def one_lane(real: Any) -> Any:
            """All arguments are broadcast, and the results repeated."""

            def vmap(f: Any, *, in_axes: Any, axis_size: Any = None, **others: Any) -> Any:
                return real(f, in_axes=in_axes, axis_size=axis_size, **{**others, "out_axes": -1})

            return vmap

        return (Fault("results along the last axis", one_lane),)


def axes_of(arg: t.Type) -> Sequence[int | None]:
    """The axes that an argument may be mapped along, the first of them, and not at all."""
    found: list[int | None] = []
    for axis in (0, 1):
        try:
            if len(t.sizes(arg, axis)) == 1:
                found.append(axis)
        except t.Unfit:
            break
    return [*found[:1], None, *found[1:]]


def lanes(args: tuple[t.Type, ...], axes: Sequence[int | None], size: int | None) -> int:
    """How many lanes there are; raises Unfit if the arguments disagree."""
    found = set() if size is None else {size}
    for arg, axis in zip(args, axes, strict=True):
        if axis is not None:
            found |= t.sizes(arg, axis)
    if len(found) != 1:
        raise t.Unfit(f"there are {sorted(found)} lanes")
    return found.pop()
