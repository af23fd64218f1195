"""How a campaign shrinks: by tries and not by the clock, and never past what XLA has confirmed."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from clean_loops import clean_loops
from commands import Planted, Run, perform
from entries import LOST
from planted import PLANTED
from test_planted import Tracing

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Discovery, Explorer, KnownBugs, Settings, Statistics, known_bugs
from nnxfuzz.campaign.finds import entry_of
from nnxfuzz.campaign.known_bugs import form_of
from nnxfuzz.campaign.work import Batch
from nnxfuzz.corpus.entries import Affected, Sighting, entries, load
from nnxfuzz.corpus.installed import RELEASE
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import (
    Arm,
    Array,
    Case,
    Loop,
    Module,
    NodeSlot,
    OfVariable,
    Swap,
    Update,
    Variable,
    weight,
)
from nnxfuzz.runners import Executor

CORPUS = Path(__file__).parent.parent / "corpus"
LOOPS = PLANTED["update-lost"].wrap(clean_loops())

#: Two Variables that trade places in each of two trips, and one of them is added to.
SWAPPED = Case(
    variables=(Variable(), Variable(value=Array(fill=3))),
    nodes=(Module({"a": OfVariable(0), "b": OfVariable(1)}),),
    carry=(NodeSlot(0),),
    loop=Loop(upper=2),
    body=(Update(("carry", "a")), Swap(("carry", "a"), ("carry", "b"))),
)


def found(explorer: Explorer) -> Discovery:
    discovery = explorer.explore(0, 300)
    assert discovery is not None
    return discovery


def explorer(known: KnownBugs | None = None, **options: Any) -> Tracing:
    settings = Settings(0, modes=("graph",), wrappers=("plain",), **options)
    return Tracing(settings, Statistics(), known or KnownBugs(), None, loops=LOOPS)


@pytest.mark.slow
def test_how_far_it_shrinks_does_not_depend_on_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    first = found(explorer(check_tries=0))
    quick = explorer().shrink(first)
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 * clock())  # a very slow machine
    assert explorer().shrink(first) == quick
    assert weight(quick.case) < weight(first.case)
    assert not quick.cut_short


@pytest.mark.slow
def test_a_finding_says_that_its_shrinking_was_cut_short() -> None:
    first = found(explorer(check_tries=0))
    best = explorer(shrink_tries=3).shrink(first)
    assert best.cut_short
    assert entry_of(best).note.startswith("Shrinking was cut short: ")
    assert entry_of(explorer().shrink(first)).note == ""


class Doubting(Tracing):
    """XLA shows nothing of what is smaller than `limit`."""

    limit: Case

    def confirmed(self, case: Case, arm: Arm) -> tuple[Finding, Executor] | None:
        if weight(case) < weight(self.limit):
            return None
        return super().confirmed(case, arm)


@pytest.mark.slow
def test_the_smallest_case_that_is_confirmed_is_kept() -> None:
    first = found(explorer(check_tries=0))
    smallest = explorer().shrink(first)
    doubting = Doubting(
        Settings(0, modes=("graph",), wrappers=("plain",)),
        Statistics(),
        KnownBugs(),
        None,
        loops=LOOPS,
    )
    doubting.limit = SWAPPED
    best = doubting.shrink(first)
    assert weight(smallest.case) < weight(doubting.limit) <= weight(best.case)
    assert weight(best.case) < weight(first.case)


# --- what looks like a known bug ------------------------------------------------------------

UNCHECKED = "fori-loop-references-unchecked"


def everywhere() -> KnownBugs:
    """The bugs of the corpus with that cause, as if every release had them."""
    always = Affected(Sighting("0.10.1", "0.4.35"))
    found = [load(path) for path in entries([CORPUS])]
    return known_bugs(
        [msgspec.structs.replace(e, affected=always) for e in found if e.cause == UNCHECKED],
        Sighting("0.12.12", "0.12.0.1"),
    )


def looked_at(met: int, checked: int) -> tuple[Explorer, Any]:
    """An explorer of a bug that loses updates, which is taken for one of a swap."""
    work = Settings(0, transforms=("fori_loop",), modes=("graph",), wrappers=("plain",))
    one = Explorer(
        work,
        Statistics(),
        everywhere(),
        None,
        loops=LOOPS,
        met={UNCHECKED: met},
        checked={UNCHECKED: checked},
    )
    one._last_program = 1
    return one, one._visit(SWAPPED)


def test_what_is_taken_for_a_known_bug_and_shrinks_to_another_is_a_finding() -> None:
    one, shown = looked_at(0, 0)
    assert shown is not None and one.best is not None
    assert one.best.taken_for == UNCHECKED
    assert not any(isinstance(statement, Swap) for statement in one.best.case.body)
    assert one.statistics.checked == {UNCHECKED: 1}
    assert not one.statistics.known


def test_it_is_not_shrunk_until_its_turn_comes() -> None:
    one, shown = looked_at(1, 1)
    assert shown is None
    assert (one.statistics.known, one.statistics.checked) == ({UNCHECKED: 1}, {})
    one, shown = looked_at(20, 1)
    assert shown is not None


def test_what_a_known_bug_makes_of_a_wrapper_is_that_bug() -> None:
    """A partition name in another place makes the branches of `cond` differ, which refuses."""
    found = [load(path) for path in entries([CORPUS])]
    entry = next(e for e in found if e.cause == "negative-axis-partition-name")
    if nnx_api.inapplicable(entry.case, entry.arm) is not None:
        pytest.skip("this flax has no partition names")
    known = known_bugs([entry], RELEASE)
    options = Settings(0, transforms=("scan",), modes=("graph",), wrappers=("plain", "cond"))
    one = Explorer(options, Statistics(), known, None)
    one._last_program = 1
    assert one._visit(entry.case) is None
    assert one.statistics.known == {"negative-axis-partition-name": 2}


def test_a_check_leaves_the_program_to_its_other_arms() -> None:
    one, _ = looked_at(0, 0)
    assert one._judged[0] == SWAPPED


# --- what a run makes of it -----------------------------------------------------------------


class Twins(Planted):
    """Each batch finds something that looks new, and that shrinks to one and the same bug."""

    def shrink(self, first: Discovery) -> Discovery:
        signature = msgspec.structs.replace(LOST.signature, where="bug 0")
        finding = msgspec.structs.replace(LOST.evidence, signature=signature)
        return msgspec.structs.replace(first, finding=finding)


@pytest.mark.usefixtures("planted")
def test_two_findings_that_shrink_to_one_form_are_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perform, "Explorer", Twins)
    code, out, _ = run("fuzz", "--programs", 20, "--json", "e.jsonl")
    assert code == 1
    *_, end = map(json.loads, (tmp_path / "e.jsonl").read_text().splitlines())
    assert [found["signature"]["where"] for found in end["findings"]] == ["bug 0"]
    assert end["statistics"]["found"] == {"wrong-world fori_loop tree: bug 0": 1}
    assert [path.name for path in entries([tmp_path / "finds"])] == [
        Path(end["findings"][0]["path"]).name
    ]
    assert "no new one after all: finds/wrong-world-bug-1-fori-loop-tree-51e571a7.json\n" in out


@pytest.mark.slow
def test_a_bug_on_every_arm_is_found_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commands import Here

    from nnxfuzz.campaign import WorkerPool, workers

    loops = PLANTED["update-lost"].wrap(nnx_api.transforms())
    monkeypatch.setattr(nnx_api, "transforms", lambda: loops)
    monkeypatch.setattr(workers, "here", lambda count, seconds: WorkerPool(Here(), lambda: 1))
    code, *_ = run("fuzz", "--programs", 60, "--seed", 3, "--time", "1h", "--corpus", CORPUS)
    assert code == 1
    found = [load(path) for path in entries([tmp_path / "finds"])]
    lost = [e for e in found if e.signature.where == "caller variable value"]
    assert lost[0].arm == Arm("fori_loop", "graph") and len(lost[0].arms) > 8
    forms = [form_of(entry.case, entry.evidence) for entry in found]
    assert len(set(forms)) == len(forms)
    assert [entry.arm for entry in lost if entry.case == lost[0].case] == [lost[0].arm]


def test_a_batch_is_told_what_has_been_checked() -> None:
    work = Batch(0, 1, (), {"a": 3}, {"a": 1})
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(work), type=Batch) == work
