"""Which findings on call programs may be of a known cause (see `scopes`)."""

from nnxfuzz.campaign.looks import BODY_FN, KEPT, SIMPLE, looks
from nnxfuzz.oracle.verdict import Finding, FindingKind
from nnxfuzz.programs.calls.coverage import exercised
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import MODES, Data, Mode


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
        has = exercised(program)
        alike = looks(finding, self.kinds, self.modes, self.where, self.message)
        return alike and all(group & has for group in self.traits)


_GRADIENTS = frozenset({"call:grad", "call:value_and_grad"})
_CACHED = frozenset({"call:cached_partial"})
#: Those whose graph updates refuse no module without Variables that is of a trace around them.
_UPDATES = frozenset(
    f"call:{name}"
    for name in ("jit", "remat", "checkify", "cond", "switch", "fori_loop", "while_loop")
)

#: The causes that call programs show as well, by their ids; one that shows in several ways has
#: several scopes.
CALL_SCOPES: dict[str, tuple[CallScope, ...]] = {
    "refused-update-clears-module": (
        CallScope(
            ("poisoned-state",),
            ("graph",),
            r"(caller|closure|held) \w+ missing",
            "Cannot (mutate .* from a different trace level|update a non-ref HijaxVariable)",
            (),
        ),
    ),
    "tree-splits-shared-variables": (
        CallScope(
            ("wrong-world",),
            ("tree",),
            f"{KEPT} (variable|array) value",
            "",
            (
                frozenset({"call:fori_loop", "call:while_loop"}),
                frozenset({"call:shared", "call:one object twice"}),
            ),
        ),
    ),
    "fori-loop-references-unchecked": (
        CallScope(
            ("internal-error",),
            ("graph",),
            r"(AttributeError|RuntimeError) in (\w+Def\.with_matching_outer_index|from_tree)",
            "object has no attribute 'outer_index'|generator raised StopIteration",
            (frozenset({"call:fori_loop"}),),
        ),
    ),
    "simple-scan-refuses-keywords": (
        CallScope(
            ("spurious-refusal",),
            SIMPLE,
            "TypeError in .*",
            "unexpected keyword argument",
            (frozenset({"call:scan"}), frozenset({"call:keywords"})),
        ),
    ),
    "closure-write-leaves-tracer": (
        CallScope(
            ("wrong-world", "poisoned-state"),
            ("graph",),
            r"(caller|closure|held) \w+ tracer",
            "",
            (frozenset({"call:closure", "call as method"}),),
        ),
    ),
    "custom-vjp-needs-name": (
        CallScope(
            ("internal-error",),
            ("graph",),
            r"AttributeError in CustomVjp\.__init__",
            "has no attribute '__name__'",
            (frozenset({"call:custom_vjp"}), frozenset({"call as partial", "call as instance"})),
        ),
    ),
    "grad-reads-shared-gradients": (
        CallScope(
            ("internal-error",),
            ("graph-frozen",),
            r"KeyError in (unflatten|_graph_unflatten)(\..*)?",
            r"^\d+$",
            (
                _GRADIENTS,
                frozenset({"call:one object twice", "call:shared", "call:argument captured"}),
            ),
        ),
    ),
    "grad-aux-module-refused": (
        CallScope(
            ("internal-error",),
            ("graph-frozen",),
            "RuntimeError in _graph_unflatten",
            r"^GraphDef index \d+ already used\.$",
            (_GRADIENTS, frozenset({"call:has_aux"})),
        ),
    ),
    "vjp-aux-tree-state": (
        CallScope(
            ("wrong-world",),
            ("graph-frozen",),
            r"result \w+ (kind|missing)",
            "",
            (frozenset({"call:vjp", "call:jvp"}), frozenset({"call:has_aux"})),
        ),
    ),
    "jax-transposes-constant-write": (
        CallScope(
            ("internal-error",),
            MODES,
            "AttributeError in .*",
            "has no attribute '?accum",
            (_GRADIENTS | {"call:vjp"}, frozenset({"call:reference", "call:make"})),
        ),
    ),
    "jax-joins-reference-residuals": (
        CallScope(
            ("internal-error",),
            MODES,
            "KeyError in .*",
            "AbstractRef",
            (
                _GRADIENTS | {"call:vjp"},
                frozenset({"call:cond", "call:switch"}),
                frozenset({"call:remat"}),
                frozenset({"call:reference"}),
            ),
        ),
    ),
    "distinct-modules-refused": (
        CallScope(
            ("spurious-refusal",),
            ("graph",),
            BODY_FN,
            "the mismatch comes from `index_mapping`",
            (),
        ),
    ),
    "scan-reference-not-written": (
        CallScope(
            ("wrong-world",),
            ("graph",),
            f"{KEPT} variable value",
            "",
            (frozenset({"call:reference"}), frozenset({"call:update"})),
        ),
    ),
    "scan-sow-into-broadcast": (
        CallScope(
            ("spurious-refusal",),
            ("graph",),
            "ValueError in unflatten",
            "Incorrect number of leaves",
            (frozenset({"call:scan"}), frozenset({"call:sow", "call:structure"})),
        ),
    ),
    "cached-partial-loses-reference": (
        CallScope(
            ("wrong-world", "poisoned-state", "spurious-refusal"),  # the second of two calls raises
            ("graph",),
            rf"{KEPT} variable metadata|ValueError in _graph_unflatten\..*get_mutable_array",
            r"holding NoUpdate\(\)|Expected a ArrayRefOutput type but got 'NoUpdate",
            (_CACHED, frozenset({"call:reference"})),
        ),
        CallScope(  # one in the function leaves it in what the other holds
            ("spurious-refusal",),
            ("graph",),
            r"ValueError in MergeContext\.unflatten",
            "of a node added to cached_partial was mutated inside the transformation",
            (_CACHED, frozenset({"call:reference"})),
        ),
        CallScope(  # the first of two calls has written to another Variable
            ("poisoned-state",),
            ("graph",),
            f"{KEPT} variable value",
            "Expected a ArrayRefOutput type but got 'NoUpdate",
            (_CACHED, frozenset({"call:reference"})),
        ),
    ),
    "cached-partial-one-object-twice": (
        CallScope(
            ("internal-error",),
            ("graph",),
            "KeyError in unflatten",
            r"^\d+$",
            (_CACHED, frozenset({"call:one object twice", "call:shared"})),
        ),
    ),
    "hijax-traced-not-checked": (
        CallScope(
            ("internal-error",),
            MODES,
            r"AttributeError in check_(consistent_aliasing|no_aliases).*",
            "has no attribute _can_update",
            (frozenset({"call:hijax"}),),
        ),
    ),
    "hijax-property-of-a-class": (
        CallScope(
            ("internal-error",),
            MODES,
            ".*",
            "aval_property",
            (frozenset({"call:hijax"}),),
        ),
    ),
    "hijax-written-by-flax": (
        CallScope(
            ("internal-error",),
            MODES,
            "ImmutableVariableError in .*",
            "Cannot update a non-ref HijaxVariable",
            (frozenset({"call:hijax"}),),
        ),
    ),
    "cached-partial-raw-array": (
        CallScope(
            ("internal-error",),
            ("graph",),
            r"AttributeError in SplitContext\.flatten.*",
            "has no attribute '?get_raw_value'?$",
            (_CACHED,),
        ),
    ),
    "jax-words-refusal-wrong": (
        CallScope(
            ("internal-error",),
            SIMPLE,
            "AttributeError in .*",
            "'GetAttrKey' object has no attribute 'key'",
            (frozenset({"call:fori_loop", "call:scan", "call:while_loop"}),),
        ),
    ),
    "fork-rngs-refuses-stream": (
        CallScope(
            ("spurious-refusal",),
            ("graph-frozen",),
            "ValueError in _recursive_map_graph",
            "^Cannot update key .* because the node does not support mutation",
            (frozenset({"call:fork_rngs"}),),
        ),
    ),
    "pmap-shifts-axes": (
        CallScope(
            ("spurious-refusal", "internal-error"),
            MODES,
            r"(ValueError|IndexError) in pmap\..*",
            "pytree key path flat_args.* is incompatible with its sharding annotation"
            "|^tuple index out of range",
            (frozenset({"call:pmap"}),),
        ),
        # what has no axis is taken for mapped, so that it comes back as a stack
        CallScope(
            ("wrong-world",),
            MODES,
            r"(caller|closure|held|result) (array|variable) shape",
            "",
            (frozenset({"call:pmap"}), frozenset({"call:in_axes"})),
        ),
    ),
    "checkify-error-of-pmap": (
        CallScope(
            ("spurious-refusal", "internal-error"),
            MODES,
            r"(TypeError|ValueError) in .*",
            r"(?s)carry input and carry output must have equal types.* has type bool\[\] but the "
            r"corresponding output carry component has type bool\[\d+\]"
            "|^Cannot lower jaxpr with verifier errors",
            (frozenset({"call:checkify"}), frozenset({"call:pmap", "call:shard_map"})),
        ),
    ),
    "closure-attribute-deleted": (
        CallScope(
            ("poisoned-state", "wrong-world"),
            MODES,
            r"(caller|closure|held) \w+ missing",
            "",
            (frozenset({"call:closure detached"}),),
        ),
    ),
    "captured-array-becomes-tracer": (
        CallScope(
            ("wrong-world", "poisoned-state"),
            ("graph",),
            "closure array tracer",
            "",
            (
                frozenset({"call:closure"}),
                frozenset({"call:jit", "call:remat", "call:cached_partial", "call:jit_partial"}),
            ),
        ),
        CallScope(  # the module itself is left in the trace
            ("wrong-world", "poisoned-state"),
            ("graph",),
            "(caller|closure) node tracer",
            "",
            (_UPDATES,),
        ),
        CallScope(  # ... and the function around it sets an attribute, or hands it on
            ("spurious-refusal",),
            ("graph",),
            r"TraceContextError in (Pytree|Object)\._check_valid_context",
            "^(Cannot mutate|Trying to extract graph node).* from different trace level",
            (_UPDATES,),
        ),
    ),
    "references-joined": (
        CallScope(
            ("wrong-world", "poisoned-state"),
            ("graph-frozen",),
            rf"{KEPT} variable metadata",
            r"holding Repeated\(\)",
            (frozenset({"call:reference"}),),
        ),
    ),
    "custom-vjp-refuses-state": (
        CallScope(
            ("spurious-refusal",),
            ("graph",),
            r"TypeError in .*",
            r"(?s)^Custom VJP bwd rule must produce .* got bwd output structure "
            r"PyTreeDef\(\(.*NodeStates\[.* for primal input structure .*State\[",
            (frozenset({"call:custom_vjp"}), frozenset({"call:split"})),
        ),
    ),
    "jax-derives-number-over-devices": (
        CallScope(
            ("internal-error",),
            MODES,
            r"AssertionError in .*",
            "^non-canonical constant of type (int|float|complex): ",
            (frozenset({"call:jvp"}), frozenset({"call:shard_map", "call:pmap"})),
        ),
    ),
    "write-before-delete-lost": (
        CallScope(
            ("wrong-world",),
            ("graph",),
            r"held variable \w+",
            "",
            (frozenset({"call:structure"}),),
        ),
    ),
    "metadata-not-updated": (
        CallScope(
            ("wrong-world",),
            ("graph",),
            f"{KEPT} variable metadata",
            "",
            (
                frozenset({"call:mark"}),
                frozenset(
                    {
                        *("call:jit", "call:scan", "call:shard_map", "call:cached_partial"),
                        "call:within",  # of a custom_vjp, which may be in a jit
                    }
                ),
            ),
        ),
        CallScope(  # no update of a Variable with a reference is handed on
            ("wrong-world",),
            SIMPLE,
            f"{KEPT} variable metadata",
            "",
            (frozenset({"call:mark"}), frozenset({"call:reference"})),
        ),
    ),
    "one-path-of-a-variable": (
        CallScope(
            ("wrong-world",),
            ("graph",),
            "result container missing",
            "",
            (frozenset({"call:at"}), frozenset({"call:shared"})),
        ),
    ),
    "eval-shape-needs-shape": (
        CallScope(
            ("spurious-refusal",),
            ("graph",),
            "TypeError in _to_variable.*",
            "(?s)incompatible function arguments.*NamedSharding.*spec: NoneType",
            (frozenset({"call:eval_shape"}),),
        ),
    ),
    "jax-prints-no-tracer-of-devices": (
        CallScope(
            ("internal-error",),
            MODES,
            "AttributeError in .*",
            "^'DynamicJaxprTrace' object has no attribute 'amesh'$",
            (frozenset({"call:shard_map", "call:pmap"}),),
        ),
    ),
    "constant-is-no-array": (
        CallScope(
            ("internal-error",),
            MODES,
            "AttributeError in .*",
            r"^'Typed(Int|Float)' object has no attribute 'astype'$",
            (frozenset({"call:remat", "call:checkify"}),),
        ),
    ),
}
