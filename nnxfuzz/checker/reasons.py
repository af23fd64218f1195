"""Why Flax may refuse a call: documented reasons, each with what has to be true of the call.

A wording alone explains nothing.  A reason holds only if what it says was seen: in the arguments,
or by the plain run of the same call; and it names the paths of the objects that it is about.
"""

import re
from typing import NamedTuple

from nnxfuzz.checker.evidence import (
    Evidence,
    Holds,
    bound,
    branches_differ,
    cached_changed,
    carry_changed,
    closure_written,
    closure_written_inside,
    devices_asked,
    hijax_mapped,
    hijax_written,
    inner_branches_differ,
    is_transform,
    keyword_only,
    loop_over_devices,
    made_at_two_places,
    made_prefix,
    nested,
    option,
    reference_held,
    reference_in_branch,
    reference_in_loop,
    reference_returned,
    reference_twice,
    seen,
    shared_arguments,
    traced,
    two_prefixes,
    variable_prefix,
    written_by_jax,
)
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.oracle.contract.naming import the_call
from nnxfuzz.oracle.contract.records import Wording
from nnxfuzz.plain.deviations import FROZEN
from nnxfuzz.programs.case import MODES, Mode


class Reason(NamedTuple):
    """A documented reason to refuse.

    `told` is the sentence, in which `{}` stands for the paths; `source` where Flax documents it;
    `way_out` what the user can do.
    """

    id: str
    told: str
    wordings: tuple[Wording, ...]
    holds: Holds
    source: str
    way_out: str
    modes: tuple[Mode, ...] = MODES


class Explanation(NamedTuple):
    """A reason that holds for a refusal."""

    id: str
    told: str
    paths: tuple[str, ...]
    way_out: str


def explanation(evidence: Evidence, mode: Mode) -> Explanation | None:
    """The first reason that holds for the refusal, or None."""
    name, message = type(evidence.error).__name__, str(evidence.error)
    for reason in REASONS:
        if mode not in reason.modes or not _worded(reason.wordings, name, message):
            continue
        paths = reason.holds(evidence)
        if paths is not None:
            listed = " and ".join(f"`{path}`" for path in paths)
            told = reason.told.format(listed) + _inside(evidence, reason, paths)
            return Explanation(reason.id, told, paths, reason.way_out)
    return None


def _inside(evidence: Evidence, reason: Reason, paths: tuple[str, ...]) -> str:
    """Which transform of the body the paths are of, if a sentence does not say it anyway."""
    depths = [(o.depth, o.transform) for o in evidence.seen if evidence.paths_of(o) == paths]
    depth, transform = min(depths, default=(0, ""))
    return f", in a {transform} of the body" if depth and "in the body" not in reason.told else ""


def _worded(wordings: tuple[Wording, ...], name: str, message: str) -> bool:
    return any(x.error == name and re.search(x.pattern, message) for x in wordings)


def _words(error: str, pattern: str) -> Wording:
    """A wording of which `Holds` says which objects it is about."""
    return Wording(error, pattern, the_call)


_TRACER_ERRORS = (
    "ConcretizationTypeError",
    "TracerBoolConversionError",
    "TracerArrayConversionError",
    "TracerIntegerConversionError",
    "NonConcreteBooleanIndexError",
)

#: What jax says of branches whose results differ.
_BRANCHES = _words("TypeError", "branch(es)? .*(output|must)|true_fun.*false_fun")

#: What a loop says of a carry that is not what it was.
_CARRY = (w.REFERENCE_STRUCTURE, w.CARRY_REFERENCES, w.IDENTITY, w.TREES, w.JAX_STRUCTURE)

_FLIP = "docs_nnx/flip/5310-tree-mode-nnx.md"
_ALIASING = (
    "the error's own text: \"duplicate inputs, duplicate outputs, or input Variables returned as "
    'outputs"; '
)
_LOOPS = "docstrings of `nnx.fori_loop`, `nnx.while_loop` and `nnx.scan`"

REASONS: tuple[Reason, ...] = (
    Reason(
        "inconsistent-aliasing",
        "{} are one object, for which the options ask two things",
        (w.INCONSISTENT, w.DUPLICATE),
        two_prefixes,
        "tests/nnx/transforms_test.py: `test_scan_inconsistent_aliasing`, "
        "`test_consistent_aliasing_inputs`, `test_consistent_aliasing_input_output`, "
        "`test_jit_inconsistent_aliasing`, `test_grad_inconsistent_aliasing`",
        "treat both places alike, or pass the object once",
    ),
    Reason(
        "shared-argument",
        "`Duplicate` because {} are one object",
        (w.DUPLICATE,),
        shared_arguments,
        f'{_FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)"; in graph mode '
        "without graph updates `eval_shape` refuses it, too: tests/nnx/transforms_test.py: "
        "`test_tree_jit_no_shared_variable_refs`, `test_eval_shape_no_shared_variable_refs`",
        "pass the object once and reach it by one path, or use nnx.compat with graph updates",
        FROZEN,
    ),
    Reason(
        "shared-in-the-function",
        "`Duplicate` because the function puts an object that stands elsewhere at {}",
        (_words("ValueError", r"(?s)^Duplicate .*nnx\.eval_shape with"),),
        seen("node-replaced", "variable-replaced", "state-rebuilt"),
        "the error's own text; `eval_shape` in flax/nnx/transforms/transforms.py looks for "
        "duplicates in the arguments after the function, too",
        "give each place an object of its own",
        FROZEN,
    ),
    Reason(
        "shared-in-the-function",
        "`Duplicate` because the function makes one Variable at {}",
        (_words("ValueError", r"(?s)^Duplicate .*nnx\.eval_shape with"),),
        made_at_two_places,
        "the error's own text; `eval_shape` in flax/nnx/transforms/transforms.py looks for "
        "duplicates in the arguments after the function, too",
        "pass the object once",
        FROZEN,
    ),
    Reason(
        "reference-twice",
        "{} are one reference to an array",
        (
            _words(
                "ValueError", "only one reference to a mutable array|both closed over and passed"
            ),
        ),
        reference_twice,
        "docs.jax.dev/en/latest/array_refs.html: a reference may not be passed twice, nor be "
        "passed and closed over; the error's own text",
        "pass the Variable once, and do not reach it by closure",
    ),
    Reason(
        "reference-returned",
        "the function returns {}, which holds a reference",
        (_words("ValueError", "mutable array references cannot be returned"),),
        reference_returned,
        "docs.jax.dev/en/latest/array_refs.html: a reference may not be returned; the error's text",
        "do not return it: what is written to it is there",
    ),
    Reason(
        "reference-not-lifted",
        "{} holds a reference that is not mapped or differentiated, and what is written to it is",
        (
            _words(
                "Exception",
                "set/swap operation with (a differentiated|vmapped) value on an? "
                "(non-differentiated|unbatched) array reference",
            ),
        ),
        reference_held,
        "the error's own text (`jax._src.state.primitives`): \"Move the array reference to be an "
        'argument"',
        "make it an argument that is mapped, or return the value",
    ),
    Reason(
        "reference-in-branch",
        "{} holds a reference to an array, and reaches a branch in a vmap",
        (_words("NotImplementedError", "State effect not supported in vmap-of-cond"),),
        reference_in_branch,
        "the error's own text (`_cond_batching_rule` in jax/_src/lax/control_flow/conditionals.py)",
        "compute in the branch, and write outside of it",
    ),
    Reason(
        "reference-carried",
        "{} holds a reference to an array, which no loop can carry or return",
        (
            _words("ValueError", "mutable array references cannot be returned"),
            # with graph updates, the carry comes back without the reference
            _words("TypeError", r"carry component .* is a <class 'jax[\w.]*AbstractRef'>"),
        ),
        reference_in_loop,
        "docs.jax.dev/en/latest/array_refs.html: a function that is transformed cannot return a "
        "reference; the error's own text",
        "reach it by closure, or make the Variable without ref=True",
    ),
    Reason(
        "hijax-written",
        "the function writes to {}, a Variable of hijax without a reference",
        (_words("ImmutableVariableError", "Cannot update a non-ref HijaxVariable inside JAX"),),
        hijax_written,
        "the error's own text, from 0.12.9 on: \"Cannot update a non-ref HijaxVariable inside JAX "
        "transformations. To mutate variables within jit, grad, scan, or other JAX transforms, use "
        'ref=True."',
        "make it with ref=True, or without hijax=True",
    ),
    Reason(
        "hijax-mapped",
        "{} is a Variable of hijax, which no transform that maps takes yet",
        (
            _words("AttributeError", "'AbstractVariable' object has no attribute '(shape|ndim)'"),
            _words("ValueError", r"the leading-axis size of non-array \(hijax\) types"),
            _words("ValueError", "non-array types can't be mapped along an integer axis"),
            _words(
                "NotImplementedError", r"(?s)has non-array \(hijax\) type .* which is not supported"
            ),
            _words("ValueError", "^pmap requires at least one argument with a mapped axis"),
            _words("NotImplementedError", r"for vmap support, subclass .*flax\.nnx\.variablelib"),
            # axes other than 0 make an array of it on the way
            _words("TypeError", "JAX arrays are immutable and do not support in-place item"),
        ),
        hijax_mapped,
        'docs_nnx/hijax/hijax.md, "Scan Over Layers", of a `jax.vmap` that makes and a scan that '
        'takes apart: "TODO: does not work with hijax yet"',
        "make it without hijax=True",
    ),
    Reason(
        "devices-differ",
        "{} asks for other devices than a shard_map in the function has",
        (_words("ValueError", "^Received incompatible devices for jitted computation"),),
        devices_asked,
        "the error's own text (jax, which compiles a function for one list of devices)",
        "ask for a sharding of the same mesh",
    ),
    Reason(
        "reference-differentiated",
        "{} holds a reference to an array, and no gradient of one can be taken",
        (
            _words("TypeError", "cannot differentiate with respect to a Ref-typed argument"),
            _words("ValueError", "is Ref-typed, so its gradient must be accumulated into a ref"),
            # jax up to 0.10, which has no words of its own for it (PR #38913 gives it some)
            _words("ValueError", r"Expected cotangent type Ref\{"),
            _words("AttributeError", "'ValAccum' object has no attribute 'ref'"),
        ),
        reference_held,
        "the error's own text (jax, `grad`, and `vjp`, which has gradients of references in its "
        "`with_refs` alone)",
        "differentiate another argument, or make the Variable without ref=True",
    ),
    Reason(
        "returned-argument",
        "`Duplicate` because the function returns what it was given: {} are one Variable",
        (w.DUPLICATE,),
        seen("argument-returned"),
        _ALIASING + "tests/nnx/transforms_test.py: `test_tree_jit_no_input_output_aliasing`, "
        "`test_scan_input_output_aliasing`, `test_eval_shape_no_input_output_aliasing`",
        "do not return it: its Variables are updated in place",
        FROZEN,
    ),
    Reason(
        "returned-twice",
        "`Duplicate` because the function returns {}, which are one Variable",
        (w.DUPLICATE,),
        seen("returned-twice"),
        _ALIASING + "`check_no_aliases` in flax/nnx/extract.py",
        "return it once, or a copy of it",
        FROZEN,
    ),
    Reason(
        "closure-written",
        "the function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL,),
        closure_written,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
    Reason(
        "closure-written",
        "in the body, a function writes to {}, which it reaches by closure",
        (w.TRACE_LEVEL,),
        closure_written_inside,
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it to that function as an argument",
    ),
    Reason(
        "closure-written",
        "in the body, a function that jax traces writes to what it reaches by closure, at {}",
        (w.TRACE_LEVEL,),
        written_by_jax,
        "docstring of `flax.errors.TraceContextError`",
        "call the function of nnx in the place of jax's, and pass it as an argument",
    ),
    Reason(
        "custom-vjp-closed-over",
        "the function of `nnx.custom_vjp` reaches {} by closure, and a derivative is taken by it",
        (
            _words("CustomVJPException", "with respect to a closed-over value"),
            _words("UnexpectedTracerError", "wrapped in a (DynamicJaxpr|JVP|Linearize)Tracer"),
        ),
        seen("captured-traced"),
        "the error's own text: \"Try passing the closed-over value into the custom_vjp function as "
        'an argument"; `CustomVJPException` in jax/_src/custom_derivatives.py. Where a `jax.jit` '
        "in the function is given the value, jax finds the tracer there first; where the value is "
        "of a loop, it traces the forward function after the loop's body (so do `jax.custom_vjp` "
        "and `jax.lax.fori_loop` alone, jax 0.10.2 and 0.12.0.1)",
        "pass it to that function as an argument",
    ),
    Reason(
        "captured-returned",
        "the function returns {}, which it reaches by closure",
        (w.CAPTURED, w.TRACE_LEVEL, *_CARRY),
        seen("captured-returned"),
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
        "pass it as an argument",
    ),
    Reason(
        "closure-nested",
        "the function hands {}, which it reaches by closure, to another transform",
        (w.CAPTURED, w.TRACE_LEVEL),
        seen("of-another-trace", "captured-given"),
        'docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure"',
        "pass it as an argument",
    ),
    Reason(
        "carry-structure",
        "the body changes the structure of the carry at {}",
        (*_CARRY, w.JAX_TYPES, w.UNCOMPARABLE),
        carry_changed,
        _LOOPS,
        "make the attribute before the loop",
    ),
    Reason(
        "carry-types",
        "the body changes the shape or dtype of what it carries at {}",
        (w.JAX_TYPES,),
        seen("aval-changed"),
        "docstring of `jax.lax.while_loop`",
        "cast it, or start the loop with that dtype",
    ),
    Reason(
        "carry-references",
        "the body puts another object into the carry at {}",
        _CARRY,
        seen("variable-replaced", "node-replaced"),
        _LOOPS,
        "write into the Variable that is there, or swap arrays instead of objects",
    ),
    # In graph mode such a body is right: `fori_loop` refused it from 0.11.0 to 0.12.2 (#5113).
    Reason(
        "state-rebuilt",
        "the body rebuilds a State of the carry at {}",
        (w.IDENTITY,),
        seen("state-rebuilt"),
        "tests/nnx/transforms_test.py: `TestScan.test_scan_carry_identity_error`",
        "write into the Variable that is there",
        FROZEN,
    ),
    Reason(
        "branches-differ",
        "one branch changes what the other does not at {}",
        (_BRANCHES, *_CARRY),
        branches_differ,
        "docstring of `jax.lax.cond`: the branches must have the same output structure",
        "make the same attributes with the same types in each branch",
    ),
    Reason(
        "branches-differ",
        "in the body, one branch changes or returns what the other does not at {}",
        (_BRANCHES,),
        inner_branches_differ,
        "docstring of `jax.lax.cond`: the branches must have the same output structure",
        "make the same attributes with the same types in each branch, and return the same objects",
    ),
    Reason(
        "broadcast-written",
        "the body writes to {}, which is broadcast",
        (_words("ValueError", "Broadcast .* was mutated"),),
        seen("broadcast-written"),
        "the error's own text (0.12.6)",
        "make it part of the carry",
    ),
    Reason(
        "broadcast-batched",
        "the body writes to {}, which is broadcast, what differs from lane to lane",
        (_words("ValueError", "vmap.*(axis spec None|out_axes).*batched"),),
        seen("broadcast-written"),
        "docstring of `jax.vmap`: an output with axis None must not depend on the mapped ones",
        "give it an axis, or return the value",
    ),
    Reason(
        "tracer-as-number",
        "the function needs the number of a traced array (a branch, an index or a conversion in "
        "Python)",
        tuple(_words(name, "") for name in _TRACER_ERRORS),
        traced,
        "docs.jax.dev/en/latest/errors.html",
        "use nnx.cond, or make the argument static",
    ),
    Reason(
        "while-loop-backwards",
        "the function is differentiated in reverse, and has a {}",
        (_words("ValueError", "Reverse-mode differentiation does not work for lax.while_loop"),),
        nested("while_loop", "fori_loop"),
        "docstring of `jax.lax.while_loop`: it is not reverse-mode differentiable; the error's own "
        "text names `fori_loop` with bounds that are traced",
        "use nnx.scan, or nnx.fori_loop with bounds that are numbers of Python, or nnx.jvp",
    ),
    Reason(
        "carry-varies",
        "a loop over devices carries what is the same on all of them before a trip, and not after "
        "it, or the other way round ({})",
        (
            _words(
                "TypeError", r"(?s)carry input and carry output .* manual axis types do not match"
            ),
        ),
        loop_over_devices,
        'docs.jax.dev/en/latest/notebooks/shard_map.html, "scan-vma", which the message names',
        "mark it by jax.lax.pcast, or call shard_map with check_vma=False",
    ),
    Reason(
        "mesh-in-mesh",
        "{} stands in a call over devices, or has one in it",
        (_words("ValueError", "context mesh .* should match the mesh passed to shard_map"),),
        nested("shard_map", "pmap"),
        "the error's own text (`jax.shard_map`): what is manual already is none to shard over",
        "use one shard_map over all axes of the mesh",
    ),
    Reason(
        "prefix-of-graph-updates",
        "{} has what only works with graph updates",
        (_words("ValueError", "cannot contain `(StateAxes|DiffState|StateSharding)` objects"),),
        option("StateAxes", "DiffState", "StateSharding"),
        'docstrings of the transforms: "When `False`, using `StateAxes` is not supported"',
        "use nnx.prefix, or nnx.compat",
        FROZEN,
    ),
    Reason(
        "variable-prefix",
        "{} has a Variable in the place of a prefix",
        (_words("ValueError", r"Variables prefixes are not supported"),),
        variable_prefix,
        "the error's own text; tests/nnx/transforms_test.py: `test_variable_prefix_error`",
        "give a prefix for the whole Variable",
        FROZEN,
    ),
    Reason(
        "prefix-of-another-mode",
        "{} has what nnx.prefix made for another mode",
        (
            _words("ValueError", "Graph nodes are not allowed as prefixes when graph=True"),
            _words("ValueError", "`TreeState` objects are only allowed as prefixes when"),
        ),
        made_prefix,
        "the error's own text; docstring of `nnx.prefix`",
        "make it with the `graph` of the transform",
    ),
    Reason(
        "bound-method",
        "{} is bound to a module",
        (w.BOUND,),
        bound,
        "the error's own text; tests/nnx/transforms_test.py: `TestBoundMethodTransforms`",
        "pass the unbound method, and the module as an argument",
    ),
    Reason(
        "graph-updates-only",
        "{} works with graph updates only",
        (_words("ValueError", "graph-mode-only API and requires graph_updates"),),
        is_transform("cached_partial"),
        "the error's own text; docstring of `nnx.cached_partial`: it caches the graph traversal",
        "call the transformed function itself, or use graph updates",
        FROZEN,
    ),
    Reason(
        "cached-structure",
        "the function leaves another structure at {}, which cached_partial holds",
        (_words("ValueError", "graph structure of a node added to cached_partial was mutated"),),
        cached_changed,
        "docstring of `nnx.cached_partial`: the final structure must be the same after each call",
        "pop what is sown, or call the transformed function itself",
        ("graph",),
    ),
    Reason(
        "no-graph-updates",
        "{} works without graph updates only",
        (
            _words("NotImplementedError", "with graph_updates is not supported for"),
            _words("ValueError", "`graph_updates` not supported by"),
        ),
        is_transform("vjp", "jvp", "jit_partial"),
        "the error's own text; the examples of `nnx.vjp` and `nnx.jvp` have graph=False",
        "call it with graph_updates=False or graph=False",
        ("graph",),
    ),
    Reason(
        "keyword-arguments",
        "the function takes {} by name, and the transform needs a position for each argument",
        (_words("TypeError", "keyword arguments could not be resolved to positions"),),
        keyword_only,
        "the error's own text; `resolve_kwargs` in flax/nnx/transforms/transforms.py",
        "make it positional, or bind it before with functools.partial",
        ("graph",),
    ),
    Reason(
        "static-not-given",
        "{} is static and not given by position",
        (_words("ValueError", "`static_argnums` argument to `jax.checkpoint` .* less than"),),
        seen("static-not-given"),
        "the error's own text (`_remat_static_argnums` in jax/_src/ad_checkpoint.py); with graph "
        "updates `nnx.remat` fills defaults in (`resolve_kwargs`)",
        "give it by position",
        FROZEN,
    ),
    Reason(
        "gradient-by-all",
        "without graph updates the gradient is by all Variables, and {} holds no floats",
        (_words("TypeError", "grad requires real- or complex-valued inputs"),),
        seen("not-differentiable"),
        f'{_FLIP}, `nnx.grad`: "The first argument will no longer be differentiated w.r.t. to '
        '`Param`s only"',
        "split the model with nnx.split(model, nnx.Param, ...), and merge it in the function",
        FROZEN,
    ),
)
