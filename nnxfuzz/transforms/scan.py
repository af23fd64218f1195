"""`nnx.scan`: a loop over slices of the arguments, which stacks what its trips return."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Feature
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, as_tuple, result
from nnxfuzz.transforms.vmap import (
    AXES,
    OUT,
    Partition,
    axes_of,
    axes_text,
    check_params,
    fewer_parts,
    lanes,
    name_of_parts,
    nearer,
    one_lane,
    partition,
    partition_needs,
    partition_text,
    parts_of,
    with_params,
)


class Trips(Data, frozen=True):
    """Whether the first argument is the carry, the axes of the others, how many trips there are
    where no argument tells it, and whether the last slice comes first; for XLA, how many trips are
    written out, and whether a gradient is computed in two loops; those of the others that are
    modules whose Params alone have the axis, by a `StateAxes`; the axis that the trips' results
    are stacked along; a name that tells that part of these modules in the place of `nnx.Param`;
    and the name of the axis among the partition names of Variables.
    """

    carry: bool = True
    in_axes: tuple[int | None, ...] = ()
    length: int | None = None
    reverse: bool = False
    unroll: int = 1
    split_transpose: bool = False
    params_of: tuple[int, ...] = ()
    out_axes: int = 0
    at: str = ""
    partition: Partition = ""


class Scan(Transform):
    """The row of `scan`."""

    name = "scan"
    named = True
    emits = True
    Options = Trips
    returns = "carry"
    wraps = True
    decorates = True
    factory = True
    primitives = ("scan",)

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Trips:
        carry = not draws.chance(4)
        axes = [draws.pick(axes_of(arg, AXES)) for arg in args[carry:]]
        at = name_of_parts(draws, args[carry:])
        parts = with_params(draws, axes, args[carry:], at)
        length = draws.number(1, 2) if all(axis is None for axis in axes) else None
        unroll = draws.pick((1, 1, 2, 3))
        # jax calls the split experimental; no gradient is taken of the outermost call
        split = depth == 0 and draws.chance(4)
        turned, out = draws.chance(4), draws.pick(OUT)
        at = at if parts else ""
        named = partition(draws)
        return Trips(carry, tuple(axes), length, turned, unroll, split, parts, out, at, named)

    def check(self, options: Trips, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_axes) != len(args) - options.carry:
            raise t.Unfit("each argument but the carry has an axis")
        if options.unroll < 1:
            raise t.Unfit("at least one trip is written out")
        check_params(options, options.in_axes)
        self._length(options, args)
        pairs = zip(args[options.carry :], options.in_axes, strict=True)
        t.no_references(*args[: options.carry], *(arg for arg, axis in pairs if axis != 0))

    def _length(self, options: Trips, args: tuple[t.Type, ...]) -> int:
        mapped = parts_of(options, args[options.carry :])
        return lanes(mapped, options.in_axes, options.length)

    def placed(self, options: Any, args: tuple[t.Type, ...]) -> int:
        return self.carried(options, args)

    def carried(self, options: Trips, args: tuple[t.Type, ...]) -> int:
        return int(options.carry)

    def enter(self, options: Trips, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        rest = one_lane(options, args[options.carry :], options.in_axes)
        return (*args[: options.carry], *rest)

    def leave(self, options: Trips, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        size = self._length(options, args)
        ys = result(
            tuple(t.stacked(one, options.out_axes, size) for one in returned[options.carry :])
        )
        return t.Results((args[0], ys or t.Static())) if options.carry else ys

    def block(
        self, options: Trips, block: int, names: Sequence[str], results: Sequence[str]
    ) -> str:
        if not options.carry:
            return as_tuple(results)
        ys = as_tuple(results[1:])
        return f"{results[0]}, {f'({ys})' if len(results) > 2 else ys}"

    def keywords(self, options: Trips, args: tuple[t.Type, ...]) -> dict[str, str]:
        axes = axes_text(options, options.in_axes)
        axes = ["nnx.Carry", *axes] if options.carry else axes
        words = {"in_axes": f"({', '.join(axes)},)"}
        words["out_axes"] = (
            f"(nnx.Carry, {options.out_axes})" if options.carry else str(options.out_axes)
        )
        if options.length is not None:
            words["length"] = str(options.length)
        if options.unroll > 1:
            words["unroll"] = str(options.unroll)
        words |= {"reverse": "True"} if options.reverse else {}
        words |= {"_split_transpose": "True"} if options.split_transpose else {}
        return words | partition_text(options)

    def features(self, options: Trips) -> frozenset[Feature]:
        return partition_needs(options)

    def lowered(self, options: Trips) -> dict[str, Any]:
        if options.unroll == 1 and not options.split_transpose:
            return {}
        return {"unroll": options.unroll, "_split_transpose": options.split_transpose}

    def without(self, options: Trips, arg: int) -> Trips:
        if options.carry and arg == 0:
            return msgspec.structs.replace(options, carry=False)
        k = arg - options.carry
        axes = options.in_axes[:k] + options.in_axes[k + 1 :]
        parts = tuple(part - (part > k) for part in options.params_of if part != k)
        at = options.at if parts else ""
        return msgspec.structs.replace(options, in_axes=axes, params_of=parts, at=at)

    def smaller(self, options: Trips) -> Iterator[Trips]:
        yield from nearer(options)
        if options.reverse:
            yield msgspec.structs.replace(options, reverse=False)
        yield from fewer_parts(options)
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
