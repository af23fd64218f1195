"""The carry of a loop, which a trip changes."""

from nnxfuzz.checker.refusals.base import (
    CARRY,
    LOOPS,
    STRUCTURE,
    Evidence,
    Reason,
    nested,
    seen,
    structure_changed,
    words,
)
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.oracle.contract.records import Wording
from nnxfuzz.plain.deviations import FROZEN
from nnxfuzz.plain.observations import Observation
from nnxfuzz.programs.case import TRANSFORMS


def carry_changed(e: Evidence) -> tuple[str, ...] | None:
    """As `structure_changed`, in the body of a loop."""
    seen_there = any(o.transform in TRANSFORMS for o in e.named_by_error(*STRUCTURE))
    return structure_changed(e) if seen_there else None


def containers_changed(e: Evidence) -> tuple[str, ...] | None:
    """The same, and nothing but the containers of the whole carry shows it."""
    changed = carry_changed(e)
    return changed if changed == ("carry",) and _containers(e) else None


def nothing_returned(e: Evidence) -> tuple[str, ...] | None:
    """The body returns None in the place of the carry."""
    nothing = any(o.detail.endswith("-> PyTreeDef(None)") for o in _containers(e))
    return ("carry",) if nothing else None


def _containers(e: Evidence) -> list[Observation]:
    """What was seen of the containers of a loop's whole carry, which the body changes."""
    found = e.named_by_error("structure-changed")
    return [o for o in found if o.transform in TRANSFORMS and o.paths == ("carry containers",)]


def loop_over_devices(e: Evidence) -> tuple[str, ...] | None:
    """A loop was called in a `shard_map`."""
    loops = nested(*sorted(TRANSFORMS))(e)
    return loops if "shard_map" in e.seen.transforms else None


def _of_structure(*wordings: Wording) -> tuple[Reason, ...]:
    """The reasons of a body that returns a carry of another structure."""
    return (
        Reason(
            "carry-structure",
            "the body returns None in the place of the carry",
            wordings,
            nothing_returned,
            LOOPS,
            "return the carry",
        ),
        Reason(
            "carry-structure",
            "the body returns other containers than those of the carry that it gets",
            wordings,
            containers_changed,
            LOOPS,
            "return as many items as it gets, in the same containers",
        ),
        Reason(
            "carry-structure",
            "the body changes the structure of the carry at {}",
            wordings,
            carry_changed,
            LOOPS,
            "make the attribute before the loop, and hold what changes in a Variable",
        ),
    )


#: What should be refused, and makes `fori_loop` fail in graph mode with no refusal: a module stands
#: at a place of the carry that the body returns without one (`_reconsile_index_mapping` in
#: flax/nnx/transforms/iteration.py).
UNREFUSED = _of_structure(words("AttributeError", "has no attribute '_graphdef'$"))

REASONS: tuple[Reason, ...] = (
    *_of_structure(*CARRY, w.JAX_TYPES, w.UNCOMPARABLE),
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
        CARRY,
        seen("variable-replaced", "node-replaced"),
        LOOPS,
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
        "carry-varies",
        "a loop over devices carries what is the same on all of them before a trip, and not after "
        "it, or the other way round ({})",
        (
            words(
                "TypeError", r"(?s)carry input and carry output .* manual axis types do not match"
            ),
        ),
        loop_over_devices,
        'docs.jax.dev/en/latest/notebooks/shard_map.html, "scan-vma", which the message names',
        "mark it by jax.lax.pcast, or call shard_map with check_vma=False",
    ),
)
