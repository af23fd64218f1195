"""All mutants, one child process each; results are appended to a file, so a run can go on.

A kill by a finding counts only if Flax as it is does not show it on the same program.  A child
that dies is asked once more, from the program that it was at; only a second death there counts.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Literal

import msgspec

from mutants import overlay
from mutants.files import FILES
from mutants.hunt import Job, Report
from mutants.lines import installed, numbered
from mutants.operators import Site, mutated
from mutants.stream import BATCH, Program, batch_file, judged, load
from nnxfuzz.campaign.note import read_note
from nnxfuzz.campaign.watchdog import ended_by_it
from nnxfuzz.oracle.verdict import Finding, Signature
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.runners.kinds import kind_of

How = Literal["finding", "import", "canary", "stopped", "hang", "crash", "survived"]

#: A child whose program number is not known died before its first.
_IMPORT = 120.0


class Result(Data, frozen=True):
    """What became of a mutant: `programs` were tried before it was killed, or in all.

    `reached` of them came to the changed line at all.
    """

    id: str
    operator: str
    function: str
    file: str
    told: str
    how: How
    programs: int
    reached: int
    seconds: float
    signature: str = ""

    @property
    def killed(self) -> bool:
        """Whether it was noticed."""
        return self.how != "survived"


class Plan(Data, frozen=True):
    """What a run is to do, and where it keeps what it has."""

    results: str
    seed: int
    programs: int
    #: Of the processor, for all arms of a program: one that runs a layer step by step on devices
    #: takes 90 on Flax as it is, and would count as a hang of every mutant that reaches it.
    case_seconds: float = 300.0

    @property
    def folder(self) -> Path:
        """Where programs and results are."""
        return Path(self.results)

    @property
    def file(self) -> Path:
        """The results, one a line."""
        return self.folder / "results.jsonl"


# --- before any mutant ----------------------------------------------------------------------------


def prepare(plan: Plan, workers: int) -> None:
    """Make the batches of programs that are not there yet; raises Misuse, also where the child
    process of a mutant fails on Flax as it is, for then every mutant would count as killed.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    _control(plan)
    numbers = range(-(-plan.programs // BATCH))
    missing = [number for number in numbers if not batch_file(plan.folder, number).exists()]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda number: _make(plan, number), missing))


def _control(plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as name:
        note, file = Path(name) / "a.note", Path(name) / "job.json"
        job = Job(plan.results, 0, 0, frozenset(), frozenset(), str(note), plan.case_seconds)
        file.write_bytes(msgspec.json.encode(job))
        child = _python("mutants.hunt", [str(file)], None)
    if child.returncode or '"survived"' not in child.stdout:
        raise Misuse(f"flax as it is does not survive: {child.stdout}{child.stderr[-2000:]}")


def _make(plan: Plan, number: int) -> None:
    words = [str(plan.seed), str(number), str(batch_file(plan.folder, number))]
    child = _python("mutants.stream", words, None)
    if child.returncode:
        raise Misuse(f"batch {number} of the programs could not be made: {child.stderr[-2000:]}")


def seen(program: Program) -> frozenset[int]:
    """The lines that a program runs."""
    return program.python.union(*(run.lines for run in program.runs.values()))


def at_import() -> frozenset[int]:
    """The lines that run while Flax is imported."""
    return frozenset(msgspec.json.decode(_python("mutants.lines", [], None).stdout, type=list[int]))


def _python(module: str, words: list[str], folder: Path | None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-W", "ignore", "-m", module, *words]
    return subprocess.run(
        command, env=overlay.environ(folder), capture_output=True, text=True, check=False
    )


# --- mutants --------------------------------------------------------------------------------------


class Mutants:
    """Tries mutants; holds what is the same for all of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.flax = installed()
        numbers = range(-(-plan.programs // BATCH))
        #: The lines that each program runs.
        self.lines = [seen(program) for n in numbers for program in load(plan.folder, n)]
        self.at_import = at_import()
        self.control = threading.Lock()
        self.parsing = threading.Lock()  # CPython 3.11 parses in one thread at a time

    def run(self, sites: list[Site], workers: int) -> Iterator[Result]:
        """The results, as they come; what an earlier run knows already is not done again."""
        before = {result.id: result for result in finished(self.plan.file)}
        ahead = [site for site in sites if self._open(before.get(site.id))]
        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(self._tried, site, before.get(site.id)) for site in ahead]
            for future in as_completed(futures):
                result = future.result()
                append(self.plan.file, result)
                yield result

    def _open(self, before: Result | None) -> bool:
        """Whether there is anything left to try."""
        return before is None or (not before.killed and before.programs < self.plan.programs)

    def _tried(self, site: Site, before: Result | None) -> Result:
        """Try a mutant, from where it was left."""
        started = time.monotonic()
        start, reached = (before.programs, before.reached) if before else (0, 0)
        with tempfile.TemporaryDirectory() as name:
            folder, path = Path(name), FILES[site.file]
            with self.parsing:
                source = mutated((self.flax / path).read_text(), site.file, site.id)
            overlay.write(self.flax, folder / "overlay", path, source)
            how, report = self._hunted(site, folder, start)
        seconds = time.monotonic() - started + (before.seconds if before else 0.0)
        return Result(
            site.id,
            site.operator,
            site.function,
            site.file,
            site.told,
            how,
            report.program,
            reached + report.tried,
            round(seconds, 1),
            str(report.signature or ""),
        )

    def _hunted(self, site: Site, folder: Path, start: int) -> tuple[How, Report]:
        """Children, until one brings a verdict that stands."""
        innocent, tried, deaths = frozenset[Signature](), 0, 0
        if not self._reached(site, start):
            return "survived", Report("survived", self.plan.programs)
        while True:
            how, report = self._child(site, folder, start, innocent)
            tried += report.tried
            report = msgspec.structs.replace(report, tried=tried)
            match how:
                case "survived" | "import" | "canary":
                    return how, report
                case "finding" if report.signature and self._innocent(report):
                    return how, report
                case "finding" if report.signature:
                    innocent |= {report.signature}  # Flax as it is shows that too
                case _ if deaths and report.program == start + 1:
                    return how, report
                case _:
                    deaths += 1
            start = report.program - 1

    def _child(
        self, site: Site, folder: Path, start: int, innocent: frozenset[Signature]
    ) -> tuple[How, Report]:
        """One child process, and how it ended."""
        note, file = folder / "a.note", folder / "job.json"
        note.unlink(missing_ok=True)
        stop, lines = self.plan.programs, self._needed(site)
        seconds = self.plan.case_seconds
        job = Job(self.plan.results, start, stop, lines, innocent, str(note), seconds)
        file.write_bytes(msgspec.json.encode(job))
        child = _python("mutants.hunt", [str(file)], folder / "overlay")
        if child.returncode == 0:
            report = msgspec.json.decode(child.stdout.splitlines()[-1], type=Report)
            return report.outcome, report
        last = read_note(note)
        if last is None:
            return "import", Report("survived", 0)
        late = ended_by_it(child.returncode, seconds, time.time() - last.at)
        how: How = "hang" if late else "crash"
        return how, Report("survived", last.programs + 1)

    def _reached(self, site: Site, start: int) -> bool:
        """Whether any program from there on comes to the change."""
        needed = self._needed(site)
        return not needed or not all(map(needed.isdisjoint, self.lines[start:]))

    def _needed(self, site: Site) -> frozenset[int]:
        """The lines that a program has to come to; none if the change may matter to every one."""
        first, last = site.lines
        lines = frozenset(numbered(site.file, line) for line in range(first, last + 1))
        return frozenset() if site.at_import or lines & self.at_import else lines

    def _innocent(self, report: Report) -> bool:
        """Whether Flax as it is does not show the finding on that program, by any executor."""
        number = report.program - 1
        program: Program = load(self.plan.folder, number // BATCH)[number % BATCH]
        assert report.arm is not None
        kind = kind_of(program.case)
        with self.control:
            for executor in (kind.explores, *kind.confirming(program.case)):
                verdict = judged(program.judging(), report.arm, executor)
                if isinstance(verdict, Finding) and verdict.signature == report.signature:
                    return False
        return True


def append(file: Path, result: Result) -> None:
    """Add a result; a line that a dying run left unfinished is ended first."""
    with file.open("ab") as out:
        out.write(b"\n" + msgspec.json.encode(result))


def finished(file: Path) -> list[Result]:
    """The last result of each mutant in the file."""
    if not file.exists():
        return []
    lines = [line for line in file.read_bytes().splitlines() if line.endswith(b"}")]
    results = [msgspec.json.decode(line, type=Result) for line in lines]
    return list({result.id: result for result in results}.values())
