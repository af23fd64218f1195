"""Which cases may show a known cause: one record for each that cases of this project's corpus show.

A record is as narrow as its cause allows.  A finding that is outside of it is never taken for the
bug by its look; one that is inside is, as long as a share of such findings shrinks to a minimal
form that the corpus holds (see `known_bugs`).  The releases are those of the corpus's entries of
the cause.  What call programs show of it, and the link, are in `causes.toml` of the corpus.  Delete
a record with the last entry of its cause.
"""

from collections.abc import Callable

from nnxfuzz.campaign import predicates as p
from nnxfuzz.corpus.looks import looks
from nnxfuzz.oracle.verdict import Finding, FindingKind
from nnxfuzz.programs.case import (
    COUNTS,
    EXAMPLES,
    SCANS,
    TRANSFORMS,
    WRAPPERS,
    Case,
    Data,
    Mode,
    Transform,
    Wrapper,
)


class Scope(Data, frozen=True):
    """What a finding of a cause is like; no field has a default."""

    kinds: tuple[FindingKind, ...]
    transforms: tuple[Transform, ...]
    modes: tuple[Mode, ...]
    wrappers: tuple[Wrapper, ...]
    where: str
    message: str
    #: Asks of the program and the differences.
    holds: Callable[[Case, Finding], bool]

    def covers(self, case: Case, finding: Finding) -> bool:
        """Whether a finding may be of the cause."""
        seen = finding.signature
        return (
            seen.transform in self.transforms
            and seen.wrapper in self.wrappers
            and looks(finding, self.kinds, self.modes, self.where, self.message)
            and self.holds(case, finding)
        )


_SIMPLE: tuple[Mode, ...] = ("graph-frozen", "tree")

_KEPT = r"(caller|result|closure|inputs|held)"
_BODY_FN = r"ValueError in (ForiLoopBodyFn|WhileLoopBodyFn)\.__call__"

_LOOPS: tuple[Transform, ...] = tuple(name for name in TRANSFORMS if name not in SCANS)

#: Inside of whatever wrapper, but for the loop written by hand, which is none of Flax's.
_NNX: tuple[Wrapper, ...] = tuple(wrapper for wrapper in WRAPPERS if wrapper != "lax")


# --- the records ----------------------------------------------------------------------------


def _wrong(
    transforms: tuple[Transform, ...],
    modes: tuple[Mode, ...],
    where: str,
    holds: Callable[[Case, Finding], bool],
) -> Scope:
    return Scope(("wrong-world",), transforms, modes, _NNX, where, "", holds)


def _refused(
    transforms: tuple[Transform, ...],
    modes: tuple[Mode, ...],
    where: str,
    message: str,
    *features: str,
    wrappers: tuple[Wrapper, ...] = _NNX,
) -> Scope:
    holds = p.exercises(*features)
    return Scope(("spurious-refusal",), transforms, modes, wrappers, where, message, holds)


_BROADCAST = "got axis spec None but output was batched"

#: By the cause's id; a cause that shows in several ways has several.
SCOPES: dict[str, tuple[Scope, ...]] = {
    "distinct-modules-refused": (
        _refused(TRANSFORMS, ("graph",), _BODY_FN, "the mismatch comes from `index_mapping`"),
    ),
    "closure-write-leaves-tracer": (
        Scope(  # also where the loop is refused for something else
            ("wrong-world", "poisoned-state"),
            TRANSFORMS,
            ("graph",),
            _NNX,
            "closure .* tracer",
            "",
            p.closure_written,
        ),
    ),
    "scan-bare-variable-not-updated": (
        _wrong(SCANS, ("graph",), f"{_KEPT} variable .*", p.bare_variables),
    ),
    "simple-scan-loses-arrays": (
        _wrong(SCANS, _SIMPLE, f"{_KEPT} (array|variable|node|container) .*", p.carry_given_back),
        _wrong(TRANSFORMS, _SIMPLE, f"{_KEPT} (array|variable) value", p.exercises("within:scan")),
        _wrong(SCANS, _SIMPLE, "grad array value", p.exercises("slot:array")),
    ),
    "simple-scan-keeps-variables": (
        _wrong(SCANS, _SIMPLE, f"{_KEPT} (variable|array) (identity|value)", p.references_changed),
    ),
    "simple-scan-counts-objects": (
        _refused(
            SCANS,
            ("graph-frozen",),
            "ValueError in (check_same_variables|update_carry_variables)",
            r"^Mismatch custom node data: GraphDef\(",
        ),
    ),
    "simple-scan-updates-before-it-refuses": (
        Scope(
            ("poisoned-state",),
            SCANS,
            _SIMPLE,
            _NNX,
            "inputs (variable|array) value",
            "ismatch|must have|^Expected|Duplicate|structure",
            p.references_change,
        ),
    ),
    "simple-rnn-asks-for-axes": (
        _refused(
            TRANSFORMS,
            _SIMPLE,
            "ValueError in _simple_scan",
            "cannot contain `StateAxes` objects when `graph=False`",
            "called:RNN",
        ),
    ),
    "none-among-the-arguments": (
        _refused(
            TRANSFORMS,
            _SIMPLE,
            "ValueError in apply_variable_updates",
            r"^Expected None, got Mask\(\)",
        ),
        _refused(
            SCANS,
            _SIMPLE,
            "ValueError in broadcast_prefix_map",
            "^Too few leaves for PyTreeDef",
        ),
    ),
    "simple-cond-returns-references": (
        _refused(
            TRANSFORMS,
            _SIMPLE,
            "ValueError in (cond|switch)",
            "mutable array references cannot be returned",
            wrappers=("cond",),
        ),
    ),
    "tree-splits-shared-variables": (
        _wrong(_LOOPS, ("tree",), f"{_KEPT} (variable|array) .*", p.only_shared),
        Scope(
            ("wrong-world",),
            _LOOPS,
            ("tree",),
            ("grad",),
            "grad array value",
            "",
            p.shares_variables,
        ),
    ),
    "fori-loop-references-unchecked": (
        _wrong(("fori_loop",), ("graph",), f"{_KEPT} .*", p.references_changed),
        Scope(
            ("internal-error",),
            ("fori_loop",),
            ("graph",),
            _NNX,
            r"(AttributeError|RuntimeError) in (\w+Def\.with_matching_outer_index|from_tree)",
            "object has no attribute 'outer_index'|generator raised StopIteration",
            p.references_change,
        ),
    ),
    "scan-structure-unchecked": (_wrong(SCANS, ("graph",), f"{_KEPT} .*", p.structure_changed),),
    "scan-swap-applied-once": (
        _wrong(SCANS, ("graph",), f"{_KEPT} .*", p.rebound),
        _wrong(
            SCANS, ("graph",), f"{_KEPT} (variable|node) (identity|value)", p.references_changed
        ),
    ),
    "sow-and-pop-is-a-change": (
        _refused(
            TRANSFORMS,
            ("graph",),
            rf"{_BODY_FN}|TypeError in scan\..*",
            "same reference and pytree structure|same pytree structure",
            "statement:sow",
            "statement:pop",
        ),
    ),
    "self-reference-recursion": (
        Scope(
            ("poisoned-state",),
            SCANS,
            ("graph",),
            _NNX,
            "RecursionError in .*",
            "maximum recursion depth exceeded",
            p.exercises("shared:cycle"),
        ),
    ),
    "dict-that-holds-itself-has-no-text": (
        Scope(
            ("internal-error", "poisoned-state"),
            TRANSFORMS,
            ("graph", "graph-frozen"),
            _NNX,
            r"RecursionError in (colorized|get_repr.*|.*__(nnx_)?repr__)",
            "maximum recursion depth exceeded",
            p.exercises("shared:cycle"),
        ),
    ),
    "negative-axis-partition-name": (
        _wrong(SCANS, ("graph",), r"\w+ variable metadata", p.name_misplaced),
        Scope(  # the second of two calls
            ("spurious-refusal", "internal-error"),
            SCANS,
            ("graph",),
            _NNX,
            "(ValueError|AssertionError) in remove_axis.*",
            "",
            p.name_missed,
        ),
    ),
    "only-partition-name-lost": (
        _wrong(SCANS, ("graph",), r"\w+ variable metadata", p.only_name_lost),
        Scope(  # the second of two calls
            ("internal-error",),
            SCANS,
            ("graph",),
            _NNX,
            "IndexError in remove_axis.*",
            "pop from empty list",
            p.only_name_lost,
        ),
    ),
    "partition-missing-asserts": (
        Scope(
            ("internal-error",),
            SCANS,
            ("graph",),
            _NNX,
            "AssertionError in remove_axis.*",
            "^$",
            p.exercises("partition"),
        ),
    ),
    "partition-names-behind-broadcast-part": (
        _refused(
            SCANS,
            ("graph",),
            "(ValueError|AssertionError) in remove_axis.*",
            "",
            "partition",
            "axis:parts",
        ),
    ),
    "simple-scan-refuses-keywords": (
        _refused(
            SCANS,
            _SIMPLE,
            "TypeError in .*",
            "unexpected keyword argument",
            "style:keyword",
        ),
    ),
    "while-loop-refuses-rebuilt-state": (
        _refused(COUNTS, ("graph",), _BODY_FN, "from `outer_index` field", "everywhere:state"),
    ),
    "fori-loop-refuses-rebuilt-state": (
        _refused(
            ("fori_loop",), ("graph",), _BODY_FN, "from `outer_index` field", "everywhere:state"
        ),
    ),
    "vmap-while-condition-reads-broadcast": (
        _refused(
            COUNTS,
            ("graph", "graph-frozen", "tree"),
            "ValueError in vmap.*",
            _BROADCAST,
            "loop:until",
            wrappers=EXAMPLES,
        ),
    ),
    "vmap-while-broadcast-module": (
        _refused(COUNTS, ("graph",), "ValueError in vmap.*", _BROADCAST, wrappers=EXAMPLES),
    ),
    "jax-words-refusal-wrong": (
        Scope(
            ("internal-error",),
            TRANSFORMS,
            _SIMPLE,
            _NNX,
            "AttributeError in .*",
            "'GetAttrKey' object has no attribute 'key'",
            p.references_change,
        ),
    ),
    "scan-sow-beside-module": (
        _refused(
            SCANS,
            ("graph",),
            r"TypeError in scan\.<locals>\.scan_wrapper",
            "_graphdef",
            "statement:sow",
        ),
    ),
    "scan-sow-into-broadcast": (
        _refused(
            SCANS,
            ("graph",),
            "ValueError in unflatten",
            "Incorrect number of leaves",
            "statement:sow",
            "axis:broadcast",
        ),
    ),
    "while-loop-shared-module": (
        Scope(
            ("internal-error",),
            COUNTS,
            ("graph",),
            _NNX,
            "AttributeError in _add_fake_index_mapping.*",
            "'NodeRef' object has no attribute",
            p.exercises("shared:node"),
        ),
    ),
    "update-wrapper-overwrites-f": (
        _refused(
            TRANSFORMS,
            ("graph",),
            r"TypeError in \w+Fn\.__call__",
            "missing 1 required positional argument",
            "body:wrapper",
        ),
    ),
    "equal-statics-confused": (
        _wrong(TRANSFORMS, _SIMPLE, f"{_KEPT} static kind", p.statics_equal),
    ),
    "refused-update-clears-module": (
        Scope(
            ("poisoned-state",),
            TRANSFORMS,
            ("graph",),
            _NNX,
            r"(closure|inputs|held) (variable|array|node) missing",
            "Cannot mutate .* from a different trace level",
            p.block_reaches_closure,
        ),
    ),
    "carried-and-broadcast-module": (
        _wrong(SCANS, ("graph",), r"\w+ (array|node|static) .*", p.only_carried_and_broadcast),
    ),
    "delete-unmarks-the-original": tuple(
        Scope(
            ("poisoned-state",),
            TRANSFORMS,
            ("graph",),
            _NNX,
            r"(caller|closure|inputs|held) node metadata",
            r"'\w+': False",
            p.exercises(f"statement:{statement}"),
        )
        for statement in ("drop", "pop")
    ),
    "scan-reference-not-written": (
        _wrong(SCANS, ("graph",), f"{_KEPT} variable value", p.slices_by_reference),
    ),
}
