"""The contract: the documented reasons for which a loop may refuse, and documented deviations.

One record each.  A refusal is explained only if a record holds for the release, the transform and
the mode, its fact is true of the program (the reference run saw it), and the exception has the
record's type and wording.  `nnxfuzz contract` prints this table and `docs/contract.md` is made
from it, so that Flax's maintainers can correct it.
"""

import re
from collections.abc import Callable, Iterator

from nnxfuzz.case import MODES, TRANSFORMS, Arm, Data, Mode, Transform
from nnxfuzz.facts import Facts
from nnxfuzz.verdict import Failure

Release = tuple[int, ...]

_OLDEST, _NEWEST = (0, 10, 2), (99,)


class Wording(Data, frozen=True):
    """An exception type and a regular expression that its message matches."""

    error: str
    pattern: str


class Refusal(Data, frozen=True):
    """A documented reason to refuse; `when` says in words what `holds` asks of the facts.

    `since` and `until` bound the Flax releases, both inclusive.
    """

    id: str
    when: str
    holds: Callable[[Facts], bool]
    wordings: tuple[Wording, ...]
    source: str
    transforms: tuple[Transform, ...] = TRANSFORMS
    modes: tuple[Mode, ...] = MODES
    since: Release = _OLDEST
    until: Release = _NEWEST


class Deviation(Data, frozen=True):
    """A way in which a loop may differ from Python's; `applied` says where that is allowed for."""

    id: str
    what: str
    applied: str
    source: str
    modes: tuple[Mode, ...] = MODES


# --- wordings, by who raises them -----------------------------------------------------------

#: `nnx.while_loop` (and `fori_loop` up to 0.12.2), about the reference or pytree structure.
_REFERENCE_STRUCTURE = Wording("ValueError", "to have the same reference and pytree structure")
#: Graph mode's `scan`.
_CARRY_REFERENCES = Wording("ValueError", "Carry references must be the same between iterations")
#: The modes without graph updates.
_IDENTITY = Wording("ValueError", "Variable identity must be preserved across iterations")
#: `jax.tree.map` over two structures, which Flax lets through; jax reworded it in 0.10.2.
_TREES = Wording(
    "ValueError",
    r"arity mismatch|key mismatch|^Expected |[Cc]ustom (node|dataclasss? node)|"
    r"[Cc]ustom node data|pytree structure error",
)
_JAX_STRUCTURE = Wording("TypeError", "carry output must have the same pytree structure")
#: An array that the body adds under the trace is a new *static* attribute (see
#: `compat.as_data`), and jax cannot compare the structures.  Whether this or the plain refusal is
#: raised depends on what jax has cached.
_UNCOMPARABLE = Wording("ValueError", "checking equality of metadata fields of pytree")
_JAX_TYPES = Wording("TypeError", "carry output must have equal types")
_TRACE_LEVEL = Wording("TraceContextError", "from (a )?different trace level")
_DUPLICATE = Wording("ValueError", r"^Duplicate ")
_TREE_AXES = Wording("ValueError", "tree-mode scan only supports")
_CAPTURED = Wording(
    "ValueError", "Cannot extract graph node from different trace level|Cannot return captured"
)
_UNROLL = Wording("ValueError", "Can only use `unroll` in `fori_loop` if the loop bounds")

# --- sources --------------------------------------------------------------------------------

_LOOPS_DOC = (
    'Docstrings of `nnx.fori_loop` and `nnx.while_loop`, 0.10.2 to 0.12.12: "you cannot change '
    'the variable reference structure of `init_val` inside `body_fun`"; "both data and modules '
    'of `T` must have the same reference structure between inputs and outputs" (no mode is '
    "excepted). Tests: `TestWhileLoop.test_ref_changed`, `test_structure_changed`."
)
_SCAN_DOC = (
    'docs_nnx/guides/transforms.md, "Graph updates propagation": "`scan` only allows a fixed '
    '`carry` structure, so adding/removing sub-states declared as carry will cause an error". '
    "Tests: `TestScan.test_all_carry_new_reference_error`, `test_scan_carry_identity_error`."
)
_JAX_DOC = (
    'Docstrings of `jax.lax.scan`, `while_loop` and `fori_loop`: the loop-carried value "must '
    'hold a fixed shape and dtype across all iterations [...] with a fixed structure".'
)
_FLIP = 'docs_nnx/flip/5310-tree-mode-nnx.md (FLIP 5310, "Proposal")'

REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        id="carry-structure",
        when="a trip returns a carry of another structure: containers, attribute names, static "
        "attributes, Variable types or metadata",
        holds=lambda facts: facts.changed.structure,
        wordings=(
            _REFERENCE_STRUCTURE,
            _CARRY_REFERENCES,
            _IDENTITY,
            _TREES,
            _JAX_STRUCTURE,
            _JAX_TYPES,
            _UNCOMPARABLE,
        ),
        source=f"{_JAX_DOC} {_SCAN_DOC} {_LOOPS_DOC}",
    ),
    Refusal(
        id="carry-types",
        when="a trip changes the dtype or shape of an array or of a Variable's value",
        holds=lambda facts: facts.changed.avals,
        wordings=(_JAX_TYPES,),
        source=_JAX_DOC,
    ),
    Refusal(
        id="carry-references",
        when="a trip returns another Variable or node at some path: permuted, aliased, un-aliased, "
        "made afresh, or swapped between attributes",
        holds=lambda facts: facts.changed.variables or facts.changed.nodes,
        wordings=(_REFERENCE_STRUCTURE, _CARRY_REFERENCES, _IDENTITY, _TREES, _JAX_STRUCTURE),
        source=f"{_LOOPS_DOC} {_SCAN_DOC}",
    ),
    Refusal(
        id="closure-written",
        when="the body writes to a Variable or module that it reaches by closure",
        holds=lambda facts: facts.closure_written,
        wordings=(_TRACE_LEVEL,),
        source='docs_nnx/guides/transforms.md, "Mutable Module cannot be passed by closure": '
        '"Flax NNX checks that the Modules and Variables being mutated are passed as arguments to '
        'the transformed function"; pytree.md, "Trace-level awareness". The check is off in '
        "0.10.2 to 0.10.4 (commit b75de891).",
        since=(0, 10, 5),
    ),
    Refusal(
        id="closure-returned",
        when="the body puts an object that it reaches by closure into the carry",
        holds=lambda facts: facts.closure_returned,
        wordings=(_REFERENCE_STRUCTURE, _CARRY_REFERENCES, _IDENTITY, _CAPTURED),
        source='docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be '
        'outputs": "Captured references are not allowed on the output of transformed '
        'functions."',
    ),
    Refusal(
        id="tree-aliasing",
        when="one Variable stands at two paths of the carry",
        holds=lambda facts: facts.variables_aliased,
        wordings=(_DUPLICATE, _IDENTITY),
        source=f'{_FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)". '
        "Test: `TestScan.test_scan_input_output_aliasing`.",
        modes=("tree",),
    ),
    Refusal(
        id="tree-scan-axes",
        when="always: scan in tree mode has only its default axes, and a scan of a carry alone has "
        "others",
        holds=lambda facts: True,
        wordings=(_TREE_AXES,),
        source="The error's own text; 0.12.5 is the first release with tree mode (commit e108ab89) "
        "and the only one with this limit. No other documentation.",
        transforms=("scan",),
        modes=("tree",),
        since=(0, 12, 5),
        until=(0, 12, 5),
    ),
    Refusal(
        id="unroll-traced-bounds",
        when="`unroll` is given and the bounds are traced",
        holds=lambda facts: facts.unrolls_traced_bounds,
        wordings=(_UNROLL,),
        source='Docstrings of `jax.lax.fori_loop` and `nnx.fori_loop`: "This argument is only '
        'applicable if the loop bounds are statically known."',
        transforms=("fori_loop",),
    ),
)

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        id="new-nodes",
        what="the loop works on new module objects that hold the caller's Variables; attributes "
        "that are no Variables (raw arrays) change on the returned module only",
        applied="`reference.seen_by_the_loop`",
        source=f'{_FLIP}: "Automatic state updates only for Variables in NNX transforms", '
        '"Modules treated as stateless pytrees (no graph updates)". That the returned module is '
        "another object follows from it; no sentence says so.",
        modes=("gnu", "tree"),
    ),
    Deviation(
        id="tree-nodes",
        what="a module that stands at two paths is two modules (its Variables may then not be "
        "shared: see `tree-aliasing`)",
        applied="`reference.seen_by_the_loop`",
        source=f'{_FLIP}: "Tree structure assumed [...] (no sharing)"; docs_nnx/guides/pytree.md,'
        ' "Reference Sharing": "sharing is not preserved across pytree operations including JAX '
        'transforms".',
        modes=("tree",),
    ),
    Deviation(
        id="traced-once",
        what="the body is traced even if the loop makes no trip, so it may be refused, or raise, "
        "where Python never runs it",
        applied="`reference.run_python` (a trial trip gives the facts)",
        source="Follows from tracing; no sentence of Flax's or jax's documentation says it.",
    ),
    Deviation(
        id="exception-undoes",
        what="when the body raises, the caller's objects are as before the call, where Python "
        "would leave them as they were when it raised",
        applied="`judge` (the world before is expected)",
        source="Nothing documents it; measured on all releases. Anything else would leave tracers "
        "in the caller's objects.",
    ),
    Deviation(
        id="numbers-become-arrays",
        what="a Python number in the carry comes back as an array (int32, float32 or bool); "
        "if the body gives it another dtype, jax promotes it before the first trip",
        applied="`world` (both count as the same array); such a change of dtype is not compared "
        "(`facts.number_changes_dtype`)",
        source="Comments in jax's `scan` and `while_loop` on weakly typed initial values; the "
        'docstrings say only that the carry may be "a scalar".',
    ),
)


def explanation(arm: Arm, facts: Facts, failure: Failure, release: Release) -> str | None:
    """The id of the first record that explains `failure`, or None.

    `body-raised` is no record: the program's own exception has to come through as it is.
    """
    if facts.raised == failure.error:
        return "body-raised"
    for record in REFUSALS:
        if _applies(record, arm, release) and record.holds(facts) and _worded(record, failure):
            return record.id
    return None


def _applies(record: Refusal, arm: Arm, release: Release) -> bool:
    in_range = record.since <= release <= record.until
    return in_range and arm.transform in record.transforms and arm.mode in record.modes


def _worded(record: Refusal, failure: Failure) -> bool:
    return any(
        wording.error == failure.error and re.search(wording.pattern, failure.message)
        for wording in record.wordings
    )


# --- the published page ---------------------------------------------------------------------


def page() -> str:
    """The contract as Markdown: what `nnxfuzz contract` prints and `docs/contract.md` holds."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The contract"
    yield ""
    yield "Made by `nnxfuzz contract`; do not edit. Equal to the Python loop, or refused for one"
    yield "of these reasons with one of these errors: anything else is a finding. If a record is"
    yield "wrong, or one is missing, please say so with the place in Flax's documentation."
    yield ""
    yield "Modes: `graph` is `graph=True, graph_updates=True` (the default), `gnu` is"
    yield "`graph=True, graph_updates=False`, `tree` is `graph=False`."
    yield ""
    yield "## Reasons to refuse"
    for record in REFUSALS:
        yield from _refusal_lines(record)
    yield ""
    yield "## Documented deviations"
    for deviation in DEVIATIONS:
        yield from _deviation_lines(deviation)


def _refusal_lines(record: Refusal) -> Iterator[str]:
    yield ""
    yield f"### {record.id}"
    yield ""
    yield f"- When: {record.when}."
    where = "; ".join((", ".join(record.transforms), ", ".join(record.modes), _range(record)))
    yield f"- Holds for: {where}."
    yield "- Errors:"
    for wording in record.wordings:
        yield f"  - `{wording.error}` matching ``{wording.pattern}``"
    yield f"- Source: {record.source}"


def _deviation_lines(deviation: Deviation) -> Iterator[str]:
    yield ""
    yield f"### {deviation.id}"
    yield ""
    yield f"- What: {deviation.what}."
    yield f"- Modes: {', '.join(deviation.modes)}. Applied in {deviation.applied}."
    yield f"- Source: {deviation.source}"


def _range(record: Refusal) -> str:
    since = ".".join(map(str, record.since))
    until = ".".join(map(str, record.until))
    return f"Flax {since} and newer" if record.until == _NEWEST else f"Flax {since} to {until}"
