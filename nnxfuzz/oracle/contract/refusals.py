"""The documented reasons for which a loop may refuse a program."""

from collections.abc import Callable

from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.oracle.contract.ill_formed import ILL_FORMED
from nnxfuzz.oracle.contract.records import EVERYWHERE, Reasons, Refusal, Where
from nnxfuzz.oracle.contract.sources import FLIP, JAX_DOC, LOOPS_DOC, SCAN_DOC
from nnxfuzz.oracle.observations import Evidence
from nnxfuzz.plain.observations import Kind
from nnxfuzz.programs.case import MODES, SCANS, TRANSFORMS, WRAPPERS, Case, Within, trips
from nnxfuzz.programs.case.ill_formed import has_parts
from nnxfuzz.programs.versions import OLDEST


def seen(*kinds: Kind) -> Callable[[Evidence], Reasons]:
    """The observations of these kinds."""
    return lambda e: e.of(*kinds)


def _has_state_axes(case: Case) -> bool:
    """Whether an input or an output has an `nnx.StateAxes`."""
    axes = [*(row.axis for row in case.inputs), *(y.axis for y in case.ys)]
    given = case.form.parts != "prefix" and any(isinstance(axis, tuple) for axis in axes)
    return given or has_parts(case.form.wrong)


REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        id="carry-structure",
        when="a trip returns a carry of another structure: containers, attribute names, static "
        "attributes, Variable types or metadata",
        reasons=seen("structure-changed"),
        wordings=(
            w.REFERENCE_STRUCTURE,
            w.CARRY_REFERENCES,
            w.IDENTITY,
            w.TREES,
            w.JAX_STRUCTURE,
            w.JAX_TYPES,
            w.UNCOMPARABLE,
        ),
        source=f"{JAX_DOC} {SCAN_DOC} {LOOPS_DOC}",
        where=EVERYWHERE,
    ),
    Refusal(
        id="carry-types",
        when="a trip changes the dtype or shape of an array or of a Variable's value, or one "
        "branch of an inner transform does",
        reasons=seen("aval-changed"),
        wordings=(w.JAX_TYPES, w.BRANCH_TYPES),
        source=JAX_DOC,
        where=EVERYWHERE,
    ),
    Refusal(
        id="carry-references",
        when="a trip returns another Variable or node at some path: permuted, aliased, un-aliased, "
        "made afresh, or swapped between attributes",
        reasons=seen("variable-replaced", "node-replaced"),
        wordings=(
            w.REFERENCE_STRUCTURE,
            w.CARRY_REFERENCES,
            w.IDENTITY,
            w.TREES,
            w.JAX_STRUCTURE,
            w.UNCOMPARABLE,
        ),
        source=f"{LOOPS_DOC} {SCAN_DOC}",
        where=EVERYWHERE,
    ),
    Refusal(
        id="closure-written",
        when="the body, or what an inner transform runs, writes to a Variable or module that it "
        "reaches by closure, but for a Variable that holds a reference to its array",
        reasons=seen("captured-written"),
        wordings=(w.TRACE_LEVEL,),
        source='docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure": '
        '"Flax NNX checks that the Modules and Variables being mutated are passed as arguments to '
        'the transformed function"; pytree.md, "Trace-level awareness". The check is off in '
        "0.10.2 to 0.10.4 (commit b75de891).",
        where=Where(TRANSFORMS, MODES, WRAPPERS, "0.10.5", None),
    ),
    Refusal(
        id="closure-returned",
        when="the body puts an object that it reaches by closure into the carry",
        reasons=seen("captured-returned"),
        wordings=(w.REFERENCE_STRUCTURE, w.CARRY_REFERENCES, w.IDENTITY, w.CAPTURED),
        source='docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be '
        'outputs": "Captured references are not allowed on the output of transformed '
        'functions."',
        where=EVERYWHERE,
    ),
    Refusal(
        id="closure-nested",
        when="the body hands an object that it reaches by closure to another transform (`nnx.RNN` "
        "scans over its cell)",
        reasons=seen("captured"),
        wordings=(w.CAPTURED, w.TRACE_LEVEL),
        source='docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure": '
        '"While Python allows for passing objects as closures to functions, this is generally not '
        'supported by Flax NNX transforms".',
        where=EVERYWHERE,
    ),
    Refusal(
        id="tree-aliasing",
        when="one Variable stands at two paths of the carry, before or after a trip, or of what an "
        "inner transform gets",
        reasons=seen("aliased"),
        wordings=(w.DUPLICATE, w.SEEN_TWICE, w.IDENTITY),
        source=f'{FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)". '
        "Test: `TestScan.test_scan_input_output_aliasing`. `SimpleScanFn` looks for duplicates in "
        "what a trip returns before jax compares its structure.",
        where=Where(TRANSFORMS, ("tree",), WRAPPERS, OLDEST, None),
    ),
    Refusal(
        id="tree-scan-axes",
        when="always: scan in tree mode has only its default axes, and a scan of a carry alone has "
        "others",
        reasons=lambda e: True,
        wordings=(w.TREE_AXES,),
        source="The error's own text; 0.12.5 is the first release with tree mode (commit e108ab89) "
        "and the only one with this limit. No other documentation.",
        where=Where(SCANS, ("tree",), WRAPPERS, "0.12.5", "0.12.5"),
    ),
    Refusal(
        id="tree-scan-axes-within",
        when="the body has a scan of its carry inside: in tree mode scan has only its default axes",
        reasons=lambda e: any(isinstance(s, Within) and s.how in SCANS for s in e.case.body),
        wordings=(w.TREE_AXES,),
        source="As `tree-scan-axes`.",
        where=Where(TRANSFORMS, ("tree",), WRAPPERS, "0.12.5", "0.12.5"),
    ),
    Refusal(
        id="unroll-traced-bounds",
        when="`unroll` is given and the bounds are traced",
        reasons=lambda e: e.case.loop.unroll is not None and e.case.loop.bounds == "traced",
        wordings=(w.UNROLL,),
        source='Docstrings of `jax.lax.fori_loop` and `nnx.fori_loop`: "This argument is only '
        'applicable if the loop bounds are statically known."',
        where=Where(("fori_loop",), MODES, WRAPPERS, OLDEST, None),
    ),
    Refusal(
        id="state-rebuilt",
        when="the body rebuilds a State of the carry, whose leaves are Variables since 0.12, so "
        "that others stand there",
        reasons=seen("state-rebuilt"),
        wordings=(w.IDENTITY,),
        source="Tests: `TestScan.test_scan_carry_identity_error`; the error's own text. In graph "
        "mode `fori_loop` and `scan` accept such a body (#5113, PR #5141), so that refusing it "
        "there is a finding.",
        where=Where(TRANSFORMS, ("graph-frozen", "tree"), WRAPPERS, OLDEST, None),
    ),
    Refusal(
        id="state-axes",
        when="an input or an output has an `nnx.StateAxes`",
        reasons=lambda e: _has_state_axes(e.case),
        wordings=(w.STATE_AXES, w.TREE_AXES),
        source='Docstring of `nnx.scan`: "When `False`, using `StateAxes` is not supported".',
        where=Where(SCANS, ("graph-frozen", "tree"), WRAPPERS, OLDEST, None),
    ),
    Refusal(
        id="inconsistent-aliasing",
        when="one Variable is reached with two axes, or as carry and as input",
        reasons=seen("inconsistent-axes", "inconsistent-node"),
        wordings=(w.INCONSISTENT, w.DUPLICATE),
        source="Test: `TestScan.test_scan_inconsistent_aliasing`. A Variable cannot be a slice and "
        "a whole at once: it has no meaning in Python, so to accept such a program is a finding.",
        where=Where(SCANS, MODES, WRAPPERS, OLDEST, None),
    ),
    Refusal(
        id="length-contradicts",
        when="`length` is given and is not the number of trips",
        reasons=lambda e: e.case.form.length not in (None, trips(e.case.loop)),
        wordings=(w.LENGTH,),
        source='Docstring of `jax.lax.scan`: `length` "must agree with the sizes of leading axes '
        'of the arrays in `xs`".',
        where=Where(SCANS, MODES, WRAPPERS, OLDEST, None),
    ),
    *ILL_FORMED,
    Refusal(
        id="broadcast-written",
        when="the body writes to a broadcast Variable",
        reasons=seen("broadcast-written"),
        wordings=(w.BROADCAST_WRITTEN,),
        source="The error's own text (`SimpleScanFn.__call__` of 0.12.6): \"Only Carry and scanned "
        'Variables can be updated." From 0.12.7 on such a write is carried on: '
        "`test_broadcast_variable_mutation`.",
        where=Where(SCANS, ("graph-frozen", "tree"), WRAPPERS, "0.12.6", "0.12.6"),
    ),
    Refusal(
        id="partition-missing",
        when="`transform_metadata` names a partition that some Variable does not have at the axis "
        "that is scanned over",
        reasons=lambda e: e.partition_missing,
        wordings=(w.PARTITION,),
        source='docs_nnx/guides/transforms.md, "Axis metadata": the names are updated "as '
        "specified by `in_axes` and `out_axes`\"; the error's own text (`spmd.remove_axis`).",
        where=Where(SCANS, ("graph",), WRAPPERS, OLDEST, None),
    ),
    Refusal(
        id="bound-method",
        when="always: the body is a bound method",
        reasons=lambda e: True,
        wordings=(w.BOUND,),
        source="Test: `test_scan_bound_method_raises` (#5053, PR #5055); the error's own text.",
        where=Where(SCANS, MODES, ("bound",), "0.12.1", None),
    ),
)
