"""A campaign on a real dask cluster of this machine: a scheduler and two workers, one is killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from chaos import children, command, whole
from commands import Run, assert_refused

from nnxfuzz.campaign import cluster

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="dask is not installed")


#: Enough that work is handed out again after a worker is gone, and that later work is done.
BATCHES = 4

#: Seconds in which the processes of a cluster have started, however slow the machine is.
PATIENCE = 600


@contextlib.contextmanager
def process(folder: Path, *words: object) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "dask.log").open("ab") as log:
        started = subprocess.Popen([sys.executable, *map(str, words)], stdout=log, stderr=log)
        try:
            yield started
        finally:
            started.terminate()
            started.wait()


@contextlib.contextmanager
def dask(folder: Path, workers: int, *options: object) -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler, and the processes of its workers' nannies."""
    import distributed

    file = folder / "scheduler.json"
    host = ("--no-dashboard", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", file)
    place = ("--no-dashboard", "--scheduler-file", file, "--local-directory", folder, *options)
    with contextlib.ExitStack() as stack:
        stack.enter_context(process(folder, "-m", "distributed.cli.dask_scheduler", *host))
        worker = ("-m", "distributed.cli.dask_worker", *place)
        nannies = [stack.enter_context(process(folder, *worker)) for _ in range(workers)]
        with distributed.Client(scheduler_file=str(file), timeout=PATIENCE) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
            address = client.scheduler.address
        yield address, [nanny.pid for nanny in nannies]


def the_worker(nanny: int) -> int:
    """The process in which a nanny's worker runs, which is the one to kill."""
    (worker,) = [pid for pid in children(nanny) if "spawn_main" in command(pid)]
    return worker


@pytest.mark.slow
def test_a_worker_is_killed_and_nothing_is_lost_or_counted_twice(tmp_path: Path) -> None:
    words = ("fuzz", "--forever", "--seed", "3", "--json", "-")
    with (
        dask(tmp_path, 2, "--nthreads", 1) as (address, nannies),
        subprocess.Popen(
            [sys.executable, "-m", "nnxfuzz", *words, "--scheduler", address],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as campaign,
    ):
        assert campaign.stdout is not None
        heard: list[dict[str, Any]] = []
        killed = 0.0
        for line in campaign.stdout:
            heard.append(json.loads(line))
            batches = heard[-1].get("statistics", {}).get("batches", 0)
            if batches >= 1 and not killed:
                os.kill(the_worker(nannies[0]), signal.SIGKILL)
                killed = time.monotonic()
            if batches >= BATCHES:
                break
        campaign.send_signal(signal.SIGTERM)
        rest, _ = campaign.communicate()
    assert heard[0]["workers"] == 2
    assert killed
    end = json.loads(rest.splitlines()[-1])
    assert (end["is"], end["reason"]) == ("end", "interrupted")
    state = whole(tmp_path)
    assert state.done >= BATCHES
    assert {f.path for f in state.found} == {f["path"] for f in end["findings"]}


@pytest.mark.slow
def test_workers_with_several_threads_are_refused(tmp_path: Path, run: Run) -> None:
    with dask(tmp_path, 1, "--nthreads", 2) as (address, _):
        code, out, err = run("fuzz", "--programs", 5, "--scheduler", address)
    assert (code, out) == (2, "")
    assert err.startswith("nnxfuzz: the dask worker tcp://127.0.0.1:")
    assert err.endswith("; start it with --nthreads 1\n")


def test_a_scheduler_that_does_not_answer_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)
    with socket.socket() as taken:  # and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        code, out, err = run("fuzz", "--programs", 5, "--scheduler", address)
    assert (code, out) == (2, "")
    assert err.startswith(f"nnxfuzz: no dask scheduler answers at {address} (")
    assert err.endswith(
        "; give the address that `dask scheduler` prints, such as tcp://host:8786\n"
    )


def test_without_dask_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    sentence = "--scheduler needs dask; run pip install 'nnxfuzz[cluster]'"
    assert_refused(run("fuzz", "--scheduler", "tcp://127.0.0.1:1"), sentence)


def test_workers_here_and_there_are_refused(run: Run) -> None:
    sentence = "--workers is for this machine; leave it out with --scheduler"
    words = ("--workers", 2, "--scheduler", "tcp://127.0.0.1:1")
    assert_refused(run("fuzz", *words), sentence)
