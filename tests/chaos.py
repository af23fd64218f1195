"""A campaign under fire: workers and the campaign itself are killed at random while it runs.

`python tests/chaos.py SECONDS PARENT_KILLS WORKER_KILLS FOLDER [OPTIONS OF FUZZ...]` prints what it
did, the memory of the workers as it went, and whether what is left is whole.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from nnxfuzz.campaign.budget import batch_of
from nnxfuzz.campaign.state import FOLDER, State, states
from nnxfuzz.corpus import entries as corpus


def start(folder: Path, *words: object) -> "subprocess.Popen[bytes]":
    """A campaign that goes on until it is stopped, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "nnxfuzz", "fuzz", "--forever", *map(str, words)],
            cwd=folder,
            stdout=log,
            stderr=log,
        )


def workers(parent: int) -> list[int]:
    """The worker processes of a campaign, forked by its fork server."""
    return [pid for server in children(parent) for pid in children(server)]


def children(parent: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                yield int(entry.name)


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def megabytes(pid: int) -> int:
    """What a process holds in memory."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def whole(folder: Path) -> State:
    """The state that is left, after checking that it and every file are whole and agree."""
    finds = folder / "finds"
    entries = {str(path.relative_to(folder)): corpus.load(path) for path in corpus.entries([finds])}
    ((_, state),) = states(finds)
    counts = state.counts
    judged = counts.agreed + sum(counts.inconclusive.values()) + counts.unconfirmed + counts.failed
    judged += sum(sum(table.values()) for table in (counts.refused, counts.known, counts.found))
    assert judged == counts.arms, (judged, counts.arms)
    waiting = [batch.number for work in state.pending if (batch := batch_of(work)) is not None]
    assert len(set(waiting)) == len(waiting), "a batch is to be done twice"
    assert state.done + len(waiting) == state.next, (state.done, waiting, state.next)
    for found in state.found:
        assert entries[found.path].signature == found.signature
    left = [p.name for p in (finds / FOLDER).iterdir() if p.suffix not in (".state", ".lock")]
    assert left == [], left
    assert not list(finds.glob(".*.tmp"))
    return state


def main(seconds: float, parents: int, kills: int, folder: Path, *words: str) -> None:
    rng = random.Random(0)
    times = sorted(
        [(rng.uniform(10, seconds - 10), "worker") for _ in range(kills)]
        + [(seconds * (k + 1) / (parents + 1), "parent") for k in range(parents)]
    )
    began, told = time.monotonic(), 0.0
    campaign = start(folder, *words)
    while (now := time.monotonic() - began) < seconds:
        time.sleep(0.2)
        if now - told >= 15:
            told = now
            held = [megabytes(pid) for pid in workers(campaign.pid)]
            print(f"{now:5.0f}s workers MB {held}, parent MB {megabytes(campaign.pid)}", flush=True)
        if times and now >= times[0][0]:
            _, whom = times.pop(0)
            alive = workers(campaign.pid)
            if whom == "parent":
                kill(campaign.pid)
                campaign.wait()
                campaign = start(folder, *words)
            elif alive:
                kill(rng.choice(alive))
            print(f"{now:5.0f}s killed a {whom}", flush=True)
    campaign.send_signal(signal.SIGTERM)
    print("exit code", campaign.wait())
    state = whole(folder)
    print(json.dumps({"programs": state.counts.programs, "arms": state.counts.arms}))
    print(
        f"{state.done} batches, {state.restarts} restarts, {state.runs} runs, "
        f"{state.seconds:.0f} s, {len(state.found)} signatures"
    )


if __name__ == "__main__":
    main(
        float(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]),
        Path(sys.argv[4]).absolute(),
        *sys.argv[5:],
    )
