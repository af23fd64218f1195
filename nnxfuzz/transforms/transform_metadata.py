"""`nnx.transform_metadata`: a function whose arguments have one axis less in their names."""

from collections.abc import Iterator

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform
from nnxfuzz.transforms.split_rngs import unchanged


class Named(Data, frozen=True):
    """The axis of each argument (None: it has none) and of the result, and the axis's name."""

    in_axes: tuple[int | None, ...] = ()
    out_axes: int | None = 0
    partition: str | None = "x"


class TransformMetadata(Transform):
    """The row of `transform_metadata`, which has no graph updates in any mode."""

    name = "transform_metadata"
    Options = Named
    decorates = True
    factory = True
    takes_updates = False

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Named:
        partition = draws.pick(("x", "x", "x", None))
        axis = 0 if partition else 1
        axes = tuple(None if draws.chance(4) else axis for _ in args)
        return Named(axes, draws.pick((0, 0, 1, -1, None)), partition)

    def check(self, options: Named, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_axes) != len(args):
            raise t.Unfit("each argument has an axis")

    def keywords(self, options: Named, args: tuple[t.Type, ...]) -> dict[str, str]:
        axes = ", ".join(map(str, options.in_axes))
        return {
            "in_axes": f"({axes},)",
            "out_axes": str(options.out_axes),
            "partition": repr(options.partition),
        }

    def without(self, options: Named, arg: int) -> Named:
        axes = options.in_axes[:arg] + options.in_axes[arg + 1 :]
        return msgspec.structs.replace(options, in_axes=axes)

    def smaller(self, options: Named) -> Iterator[Named]:
        if options.out_axes != 0:
            yield msgspec.structs.replace(options, out_axes=0)

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("names stay as they are", unchanged),)
