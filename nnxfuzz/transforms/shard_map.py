"""`nnx.shard_map`: the function of each shard of the arguments, on one device."""

from collections.abc import Iterator

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, listed
from nnxfuzz.transforms.jit import forgets
from nnxfuzz.transforms.vmap import axes_of

_P = "jax.sharding.PartitionSpec"
_SPEC = {None: f"{_P}()", 0: f'{_P}("d")', 1: f'{_P}(None, "d")'}


class Specs(Data, frozen=True):
    """The axis along which each argument is sharded (None: it is replicated), and whether jax
    checks what is replicated.
    """

    in_specs: tuple[int | None, ...] = ()
    check_vma: bool = False


class ShardMap(Transform):
    """The row of `shard_map`, whose mesh has one device."""

    name = "shard_map"
    Options = Specs
    needs = "check_vma"

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Specs:
        axes = tuple(draws.pick(axes_of(arg)) for arg in args)
        return Specs(axes, draws.chance(4) and all(axis is None for axis in axes))

    def check(self, options: Specs, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_specs) != len(args):
            raise t.Unfit("each argument has a spec")
        for arg, axis in zip(args, options.in_specs, strict=True):
            if axis is not None:
                t.sizes(arg, axis)

    def keywords(self, options: Specs, args: tuple[t.Type, ...]) -> dict[str, str]:
        specs = listed([_SPEC[axis] for axis in options.in_specs])
        words = {
            "mesh": 'jax.sharding.Mesh(jax.devices()[:1], ("d",))',
            "in_specs": f"({specs},)",
            "out_specs": _SPEC[None],
        }
        return words | ({} if options.check_vma else {"check_vma": "False"})

    def without(self, options: Specs, arg: int) -> Specs:
        left = options.in_specs[:arg] + options.in_specs[arg + 1 :]
        return msgspec.structs.replace(options, in_specs=left)

    def smaller(self, options: Specs) -> Iterator[Specs]:
        for k, axis in enumerate(options.in_specs):
            if axis is not None:
                specs = (*options.in_specs[:k], None, *options.in_specs[k + 1 :])
                yield msgspec.structs.replace(options, in_specs=specs)

    def faults(self) -> tuple[Fault, ...]:
        return (Fault("nothing arrives", forgets),)
