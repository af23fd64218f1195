"""`nnx.pmap`: the function of each lane of the arguments, a device each."""

from nnxfuzz.programs.calls import types as t
from nnxfuzz.transforms.vmap import Axes, Vmap


class Pmap(Vmap):
    """The row of `pmap`, which is that of `vmap` on as many devices as there are lanes."""

    name = "pmap"
    references = False
    eager = False
    axes = (0, 1)
    out = (0,)

    def devices(self, options: Axes) -> int:
        return 4

    def check(self, options: Axes, args: tuple[t.Type, ...], depth: int) -> None:
        super().check(options, args, depth)
        if set(options.in_axes) == {None}:
            raise t.Unfit("some argument has an axis")
        if self._lanes(options, args) > 4:
            raise t.Unfit("there are four devices")
