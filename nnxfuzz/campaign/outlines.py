"""Which traits of a minimal form count, where a cause is looked for (see `scopes`)."""

from nnxfuzz.programs.case import EXERCISABLE

#: Traits that may stand for one another in a minimal form of a cause.
_CHANGES = frozenset(f"statement:{name}" for name in ("make", "drop", "sow", "pop", "swap", "bind"))
_SHARED = frozenset({"shared:variable", "shared:node"})
_WRITES = frozenset({"statement:update", "statement:everywhere", "statement:sow"})
_CONDITION = frozenset({"until:array", "until:variable", "until:in a module", "until:nested"})
_AXES = frozenset(
    {"axis:negative", "axis:parts", "output axis:negative", "output axis:parts"}
    | {"partition:of names", "partition:of parts"}
    | {f"parts:{name}" for name in ("by type", "by path", "the rest", "carry", "int", "nnx.prefix")}
)

#: Groups of them, by the cause's id.
_ALIKE: dict[str, tuple[frozenset[str], ...]] = {
    "tree-splits-shared-variables": (_SHARED, _WRITES),
    "fori-loop-references-unchecked": (_CHANGES,),
    "scan-structure-unchecked": (_CHANGES,),
    "scan-swap-applied-once": (_CHANGES,),
    "jax-words-refusal-wrong": (_CHANGES,),
    "self-reference-recursion": (_CHANGES,),
    "equal-statics-confused": (_CHANGES,),
    "closure-write-leaves-tracer": (_WRITES,),
    "scan-bare-variable-not-updated": (_WRITES,),
    "scan-reference-not-written": (_WRITES,),
    "vmap-while-condition-reads-broadcast": (_CONDITION,),
}

#: What may be computed from what the cause spoils, and then differs in its place.
_READ = frozenset(
    {"operand:read", "operand:call"}
    | {name for name in EXERCISABLE if name.startswith(("called:", "layer:"))}
)
_COMPUTED = _READ | {"statement:update", "statement:everywhere", "operand:draw", "operand:fork"}

#: Streams are modules, whose counts a draw writes.
_STREAMS = frozenset(name for name in EXERCISABLE if name.startswith("streams:"))

#: What is changed may be a node that stands at several places, or that reaches itself.
_WHATEVER = _SHARED | _STREAMS | {"shared:cycle"}

_ALL = frozenset(EXERCISABLE)

#: Traits that a minimal form of a cause may have or not: the scope says all of it.  Names of a
#: partition are lost and misplaced alike in inputs and outputs, whole or in parts.
_FREE: dict[str, frozenset[str]] = {
    "tree-splits-shared-variables": _READ,
    "fori-loop-references-unchecked": _COMPUTED | _WHATEVER,
    "scan-structure-unchecked": _COMPUTED | _WHATEVER,
    "scan-swap-applied-once": _COMPUTED | _WHATEVER,
    "jax-words-refusal-wrong": _WHATEVER,
    "carried-and-broadcast-module": _COMPUTED | _WHATEVER,
    "refused-update-clears-module": _COMPUTED
    | _WHATEVER
    | {name for name in EXERCISABLE if name.startswith(("slot:", "within:"))},
    "negative-axis-partition-name": _AXES,
    "only-partition-name-lost": _AXES,
    "partition-names-behind-broadcast-part": _AXES,
    "vmap-while-condition-reads-broadcast": _SHARED,
    "partition-missing-asserts": _ALL,
    "sow-and-pop-is-a-change": _ALL,
    # the scopes of these are of 0.12.6 and 0.12.7 alone, and say all that is known of them
    "simple-scan-loses-arrays": _ALL,
    "simple-scan-keeps-variables": _ALL,
    "simple-scan-counts-objects": _ALL,
    "simple-scan-updates-before-it-refuses": _ALL,
    "simple-rnn-asks-for-axes": _ALL,
    "none-among-the-arguments": _ALL,
    "simple-cond-returns-references": _ALL,
}


def outline(cause: str, traits: frozenset[str]) -> frozenset[str]:
    """The traits of a minimal form that count, one name for all that may stand for one another."""
    traits -= _FREE.get(cause, frozenset())
    for group in _ALIKE.get(cause, ()):
        traits = traits - group | ({min(group)} if traits & group else set())
    return traits
