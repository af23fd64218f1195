"""A worker that dies or never ends costs only time: its case is a finding, and all else goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from chaos import children, command, whole, workers
from commands import python
from entries import LOST

from nnxfuzz.campaign import Workers
from nnxfuzz.campaign.note import Notes, read_note
from nnxfuzz.campaign.state import Store, states
from nnxfuzz.campaign.watchdog import ended_by_it
from nnxfuzz.campaign.workers import DEATHS
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.programs.case import Loop

TESTS = Path(__file__).parent


def deadly(way: str, *words: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """`nnxfuzz fuzz` on loops that kill; JSON events on standard output."""
    arms = ("--modes", "graph", "--transforms", "fori_loop", "--workers", 1)
    return python(TESTS / "deadly.py", way, "fuzz", "--json", "-", *arms, *words, cwd=cwd)


def said(result: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "where", "words"),
    [("crash", "SIGSEGV", ()), ("hang", "past its time", ("--case-timeout", "6s"))],
)
def test_a_case_that_kills_is_found_shrunk_and_kept_out(
    way: str, where: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    result = deadly(way, "--programs", 12, "--seed", 1, *words, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    heard = said(result)
    found = [e for e in heard if e["is"] == "finding" and e["signature"]["kind"] == way]
    assert [each["shrunk"] for each in found] == [False, True]
    assert {each["signature"]["where"] for each in found} == {where}
    entry = corpus.load(tmp_path / found[-1]["path"])
    assert entry.case.loop == Loop(0, 1)
    assert (entry.case.nodes, entry.case.variables, entry.case.body) == ((), (), ())
    end = heard[-1]
    assert end["reason"] == "budget"
    assert end["statistics"]["restarts"] >= 1
    assert end["statistics"]["skipped"] >= 1
    whole(tmp_path)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_from_there(tmp_path: Path) -> None:
    """A worker is killed, then the campaign itself; the next run does what was left, once."""
    words = ("--seed", "3", "--workers", "2", "--json", "-")
    fuzz = [sys.executable, "-m", "nnxfuzz", "fuzz", "--forever", *words]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(fuzz, cwd=tmp_path, **quiet) as campaign:  # type: ignore[call-overload]
        until(campaign, lambda event: event.get("statistics", {}).get("arms", 0) > 0)
        os.kill(workers(campaign.pid)[0], signal.SIGKILL)
        until(campaign, lambda event: event["is"] == "restart")
        campaign.kill()
    ((_, before),) = states(tmp_path / "finds")
    assert before.ended is None
    with subprocess.Popen(fuzz, cwd=tmp_path, **quiet) as campaign:  # type: ignore[call-overload]
        until(campaign, lambda event: event.get("statistics", {}).get("runs") == 2)
        until(campaign, more_than(before.counts.arms))
        campaign.send_signal(signal.SIGTERM)
        rest, _ = campaign.communicate()
    assert campaign.returncode in (0, 1)
    assert json.loads(rest.splitlines()[-1])["reason"] == "interrupted"
    after = whole(tmp_path)
    assert (after.runs, after.ended) == (2, "interrupted")
    assert after.counts.programs > before.counts.programs
    assert {f.signature for f in before.found} <= {f.signature for f in after.found}
    assert all(signature.kind != "crash" for signature in {f.signature for f in after.found})


def more_than(arms: int) -> Any:
    return lambda event: event.get("statistics", {}).get("arms", 0) > arms


def until(campaign: "subprocess.Popen[str]", wanted: Any) -> None:
    """Read events up to the first that is wanted."""
    assert campaign.stdout is not None
    for line in campaign.stdout:
        if wanted(json.loads(line)):
            return
    raise AssertionError("the campaign ended first")


# --- workers --------------------------------------------------------------------------------


def test_a_worker_that_is_killed_while_idle_is_replaced() -> None:
    before = set(children(os.getpid()))
    with Workers(1, 60.0) as executor:
        executor.submit(abs, -1).result()
        (idle,) = [p for p in set(children(os.getpid())) - before if "spawn_main" in command(p)]
        os.kill(idle, signal.SIGKILL)
        for _ in range(200):  # the next piece of work may be given to the dead one: it says so
            try:
                assert executor.submit(abs, -2).result() == 2
                return
            except DEATHS:
                time.sleep(0.05)
    raise AssertionError("it was never replaced")


def test_a_worker_that_dies_at_its_work_fails_that_work_only() -> None:
    with Workers(2, 60.0) as executor:
        dies, lives = executor.submit(os._exit, 3), executor.submit(abs, -1)
        with pytest.raises(DEATHS):
            dies.result()
        assert lives.result() == 1
        assert executor.submit(abs, -2).result() == 2


# --- notes ----------------------------------------------------------------------------------


def test_a_note_is_there_while_the_case_runs(tmp_path: Path) -> None:
    path = tmp_path / "seed-1.2.note"
    with Notes(path, 60.0) as notes:
        assert read_note(path) is None
        notes.before(LOST.case, 3, 4)
        note = read_note(path)
        assert note is not None
        assert (note.case, note.programs, note.arms) == (LOST.case, 3, 4)
        assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info >= (3, 14), reason="the fork server is not used"
)
def test_a_worker_ends_before_its_next_case_once_the_campaign_is_dead(tmp_path: Path) -> None:
    """Its own parent, the fork server, is alive: it lives as long as its workers do."""
    words = [sys.executable, str(TESTS / "orphan.py"), str(tmp_path / "seed-1.2.note")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as campaign:
        assert campaign.stdout is not None
        worker = int(campaign.stdout.readline())
        campaign.kill()
    for _ in range(600):
        if not command(worker):
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker goes on")


def test_half_a_note_is_no_note(tmp_path: Path) -> None:
    path = tmp_path / "a.note"
    with Notes(path, 60.0) as notes:
        notes.before(LOST.case)
        path.write_bytes(path.read_bytes()[:-1])
        assert read_note(path) is None


def test_a_note_that_was_cut_short_is_found_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise ChildProcessError

    store = Store(tmp_path, 1)
    monkeypatch.setattr(Path, "replace", killed)
    with Notes(store.note(2), 60.0) as notes, pytest.raises(ChildProcessError):
        notes.before(LOST.case)
    (left,) = store.notes()
    assert [p for p in left.parent.iterdir() if p.suffix != ".lock"] == [left]
    store.close()


def watched(seconds: float, work: str) -> tuple[int, float]:
    """How a process ends that does this work under a watchdog, and how long it took."""
    script = (
        "import time\n"
        "from nnxfuzz.campaign.note import Notes\n"
        "began = time.monotonic()\n"
        "spin = lambda: sum(range(100_000))\n"
        f"with Notes(None, {seconds}) as notes:\n    {work}\n"
    )
    began = time.monotonic()
    result = python("-c", script)
    assert (result.stdout, result.stderr) == ("", "")
    return result.returncode, time.monotonic() - began


def test_a_case_that_stands_still_ends_the_process() -> None:
    code, took = watched(0.2, "time.sleep(60)")
    assert code == 1 and ended_by_it(code, 0.2, took)


def test_a_case_that_never_ends_ends_the_process() -> None:
    code, took = watched(0.2, "while True: spin()")
    assert code == -signal.SIGPROF and ended_by_it(code, 60.0, took)


@pytest.mark.slow
def test_a_case_that_gets_on_slowly_may_take_longer_by_the_clock() -> None:
    """A third of a core, as on a busy machine."""
    slowly = "while time.monotonic() - began < 4: spin(); time.sleep(0.004)"
    assert watched(2.0, slowly)[0] == 0


@pytest.mark.slow
def test_each_case_has_its_own_time() -> None:
    often = "for _ in range(5):\n        notes.before(None)\n        "
    busy = "begins = time.process_time()\n        while time.process_time() - begins < 0.4: spin()"
    assert watched(1.0, often + busy)[0] == 0


def test_a_case_survives_its_note() -> None:
    data = msgspec.msgpack.encode(LOST.case)
    assert msgspec.msgpack.decode(data, type=type(LOST.case)) == LOST.case
