"""The documented ways in which a loop differs from Python's."""

from nnxfuzz import plain
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


def _as_in_plain(id: str, applied: str, where: Where) -> Deviation:
    """A deviation that `plain` has for every transform, with where it is applied to a loop."""
    same = next(deviation for deviation in plain.DEVIATIONS if deviation.id == id)
    return Deviation(id, same.what, applied, same.source, where)


DEVIATIONS: tuple[Deviation, ...] = (
    _as_in_plain(
        "new-nodes",
        "`plain.modes.seen_by_body`",
        Where(TRANSFORMS, ("graph-frozen", "tree"), WRAPPERS, "0.12.5", None),
    ),
    OWN_NODES,
    _as_in_plain(
        "tree-nodes",
        "`plain.modes.seen_by_body`",
        Where(TRANSFORMS, ("tree",), WRAPPERS, "0.12.5", None),
    ),
    Deviation(
        id="traced-once",
        what="the body is traced even if the loop makes no trip, so it may be refused, or raise, "
        "where Python never runs it",
        applied="`reference.run_python` (a trial trip gives the observations)",
        source="Follows from tracing; no sentence of Flax's or jax's documentation says it.",
        where=EVERYWHERE,
    ),
    _as_in_plain(
        "exception-undoes",
        "`judge` (the world before is expected)",
        EVERYWHERE,
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
    _as_in_plain(
        "condition-writes",
        "nothing: no program has such a condition, since Flax documents neither that it "
        "may write nor what becomes of it",
        Where(COUNTS, MODES, WRAPPERS, OLDEST, None),
    ),
    _as_in_plain(
        "broadcast-dropped",
        "`slices.Slices`",
        Where(SCANS, ("graph",), WRAPPERS, OLDEST, None),
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
