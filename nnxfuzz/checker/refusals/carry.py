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
from nnxfuzz.plain.deviations import FROZEN


def carry_changed(e: Evidence) -> tuple[str, ...] | None:
    """As `structure_changed`, in the body of a loop."""
    loops = ("fori_loop", "while_loop", "scan")
    seen_there = any(o.transform in loops for o in e.named_by_error(*STRUCTURE))
    return structure_changed(e) if seen_there else None


def loop_over_devices(e: Evidence) -> tuple[str, ...] | None:
    """A loop was called in a `shard_map`."""
    loops = nested("fori_loop", "scan", "while_loop")(e)
    return loops if "shard_map" in e.seen.transforms else None


REASONS: tuple[Reason, ...] = (
    Reason(
        "carry-structure",
        "the body changes the structure of the carry at {}",
        (*CARRY, w.JAX_TYPES, w.UNCOMPARABLE),
        carry_changed,
        LOOPS,
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
