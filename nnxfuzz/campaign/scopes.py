"""Which findings may be of a known cause: one record for each cause of this project's corpus.

A record is as narrow as its cause allows.  A finding that is outside of it is never taken for the
bug by its look; one that is inside is, as long as a share of such findings shrinks to a minimal
form that the corpus holds (see `known_bugs`).  The releases are those of the corpus's entries of
the cause, and the link is in its `causes.toml`.  Delete a record with the last entry of its cause.
"""

import re
from collections.abc import Callable

from nnxfuzz.campaign import predicates as p
from nnxfuzz.oracle.verdict import Finding, FindingKind
from nnxfuzz.programs.calls.coverage import exercised as exercised_by_calls
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import EXERCISABLE, MODES, WRAPPERS, Case, Data, Mode, Transform, Wrapper
from nnxfuzz.programs.program import Program


class Scope(Data, frozen=True):
    """What a finding of a cause is like; no field has a default.

    `where` is a regular expression of the whole of the signature's, `message` of a part of the
    exception's message ("" if there is none), and `holds` asks of the program and the differences.
    """

    kinds: tuple[FindingKind, ...]
    transforms: tuple[Transform, ...]
    modes: tuple[Mode, ...]
    wrappers: tuple[Wrapper, ...]
    where: str
    message: str
    holds: Callable[[Case, Finding], bool]

    def covers(self, case: Case, finding: Finding) -> bool:
        """Whether a finding may be of the cause."""
        seen, failure = finding.signature, finding.failure
        return (
            seen.kind in self.kinds
            and seen.transform in self.transforms
            and seen.mode in self.modes
            and seen.wrapper in self.wrappers
            and re.fullmatch(self.where, seen.where) is not None
            and re.search(self.message, "" if failure is None else failure.message) is not None
            and self.holds(case, finding)
        )


_LOOPS: tuple[Transform, ...] = ("fori_loop", "while_loop")
_EVERY: tuple[Transform, ...] = (*_LOOPS, "scan")
_SIMPLE: tuple[Mode, ...] = ("graph-frozen", "tree")

#: Inside of whatever wrapper, but for the loop written by hand, which is none of Flax's.
_NNX: tuple[Wrapper, ...] = tuple(wrapper for wrapper in WRAPPERS if wrapper != "lax")

_KEPT = r"(caller|result|closure|inputs|held)"


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


_BODY_FN = r"ValueError in (ForiLoopBodyFn|WhileLoopBodyFn)\.__call__"
_BROADCAST = "got axis spec None but output was batched"

#: By the cause's id; a cause that shows in several ways has several.
SCOPES: dict[str, tuple[Scope, ...]] = {
    "distinct-modules-refused": (
        _refused(_LOOPS, ("graph",), _BODY_FN, "the mismatch comes from `index_mapping`"),
    ),
    "closure-write-leaves-tracer": (
        _wrong(_EVERY, ("graph",), "closure .* tracer", p.closure_written),
    ),
    "scan-bare-variable-not-updated": (
        _wrong(("scan",), ("graph",), f"{_KEPT} variable .*", p.bare_variables),
    ),
    "simple-scan-loses-arrays": (_wrong(("scan",), _SIMPLE, "result array .*", p.carry_arrays),),
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
    "scan-structure-unchecked": (
        _wrong(("scan",), ("graph",), f"{_KEPT} .*", p.structure_changed),
    ),
    "scan-swap-applied-once": (_wrong(("scan",), ("graph",), f"{_KEPT} .*", p.rebound),),
    "self-reference-recursion": (
        Scope(
            ("poisoned-state",),
            ("scan",),
            ("graph",),
            _NNX,
            "RecursionError in .*",
            "maximum recursion depth exceeded",
            p.exercises("shared:cycle"),
        ),
    ),
    "negative-axis-partition-name": (
        _wrong(("scan",), ("graph",), r"\w+ variable metadata", p.name_misplaced),
        Scope(  # the second of two calls
            ("spurious-refusal", "internal-error"),
            ("scan",),
            ("graph",),
            _NNX,
            "(ValueError|AssertionError) in remove_axis.*",
            "",
            p.name_missed,
        ),
    ),
    "only-partition-name-lost": (
        _wrong(("scan",), ("graph",), r"\w+ variable metadata", p.only_name_lost),
    ),
    "partition-names-behind-broadcast-part": (
        _refused(
            ("scan",),
            ("graph",),
            "(ValueError|AssertionError) in remove_axis.*",
            "",
            "partition",
            "axis:parts",
        ),
    ),
    "simple-scan-refuses-keywords": (
        _refused(
            ("scan",),
            _SIMPLE,
            "TypeError in .*",
            "unexpected keyword argument",
            "style:keyword",
        ),
    ),
    "while-loop-refuses-rebuilt-state": (
        _refused(
            ("while_loop",), ("graph",), _BODY_FN, "from `outer_index` field", "everywhere:state"
        ),
    ),
    "fori-loop-refuses-rebuilt-state": (
        _refused(
            ("fori_loop",), ("graph",), _BODY_FN, "from `outer_index` field", "everywhere:state"
        ),
    ),
    "vmap-while-condition-reads-broadcast": (
        _refused(
            ("while_loop",),
            ("graph", "graph-frozen", "tree"),
            "ValueError in vmap.*",
            _BROADCAST,
            "loop:until",
            wrappers=("vmap",),
        ),
    ),
    "vmap-while-broadcast-module": (
        _refused(
            ("while_loop",), ("graph",), "ValueError in vmap.*", _BROADCAST, wrappers=("vmap",)
        ),
    ),
    "jax-words-refusal-wrong": (
        Scope(
            ("internal-error",),
            _EVERY,
            _SIMPLE,
            _NNX,
            "AttributeError in .*",
            "'GetAttrKey' object has no attribute 'key'",
            p.references_change,
        ),
    ),
    "scan-sow-beside-module": (
        _refused(
            ("scan",),
            ("graph",),
            r"TypeError in scan\.<locals>\.scan_wrapper",
            "_graphdef",
            "statement:sow",
        ),
    ),
    "scan-sow-into-broadcast": (
        _refused(
            ("scan",),
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
            ("while_loop",),
            ("graph",),
            _NNX,
            "AttributeError in _add_fake_index_mapping.*",
            "'NodeRef' object has no attribute",
            p.exercises("shared:node"),
        ),
    ),
    "update-wrapper-overwrites-f": (
        _refused(
            _EVERY,
            ("graph",),
            r"TypeError in \w+Fn\.__call__",
            "missing 1 required positional argument",
            "body:wrapper",
        ),
    ),
    "equal-statics-confused": (_wrong(_EVERY, _SIMPLE, f"{_KEPT} static kind", p.statics_equal),),
    "refused-update-clears-module": (
        Scope(
            ("poisoned-state",),
            _EVERY,
            ("graph",),
            _NNX,
            r"(closure|inputs|held) (variable|array|node) missing",
            "Cannot mutate .* from a different trace level",
            p.block_reaches_closure,
        ),
    ),
    "carried-and-broadcast-module": (
        _wrong(("scan",), ("graph",), r"\w+ (array|node|static) .*", p.only_carried_and_broadcast),
    ),
    "scan-reference-not-written": (
        _wrong(("scan",), ("graph",), f"{_KEPT} variable value", p.slices_by_reference),
    ),
}


class CallScope(Data, frozen=True):
    """What a finding of a cause is like in a call program; no field has a default.

    Whatever the outermost transform is: the cause may lie in any of the calls.  `traits` are what
    the program has (`programs.calls.coverage`), at least one of each group.
    """

    kinds: tuple[FindingKind, ...]
    modes: tuple[Mode, ...]
    where: str
    message: str
    traits: tuple[frozenset[str], ...]

    def covers(self, program: CallProgram, finding: Finding) -> bool:
        """Whether a finding may be of the cause."""
        seen, failure, has = finding.signature, finding.failure, exercised_by_calls(program)
        return (
            seen.kind in self.kinds
            and seen.mode in self.modes
            and re.fullmatch(self.where, seen.where) is not None
            and re.search(self.message, "" if failure is None else failure.message) is not None
            and all(group & has for group in self.traits)
        )


_GRADIENTS = frozenset({"call:grad", "call:value_and_grad"})
_CACHED = frozenset({"call:cached_partial"})

#: The causes that call programs show as well, by their ids.
CALL_SCOPES: dict[str, CallScope] = {
    "refused-update-clears-module": CallScope(
        ("poisoned-state",),
        ("graph",),
        r"(caller|closure|held) \w+ missing",
        "Cannot mutate .* from a different trace level",
        (),
    ),
    "tree-splits-shared-variables": CallScope(
        ("wrong-world",),
        ("tree",),
        f"{_KEPT} (variable|array) value",
        "",
        (
            frozenset({"call:fori_loop", "call:while_loop"}),
            frozenset({"call:shared", "call:one object twice"}),
        ),
    ),
    "simple-scan-refuses-keywords": CallScope(
        ("spurious-refusal",),
        _SIMPLE,
        "TypeError in .*",
        "unexpected keyword argument",
        (frozenset({"call:scan"}), frozenset({"call:keywords"})),
    ),
    "closure-write-leaves-tracer": CallScope(
        ("wrong-world", "poisoned-state"),
        ("graph",),
        r"(caller|closure|held) \w+ tracer",
        "",
        (frozenset({"call:closure", "call as method"}),),
    ),
    "custom-vjp-needs-name": CallScope(
        ("internal-error",),
        ("graph",),
        r"AttributeError in CustomVjp\.__init__",
        "has no attribute '__name__'",
        (frozenset({"call:custom_vjp"}), frozenset({"call as partial", "call as instance"})),
    ),
    "grad-reads-shared-gradients": CallScope(
        ("internal-error",),
        ("graph-frozen",),
        "KeyError in (unflatten|_graph_unflatten)",
        r"^\d+$",
        (_GRADIENTS, frozenset({"call:one object twice", "call:shared"})),
    ),
    "grad-aux-module-refused": CallScope(
        ("internal-error",),
        ("graph-frozen",),
        "RuntimeError in _graph_unflatten",
        r"^GraphDef index \d+ already used\.$",
        (_GRADIENTS, frozenset({"call:has_aux"})),
    ),
    "vjp-aux-tree-state": CallScope(
        ("wrong-world",),
        ("graph-frozen",),
        r"result \w+ (kind|missing)",
        "",
        (frozenset({"call:vjp", "call:jvp"}), frozenset({"call:has_aux"})),
    ),
    "jax-transposes-constant-write": CallScope(
        ("internal-error",),
        MODES,
        "AttributeError in .*",
        "has no attribute '?accum",
        (_GRADIENTS | {"call:vjp"}, frozenset({"call:reference", "call:make"})),
    ),
    "distinct-modules-refused": CallScope(
        ("spurious-refusal",), ("graph",), _BODY_FN, "the mismatch comes from `index_mapping`", ()
    ),
    "scan-reference-not-written": CallScope(
        ("wrong-world",),
        ("graph",),
        f"{_KEPT} variable value",
        "",
        (frozenset({"call:reference"}), frozenset({"call:update"})),
    ),
    "scan-sow-into-broadcast": CallScope(
        ("spurious-refusal",),
        ("graph",),
        "ValueError in unflatten",
        "Incorrect number of leaves",
        (frozenset({"call:scan"}), frozenset({"call:sow"})),
    ),
    "cached-partial-loses-reference": CallScope(
        ("wrong-world", "poisoned-state"),  # the second of two calls raises
        ("graph",),
        f"{_KEPT} variable metadata",
        "^$|Expected a ArrayRefOutput type but got 'NoUpdate",
        (_CACHED, frozenset({"call:reference"})),
    ),
    "cached-partial-one-object-twice": CallScope(
        ("internal-error",),
        ("graph",),
        "KeyError in unflatten",
        r"^\d+$",
        (_CACHED, frozenset({"call:one object twice", "call:shared"})),
    ),
    "cached-partial-raw-array": CallScope(
        ("internal-error",),
        ("graph",),
        r"AttributeError in SplitContext\.flatten.*",
        "has no attribute 'get_raw_value'",
        (_CACHED,),
    ),
}

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
_COMPUTED = _READ | {"statement:update", "operand:draw", "operand:fork"}

#: Streams are modules, whose counts a draw writes.
_STREAMS = frozenset(name for name in EXERCISABLE if name.startswith("streams:"))

#: What is changed may be a node that stands at several places, or that reaches itself.
_WHATEVER = _SHARED | _STREAMS | {"shared:cycle"}

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
}


def has_scope(cause: str) -> bool:
    """Whether it is said what the findings of a cause are like."""
    return cause in SCOPES or cause in CALL_SCOPES


def covers(cause: str, program: Program, finding: Finding) -> bool:
    """Whether a finding may be of the cause."""
    if isinstance(program, CallProgram):
        return cause in CALL_SCOPES and CALL_SCOPES[cause].covers(program, finding)
    return any(scope.covers(program, finding) for scope in SCOPES.get(cause, ()))


def outline(cause: str, traits: frozenset[str]) -> frozenset[str]:
    """The traits of a minimal form that count, one name for all that may stand for one another."""
    traits -= _FREE.get(cause, frozenset())
    for group in _ALIKE.get(cause, ()):
        traits = traits - group | ({min(group)} if traits & group else set())
    return traits
