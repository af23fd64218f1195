"""`nnxfuzz fuzz`: its options, what it says and writes down, and one whole run."""

import itertools
import json
import signal
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from commands import Here, Run, assert_refused, events, name, process
from entries import LOST, needs_tree

from nnxfuzz import nnx_api
from nnxfuzz.campaign import WorkerPool, known_bugs, workers
from nnxfuzz.campaign.budget import Budget
from nnxfuzz.campaign.finds import HERE
from nnxfuzz.campaign.state import states
from nnxfuzz.campaign.work import Batch
from nnxfuzz.cli.common import FLAX_WORDS
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.shipped import shipped
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.table import RELEASES
from nnxfuzz.runners.kinds import available

#: How many bugs of this release nnxfuzz comes with.
KNOWN = len(known_bugs(corpus.readable([shipped()])[0], *HERE).bugs)

# --- options --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--time", "5 parsecs"],
            "'--time': '5 parsecs' is no time span; write one such as 90, 60s, 5m or 1h30m",
        ),
        (["--time", ""], "'--time': '' is no time span; write one such as 90, 60s, 5m or 1h30m"),
        (
            ["--time", "-5"],
            "'--time': '-5' is no time span; write one such as 90, 60s, 5m or 1h30m",
        ),
        (
            ["--time", "0"],
            "'--time': '0' is no time to work in; give at least one second, as in 60s",
        ),
        (["--programs", "0"], "'--programs': '0' will not do; give a whole number from 1 on"),
        (["--programs", "1.5"], "'--programs': '1.5' will not do; give a whole number from 1 on"),
        (["--seed", "-1"], "'--seed': '-1' will not do; give a whole number from 0 on"),
        (
            ["--seed", str(2**64)],
            f"'--seed': '{2**64}' will not do; give a whole number up to {2**63 - 1}",
        ),
        (
            ["--seed", "9" * 5000],
            f"'--seed': '{'9' * 40}...' will not do; give a whole number from 0 on",
        ),
        (
            ["--transforms", "fori_loop,xmap"],
            f"'--transforms': 'xmap' is no transform; choose from {', '.join(available())}",
        ),
        (
            ["--modes", "trees"],
            "'--modes': 'trees' is no mode; choose from graph, graph-frozen, tree",
        ),
        (["--modes", ""], "'--modes': '' is no mode; choose from graph, graph-frozen, tree"),
    ],
)
def test_a_value_that_will_not_do_is_refused(words: list[str], sentence: str, run: Run) -> None:
    assert_refused(run("fuzz", *words), f"Invalid value for {sentence}")


def test_more_workers_than_the_cores_can_start_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    sentence = "17 workers are too many for 2 cores; give at most 16, or use more machines with "
    assert_refused(run("fuzz", "--workers", 17), sentence + "--scheduler")


def test_a_cluster_has_the_flax_that_is_installed_there(run: Run) -> None:
    sentence = (
        "--flax and --scheduler do not go together; leave out --flax, "
        "and install that flax here and where the workers are"
    )
    assert_refused(run("fuzz", "--flax", "latest", "--scheduler", "tcp://host:1"), sentence)


def test_what_is_no_address_of_a_scheduler_is_refused_at_once(run: Run) -> None:
    sentence = (
        "'foo' is no address of a scheduler; "
        "give the address that `dask scheduler` prints, such as tcp://host:8786"
    )
    assert_refused(run("fuzz", "--scheduler", "foo"), sentence)


def test_an_option_that_there_is_not_is_refused(run: Run) -> None:
    assert_refused(run("fuzz", "--seeed", "1"), "there is no option --seeed; did you mean --seed?")
    code, _, err = run("fuzz", "--seed")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5s", 1.5), ("5 m", 300), ("1h30m", 5400), ("2d", 172800)]
)
def test_a_time_span(text: str, seconds: float) -> None:
    from nnxfuzz.cli.common import Duration

    assert Duration().convert(text, None, None) == seconds


def test_a_mode_that_the_release_lacks_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nnx_api, "modes", lambda: ("graph",))
    sentence = f"flax {nnx_api.FLAX} has no mode graph-frozen or tree; choose from graph"
    for former_name_too in ("tree,graph-frozen", "tree,gnu"):
        assert_refused(run("fuzz", "--modes", former_name_too), sentence)


@pytest.mark.usefixtures("planted")
def test_what_is_said_and_written_down(run: Run, tmp_path: Path) -> None:
    corpus.save(LOST, tmp_path / "known")
    words = ("--seed", 7, "--programs", 20, "--transforms", "scan,fori_loop", "--json", "e.jsonl")
    code, out, err = run("fuzz", *words, "--finds", "my finds", "--corpus", "known")
    assert (code, err) == (1, "")
    start, *rest, end = events(tmp_path / "e.jsonl")
    findings = [event for event in rest if event["is"] == "finding"]
    assert start == {
        "is": "start",
        "seed": 7,
        "flax": nnx_api.FLAX,
        "jax": nnx_api.JAX,
        "transforms": ["fori_loop", "scan"],
        "modes": list(nnx_api.modes()),
        "known": KNOWN + 1,
        "workers": 1,
        "batch": 0,
    }
    assert [(event["path"], event["shrunk"], event["programs"]) for event in findings] == [
        (f"my finds/{name(0)}", False, 10),
        (f"my finds/{name(0)}", True, 10),
        (f"my finds/{name(1)}", False, 20),
        (f"my finds/{name(1)}", True, 20),
    ]
    assert (end["is"], end["reason"], end["statistics"]["programs"]) == ("end", "budget", 20)
    assert end["findings"] == [findings[1], findings[3]]
    first, *more = out.splitlines()
    newest = RELEASES[-1].flax
    told = f"flax {newest} is newer and wants Python {RELEASES[-1].pythons[0]}: "
    assert (more[0] == f"{told}nnxfuzz fuzz --flax {newest}") is (newest != nnx_api.FLAX)
    assert first.startswith(f"nnxfuzz on flax {nnx_api.FLAX}, jax {nnx_api.JAX}; seed 7; ")
    assert first.endswith(f"; known bugs of this release: {KNOWN + 1}")
    assert end["causes"] == [[f"my finds/{name(0)}", f"my finds/{name(1)}"]], "of one program"
    assert "1 new, shown by 2 finds" in out
    assert out.splitlines()[-5:] == [
        "saved; run one again (or `show` it, or make a `script` of it):",
        f"  1  nnxfuzz replay 'my finds/{name(0)}'",
        f"     like it: my finds/{name(1)}",
        "the same search again, in a folder of its own, since what is in my finds is known:",
        "     nnxfuzz fuzz --seed 7 --no-resume --programs 20 --transforms fori_loop,scan "
        "--corpus known --finds finds-seed-7",
    ]


@pytest.mark.usefixtures("planted")
def test_what_is_known_is_counted_and_stepped_over(run: Run, tmp_path: Path) -> None:
    assert run("fuzz", "--programs", 10)[0] == 1
    code, out, err = run("fuzz", "--programs", 10, "--seed", 3, "--json", "-")
    assert code == 0
    start, *_, end = map(json.loads, out.splitlines())  # with --json - people read standard error
    assert start["known"] == KNOWN + 1
    assert end["statistics"]["known"] == {"wrong-world fori_loop tree: bug 0": 1}
    assert end["findings"] == []
    assert (
        "\nknown bugs that were met and stepped over:\n     1  wrong-world fori_loop tree: bug 0\n"
        in err
    )
    assert err.endswith(
        "nothing new was found\n"
        "the same search again:\n     nnxfuzz fuzz --seed 3 --no-resume --programs 10\n"
    )


@pytest.mark.usefixtures("planted")
def test_who_asks_for_a_release_is_not_told_of_a_newer_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FLAX_WORDS, f"--flax {nnx_api.FLAX}")
    assert "is newer and wants Python" not in run("fuzz", "--programs", 1)[1]


@pytest.mark.usefixtures("planted")
def test_without_a_budget_it_takes_a_minute(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Budget, "over", lambda self: True)
    code, out, err = run("fuzz", "--seed", 1)
    assert out.endswith("nnxfuzz fuzz --seed 1 --no-resume --time 60s\n")
    assert "nothing new was found" not in out
    told = "no program was finished, so nothing is known; give more time, as in --time 5m"
    assert (code, err) == (2, f"nnxfuzz: {told}\n")


@pytest.mark.usefixtures("planted")
def test_work_that_is_not_done_in_time_is_left_to_another_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asleep(Here):
        def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            return Future()

    waited = iter([False])
    monkeypatch.setattr(Budget, "waited", lambda self: next(waited, True))
    monkeypatch.setattr(workers, "here", lambda count, seconds: WorkerPool(Asleep(), lambda: 1))
    code, _, err = run("fuzz", "--seed", 1, "--time", "1h")
    assert (code, err.count("\n")) == (2, 1)
    (state,) = [state for _, state in states(Path("finds"))]
    assert [work.number for work in state.pending if isinstance(work, Batch)] == [0]


# --- for real -------------------------------------------------------------------------------


@needs_tree
def test_a_whole_run(tmp_path: Path) -> None:
    """One real campaign in a process of its own, until Ctrl-C after its first finding."""
    words = ("fuzz", "--seed", "1", "--time", "10m", "--corpus", "none", "--json", "-")
    with subprocess.Popen(
        [sys.executable, "-m", "nnxfuzz", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as campaign:
        assert campaign.stdout is not None
        heard = []
        for line in campaign.stdout:
            heard.append(json.loads(line))
            if heard[-1]["is"] == "finding":
                campaign.send_signal(signal.SIGINT)
                break
        rest, err = campaign.communicate()
    heard += map(json.loads, rest.splitlines())
    assert campaign.returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["finds"]  # and no .hypothesis
    assert {event["is"] for event in heard} >= {"start", "finding", "end"}
    assert_figures([event["statistics"] for event in heard if event["is"] == "progress"])
    end = heard[-1]
    assert (end["is"], end["reason"]) == ("end", "interrupted")
    assert "Traceback" not in err
    (found, *_) = end["findings"]
    assert f"python -m nnxfuzz replay {found['path']}\n" in err
    again = process("replay", found["path"], cwd=tmp_path)
    assert again.returncode == 0
    assert again.stdout.splitlines()[1] == f"still fails        {found['path']}"


def assert_figures(progress: list[dict[str, Any]]) -> None:
    """Counts that add up and never fall."""
    for one, next_ in itertools.pairwise(progress):
        assert one["programs"] <= next_["programs"]
    for figures in progress:
        judged = figures["agreed"] + sum(figures["inconclusive"].values())
        judged += figures["unconfirmed"] + figures["failed"]
        judged += sum(figures["refused"].values()) + sum(figures["known"].values())
        judged += sum(figures["found"].values())
        assert judged == figures["arms"]
        spent = sum(figures["seconds_by_stage"].values())
        assert spent <= figures["seconds"] * figures["workers"] + 0.1


def test_something_is_said_before_flax_is_imported(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(imported: object) -> None:
        raise Misuse("no flax")

    monkeypatch.delitem(sys.modules, "jax")
    monkeypatch.setattr(sys.modules["nnxfuzz.cli.fuzz"], "require_flax", absent)
    assert run("fuzz")[2] == "nnxfuzz: imports jax and flax\nnnxfuzz: no flax\n"
