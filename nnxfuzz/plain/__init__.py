"""What every transform of Flax NNX means, as ordinary Python on live objects.

`from nnxfuzz import plain as nnx` runs a training script without a trace: breakpoints stop, prints
print numbers.  The transforms in `TRANSFORMS` are Python's; every other name is `flax.nnx`'s own.
Read `loops` first.

- `meaning(mode)`: apply what a mode of Flax documents to differ from Python (`DEVIATIONS`).
- `observing()`: collect who changed what, with paths (`observations`).
- `UNTRACED`: the decorators of functions that are called as they are.
- `plainly()`: put the transforms in the place of Flax's for the code within.
- `TooLong`: raised in a run that has a `deadline`, once that is over.
- `Unsupported`: raised for an option or a form that `plain` does not have.
"""

from typing import Any

import flax.nnx

from nnxfuzz.plain.calls import (
    cached_partial,
    cond,
    eval_shape,
    jit,
    jit_partial,
    remat,
    switch,
)
from nnxfuzz.plain.checks import checkify
from nnxfuzz.plain.custom import custom_vjp
from nnxfuzz.plain.deviations import DEVIATIONS, Deviation
from nnxfuzz.plain.gradients import grad, value_and_grad
from nnxfuzz.plain.lanes import pmap, vmap
from nnxfuzz.plain.loops import fori_loop, scan, while_loop
from nnxfuzz.plain.metadata import transform_metadata
from nnxfuzz.plain.modes import Meaning, Mode, meaning, numpy_kept, unasked, unasked_mode
from nnxfuzz.plain.namespace import TRANSFORMS, UNTRACED
from nnxfuzz.plain.objects import Unsupported
from nnxfuzz.plain.observations import Observation, Observations, TooLong, observing
from nnxfuzz.plain.patching import plainly
from nnxfuzz.plain.products import jvp, vjp
from nnxfuzz.plain.shards import shard_map
from nnxfuzz.plain.streams import fork_rngs, split_rngs, with_rngs


def __getattr__(name: str) -> Any:
    """Whatever is no transform of `plain` is Flax's."""
    return getattr(flax.nnx, name)


__all__ = [
    "DEVIATIONS",
    "TRANSFORMS",
    "UNTRACED",
    "Deviation",
    "Meaning",
    "Mode",
    "Observation",
    "Observations",
    "TooLong",
    "Unsupported",
    "cached_partial",
    "checkify",
    "cond",
    "custom_vjp",
    "eval_shape",
    "fori_loop",
    "fork_rngs",
    "grad",
    "jit",
    "jit_partial",
    "jvp",
    "meaning",
    "numpy_kept",
    "observing",
    "plainly",
    "pmap",
    "remat",
    "scan",
    "shard_map",
    "split_rngs",
    "switch",
    "transform_metadata",
    "unasked",
    "unasked_mode",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
    "with_rngs",
]
