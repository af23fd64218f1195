"""Cells of the atlas that were checked by hand, and what came of it.

For each a program was written anew with `flax.nnx` alone, what Python does was worked out beside
it, and the reason that the cell names was looked up in Flax's documentation, source and tests.
"""

from collections.abc import Iterator

from nnxfuzz.programs.case import Mode

#: A construct, a way, a mode, and the sign that was found by hand on flax 0.12.12.
Checked = tuple[str, str, Mode, str]

FIRST: tuple[Checked, ...] = (
    ("a-captured-attribute-is-set", "cond", "tree", "r"),
    ("a-captured-module-is-read", "eval_shape", "graph-frozen", "="),
    ("an-argument-is-captured-too", "vmap, broadcast", "graph-frozen", "W"),
    ("the-condition-writes", "while_loop", "tree", "d"),
    ("a-filter-picks-the-params", "grad", "tree", "r"),
    ("the-second-argument", "grad", "graph-frozen", "="),
    ("two-argnums-of-one-module", "grad", "tree", "r"),
    ("a-clone-is-returned", "vmap, lanes", "tree", "="),
    ("a-new-module-holds-the-argument", "scan, broadcast", "tree", "r"),
    ("a-state-is-returned", "cond", "graph-frozen", "r"),
    ("a-submodule-of-the-argument-is-returned", "switch", "graph", "="),
    ("a-module-and-its-variable", "jit", "graph-frozen", "="),
    ("a-submodule-becomes-shared", "remat", "graph-frozen", "d"),
    ("one-submodule-has-two-names", "switch", "graph-frozen", "="),
    ("one-variable-is-two-arguments", "eval_shape", "graph-frozen", "r"),
    ("a-captured-stream-is-drawn-from", "while_loop", "tree", "r"),
    ("a-layer-is-made-in-the-function", "vmap, broadcast", "graph", "d"),
    ("a-stream-is-forked", "vmap, broadcast", "graph-frozen", "d"),
    ("dropout-is-called", "scan, broadcast", "graph", "d"),
    ("a-list-grows", "while_loop", "graph", "r"),
    ("a-static-attribute-is-made", "vmap, lanes", "graph", "="),
    ("a-submodule-is-replaced", "remat", "graph", "="),
    ("a-variable-is-made", "jit", "graph", "="),
    ("a-recurrent-layer-loops-inside", "grad", "graph-frozen", "r"),
    ("batch-norm-is-called", "remat", "graph", "="),
    ("the-optimizer-is-captured", "jit", "tree", "r"),
    ("a-reference-is-an-argument", "value_and_grad", "tree", "r"),
    ("a-reference-is-written", "switch", "graph", "W"),
    ("a-variable-is-written", "scan, carry", "graph", "="),
    ("the-function-raises", "scan, carry", "tree", "d"),
)

SECOND: tuple[Checked, ...] = (
    ("a-captured-module-is-written", "while_loop", "graph", "r"),
    ("one-argnum-of-one-module-twice", "grad", "tree", "r"),
    ("the-gradient-of-a-scan", "grad", "graph", "="),
    ("the-gradient-of-tied-weights", "grad", "tree", "r"),
    ("the-loss-returns-the-module", "value_and_grad", "tree", "r"),
    ("a-new-module-is-returned-twice", "eval_shape", "graph", "="),
    ("a-number-is-returned", "remat", "graph", "="),
    ("a-variable-of-the-argument-is-returned", "vmap, lanes", "graph", "="),
    ("nothing-is-returned", "fori_loop", "graph-frozen", "="),
    ("the-argument-is-returned", "scan, slices", "graph-frozen", "r"),
    ("a-module-and-its-submodule", "eval_shape", "tree", "r"),
    ("one-module-is-two-arguments", "vmap, broadcast", "graph", "d"),
    ("one-variable-has-two-names", "vmap, lanes", "graph", "="),
    ("two-distinct-modules", "jit", "tree", "="),
    ("two-modules-share-a-param", "jit", "graph-frozen", "="),
    ("a-stream-is-drawn-from", "scan, broadcast", "graph", "d"),
    ("layers-are-stacked", "vmap", "tree", "="),
    ("a-static-attribute-is-changed", "jit", "graph", "="),
    ("a-submodule-is-made", "scan, broadcast", "graph", "U"),
    ("a-variable-is-made-at-the-first-call", "switch", "graph-frozen", "d"),
    ("a-variable-is-popped", "fori_loop", "tree", "r"),
    ("an-array-attribute-is-made", "cond", "graph-frozen", "d"),
    ("a-cell-is-stepped", "while_loop", "tree", "="),
    ("attention-decodes-with-its-cache", "vmap, broadcast", "tree", "d"),
    ("a-value-is-assigned", "remat", "graph-frozen", "="),
    ("a-value-is-sown-again", "vmap, lanes", "graph", "="),
    ("a-variable-of-an-own-type", "vmap, broadcast", "tree", "d"),
    ("an-intermediate-is-sown", "switch", "graph-frozen", "d"),
    ("metadata-is-changed", "while_loop", "graph-frozen", "r"),
    ("a-metric-is-updated", "vmap, broadcast", "graph-frozen", "d"),
)

_TOLD = """\
## Checked by hand

Cells were drawn at random, spread over topics, ways and modes. For each somebody who had not made
the atlas wrote a program with `flax.nnx` alone, worked out what Python does, and looked the record
up in Flax's documentation, source and tests. All of it is of flax 0.12.12.

Of the first thirty, 27 were right. Three were not, and were mended where they came from:

- *the-function-raises* was `=`. Python leaves what the function wrote before it raised, and Flax
  puts it back: `d`, `exception-undoes`.
- *an-argument-is-captured-too* was said to be off by 3, which is the distance from what `vmap`
  documents and not from Python (9), and the cause was not named.
- `d` said that Flax documents the deviation. Of *the-condition-writes* it documents nothing, as the
  contract says. The section [Records](#records) now has the source of each.

Of the second thirty, drawn after that from other constructs, 30 were right. Three other faults were
seen on the way and mended: the gradient of a module was taken to have the metadata and the
attributes that the function gave the module; `cond` and `switch` were said to have a carry; and one
Variable was told of under two names.
"""


def section() -> Iterator[str]:
    """The section of the page: what came of it, and the cells."""
    yield from _TOLD.splitlines()
    for name, sample in (("first", FIRST), ("second", SECOND)):
        listed = "; ".join(f"{c}, {way}, {mode} `{sign}`" for c, way, mode, sign in sample)
        yield from ("", f"The {name} thirty: {listed}.")
    yield ""
