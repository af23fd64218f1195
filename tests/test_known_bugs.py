"""What a campaign steps over: bugs that the installed release has, and nothing that looks alike."""

from pathlib import Path

import msgspec
import pytest
from corpus_runs import HERE, applicable, fails_here
from entries import LOST, REFUSED, REGRESSED

from nnxfuzz.campaign import KnownBugs, known_bugs
from nnxfuzz.campaign.known_bugs import SAMPLE, form_of, traits
from nnxfuzz.campaign.scopes import SCOPES
from nnxfuzz.corpus.causes import CallScope, Cause, causes
from nnxfuzz.corpus.entries import Entry, Sighting, entries, load
from nnxfuzz.oracle.verdict import Difference, Failure, Finding, Signature
from nnxfuzz.programs.case import (
    Arm,
    ArraySlot,
    Case,
    Draw,
    Drop,
    Everywhere,
    Linear,
    Loop,
    Make,
    NodeSlot,
    OfNode,
    Read,
    Streams,
    TupleSlot,
    Until,
    Update,
    VariableSlot,
    check,
)
from nnxfuzz.runners.kinds import kind_of

CORPUS = Path(__file__).parent.parent / "corpus"
ENTRIES = [load(path) for path in entries([CORPUS])]
CAUSES = causes(CORPUS)
NOW = Sighting("0.12.12", "0.12.0.1")


def seen(entry: Entry) -> Finding:
    return msgspec.structs.replace(entry.evidence, signature=entry.signature, arm=entry.arm)


# --- this project's own corpus --------------------------------------------------------------


def test_every_cause_of_the_corpus_has_a_scope_and_every_scope_a_cause() -> None:
    of_calls = {cause.id for cause in CAUSES.values() if cause.scope}
    assert {entry.cause for entry in ENTRIES} == SCOPES.keys() | of_calls


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_an_entry_is_inside_of_the_scope_of_its_cause(entry: Entry) -> None:
    assert entry.cause is not None
    known = known_bugs([entry], entry.found_with, causes=CAUSES)
    assert known.bugs[entry.cause].may_show(entry.case, seen(entry))
    assert known.name_of(entry.case, seen(entry)) == entry.cause
    assert known.recognised(entry.case, seen(entry)) == entry.cause


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_what_an_entry_shows_here_is_inside_of_it_too(entry: Entry) -> None:
    """What is told of a find changes with nnxfuzz, and an entry keeps what was told of it once."""
    applicable(entry)
    if not fails_here(entry):
        pytest.skip("this release does not have the bug")
    known = known_bugs([entry], HERE, causes=CAUSES)
    kind = kind_of(entry.case)
    found = kind.judging(entry.case).verdict(entry.arm, kind.confirming(entry.case)[0], None)
    assert isinstance(found, Finding) and known.name_of(entry.case, found) == entry.cause


# --- this release ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flax", "jax", "known"),
    [
        ("0.10.1", "0.4.35", False),
        ("0.10.2", "0.4.35", True),
        ("0.10.3", "0.5.0", False),
        ("0.12.12", "0.12.0.1", False),
    ],
)
def test_a_bug_is_known_on_the_releases_of_its_range(flax: str, jax: str, known: bool) -> None:
    bugs = known_bugs([REFUSED], Sighting(flax, jax))
    assert (bugs.name_of(REFUSED.case, seen(REFUSED)) is not None) == known


def test_a_bug_that_comes_back_is_not_known() -> None:
    assert known_bugs([REGRESSED], NOW).name_of(REGRESSED.case, seen(REGRESSED)) is None
    assert known_bugs([LOST], NOW).name_of(LOST.case, seen(LOST)) == str(LOST.signature)


# --- a user's own causes --------------------------------------------------------------------

SOWN = next(entry for entry in ENTRIES if entry.cause == "eval-shape-needs-shape")


def bugs_of(scope: CallScope) -> KnownBugs:
    cause = Cause("mine", "Mine", "defect", scope=(scope,))
    return known_bugs([msgspec.structs.replace(SOWN, cause="mine")], NOW, causes={"mine": cause})


def test_a_scope_of_a_record_says_what_call_programs_show() -> None:
    wide = CallScope(("spurious-refusal",), "TypeError in .*")
    narrow = msgspec.structs.replace(wide, traits=(frozenset({"call:hijax"}),))
    elsewhere = msgspec.structs.replace(wide, modes=("tree",))
    other = msgspec.structs.replace(wide, message="nothing that Flax says")
    assert bugs_of(wide).name_of(SOWN.case, seen(SOWN)) == "mine"
    assert bugs_of(wide).recognised(SOWN.case, seen(SOWN)) == "mine"
    for scope in (narrow, elsewhere, other):
        assert bugs_of(scope).name_of(SOWN.case, seen(SOWN)) is None


def test_bugs_of_one_name_have_the_scopes_of_both() -> None:
    one, two = CallScope(("internal-error",), "a"), CallScope(("spurious-refusal",), "TypeError.*")
    both = bugs_of(one).plus(*bugs_of(two).bugs.values())
    assert both.bugs["mine"].scopes == (one, two)
    assert both.name_of(SOWN.case, seen(SOWN)) == "mine"


# --- this cause -----------------------------------------------------------------------------

SPLIT = known_bugs([msgspec.structs.replace(LOST, cause="tree-splits-shared-variables")], NOW)


def lost_at(*path: str | int) -> Finding:
    differences = (Difference(path, "variable", "value", "1.0", "0.0"),)
    return msgspec.structs.replace(LOST.evidence, differences=differences)


def test_what_differs_has_to_be_what_the_cause_is_about() -> None:
    """The Variable at `carry[2]` stands at no other place."""
    case = msgspec.structs.replace(
        LOST.case,
        variables=(*LOST.case.variables, *LOST.case.variables),
        carry=(TupleSlot((1, 2, 3)), VariableSlot(0), NodeSlot(0), VariableSlot(1)),
    )
    assert SPLIT.name_of(case, lost_at("caller", 0)) == "tree-splits-shared-variables"
    assert SPLIT.name_of(case, lost_at("result", 1, "a")) == "tree-splits-shared-variables"
    assert SPLIT.name_of(case, lost_at("held", "caller[0]")) == "tree-splits-shared-variables"
    assert SPLIT.name_of(case, lost_at("caller", 2)) is None
    assert SPLIT.name_of(case, lost_at("ys", 0)) is None
    both = msgspec.structs.replace(
        lost_at("caller", 0),
        differences=(*lost_at("caller", 0).differences, *lost_at("caller", 2).differences),
    )
    assert SPLIT.name_of(case, both) is None


def test_what_is_computed_from_it_may_differ_in_its_place() -> None:
    case = msgspec.structs.replace(
        LOST.case,
        variables=(*LOST.case.variables, *LOST.case.variables),
        carry=(TupleSlot((1, 2, 3)), VariableSlot(0), NodeSlot(0), VariableSlot(1)),
        body=(*LOST.case.body, Update(("carry", 2), "add", Read(("carry", 1, "a")))),
    )
    assert SPLIT.name_of(case, lost_at("caller", 2)) == "tree-splits-shared-variables"
    assert SPLIT.recognised(case, lost_at("caller", 2)) == "tree-splits-shared-variables"


def test_a_condition_that_reads_it_may_change_the_number_of_trips() -> None:
    case = msgspec.structs.replace(
        LOST.case,
        variables=(*LOST.case.variables, *LOST.case.variables),
        carry=(TupleSlot((1, 2, 3)), VariableSlot(0), NodeSlot(0), VariableSlot(1)),
    )
    for at, name in ((0, "tree-splits-shared-variables"), (2, None)):
        loop = Loop(until=Until(("carry", at)))
        asking = msgspec.structs.replace(case, loop=loop)
        assert SPLIT.name_of(asking, lost_at("counter")) == name
        assert SPLIT.name_of(asking, lost_at("caller", 2)) == name


def test_streams_are_modules_to_a_cause_that_is_about_modules() -> None:
    """A carry's `nnx.Rngs` is drawn from and then replaced: the count that it had is lost."""
    draw = Update(("carry", 1), operand=Draw(("carry", 0, "params")))
    case = Case(
        nodes=(Streams({"params": 1}),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot()),
        body=(draw, Make(("carry", 0), OfNode(0))),
    )
    check(case)
    path = ("caller", 0, "params", "count")
    lost = (Difference(path, "variable", "value", "1", "0"),)
    arm = Arm("fori_loop")
    signature = Signature("wrong-world", "fori_loop", "graph", "caller variable value")
    known = [entry for entry in ENTRIES if entry.cause == "fori-loop-references-unchecked"]
    bugs = known_bugs(known, NOW)
    assert bugs.recognised(case, Finding(arm, signature, lost)) == known[0].cause


def test_what_was_written_to_a_module_that_is_replaced_is_lost_with_it() -> None:
    body = (Everywhere(("carry", 0)), Make(("carry", 0), OfNode(0)))
    case = Case(nodes=(Linear(),), carry=(TupleSlot((1,)), NodeSlot(0)), body=body)
    check(case)
    lost = (Difference(("caller", 0, "bias"), "variable", "value", "[1.0]", "[0.0]"),)
    signature = Signature("wrong-world", "fori_loop", "graph", "caller variable value")
    known = [entry for entry in ENTRIES if entry.cause == "fori-loop-references-unchecked"]
    finding = Finding(Arm("fori_loop"), signature, lost)
    assert known_bugs(known, NOW).recognised(case, finding) == known[0].cause


def test_a_module_that_holds_itself_may_be_dropped_or_trade_places() -> None:
    entry = next(entry for entry in ENTRIES if entry.cause == "self-reference-recursion")
    assert isinstance(entry.case, Case)
    case = msgspec.structs.replace(entry.case, body=(Drop(("carry", 1)),))
    assert known_bugs([entry], NOW).recognised(case, entry.evidence) == entry.cause


def test_the_mode_and_the_wrapper_have_to_be_those_of_the_cause() -> None:
    for changed in ({"mode": "graph"}, {"transform": "scan"}, {"wrapper": "lax"}):
        signature = msgspec.structs.replace(LOST.signature, **changed)
        finding = msgspec.structs.replace(LOST.evidence, signature=signature)
        assert SPLIT.name_of(LOST.case, finding) is None
    inside = msgspec.structs.replace(LOST.signature, wrapper="jit")
    finding = msgspec.structs.replace(LOST.evidence, signature=inside)
    assert SPLIT.name_of(LOST.case, finding) == "tree-splits-shared-variables"


def test_a_refusal_in_other_words_is_another_bug() -> None:
    bugs = known_bugs([REFUSED], Sighting("0.10.2", "0.4.35"))
    failure = Failure("ValueError", "trip counts differ", "fori_loop")
    other = msgspec.structs.replace(REFUSED.evidence, failure=failure)
    assert other.signature == REFUSED.signature
    assert bugs.name_of(REFUSED.case, REFUSED.evidence) is not None
    assert bugs.name_of(REFUSED.case, other) is None


def test_a_program_that_does_less_than_the_entry_shows_another_bug() -> None:
    bugs = known_bugs([LOST], NOW)
    less = Case(variables=LOST.case.variables, carry=(VariableSlot(0),), body=(Update(("carry",)),))
    assert traits(LOST.case) > traits(less)
    assert bugs.name_of(less, LOST.evidence) is None


# --- minimal forms --------------------------------------------------------------------------


def test_two_minimal_programs_of_other_material_have_one_form() -> None:
    alone = Case(
        variables=LOST.case.variables,
        carry=(TupleSlot((1, 2)), VariableSlot(0), VariableSlot(0)),
        body=(Update(("carry", 1), "mul"),),
    )
    assert form_of(alone, LOST.evidence) == form_of(LOST.case, LOST.evidence)
    assert known_bugs([LOST], NOW).recognised(alone, LOST.evidence) == str(LOST.signature)


def test_the_first_finding_of_a_bug_is_checked_and_then_one_of_twenty() -> None:
    checks, checked = 0, []
    for met in range(3 * SAMPLE):
        if KnownBugs().due(met, checks):
            checks += 1
            checked.append(met)
    assert checked == [0, SAMPLE, 2 * SAMPLE]
