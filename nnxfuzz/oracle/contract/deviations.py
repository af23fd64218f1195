"""The documented ways in which a loop differs from Python's."""

from nnxfuzz.oracle.contract.records import EVERYWHERE, Deviation, Where
from nnxfuzz.oracle.contract.sources import FLIP
from nnxfuzz.programs.case import COUNTS, MODES, SCANS, TRANSFORMS, WRAPPERS
from nnxfuzz.programs.versions import OLDEST

OWN_NODES = Deviation(
    id="own-nodes",
    what="`scan` hands the module objects that it was given back, where the other releases with "
    "this mode make new ones",
    applied="`judge.Oracle.expected`",
    source="Its source: `_simple_scan` of 0.12.6 puts `carry_in`, an argument, in the place of the "
    "carry that comes out of the loop; 0.12.5 and 0.12.7 take what "
    "`extract.update_carry_variables` makes. Nothing documents either. That the arrays of the "
    "carry are lost with it is a finding.",
    where=Where(SCANS, ("tree",), WRAPPERS, "0.12.6", "0.12.6"),
)

MADE_STATIC = Deviation(
    id="made-arrays-static",
    what="an array that the body makes for a new attribute is a static attribute, where the "
    "docstring of `nnx.is_data` has every `jax.Array` as data",
    applied="`judge` (the mark of that very attribute is not compared) and `nnx_api.as_data`",
    source='docs/findings.md, "Beside the loops": it is so under any trace, because '
    "`graphlib.is_node_leaf` does not take a tracer for an array. That is a defect of "
    "construction and none of the loops.",
    where=Where(TRANSFORMS, MODES, WRAPPERS, "0.12.2", None),
)

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        id="new-nodes",
        what="the loop works on new module objects that hold the caller's Variables, and hands "
        "such back; attributes that are no Variables (raw arrays) change on the returned module "
        "only (but for `own-nodes`)",
        applied="`plain.modes.seen_by_body`",
        source=f'{FLIP}: "Automatic state updates only for Variables in NNX transforms", '
        '"Modules treated as stateless pytrees (no graph updates)". That the returned module is '
        "another object follows from it; no sentence says so.",
        where=Where(TRANSFORMS, ("graph-frozen", "tree"), WRAPPERS, "0.12.5", None),
    ),
    OWN_NODES,
    Deviation(
        id="tree-nodes",
        what="a module that stands at two paths is two modules (its Variables may then not be "
        "shared: see `tree-aliasing`)",
        applied="`plain.modes.seen_by_body`",
        source=f'{FLIP}: "Tree structure assumed [...] (no sharing)"; docs_nnx/guides/pytree.md,'
        ' "Reference Sharing": "sharing is not preserved across pytree operations including JAX '
        'transforms".',
        where=Where(TRANSFORMS, ("tree",), WRAPPERS, "0.12.5", None),
    ),
    Deviation(
        id="traced-once",
        what="the body is traced even if the loop makes no trip, so it may be refused, or raise, "
        "where Python never runs it",
        applied="`reference.run_python` (a trial trip gives the observations)",
        source="Follows from tracing; no sentence of Flax's or jax's documentation says it.",
        where=EVERYWHERE,
    ),
    Deviation(
        id="exception-undoes",
        what="when the body raises, the caller's objects are as before the call, where Python "
        "would leave them as they were when it raised",
        applied="`judge` (the world before is expected)",
        source="Nothing documents it; measured on all releases. Anything else would leave tracers "
        "in the caller's objects.",
        where=EVERYWHERE,
    ),
    Deviation(
        id="numbers-become-arrays",
        what="a Python number in the carry comes back as an array (int32, float32 or bool); "
        "if the body gives it another dtype, jax promotes it before the first trip",
        applied="`world` (both count as the same array); such a change of dtype is not compared "
        "(`observations.number_changes_dtype`)",
        source="Comments in jax's `scan` and `while_loop` on weakly typed initial values; the "
        'docstrings say only that the carry may be "a scalar".',
        where=EVERYWHERE,
    ),
    Deviation(
        id="condition-writes",
        what="what the `cond_fun` of `while_loop` writes is dropped, without an error",
        applied="nothing: no program has such a condition, since Flax documents neither that it "
        "may write nor what becomes of it",
        source="None in docs_nnx or the tests; by its source, `WhileLoopCondFn` and "
        "`SimpleWhileLoopCondFn` return what the condition returns and nothing else. The docstring "
        'of `nnx.while_loop` has `cond_fun` as "taking a single input [...] and outputting a '
        'boolean".',
        where=Where(COUNTS, MODES, WRAPPERS, OLDEST, None),
    ),
    Deviation(
        id="broadcast-dropped",
        what="what a trip of `scan` writes to a broadcast Variable (`None` in `in_axes` or in a "
        "`StateAxes`) is dropped: every trip sees what was passed in, and so does the caller",
        applied="`slices.Slices`",
        source="Test: `TestScan.test_scan_broadcast_keys` (a broadcast stream hands out the same "
        'key in every trip); `ScanFn.__call__` calls what comes out of a trip "discarded". The '
        "other modes carry it on: `test_broadcast_variable_mutation`.",
        where=Where(SCANS, ("graph",), WRAPPERS, OLDEST, None),
    ),
    Deviation(
        id="partition-names",
        what="`transform_metadata` puts the partition's name into the metadata of what `scan` "
        "emits, at the axis of `out_axes`; the other modes ignore the argument",
        applied="`reference.emitted`",
        source=f'docs_nnx/guides/transforms.md, "Axis metadata"; {FLIP}: "The new simplified NNX '
        "transform implementations don't support this argument\".",
        where=Where(SCANS, ("graph",), WRAPPERS, OLDEST, None),
    ),
    MADE_STATIC,
    Deviation(
        id="stacked-objects",
        what="an object that each trip of `scan` makes and emits comes out as one, with its "
        "Variables stacked, where Python has a list of them",
        applied="`reference.emitted`",
        source="Docstring of `nnx.scan` (`out_axes`); docs_nnx/guides/transforms.md on `vmap`.",
        where=Where(SCANS, MODES, WRAPPERS, OLDEST, None),
    ),
)
