"""Workers are forked from what has imported everything, where that is safe."""

import subprocess
import sys

import pytest

from nnxfuzz.campaign import forkserver

_SCRIPT = """
import os, signal, sys
from nnxfuzz.campaign import forkserver
from nnxfuzz.campaign.workers import DEATHS, Workers

sys.modules["only_here"] = sys
there = "'only_here' in __import__('sys').modules"
if __name__ == "__main__":
    print(forkserver.start(), forkserver.start())
    with Workers(1, 60.0) as workers:
        print(workers.submit(eval, there).result())
        try:
            workers.submit(os._exit, 3).result()
        except DEATHS:
            print("died")
        print(workers.submit(eval, there).result())
        print(workers.submit(eval, "__import__('jax').numpy.add(1, 2).item()").result())
    server = forkserver._SERVER._forkserver_pid
    forkserver._PATIENCE = 600.0
    forkserver.stop()
    try:
        os.kill(server, 0)
    except ProcessLookupError:
        print("ended")
"""


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info >= (3, 14), reason="workers are new Pythons there"
)
def test_a_worker_is_forked_with_all_that_was_imported_and_so_is_the_next_one() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _SCRIPT], capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == ["True", "False", "True", "died", "True", "3", "ended"], ran.stderr


def test_nothing_is_forked_beside_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert not forkserver.start()
    assert forkserver.context().get_start_method() == "spawn"
