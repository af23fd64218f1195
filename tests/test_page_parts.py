"""What the page is made of: worlds, arms, curves and heat maps, before they are HTML."""

from importlib.util import find_spec

import msgspec
import pytest
from entries import INAPPLICABLE, LOST, REFUSED, TREE, UNFIT, needs_tree
from pages import NASTY

from nnxfuzz import nnx_api
from nnxfuzz.campaign.statistics import pair_names
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.oracle.verdict import Cell, Failure, Signature
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.case.coverage import EXERCISABLE
from nnxfuzz.report.page.arms import arms_of
from nnxfuzz.report.page.campaigns import curve, heat, span, stages
from nnxfuzz.report.page.runs import worlds
from nnxfuzz.runners.judge import Oracle

pytestmark = pytest.mark.skipif(
    find_spec("pygraphviz") is None,
    reason="pygraphviz is not installed: pip install 'nnxfuzz[report]'",
)

HERE = f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}"


# --- worlds ---------------------------------------------------------------------------------


@needs_tree
def test_what_the_installed_flax_shows_is_run_for_the_page() -> None:
    seen = worlds(LOST)
    assert seen.source == f"Run for this page on {HERE}"
    assert seen.expected is not None and seen.got is not None
    assert ("counter",) not in seen.expected
    assert {d.path for d in seen.differences} >= {("caller", 0)}


RECORDED = "what differs is as recorded with flax 0.10.2, jax 0.4.35"
NO_BOUNDS = "scan in graph mode cannot run this case"
CRASH = msgspec.structs.replace(LOST, signature=Signature("crash", "fori_loop", "tree", "SIGSEGV"))


@pytest.mark.parametrize(
    ("entry", "run", "why"),
    [
        (LOST, False, "Not run for this page"),
        (CRASH, True, "Not run for this page, since it ends its process"),
        (INAPPLICABLE, True, f"The installed {HERE} cannot run it ({NO_BOUNDS})"),
    ],
)
def test_what_is_not_run_is_told_from_its_record(entry: Entry, run: bool, why: str) -> None:
    seen = worlds(entry, run)
    assert (seen.expected, seen.got) == (None, None)
    assert seen.source == f"{why}; {RECORDED}"
    assert seen.differences == entry.evidence.differences


@needs_tree
def test_what_allows_no_comparison_is_not_drawn() -> None:
    assert worlds(UNFIT).source.startswith("Not drawn (")


def test_what_is_mended_has_no_world_to_show() -> None:
    seen = worlds(REFUSED)
    assert seen.source == f"The installed {HERE} does not show it (there: agrees); {RECORDED}"
    assert seen.expected is not None and seen.got is None


@needs_tree
def test_damage_is_drawn_against_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = msgspec.structs.replace(LOST.evidence, failure=Failure("ValueError", "no", "scan"))
    monkeypatch.setattr(Oracle, "verdict", lambda *_: finding)
    seen = worlds(LOST)
    assert seen.expected is not None and seen.got is not None
    assert {path[0] for path in seen.got} <= {path[0] for path in seen.expected}
    assert ("result",) not in seen.expected
    assert seen.wanted == "all as it was"


@needs_tree
def test_an_exception_alone_leaves_no_world_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = Failure("ValueError", "no", "scan")
    finding = msgspec.structs.replace(LOST.evidence, failure=failure, differences=())
    monkeypatch.setattr(Oracle, "verdict", lambda *_: finding)
    seen = worlds(LOST)
    assert seen.expected is not None and seen.got is None


# --- arms, releases, campaigns --------------------------------------------------------------


def test_arms_are_transforms_and_modes_by_wrappers() -> None:
    table = arms_of(NASTY.arms, TREE)
    assert table.wrappers == ("plain", "lax")
    told = [
        (line.transform, line.mode, [cell.verdict for cell in line.cells]) for line in table.lines
    ]
    assert told == [
        ("fori_loop", "graph", ["agrees", "agrees"]),
        ("fori_loop", "tree", ["finding", "not run"]),
        ("scan", "graph", ["inconclusive", "not run"]),
        ("scan", "tree", ["refused", "not run"]),
    ]
    assert [cell.own for line in table.lines for cell in line.cells].count(True) == 1


def test_an_arm_in_a_wrapper_says_what_it_came_to() -> None:
    wrapped = Arm("scan", "graph-frozen", "jit")
    signature = Signature("internal-error", "scan", "graph-frozen", "KeyError in flax: x", "jit")
    (line,) = arms_of((Cell(wrapped, str(signature)),), TREE).lines
    assert (line.cells[0].verdict, line.cells[0].detail) == (
        "finding",
        "internal-error, KeyError in flax: x",
    )


def test_a_curve_has_a_step_for_each_finding() -> None:
    made = curve([50, 10], 100)
    assert made.points == "46.0,220.0 95.4,220.0 95.4,116.0 293.0,116.0 293.0,12.0 540.0,12.0"
    assert [tick.text for tick in made.across] == ["0", "20", "40", "60", "80", "100"]
    assert made.told == (
        "2 distinct signatures in 100 programs; half of them by program 10, the last at program 50"
    )


def test_a_curve_without_findings_is_flat() -> None:
    assert curve([], 0).points == "46.0,220.0 540.0,220.0"


def test_stages_are_ordered_by_their_share() -> None:
    made = stages({"drawing": 1.0, "transform": 3.0})
    assert [(s.name, s.share, s.width) for s in made] == [
        ("transform", 0.75, 195.0),
        ("drawing", 0.25, 65.0),
    ]
    assert stages({}) == ()


def test_a_heat_map_counts_the_pairs_of_two_groups() -> None:
    pairs = {"slot:list + slot:tuple": 5, "dtype:int32 + slot:tuple": 7}
    (slots,), (mixed, types) = heat(pairs, ("slot", "dtype"))
    count = sum(name.startswith("slot:") for name in EXERCISABLE)
    assert (slots.reached, slots.pairs, slots.shade) == (1, count * (count - 1) // 2, 1)
    assert (mixed.reached, mixed.pairs) == (1, count * 3)
    assert (types.reached, types.pairs, types.shade, types.percent) == (0, 3, 0, 0)


def test_a_heat_map_has_every_pair_once() -> None:
    groups = tuple(dict.fromkeys(name.partition(":")[0] for name in EXERCISABLE))
    squares = [square for row in heat({}, groups) for square in row]
    assert sum(square.pairs for square in squares) == len(pair_names(EXERCISABLE))


@pytest.mark.parametrize(
    ("seconds", "told"), [(9.4, "9 s"), (720.0, "12 min"), (11_100.0, "3 h 5 min")]
)
def test_spans_are_for_people(seconds: float, told: str) -> None:
    assert span(seconds) == told
