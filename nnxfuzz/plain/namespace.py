"""The transforms that `plain` has."""

from collections.abc import Callable
from typing import Any

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
from nnxfuzz.plain.gradients import grad, value_and_grad
from nnxfuzz.plain.lanes import pmap, vmap
from nnxfuzz.plain.loops import fori_loop, scan, while_loop
from nnxfuzz.plain.metadata import transform_metadata
from nnxfuzz.plain.products import jvp, vjp
from nnxfuzz.plain.shards import shard_map
from nnxfuzz.plain.streams import fork_rngs, split_rngs, with_rngs

#: What calls its function as it is, so that no trace and no exception undoes anything.  The check
#: of a user's program looks at the transforms in such a function instead, but for
#: `transform_metadata`, which copies its arguments.
UNTRACED: dict[str, Callable[..., Any]] = {
    "fork_rngs": fork_rngs,
    "split_rngs": split_rngs,
    "transform_metadata": transform_metadata,
    "with_rngs": with_rngs,
}

#: The transforms by their names in `flax.nnx`.
TRANSFORMS: dict[str, Callable[..., Any]] = {
    transform.__name__: transform
    for transform in (
        cached_partial,
        checkify,
        cond,
        custom_vjp,
        eval_shape,
        fori_loop,
        grad,
        jit,
        jit_partial,
        jvp,
        pmap,
        remat,
        scan,
        shard_map,
        switch,
        transform_metadata,
        value_and_grad,
        vjp,
        vmap,
        while_loop,
    )
}
