"""`python orphan.py NOTE`: a process whose worker notes the same case for ever.

It prints the worker's process number once the note is there, and waits to be killed.
"""

import os
import sys
import time
from pathlib import Path

from chaos import workers
from entries import LOST

from nnxfuzz.campaign import Workers, forkserver
from nnxfuzz.campaign.note import Notes


def endless(path: Path) -> None:
    with Notes(path, 600.0) as notes:
        while True:
            notes.before(LOST.case)
            time.sleep(0.01)


if __name__ == "__main__":
    assert forkserver.start()
    path = Path(sys.argv[1])
    Workers(1, 600.0).submit(endless, path)
    while not path.exists():
        time.sleep(0.01)
    (worker,) = workers(os.getpid())
    print(worker, flush=True)
    time.sleep(600)
