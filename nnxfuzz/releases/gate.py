"""A change of Flax against a baseline: what breaks with the change, and did not break before.

The change runs the corpus and is fuzzed for a while.  Whatever fails there runs on the baseline,
too, and counts only if it does not fail there.  So what the corpus says of releases decides
nothing, and a bug that nobody knew is not held against the change.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.causes import grouped
from nnxfuzz.corpus.outcomes import BAD, FINDINGS, Replayed, entries_text
from nnxfuzz.oracle.verdict import FindingKind
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.elsewhere import Installation, prepare, start
from nnxfuzz.releases.matrix import column
from nnxfuzz.releases.targets import Target

KINDS: tuple[str, ...] = get_args(FindingKind)

#: Outcomes of an entry that fails, as recorded or in another way.
_FAILS = BAD | FINDINGS


class Compared(Data, frozen=True):
    """An entry on the change and, where it fails there, on the baseline."""

    after: Replayed
    before: Replayed | None = None

    @property
    def path(self) -> Path:
        return Path(self.after.path)

    @property
    def seen(self) -> str:
        """The signature that the change shows; empty if it does not fail."""
        return _signature(self.after) if self.after.outcome in _FAILS else ""

    @property
    def kind(self) -> str:
        """The kind of that."""
        return _kind(self.seen)

    @property
    def brought(self) -> bool:
        """Whether the change breaks it: it fails, and the baseline does not, or fails in another
        way.  A failure of the same kind that is told otherwise, by a function of another name
        say, is one that was there before.
        """
        if not self.seen or self.before is None or self.before.outcome == "unreadable":
            return False
        if self.before.outcome not in _FAILS:
            return True
        return self.kind != _kind(_signature(self.before))

    def told(self) -> str:
        """What the baseline does, in words."""
        if self.before is None:
            return "not run"
        fails = self.before.outcome in _FAILS
        return f"fails: {_signature(self.before)}" if fails else self.before.outcome


def _signature(result: Replayed) -> str:
    """What a failure shows: all of the detail, or what it says of now."""
    return result.detail.rpartition(", seen ")[2]


def _kind(signature: str) -> str:
    """The kind that a signature begins with; what has none tells how a process ended."""
    kind = signature.partition(" ")[0]
    return kind if kind in KINDS else "crash"


class Fuzzed(Data, frozen=True):
    """What the search came to.  `faults` are programs at which nnxfuzz itself failed."""

    seed: int
    seconds: float
    programs: int
    faults: int


class Came(Data, frozen=True):
    """What a change came to: the entries, the search and what that has found.

    `wanted` is how many programs it takes to say that nothing breaks.
    """

    entries: tuple[Compared, ...]
    finds: tuple[Compared, ...]
    fuzzed: Fuzzed | None
    wanted: int = 0

    @property
    def brought(self) -> list[Compared]:
        """What counts against the change."""
        return [each for each in (*self.entries, *self.finds) if each.brought]

    @property
    def too_few(self) -> str:
        """That the search was too short to say that nothing breaks, if it was."""
        if self.fuzzed is None or self.fuzzed.programs >= self.wanted or self.brought:
            return ""
        ran = f"{self.fuzzed.programs} {'program' if self.fuzzed.programs == 1 else 'programs'}"
        return (
            f"only {ran} ran in {self.fuzzed.seconds:.0f}s, and it takes {self.wanted} to pass; "
            "give more time, as in --time 10m, or ask for fewer with --min-programs"
        )

    @property
    def causes(self) -> list[list[Compared]]:
        """The same, those of one cause together."""
        brought = {each.path: each for each in self.brought}
        found = [(path, corpus.load(path)) for path in brought]
        return [[brought[path] for path, _ in group.entries] for group in grouped(found, {})]

    @property
    def mended(self) -> list[Compared]:
        """Entries that fail on releases of this version, by their record, and not any more."""
        return [each for each in self.entries if each.after.outcome == "fixed"]


class Gate:
    """A change and its baseline, each in its environment; `say` hears what is done next, and `at`
    where it is in that.
    """

    def __init__(
        self,
        change: Target,
        baseline: Target,
        cache: Path,
        say: Callable[[str], None],
        at: Callable[[str], None],
    ) -> None:
        self.change, self.baseline, self.cache = change, baseline, cache
        self.say, self.at = say, at
        say(f"the environment of {change.label}")
        self.place = prepare(change, cache)
        say(f"the environment of {baseline.label}")
        self.before = prepare(baseline, cache)

    def entries(self, files: Sequence[Path]) -> list[Compared]:
        """The entries on the change, those that fail on the baseline as well."""
        self.say(f"{entries_text(len(files))} on {self.change.label}")
        after = self._column(self.change, self.place, files)
        failing = [result for result in after if result.outcome in _FAILS]
        if failing:
            self.say(f"{len(failing)} of them, which fail, on {self.baseline.label}")
        paths = [Path(result.path) for result in failing]
        seen = self._column(self.baseline, self.before, paths)
        before = dict(zip(paths, seen, strict=True))
        return [Compared(result, before.get(Path(result.path))) for result in after]

    def _column(self, target: Target, place: Installation, paths: Sequence[Path]) -> list[Replayed]:
        results: list[Replayed] = []
        self.at(f"0 of {entries_text(len(paths))} on {target.label}")
        for result in column(target, place, paths, self.cache):
            results.append(result)
            self.at(f"{len(results)} of {entries_text(len(paths))} on {target.label}")
        return results

    def fuzz(self, words: Sequence[str], most: int | None) -> tuple[list[Compared], Fuzzed]:
        """Search the change, with these words of `nnxfuzz fuzz`, until its budget is used up or so
        many of its finds are right on the baseline.  Raises Misuse if nothing could be run.
        """
        found: dict[str, bool] = {}  # whether the baseline is right, as far as that was asked
        end: dict[str, Any] = {}
        seed = 0
        self.say(f"fuzzing {self.change.label}")
        self.at(f"fuzzing {self.change.label}")
        with tempfile.TemporaryFile("w+") as errors:
            with _fuzzing(self.place, words, self.cache, errors) as (child, events):
                for event in events:
                    match event["is"]:
                        case "start":
                            seed = event["seed"]
                        case "progress":
                            told = _progress(event["statistics"])
                            self.at(f"fuzzing {self.change.label}: {told}")
                        case "finding":
                            found.pop(event.get("replaces") or "", None)
                            asked = most is not None and event["shrunk"]
                            found[event["path"]] = asked and self._right_before(event["path"])
                        case "same":
                            found.pop(event["path"], None)
                        case "end":
                            end = event
                    if most is not None and sum(found.values()) >= most:
                        child.terminate()
                        most = None
                code = child.wait()
            errors.seek(0)
            if code not in (0, 1, 3) or not end:
                raise _ended(self.change, code, errors.read())
        told = end["statistics"]
        fuzzed = Fuzzed(seed, told["seconds"], told["programs"], len(end.get("faults", ())))
        paths = [Path(path) for path in found]
        return (self.entries(paths) if paths else []), fuzzed

    def _right_before(self, path: str) -> bool:
        (before,) = column(self.baseline, self.before, [Path(path)], self.cache)
        return before.outcome not in _FAILS


class _fuzzing:
    """`nnxfuzz fuzz` there, and its events; it is gone at the end of the context."""

    def __init__(self, place: Installation, words: Sequence[str], cache: Path, errors: Any) -> None:
        command = ("fuzz", "--json", "-", *words)
        self.child = start(place, command, cache, stdout=subprocess.PIPE, stderr=errors)

    def __enter__(self) -> tuple["subprocess.Popen[str]", Iterator[dict[str, Any]]]:
        assert self.child.stdout is not None
        return self.child, map(json.loads, self.child.stdout)

    def __exit__(self, *error: object) -> None:
        if self.child.poll() is None:
            self.child.terminate()  # its workers end with it
        self.child.wait()


def _progress(figures: dict[str, Any]) -> str:
    programs = figures["programs"] + figures["running"]["programs"]
    return f"{figures['seconds']:.0f}s, {programs} programs, {figures['findings']} finds"


def _ended(target: Target, code: int, said: str) -> Misuse:
    told = said.strip().splitlines()
    last = told[-1].removeprefix("nnxfuzz: ") if told else f"it ended with {code}"
    return Misuse(f"flax {target.label}: {last}")


def outcomes(came: Came) -> list[tuple[str, int]]:
    """How many entries came to what on the change, as recorded or not."""
    names = [each.after.outcome for each in came.entries]
    return [(name, names.count(name)) for name in dict.fromkeys(names)]


__all__ = ["Came", "Compared", "Fuzzed", "Gate", "outcomes"]
