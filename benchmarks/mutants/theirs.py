"""Flax's own tests on the mutants that the fuzzer has tried.

A mutant is killed if a test fails that passes on Flax as it is, or if the tests take much longer
than they take there.  Results are appended to a file, as those of the fuzzer are.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from mutants import overlay
from mutants.files import FILES
from mutants.lines import installed
from mutants.operators import Site, mutated
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse

#: So many times as long as on Flax as it is, tests hang.
_HANGS = 10


class Theirs(Data, frozen=True):
    """What Flax's tests made of a mutant."""

    id: str
    killed: bool
    seconds: float


class Tests:
    """A file of Flax's tests; its failures on Flax as it is are left out from then on."""

    def __init__(self, file: Path, options: tuple[str, ...] = ()) -> None:
        self.file = file.resolve()
        self.options = options
        self.failing: tuple[str, ...] = ()
        started = time.monotonic()
        told = self._run(None, None, "-rfE").stdout
        self.seconds = time.monotonic() - started
        self.failing = tuple(
            line.split()[1] for line in told.splitlines() if line.startswith(("FAILED", "ERROR"))
        )
        if " passed" not in told:
            raise Misuse(f"no test of {file} passes on flax as it is: {told[-2000:]}")

    def _run(
        self, folder: Path | None, limit: float | None, *options: str
    ) -> subprocess.CompletedProcess[str]:
        left_out = [word for test in self.failing for word in ("--deselect", test)]
        words = ["-q", "-p", "no:cacheprovider", "-p", "no:nnxfuzz", "-c", "/dev/null"]
        root = ["--rootdir", str(self.file.parent)]
        options = (*words, *root, *left_out, *self.options, *options)
        command = [sys.executable, "-P", "-W", "ignore", "-m", "pytest", *options, str(self.file)]
        return subprocess.run(
            command,
            env=overlay.environ(folder),
            cwd=self.file.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )

    def tried(self, site: Site) -> Theirs:
        """Whether the tests kill a mutant."""
        started, flax, path = time.monotonic(), installed(), FILES[site.file]
        source = mutated((flax / path).read_text(), site.file, site.id)
        with tempfile.TemporaryDirectory() as name:
            overlay.write(flax, Path(name), path, source)
            try:
                killed = self._run(Path(name), _HANGS * self.seconds, "-x").returncode != 0
            except subprocess.TimeoutExpired:
                killed = True
        return Theirs(site.id, killed, round(time.monotonic() - started, 1))


def run(tests: Path, sites: list[Site], results: Path) -> Iterator[Theirs]:
    """What the tests make of the mutants; those that an earlier run has tried are not tried again.

    Raises Misuse if no test passes on Flax as it is.
    """
    before = {one.id for one in finished(results)}
    ahead = [site for site in sites if site.id not in before]
    if not ahead:
        return
    own = Tests(tests)
    for site in ahead:
        one = own.tried(site)
        with _file(results).open("ab") as out:
            out.write(msgspec.json.encode(one) + b"\n")
        yield one


def finished(results: Path) -> list[Theirs]:
    """What there is in the folder of results."""
    if not _file(results).exists():
        return []
    lines = _file(results).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Theirs) for line in lines if line.endswith(b"}")]


def _file(results: Path) -> Path:
    return results / "theirs.jsonl"
