"""What a campaign counts, remembers and spends its time on."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import msgspec
import pytest
from clean_loops import clean_loops
from commands import Run, assert_refused
from entries import LOST
from planted import PLANTED
from test_planted import Tracing

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Counts, Discovery, KnownBugs, Settings
from nnxfuzz.campaign.budget import Budget
from nnxfuzz.campaign.carry_out import carry_out
from nnxfuzz.campaign.finds import CUT_SHORT, SavedFinds
from nnxfuzz.campaign.state import FOLDER, Store, fresh, resumable, running, states
from nnxfuzz.campaign.statistics import Statistics, pair_name, pair_names
from nnxfuzz.campaign.summary import summary
from nnxfuzz.campaign.swarm import History, choose
from nnxfuzz.campaign.work import Batch, ConfirmCrash
from nnxfuzz.corpus.entries import load
from nnxfuzz.programs.case import Case, weight
from nnxfuzz.programs.case.coverage import EXERCISABLE, exercised
from nnxfuzz.programs.errors import Misuse

ALL = tuple(sorted(nnx_api.choices()))


# --- a batch --------------------------------------------------------------------------------


def untimed(counts: Counts) -> Counts:
    return msgspec.structs.replace(counts, seconds={})


def test_a_batch_is_a_function_of_plain_data() -> None:
    work, options = Batch(0, 6, ALL), Settings(5, modes=("graph",))
    one = carry_out(work, options, KnownBugs())
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(work), type=Batch)
    two = carry_out(sent, options, KnownBugs())
    assert untimed(one.counts) == untimed(two.counts)
    assert one.discovery == two.discovery
    assert not one.damaged
    assert 1 <= one.counts.programs <= 6
    assert one.counts.seconds["drawing"] > 0


SHRINK = """
import sys, msgspec
from planted import PLANTED
from clean_loops import clean_loops
from test_planted import Tracing
from nnxfuzz.campaign import Discovery, KnownBugs, Settings, Statistics
first = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Discovery)
loops = PLANTED[sys.argv[1]].wrap(clean_loops())
options = Settings(0, modes=("graph",), shrink_tries=10_000)
explorer = Tracing(options, Statistics(), KnownBugs(), None, loops=loops)
visited = []
explorer.before = lambda case, programs, arms: visited.append(case)
best = explorer.shrink(first)
assert visited[0] == first.case, "Hypothesis did not go by the record"
sys.stdout.buffer.write(msgspec.msgpack.encode(best))
"""


@pytest.mark.slow
def test_what_a_batch_found_is_shrunk_elsewhere_from_its_record() -> None:
    """In a process with another hash seed, as workers are."""
    name = next(iter(PLANTED))
    options, loops = Settings(0, modes=("graph",)), PLANTED[name].wrap(clean_loops())
    first = Tracing(options, Statistics(), KnownBugs(), None, loops=loops).explore(0, 300)
    assert first is not None and first.choices
    done = subprocess.run(
        [sys.executable, "-c", SHRINK, name],
        input=msgspec.msgpack.encode(first),
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    small = msgspec.msgpack.decode(done.stdout, type=Discovery)
    assert small.finding.signature == first.finding.signature
    assert weight(small.case) <= weight(first.case)


def test_a_find_says_that_it_is_not_shrunk_until_it_is(tmp_path: Path) -> None:
    discovery = Discovery(LOST.case, LOST.arm, LOST.evidence)
    finds = SavedFinds(tmp_path, fresh(Settings(0)))
    found = finds.keep(discovery)
    assert not found.shrunk and load(Path(found.path)).note == CUT_SHORT
    found = finds.keep(discovery, discovery)
    assert found.shrunk and load(Path(found.path)).note == ""


# --- counts ---------------------------------------------------------------------------------


def test_counts_add_up() -> None:
    one = Counts(programs=1, refused={"a": 1}, seconds={"drawing": 0.5})
    two = Counts(programs=2, refused={"a": 2, "b": 1}, pairs={"x + y": 1})
    both = Counts(
        programs=3, refused={"a": 3, "b": 1}, seconds={"drawing": 0.5}, pairs={"x + y": 1}
    )
    assert one.plus(two) == two.plus(one) == both
    assert one.plus(Counts()) == one


def test_features_are_counted_by_what_became_of_their_programs() -> None:
    statistics = Statistics()
    statistics.exercised(frozenset({"b", "a"}), {"accepted"})
    statistics.exercised(frozenset({"a"}), {"accepted", "refused"})
    counts = statistics.counts()
    assert counts.features == {"a": 2, "b": 1}
    assert counts.accepted_with == {"a": 2, "b": 1}
    assert counts.refused_with == {"a": 1}
    assert counts.pairs == {"a + b": 1} == {pair_name("b", "a"): 1}


def test_what_a_case_exercises_has_a_name_in_the_table() -> None:
    assert exercised(LOST.case) <= set(EXERCISABLE)
    assert exercised(LOST.case) >= {
        "slot:variable",
        "slot:node",
        "statement:update",
        "shared:variable",
    }
    assert "shared:variable" not in exercised(Case())
    assert len(set(EXERCISABLE)) == len(EXERCISABLE)


# --- swarm ----------------------------------------------------------------------------------

NAMES = frozenset("abcdefgh")


def drawn(history: History, counts: Counts, batches: int = 400) -> dict[str, int]:
    """How many batches have each feature on."""
    chosen = [choose(Random(k), history, counts, NAMES, k) for k in range(batches)]
    return {name: sum(name in features for features in chosen) for name in NAMES}


def test_now_and_then_everything_is_on() -> None:
    assert choose(Random(0), History(), Counts(), NAMES, 0) == tuple(sorted(NAMES))
    assert len({choose(Random(k), History(), Counts(), NAMES, 1) for k in range(50)}) > 20


def test_more_is_spent_on_pairs_that_are_seldom_reached() -> None:
    counts = Counts(pairs={pair: 1000 for pair in pair_names(NAMES) if "a" not in pair})
    on = drawn(History(), counts)
    assert on["a"] > max(on[name] for name in NAMES - {"a"})


def test_more_is_spent_on_features_that_brought_something_new() -> None:
    batches = dict.fromkeys(NAMES, 100)
    on = drawn(History(batches, {"a": 90}), Counts())
    assert on["a"] > max(on[name] for name in NAMES - {"a"})


def test_a_batch_makes_history() -> None:
    history = History().after(("a", "b"), new=True).after(("b",), new=False)
    assert history == History({"a": 1, "b": 2}, {"a": 1, "b": 1})


# --- the budget -----------------------------------------------------------------------------


def test_what_is_handed_out_is_not_handed_out_again() -> None:
    budget = Budget(Settings(0, seconds=None, programs=250, batch=100), programs=1000)
    assert budget.size(1000, []) == 100
    batch = Batch(0, 100, ())
    assert budget.size(1000, [batch, ConfirmCrash(Case(), batch)]) == 50
    assert budget.size(1240, []) == 10
    assert budget.size(1260, []) == 0
    assert not budget.over()


# --- the state ------------------------------------------------------------------------------


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    settings = Settings(7)
    store = Store(tmp_path, 7)
    state = fresh(settings)
    state.counts = Counts(programs=3, known={"a": 1})
    state.pending = [Batch(1, 2, ("a",)), ConfirmCrash(LOST.case, Batch(2, 2, ()))]
    store.save(state)
    assert store.load(settings) == state
    longer = msgspec.structs.replace(settings, seconds=5.0, programs=9)
    kept = store.load(longer)
    assert kept is not None and kept.settings == longer
    store.close()


def test_a_campaign_goes_on_only_with_the_same_settings(tmp_path: Path) -> None:
    store = Store(tmp_path, 7)
    store.save(fresh(Settings(7)))
    assert resumable(tmp_path, Settings(1)) is None  # it runs
    store.close()
    assert resumable(tmp_path, Settings(1)) == 7
    assert resumable(tmp_path, Settings(1, modes=("tree",))) is None


@pytest.mark.parametrize("data", [b"", b"\x81", b"{}"])
def test_a_state_that_cannot_be_read_is_as_good_as_none(data: bytes, tmp_path: Path) -> None:
    store = Store(tmp_path, 7)
    store.path.write_bytes(data)
    assert store.load(Settings(7)) is None
    assert states(tmp_path) == []
    store.close()


def test_what_a_killed_run_was_writing_is_cleared_away(tmp_path: Path) -> None:
    Store(tmp_path, 7).close()
    left = [tmp_path / FOLDER / f".seed-{seed}.state.0a1b.tmp" for seed in (7, 8)]
    for path in left:
        path.write_bytes(b"half")
    Store(tmp_path, 7).close()
    assert [path.exists() for path in left] == [False, True]


def test_two_campaigns_with_one_seed_are_refused(tmp_path: Path) -> None:
    store = Store(tmp_path, 7)
    assert running(store.path)
    with pytest.raises(Misuse, match=r"a campaign with seed 7 is running on .*; choose another"):
        Store(tmp_path, 7)
    other = Store(tmp_path, 8)
    other.close()
    store.close()
    Store(tmp_path, 7).close()


@pytest.mark.usefixtures("planted")
def test_a_campaign_goes_on_where_it_left_off(run: Run, tmp_path: Path) -> None:
    assert run("fuzz", "--programs", 10, "--seed", 3)[0] == 1
    code, out, _ = run("fuzz", "--programs", 10)
    assert code == 1
    assert "; seed 3; " in out and "; goes on at batch 1; " in out
    ((path, state),) = states(tmp_path / "finds")
    assert path.parent == tmp_path / "finds" / FOLDER
    assert (state.counts.programs, state.runs, state.done, state.ended) == (20, 2, 2, "budget")
    assert [found.signature.where for found in state.found] == ["bug 0", "bug 1"]
    code, out, _ = run("fuzz", "--programs", 10, "--seed", 3, "--no-resume")
    assert code == 0
    assert "stepped over:\n     1  wrong-world fori_loop tree: bug 0\n" in out


# --- what it says ---------------------------------------------------------------------------


@pytest.mark.usefixtures("planted")
def test_status_tells_of_the_campaigns_of_a_folder(run: Run) -> None:
    run("fuzz", "--programs", 20, "--seed", 3)
    code, out, err = run("status", "--coverage")
    assert (code, err) == (0, "")
    assert out.startswith(f"seed 3 on flax {nnx_api.FLAX}, jax {nnx_api.JAX}: ended 0s ago\n")
    assert "20, " in out and "2 distinct signatures" in out
    assert "pairs never reached: " in out
    assert out.count(" finds/wrong-world-bug-") == 2


def test_a_folder_without_a_campaign_has_no_status(run: Run) -> None:
    sentence = "finds holds no campaign; name the folder given to fuzz --finds"
    assert_refused(run("status"), sentence)


@pytest.mark.usefixtures("planted")
def test_coverage_is_a_table_of_features(run: Run) -> None:
    code, out, _ = run("fuzz", "--programs", 20, "--seed", 3, "--coverage")
    assert code == 1
    assert "programs by feature" in out
    assert all(name in out for name in EXERCISABLE)
    pairs = len(pair_names(EXERCISABLE))
    assert f"pairs never reached: {pairs} of {pairs}: " in out


def test_forever_has_no_other_end(run: Run) -> None:
    sentence = "--forever has no end; leave it out, or --time and --programs"
    assert_refused(run("fuzz", "--forever", "--time", "5s"), sentence)


@pytest.mark.parametrize("share", ["5", "-1%", "half"])
def test_a_share_that_will_not_do_is_refused(share: str, run: Run) -> None:
    sentence = f"'--xla-share': {share!r} is no share; give one from 0% to 100%, such as 5%"
    assert_refused(run("fuzz", "--xla-share", share), f"Invalid value for {sentence}")


def test_pairs_of_call_programs_are_no_pairs_of_features() -> None:
    counted = Statistics()
    counted.exercised(frozenset({*EXERCISABLE[:3], "call:jit", "call:scan"}), set())
    state = fresh(Settings(seed=7))
    state.counts = counted.counts()
    assert summary(state)["pairs_reached"] == 3
