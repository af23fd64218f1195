"""Where two bugs are planted at once, shrinking stays with the one that it began with.

Which one a case shows is asked of loops that have only one of them.
"""

from typing import Any

import pytest
from clean_loops import clean_loops
from planted import PLANTED, with_outputs
from planted_tools import instead
from test_planted import Tracing

from nnxfuzz import nnx_api
from nnxfuzz.campaign import KnownBugs, Settings, Statistics
from nnxfuzz.campaign.known_bugs import known_bug
from nnxfuzz.campaign.minimal import Minimal, minimal
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding, Verdict
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Case,
    Loop,
    Module,
    NodeSlot,
    OfNode,
    Output,
    Transform,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    fits,
)
from nnxfuzz.programs.shrink import Tries
from nnxfuzz.runners.judge import examine
from nnxfuzz.runners.loops import Loops


def both(one: str, other: str) -> Loops:
    return PLANTED[other].wrap(PLANTED[one].wrap(clean_loops()))


def alone(name: str) -> Loops:
    return PLANTED[name].wrap(clean_loops())


def seen(case: Case, arm: Arm, loops: Loops) -> Verdict | None:
    if not fits(case, arm):
        return None
    try:
        return examine(case, arm, "trace", loops)
    except Inconclusive:
        return None


def shows(case: Case, like: Finding, loops: Loops) -> bool:
    verdict = seen(case, like.arm, loops)
    return isinstance(verdict, Finding) and verdict.signature == like.signature


def smallest(case: Case, arm: Arm, loops: Loops) -> Minimal:
    """What shrinking makes of what the case shows on an arm."""
    first = seen(case, arm, loops)
    assert isinstance(first, Finding)
    return minimal(case, first, lambda c, a: seen(c, a, loops), lambda c: [arm], Tries(2000))


# --- two new bugs ---------------------------------------------------------------------------

#: Variables, one with a tag, an array and modules; what a loop adds to stands first.
_ALL = Case(
    variables=(Variable("Custom", tag="t"), Variable("Custom")),
    nodes=(Module(), Module()),
    carry=(
        TupleSlot((1, 2, 3, 4, 5)),
        VariableSlot(0),
        ArraySlot(Array("int32")),
        NodeSlot(0),
        NodeSlot(1),
        VariableSlot(1),
    ),
    loop=Loop(upper=2),
    body=(Update(("carry", 0)), Update(("carry", 1))),
)


@pytest.mark.parametrize(
    ("one", "other", "transform"),
    [
        ("update-lost", "counter-off", "while_loop"),
        ("update-lost", "metadata-lost", "fori_loop"),
        ("update-lost", "wrong-shape", "fori_loop"),
        ("update-lost", "wrong-dtype", "fori_loop"),
        ("update-lost", "type-changed", "fori_loop"),
        ("update-lost", "list-for-tuple", "fori_loop"),
        ("one-trip-less", "counter-off", "while_loop"),
        ("values-swapped", "list-for-tuple", "fori_loop"),
        ("merged", "list-for-tuple", "fori_loop"),
        ("merged", "wrong-dtype", "scan"),
        ("two-modules-refused", "wrong-dtype", "fori_loop"),
        ("two-modules-refused", "update-lost", "scan"),
    ],
)
def test_it_stays_with_the_bug_that_it_began_with(
    one: str, other: str, transform: Transform
) -> None:
    """Each of the two shows in the whole case, one of them first."""
    arm, loops = Arm(transform), both(one, other)
    assert isinstance(seen(_ALL, arm, alone(one)), Finding)
    assert isinstance(seen(_ALL, arm, alone(other)), Finding)
    first = seen(_ALL, arm, loops)
    assert isinstance(first, Finding)
    began, another = (one, other) if shows(_ALL, first, alone(one)) else (other, one)
    assert shows(_ALL, first, alone(began))
    assert not shows(_ALL, first, alone(another))
    small = smallest(_ALL, arm, loops)
    assert shows(small.case, small.finding, alone(began))
    assert not shows(small.case, small.finding, alone(another))


# --- a known bug beside a new one -----------------------------------------------------------


def dropped(what: str) -> Any:
    """A scan that gives None in the place of its last output, if that is of the type `what`."""

    def change(ys: tuple[Any, ...]) -> tuple[Any, ...]:
        is_node = nnx_api.is_node(ys[-1]) if ys else None
        return (*ys[:-1], None) if is_node is (what == "node") else ys

    def bug(real: Any, f: Any, **options: Any) -> Any:
        return with_outputs(real, f, change, options)

    return instead("scan", bug)


SCAN = Arm("scan")

#: A scan that emits a module, and one that emits an array.
_EMITTED = Case(ys=(Output(),), loop=Loop(upper=2))
_EMITS = Case(nodes=(Module(),), ys=(Output(OfNode(0)),), loop=Loop(upper=2))


def test_it_does_not_move_onto_a_known_bug() -> None:
    """Dropped arrays look like dropped modules, need less, and are known."""
    old = smallest(_EMITTED, SCAN, dropped("array")(clean_loops()))
    known = KnownBugs().plus(known_bug(old.case, old.finding))
    loops = dropped("node")(dropped("array")(clean_loops()))
    assert smallest(_EMITS, SCAN, loops).finding.signature == old.finding.signature
    settings = Settings(0, transforms=("scan",), modes=("graph",), wrappers=("plain",))
    one = Tracing(settings, Statistics(), known, None, loops=loops)
    one._last_program = 1
    assert one._visit(_EMITS) is not None
    assert one.best is not None
    best = one.shrink(one.best)
    assert best.finding.signature.where == "ys node kind"
    assert shows(best.case, best.finding, dropped("node")(clean_loops()))
    assert not one.statistics.known
