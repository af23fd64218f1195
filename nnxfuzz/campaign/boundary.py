"""The programs that every campaign begins with: small ones, of many features, always the same.

What breaks for nearly everybody shows on one of them within seconds, before anything is drawn.  The
file is made by `benchmarks/boundary.py`, and begins with those that have the most features.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

import msgspec

from nnxfuzz.programs.case import canonical
from nnxfuzz.programs.program import Program

PATH = Path(__file__).with_name("boundary.jsonl")

#: Programs in a batch of them: a batch ends at the first find, and what is left of it is not run.
EACH = 10


@functools.cache
def boundary() -> tuple[Program, ...]:
    """The programs in their order."""
    rows = [msgspec.json.decode(line) for line in PATH.read_bytes().splitlines()]
    # the canonical text of a case does not say that it is one
    return tuple(msgspec.convert({"is": "loop"} | row, Program) for row in rows)


def part(number: int) -> tuple[Program, ...]:
    """Those of the batch of this number; none if it is to be drawn."""
    return boundary()[number * EACH : (number + 1) * EACH]


def parts() -> int:
    """How many batches they make."""
    return -(-len(boundary()) // EACH)


def written(programs: Sequence[Program]) -> bytes:
    """The file: a line a program."""
    return b"".join(canonical(program) + b"\n" for program in programs)
