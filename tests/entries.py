"""Corpus entries for the tests of `replay`, of the command line and of the pytest plugin."""

from pathlib import Path

import msgspec
import pytest

from nnxfuzz.corpus.causes import causes
from nnxfuzz.corpus.entries import FORMAT, Affected, Entry, FoundWith, Sighting
from nnxfuzz.nnx_api import modes
from nnxfuzz.oracle.verdict import Difference, Failure, Finding, Signature
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import (
    Arm,
    Array,
    Case,
    Loop,
    Module,
    NodeSlot,
    OfVariable,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
)

CORPUS = Path(__file__).parent.parent / "corpus"

needs_tree = pytest.mark.skipif("tree" not in modes(), reason="this flax has no tree mode")

_FOUND_WITH = FoundWith("0.10.2", "0.4.35", "0.1.0", "3.11.7")

TREE, GRAPH = Arm("fori_loop", "tree"), Arm("fori_loop", "graph")
_LOST = Signature("wrong-world", "fori_loop", "tree", "caller variable value")
_REFUSED = Signature("spurious-refusal", "fori_loop", "graph", "ValueError in fori_loop")

#: A real bug of 0.12.5 to 0.12.12: one Variable at two places of the carry, and its update is lost.
LOST = Entry(
    format=FORMAT,
    title="An update is lost",
    case=Case(
        variables=(Variable(),),
        nodes=(Module({"a": OfVariable(0)}),),
        carry=(TupleSlot((1, 2)), VariableSlot(0), NodeSlot(0)),
        body=(Update(("carry", 0)),),
    ),
    arm=TREE,
    signature=_LOST,
    evidence=Finding(TREE, _LOST, (Difference(("caller", 0), "variable", "value", "1.0", "0.0"),)),
    found_with=_FOUND_WITH,
)

#: google/flax #4436: two distinct modules were refused, by 0.10.2 only.
REFUSED = Entry(
    format=FORMAT,
    title="Two distinct modules",
    case=Case(nodes=(Module(), Module()), carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1))),
    arm=GRAPH,
    signature=_REFUSED,
    evidence=Finding(GRAPH, _REFUSED, (), Failure("ValueError", "structure", "fori_loop")),
    found_with=_FOUND_WITH,
    affected=Affected(Sighting("0.10.2", "0.4.35"), Sighting("0.10.3", "0.5.0")),
    link="https://github.com/google/flax/issues/4436",
)

#: No release is known that has it mended, and here it passes.
FIXED = msgspec.structs.replace(REFUSED, title="Fixed since", affected=None)

#: Recorded as another bug than the one that it shows.
OTHER = msgspec.structs.replace(
    LOST, title="Another bug", signature=msgspec.structs.replace(_LOST, where="ys array value")
)

#: It shows its bug on a release that is recorded as good.
REGRESSED = msgspec.structs.replace(
    LOST,
    title="Back again",
    affected=Affected(Sighting("0.10.2", "0.4.35"), Sighting("0.10.3", "0.5.0")),
)

#: A scan knows no traced bounds, in any release.
INAPPLICABLE = msgspec.structs.replace(
    LOST,
    title="Nothing to run",
    case=Case(loop=Loop(bounds="traced")),
    arm=Arm("scan", "graph"),
    signature=msgspec.structs.replace(_LOST, transform="scan", mode="graph"),
)

#: Only running it shows that NaN becomes an int, which means something else on every machine.
UNFIT = msgspec.structs.replace(
    LOST,
    title="NaN to int",
    case=Case(
        variables=(Variable(value=Array(fill="nan")),),
        carry=(VariableSlot(0),),
        body=(Update(("carry",), dtype="int32"),),
    ),
)


def may_be_of(cause: str, program: CallProgram, finding: Finding) -> bool:
    """Whether a finding is inside of a scope of a cause of this project's corpus."""
    return any(scope.covers(program, finding) for scope in causes(CORPUS)[cause].scope)
