"""`nnx.scan`: a loop over slices of the arguments, which stacks what its trips return."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, as_tuple, result
from nnxfuzz.transforms.vmap import axes_of, lanes


class Trips(Data, frozen=True):
    """Whether the first argument is the carry, the axes of the others, how many trips there are
    where no argument tells it, and whether the last slice comes first; for XLA, how many trips are
    written out, and whether a gradient is computed in two loops.
    """

    carry: bool = True
    in_axes: tuple[int | None, ...] = ()
    length: int | None = None
    reverse: bool = False
    unroll: int = 1
    split_transpose: bool = False


class Scan(Transform):
    """The row of `scan`."""

    name = "scan"
    Options = Trips
    returns = "carry"
    wraps = True
    primitives = ("scan",)

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Trips:
        carry = not draws.chance(4)
        axes = tuple(draws.pick(axes_of(arg)) for arg in args[carry:])
        length = draws.number(1, 2) if all(axis is None for axis in axes) else None
        unroll = draws.pick((1, 1, 2, 3))
        # jax calls the split experimental; no gradient is taken of the outermost call
        split = depth == 0 and draws.chance(4)
        return Trips(carry, axes, length, draws.chance(4), unroll, split)

    def check(self, options: Trips, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_axes) != len(args) - options.carry:
            raise t.Unfit("each argument but the carry has an axis")
        if options.unroll < 1:
            raise t.Unfit("at least one trip is written out")
        lanes(args[options.carry :], options.in_axes, options.length)
        pairs = zip(args[options.carry :], options.in_axes, strict=True)
        t.no_references(*args[: options.carry], *(arg for arg, axis in pairs if axis != 0))

    def carried(self, options: Trips, args: tuple[t.Type, ...]) -> int:
        return int(options.carry)

    def enter(self, options: Trips, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        pairs = zip(args[options.carry :], options.in_axes, strict=True)
        rest = (arg if axis is None else t.sliced(arg, axis) for arg, axis in pairs)
        return (*args[: options.carry], *rest)

    def leave(self, options: Trips, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        size = lanes(args[options.carry :], options.in_axes, options.length)
        ys = result(tuple(t.stacked(one, 0, size) for one in returned[options.carry :]))
        return t.Results((args[0], ys or t.Static())) if options.carry else ys

    def block(
        self, options: Trips, block: int, names: Sequence[str], results: Sequence[str]
    ) -> str:
        if not options.carry:
            return as_tuple(results)
        ys = as_tuple(results[1:])
        return f"{results[0]}, {f'({ys})' if len(results) > 2 else ys}"

    def keywords(self, options: Trips, args: tuple[t.Type, ...]) -> dict[str, str]:
        axes = [str(axis) for axis in options.in_axes]
        axes = ["nnx.Carry", *axes] if options.carry else axes
        words = {"in_axes": f"({', '.join(axes)},)"}
        words["out_axes"] = "(nnx.Carry, 0)" if options.carry else "0"
        if options.length is not None:
            words["length"] = str(options.length)
        if options.unroll > 1:
            words["unroll"] = str(options.unroll)
        split = {"_split_transpose": "True"} if options.split_transpose else {}
        return words | ({"reverse": "True"} if options.reverse else {}) | split

    def lowered(self, options: Trips) -> dict[str, Any]:
        if options.unroll == 1 and not options.split_transpose:
            return {}
        return {"unroll": options.unroll, "_split_transpose": options.split_transpose}

    def without(self, options: Trips, arg: int) -> Trips:
        if options.carry and arg == 0:
            return msgspec.structs.replace(options, carry=False)
        at = arg - options.carry
        return msgspec.structs.replace(
            options, in_axes=options.in_axes[:at] + options.in_axes[at + 1 :]
        )

    def smaller(self, options: Trips) -> Iterator[Trips]:
        if options.reverse:
            yield msgspec.structs.replace(options, reverse=False)
        if (options.length or 0) > 1:
            yield msgspec.structs.replace(options, length=1)
        if options.unroll > 1:
            yield msgspec.structs.replace(options, unroll=options.unroll - 1)
        if options.split_transpose:
            yield msgspec.structs.replace(options, split_transpose=False)

    def faults(self) -> tuple[Fault, ...]:
        def turned(real: Any) -> Any:
            return lambda f, reverse=False, **options: real(f, reverse=not reverse, **options)

        return (Fault("the other way round", turned),)
