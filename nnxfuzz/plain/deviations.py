"""The table of what a mode of Flax documents to differ from Python, and what `plain` does of it.

Under the meaning "python" none of this holds.  `nnxfuzz.oracle.contract` says more of the same
records, where the loops have them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnxfuzz.plain.custom import custom_vjp
from nnxfuzz.plain.gradients import grad, value_and_grad
from nnxfuzz.plain.lanes import pmap, vmap
from nnxfuzz.plain.loops import fori_loop, scan, while_loop
from nnxfuzz.plain.modes import Mode
from nnxfuzz.plain.namespace import TRANSFORMS, UNTRACED
from nnxfuzz.plain.products import jvp, vjp
from nnxfuzz.plain.streams import fork_rngs, split_rngs

GRAPH: tuple[Mode, ...] = ("graph",)
FROZEN: tuple[Mode, ...] = ("graph-frozen", "tree")
ALL: tuple[Mode, ...] = (*GRAPH, *FROZEN)

_FLIP = "docs_nnx/flip/5310-tree-mode-nnx.md (FLIP 5310)"
_EVERY = tuple(sorted({*TRANSFORMS, *UNTRACED} - {"cached_partial", "jit_partial"}))


@dataclass(frozen=True)
class Deviation:
    """A way in which a transform of Flax differs from Python in some modes, by its own word.

    `observation` is the kind of observation of a plain run that shows that a program meets it.
    """

    id: str
    what: str
    transforms: tuple[str, ...]
    modes: tuple[Mode, ...]
    observation: str | None
    source: str


def _named(*transforms: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(transform.__name__ for transform in transforms)


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        id="new-nodes",
        what="the body gets new nodes that hold the caller's Variables, and such are handed back: "
        "attributes that are no Variables, and Params that the body makes, do not reach the caller",
        transforms=_EVERY,
        modes=FROZEN,
        observation="structure-changed",
        source=f'{_FLIP}: "Automatic state updates only for Variables in NNX transforms", "Modules '
        'treated as stateless pytrees (no graph updates)". That what is returned is another object '
        "follows from it; no sentence says so.",
    ),
    Deviation(
        id="tree-nodes",
        what="a node that stands at two paths is two nodes, which hold the same Variables",
        transforms=_EVERY,
        modes=("tree",),
        observation="aliased",
        source=f'{_FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)"; '
        'docs_nnx/guides/pytree.md, "Reference Sharing": "sharing is not preserved across pytree '
        'operations including JAX transforms".',
    ),
    Deviation(
        id="broadcast-dropped",
        what="what a trip of scan writes to a broadcast argument is dropped: every trip sees what "
        "was passed in, and so does the caller",
        transforms=_named(scan),
        modes=GRAPH,
        observation="broadcast-written",
        source="Test: `TestScan.test_scan_broadcast_keys`; `ScanFn.__call__` calls what comes out "
        'of a trip "discarded". The other modes carry it on: `test_broadcast_variable_mutation`.',
    ),
    Deviation(
        id="broadcast-one-lane",
        what="each lane of vmap sees a broadcast argument as it was passed in, and what one lane "
        "writes to it stays, where Python writes once a lane",
        transforms=_named(vmap, pmap),
        modes=ALL,
        observation="broadcast-written",
        source="docs_nnx/guides/transforms.md, on vmap with `StateAxes({Param: 0, Count: None})`: "
        '"broadcast the `count` variable so we only keep a single count for all the batch '
        'elements". jax refuses what differs from lane to lane, but for `jax.pmap`, which keeps '
        "what the first device has: its documentation asks for an axis of each result with a "
        "mapped axis (`out_axes`), and nothing checks it (jax 0.4.35 to 0.12).",
    ),
    Deviation(
        id="statics-once",
        what="a static attribute that the body changes is changed once, not once a trip or lane",
        transforms=_named(scan, vmap, pmap),
        modes=ALL,
        observation="structure-changed",
        source="Follows from tracing: jax's documentation calls such writes side effects, and says "
        "of them that they happen while tracing. No sentence of Flax's documentation says it.",
    ),
    Deviation(
        id="effects-when-traced",
        what="what the function does to objects that are none of Flax's (it appends to a list, it "
        "counts in a variable, it sets an attribute) happens when it is traced, with tracers, and "
        "not in each call, trip or lane",
        transforms=tuple(t for t in _EVERY if t not in UNTRACED),
        modes=ALL,
        observation=None,
        source='docs.jax.dev, "Common Gotchas in JAX", "Pure functions": JAX transformations work '
        "on functions without side effects, and run those once, while tracing.",
    ),
    Deviation(
        id="containers-copied",
        what="the function gets lists and dictionaries of its own: what it puts into one that it "
        "was given, and does not return, does not reach the caller",
        transforms=tuple(t for t in _EVERY if t not in UNTRACED),
        modes=ALL,
        observation="container-written",
        source='docs.jax.dev, "Pytrees": a transformation takes the containers of its arguments '
        "apart, and makes new ones for the function.",
    ),
    Deviation(
        id="condition-writes",
        what="what the `cond_fun` of while_loop writes is dropped",
        transforms=_named(while_loop),
        modes=ALL,
        observation="condition-wrote",
        source='None in docs_nnx or the tests. The docstring has `cond_fun` as "taking a single '
        'input of type `T` and outputting a boolean"; by their source `WhileLoopCondFn` and '
        "`SimpleWhileLoopCondFn` return what the condition returns and nothing else.",
    ),
    Deviation(
        id="numbers-promoted",
        what="a number of the carry has the dtype that the body gives it, also after no trip",
        transforms=_named(fori_loop, scan, while_loop),
        modes=ALL,
        observation="number-promoted",
        source="Comments in `scan` and `while_loop` of jax/_src/lax/control_flow/loops.py: a "
        "weakly typed initial value is promoted to the type of the body's output.",
    ),
    Deviation(
        id="exception-undoes",
        what="after an exception the caller's objects are as before the call",
        transforms=_EVERY,
        modes=ALL,
        observation="raised",
        source="Nothing documents it; measured on all releases. Anything else would leave tracers "
        "in the caller's objects.",
    ),
    Deviation(
        id="streams-in-place",
        what="given an object, the function hands back a copy with other streams, and leaves the "
        "object as it is; as a decorator it means the same in every mode",
        transforms=_named(split_rngs, fork_rngs),
        modes=FROZEN,
        observation=None,
        source='Docstring of `nnx.split_rngs`: "If `node` is provided and `graph_updates=False`, '
        'returns a copy of `node` with forked rng states. The original node is left unmodified."',
    ),
    Deviation(
        id="no-partition-names",
        what="`transform_metadata` is ignored: partition names do not follow the axes",
        transforms=_named(scan, vmap, pmap),
        modes=FROZEN,
        observation=None,
        source=f"{_FLIP}: \"The new simplified NNX transform implementations don't support this "
        'argument".',
    ),
    Deviation(
        id="captured-constant",
        what="a Variable of an argument that the function reaches by closure, too, is a constant "
        "to the derivative there",
        transforms=_named(grad, value_and_grad, jvp, vjp),
        modes=ALL,
        observation="captured-argument",
        source="Docstring of `jax.grad`, which these call: the gradient is by the positional "
        'arguments that `argnums` names. docs_nnx/guides/transforms.md, "Mutable Module cannot be '
        'passed by closure": what is captured is of the trace outside.',
    ),
    Deviation(
        id="gradient-is-a-state",
        what="the gradient of a module is an `nnx.State` of its Params; in the other modes it is a "
        "module of its class, by all Variables",
        transforms=_named(grad, value_and_grad),
        modes=GRAPH,
        observation=None,
        source='Docstring of `nnx.grad`: "By default, NNX objects are differentiated with respect '
        'to all their `nnx.Param` Variables"; tests `TestGrad.test_grad`.',
    ),
    Deviation(
        id="cotangents-are-states",
        what="the `bwd` of custom_vjp gets the cotangents of what the arguments hold afterwards, "
        "too, and returns an `nnx.State` for a module; in the other modes it gets those of the "
        "result, and returns a module",
        transforms=_named(custom_vjp),
        modes=GRAPH,
        observation=None,
        source='Docstring of `nnx.custom_vjp`: "the incoming gradients in the `bwd` function will '
        'have the form `(input_updates_g, out_g)`"; "When `graph_updates=False` or `graph=False`, '
        '[...] the `bwd` function receives `out_g` directly".',
    ),
)
