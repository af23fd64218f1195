"""Save findings as scripts: each is made smaller, run in a clean process, and written if it shows.

`Finds` collects while the program runs, and copies what it needs into drafts at once; the rest is
done at the end.  What cannot be carried, and what does not show again, is told in a sentence.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nnxfuzz import nnx_api
from nnxfuzz.checker.calls import Call
from nnxfuzz.checker.repro.capture import draft_of
from nnxfuzz.checker.repro.draft import Draft
from nnxfuzz.checker.repro.script import heading_of, script
from nnxfuzz.checker.repro.smaller import is_same, smaller
from nnxfuzz.checker.repro.source import CannotCarry
from nnxfuzz.checker.repro.worker import single
from nnxfuzz.checker.sites import shown
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.programs.case import Mode

#: How many findings of a program are saved.
MOST_FINDINGS = 10

#: How long a script may run, in seconds.
PATIENCE = 300

#: The longest script that is saved, in letters.
MOST_LETTERS = 400_000


class Finds:
    """The findings of a program.  `folder` is made when the first is saved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._drafts: dict[tuple[str, str, str], tuple[Draft, Verdict]] = {}
        self._told: list[str] = []

    def take(self, call: Call, mode: Mode, added: Mapping[str, Any], verdict: Verdict) -> None:
        """Draft a finding, while everything is as it was before the call."""
        key = str(call.site), call.transform, mode
        if key in self._drafts or len(self._drafts) >= MOST_FINDINGS:
            return
        try:
            self._drafts[key] = draft_of(call, added), verdict
        except CannotCarry as error:
            self._told.append(_no_repro(key, str(error)))
        except Exception as error:
            told = f"nnxfuzz failed to carry the call ({type(error).__name__}: {error})"
            self._told.append(_no_repro(key, told))

    def save(self) -> Iterator[str]:
        """Save them, and say of each where it is or why it is not."""
        yield from dict.fromkeys(self._told)
        for key, (draft, verdict) in self._drafts.items():
            yield self._saved(key, draft, verdict)

    def _saved(self, key: tuple[str, str, str], draft: Draft, verdict: Verdict) -> str:
        site, transform, mode = key
        wanted = {"transform": transform, "mode": mode, **msgspec.to_builtins(verdict)}
        wanted = {"told": "", "paths": (), "aspects": (), **wanted}
        with Worker() as worker:
            first = worker.verdict_on(script(draft, ""))
            if not is_same(wanted, first):
                return _no_repro(
                    key, f"alone, in a new process, the call comes to {_came_to(first)}"
                )
            draft = smaller(draft, lambda d: is_same(wanted, worker.verdict_on(script(d, ""))))
            seen = worker.verdict_on(script(draft, ""))
        here = f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}"
        text = script(draft, heading_of(site, transform, mode, {**wanted, **seen}, here))
        if len(text) > MOST_LETTERS:
            return _no_repro(key, f"a script of it would have {len(text):,} letters")
        last = run_cleanly(text)
        if not is_same(wanted, last):
            return _no_repro(key, f"in a process of its own it comes to {_came_to(last)}")
        path = self._write(text, transform, mode, verdict.kind)
        return f"saved {shown(path)}: nnx.{transform}, {mode}, of {site}"

    def _write(self, text: str, transform: str, mode: str, kind: str) -> str:
        """Write a script that was confirmed; its path."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = f"{kind}-{transform}-{mode}-{digest}.py".replace(" ", "-").replace("_", "-")
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)


def _no_repro(key: tuple[str, str, str], why: str) -> str:
    site, transform, mode = key
    return f"no script of {site} nnx.{transform}, {mode}: {why}"


def _came_to(seen: Mapping[str, Any]) -> str:
    if "error" in seen:
        return str(seen["error"]).splitlines()[0]
    told = f" ({seen['told']})" if seen.get("told") else ""
    return f"{seen['kind']}{told}"


def _environment() -> dict[str, str]:
    """The environment of a script: the user's modules are found as they were."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def run_cleanly(text: str) -> Mapping[str, Any]:
    """What a script comes to that is run as a user would run it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "repro.py")
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, str(path), "--json"],
                capture_output=True,
                text=True,
                env=_environment(),
                timeout=PATIENCE,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"more than {PATIENCE} seconds"}
    last = (done.stdout.splitlines() or [""])[-1]
    try:
        found = single(json.loads(last))
    except ValueError:
        found = None
    told = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return found or {"error": told}


class Worker:
    """A process that judges scripts; a new one is started when it dies."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *exception: Any) -> None:
        self._end()

    def verdict_on(self, text: str) -> Mapping[str, Any]:
        """What a script comes to."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(text) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            self._end()
            return {"error": "the process died"}
        found: Mapping[str, Any] = json.loads(answer)
        return found

    def _start(self) -> "subprocess.Popen[str]":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nnxfuzz.checker.repro.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_environment(),
        )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
