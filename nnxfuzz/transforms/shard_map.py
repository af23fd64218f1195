"""`nnx.shard_map`: the function of each device's shards of the arguments."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, listed, result
from nnxfuzz.transforms.jit import forgets
from nnxfuzz.transforms.vmap import axes_of, params

_P = "jax.sharding.PartitionSpec"

#: The meshes: four devices are two by two, and an array's axis 1 is cut along the second axis of
#: the mesh there.
_MESHES = {
    1: 'jax.sharding.Mesh(jax.devices()[:1], ("d",))',
    2: 'jax.sharding.Mesh(jax.devices()[:2], ("d",))',
    4: 'jax.sharding.Mesh([jax.devices()[:2], jax.devices()[2:4]], ("d", "e"))',
}


class Specs(Data, frozen=True):
    """The axis along which each argument is sharded (None: it is replicated), and whether the
    results are put together along axis 0; the arguments of which the Params alone are sharded, by a
    `StateSharding`; the number of devices, and whether jax checks what is replicated.
    """

    in_specs: tuple[int | None, ...] = ()
    check_vma: bool = False
    devices: Literal[1, 2, 4] = 1
    joined: bool = False
    params_of: tuple[int, ...] = ()


class ShardMap(Transform):
    """The row of `shard_map`."""

    name = "shard_map"
    Options = Specs
    needs = "check_vma"
    references = False
    factory = True

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Specs:
        devices: Any = draws.pick((1, 2, 4))
        axes = [draws.pick(axes_of(arg)) for arg in args]
        firsts = [axes_of(params(arg))[0] for arg in args]
        parts = [k for k, axis in enumerate(firsts) if axis is not None and draws.chance(6)]
        for k in parts:
            axes[k] = firsts[k]
        checked = draws.chance(4) and (devices > 1 or all(axis is None for axis in axes))
        joined = devices > 1 and draws.chance(2)
        return Specs(tuple(axes), checked, devices, joined, tuple(parts))

    def check(self, options: Specs, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_specs) != len(args):
            raise t.Unfit("each argument has a spec")
        if any(options.in_specs[k : k + 1] in ((), (None,)) for k in options.params_of):
            raise t.Unfit("the Params of an argument have a spec")
        if options.check_vma and options.devices == 1 and set(options.in_specs) - {None}:
            raise t.Unfit("plain Python checks nothing on one device")
        self.enter(options, args, 0)

    def devices(self, options: Specs) -> int:
        return options.devices

    def enter(self, options: Specs, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        parts = 1 if options.devices == 1 else 2

        def one(k: int, arg: t.Type, axis: int | None) -> t.Type:
            if axis is None:
                return arg
            cut = _params_cut if k in options.params_of else _cut
            return cut(arg, axis, parts)

        pairs = zip(args, options.in_specs, strict=True)
        return tuple(one(k, arg, axis) for k, (arg, axis) in enumerate(pairs))

    def leave(self, options: Specs, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        if options.joined:
            parts = 1 if options.devices == 1 else 2
            returned = tuple(_joined(one, parts) for one in returned)
        return result(returned)

    def keywords(self, options: Specs, args: tuple[t.Type, ...]) -> dict[str, str]:
        second = "e" if options.devices == 4 else "d"
        spec = {None: f"{_P}()", 0: f'{_P}("d")', 1: f'{_P}(None, "{second}")'}

        def one(k: int, axis: int | None) -> str:
            by_kind = f"nnx.StateSharding({{nnx.Param: {spec[axis]}, ...: {spec[None]}}})"
            return by_kind if k in options.params_of else spec[axis]

        words = {
            "mesh": _MESHES[options.devices],
            "in_specs": f"({listed([one(k, axis) for k, axis in enumerate(options.in_specs)])},)",
            "out_specs": spec[0 if options.joined else None],
        }
        return words | ({} if options.check_vma else {"check_vma": "False"})

    def without(self, options: Specs, arg: int) -> Specs:
        left = options.in_specs[:arg] + options.in_specs[arg + 1 :]
        parts = tuple(k - (k > arg) for k in options.params_of if k != arg)
        return msgspec.structs.replace(options, in_specs=left, params_of=parts)

    def smaller(self, options: Specs) -> Iterator[Specs]:
        for devices in (1, 2):
            if devices < options.devices:
                yield msgspec.structs.replace(options, devices=devices)
        if options.joined:
            yield msgspec.structs.replace(options, joined=False)
        if options.params_of:
            yield msgspec.structs.replace(options, params_of=options.params_of[1:])
        for k, axis in enumerate(options.in_specs):
            if axis is not None and k not in options.params_of:
                specs = (*options.in_specs[:k], None, *options.in_specs[k + 1 :])
                yield msgspec.structs.replace(options, in_specs=specs)

    def faults(self) -> tuple[Fault, ...]:
        def crosswise(real: Any) -> Any:
            """What is cut along axis 0 is replicated, and the other way round."""

            def shard_map(f: Any, *, mesh: Any, in_specs: Any, **options: Any) -> Any:
                import jax

                P = jax.sharding.PartitionSpec
                turned = tuple(P("d") if spec == P() else P() for spec in in_specs)
                return real(f, mesh=mesh, in_specs=turned, **options)

            return shard_map

        return (Fault("nothing arrives", forgets), Fault("other parts are cut", crosswise))


def _cut(type_: t.Type, axis: int, parts: int) -> t.Type:
    """The type of each of so many equal parts along an axis."""

    def one(array: t.Array) -> t.Array:
        if len(array.shape) <= axis or array.shape[axis] % parts:
            raise t.Unfit(f"an array of shape {array.shape} has no {parts} parts along {axis}")
        size = array.shape[axis] // parts
        return t.Array((*array.shape[:axis], size, *array.shape[axis + 1 :]), array.dtype)

    cut = t.mapped(one, type_)
    return cut if parts > 1 else type_


def _params_cut(arg: t.Type, axis: int, parts: int) -> t.Type:
    """The same of the Params alone."""
    if isinstance(arg, t.Variable):
        return _cut(arg, axis, parts) if arg.kind == "Param" else arg
    if not isinstance(arg, t.Node):
        return arg
    held = tuple((name, _params_cut(below, axis, parts)) for name, below in arg.attributes)
    return replace(arg, attributes=held, layer=arg.layer and parts == 1)


def _joined(type_: t.Type, parts: int) -> t.Type:
    """The type of so many of them, one after the other along axis 0."""

    def all_(array: t.Array) -> t.Array:
        if not array.shape:
            raise t.Unfit("a number is not put together")
        return t.Array((array.shape[0] * parts, *array.shape[1:]), array.dtype)

    return t.mapped(all_, type_)
