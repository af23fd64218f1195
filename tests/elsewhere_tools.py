"""Other environments, without making any: scripts in the place of uv and of Pythons."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import uv

from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases import environments
from nnxfuzz.releases.environments import Recipe
from nnxfuzz.releases.table import RELEASES

#: Makes what nnxfuzz looks at of an environment, and notes how it was called.
UV = """#!/bin/sh
echo "$@" >> {log}
if [ "$1" = venv ]; then
    for folder in "$@"; do :; done  # the last argument
    mkdir -p "$folder/bin"
    touch "$folder/bin/python"
fi
"""

FakeUv = Callable[[str], Path]


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """Puts a script in uv's place; gives the file in which `UV` notes its calls."""

    def put(script: str) -> Path:
        program, log = tmp_path / "uv", tmp_path / "log"
        program.write_text(script.format(log=log))
        program.chmod(0o755)
        monkeypatch.setattr(uv, "find_uv_bin", lambda: str(program))
        return log

    return put


@pytest.fixture
def user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, which the commands use."""
    folder = tmp_path / "user"
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(folder))
    return folder / "releases"


#: Answers `replay --json -- PATHS` by a table of outcomes, as `nnxfuzz` would; a detail is behind a
#: bar.  Says the events of `fuzz --json -`, where there are some; at the word `wait` it waits to be
#: told to end.
_STUB = """#!{python}
import json, os, signal, sys, time
from pathlib import Path

outcomes, default = json.loads({outcomes!r}), {default!r}
events = json.loads({events!r})
flags, words = sys.argv[1:4], sys.argv[4:]
assert flags == ["-P", "-m", "nnxfuzz"], flags
if "wait" in events:  # it may be told at any moment
    signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGTERM}})
for event in events if words[0] == "fuzz" else ():
    if event == "wait":
        print(json.dumps(dict(events[-1], **{{"is": "progress"}})), flush=True)
        signal.sigwait({{signal.SIGTERM}})
    else:
        print(json.dumps(event), flush=True)
if events and words[0] == "fuzz":
    sys.exit({code})
if words[0] != "replay":
    print("ran", *words)
    print("path", os.environ["PYTHONPATH"])
    print("commands with", os.environ["NNXFUZZ_FLAX"], flush=True)
    if {code} < 0:
        os.kill(os.getpid(), -({code}))
    sys.exit({code})
for path in words[words.index("--") + 1:]:
    outcome = outcomes.get(Path(path).stem, default)
    for folder in os.environ["PYTHONPATH"].split(os.pathsep):
        marker = Path(folder) / "flax" / "marker"  # what a commit does
        if marker.exists():
            outcome = marker.read_text()
    if outcome == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if outcome == "stand still":
        time.sleep(600)
    if outcome.startswith("refuse: "):
        print("nnxfuzz:", outcome[8:], file=sys.stderr)
        sys.exit(2)
    if outcome.startswith("exit "):
        print("why it ended", file=sys.stderr)
        sys.exit(int(outcome[5:]))
    outcome, _, detail = outcome.partition("|")
    print(json.dumps(dict(path=path, outcome=outcome, detail=detail)), flush=True)
"""

#: By the name of an environment (`flax-0.10.2-jax-0.4.35`): what becomes of entries there, by stem
#: or all of them alike; None where it cannot be made.
There = Mapping[str, str] | str | None
World = Mapping[str, There]


class Elsewhere:
    """Environments that exist in a table only; `made` lists those that were asked for."""

    def __init__(
        self, world: World, folder: Path, code: int = 0, events: Sequence[Any] = ()
    ) -> None:
        self.world = world
        self.folder = folder
        self.code = code
        self.events = events
        self.made: list[Recipe] = []

    def make(self, recipe: Recipe, cache: Path) -> Path:
        self.made.append(recipe)
        outcomes = self.world.get(recipe.name)
        if outcomes is None:
            raise Misuse(f"{recipe.told} cannot be installed (no index); use the cache")
        table, default = ({}, outcomes) if isinstance(outcomes, str) else (outcomes, "passes")
        python = self.folder / recipe.name
        events = json.dumps(self.events)
        stub: dict[str, Any] = {"outcomes": json.dumps(dict(table)), "default": default}
        python.write_text(
            _STUB.format(python=sys.executable, code=self.code, events=events, **stub)
        )
        python.chmod(0o755)
        return python


Put = Callable[..., Elsewhere]


@pytest.fixture
def elsewhere(tmp_path: Path, user_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts a table of outcomes in the place of environments."""

    def put(world: World, code: int = 0, events: Sequence[Any] = ()) -> Elsewhere:
        folder = tmp_path / "stubs"
        folder.mkdir()
        made = Elsewhere(world, folder, code, events)
        monkeypatch.setattr(environments, "make", made.make)
        return made

    return put


def every(outcome: Callable[[str], There]) -> World:
    """The table of the releases that are known, by flax version, each with its own jax."""
    return {f"flax-{row.flax}-jax-{row.jax}": outcome(row.flax) for row in RELEASES}
