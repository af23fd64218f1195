"""The arms of a case: its loops, their modes, and what may stand around them.

What tells one loop from another, or one wrapper, is a property here.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

from nnxfuzz.programs.case.base import Data

#: The loops that one case is run with.
Transform = Literal["fori_loop", "while_loop", "scan"]
Mode = Literal["graph", "graph-frozen", "tree"]
Wrapper = Literal["plain", "jit", "remat", "cond", "vmap", "grad", "eval_shape", "bound", "lax"]
#: What a body may call: a loop, what calls its function once, what chooses one of two.
Once = Literal["jit", "remat"]
Branches = Literal["cond", "switch"]
How = Literal[Transform, Once, Branches]
TRANSFORMS: tuple[Transform, ...] = get_args(Transform)
MODES: tuple[Mode, ...] = get_args(Mode)
WRAPPERS: tuple[Wrapper, ...] = get_args(Wrapper)
HOWS: tuple[How, ...] = get_args(How)
BRANCHES: tuple[Branches, ...] = get_args(Branches)


class LoopFacts(NamedTuple):
    """What a loop has: inputs and outputs of its trips, a stop on the way, `unroll=`, bounds that
    may be traced.
    """

    scans: bool = False
    stops: bool = False
    unrolls: bool = True
    bounds: bool = True


LOOPS: dict[str, LoopFacts] = {
    "fori_loop": LoopFacts(),
    "while_loop": LoopFacts(stops=True, unrolls=False),
    "scan": LoopFacts(scans=True, bounds=False),
}
#: The loops with inputs, and the one that counts by itself.
SCANS = tuple(name for name in TRANSFORMS if LOOPS[name].scans)
COUNTS = tuple(name for name in TRANSFORMS if LOOPS[name].stops)
#: The wrappers that run the loop for two examples at once.
EXAMPLES: tuple[Wrapper, ...] = ("vmap",)

#: What an arm has of a call program is any transform of the registry, which is not known here; of a
#: case it is one of the loops, and so it is to the type checker.
if TYPE_CHECKING:
    ArmTransform: TypeAlias = Transform
else:
    ArmTransform = str


class Arm(Data, frozen=True):
    """One way to run a case: the loop transform, its mode, and what is around the loop.

    `jit`: inside of `nnx.jit`, which is called twice.  `remat`, `cond`: inside of `nnx.remat`, and
    of a branch of `nnx.cond`.  `vmap`: inside of `nnx.vmap` over two examples, whose numbers
    differ by 1 and the second of which makes one trip less where the bounds may be traced.
    `grad`: the gradient of the sum of what the loop comes to.  `eval_shape`: only traced.
    `bound`: the body is a bound method of the closure's first module.  `lax`: no loop of NNX, but
    the same body written by hand with `nnx.split`, `nnx.merge` and the loop of `jax.lax`, which
    tells a fault of jax from one of Flax.
    """

    transform: ArmTransform = "fori_loop"
    mode: Mode = "graph"
    wrapper: Wrapper = "plain"

    @property
    def counts(self) -> bool:
        """Whether the transform hands its counter back."""
        return self.transform in COUNTS

    @property
    def scans(self) -> bool:
        """Whether the transform has inputs and outputs of its trips."""
        return self.transform in SCANS

    @property
    def examples(self) -> bool:
        """Whether the loop runs for two examples at once."""
        return self.wrapper in EXAMPLES

    @property
    def twice(self) -> bool:
        """Whether the loop is run twice, the second time on what the first has left."""
        return self.wrapper == "jit"

    @property
    def derives(self) -> bool:
        """Whether nothing but the gradient of the loop comes back."""
        return self.wrapper == "grad"

    @property
    def abstract(self) -> bool:
        """Whether the loop is only traced, so that no numbers and no objects come back."""
        return self.wrapper == "eval_shape"
