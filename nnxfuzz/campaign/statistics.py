"""What a campaign counts, and where its time goes.

`Statistics` collects in the process that does the work; `Counts` is the same as plain data, which
travels, is written down, and adds up: the counts of two batches are `one.plus(other)`.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any, Literal

from nnxfuzz.programs.case import Data

Stage = Literal["drawing", "reference", "transform", "confirming", "shrinking"]

#: What became of a program: some arm was accepted and agreed; some arm was refused for a reason.
Fate = Literal["accepted", "refused"]


class Counts(Data, frozen=True):
    """Figures that add up.  `seconds` are those of workers, so two workers have two a second.

    `failed` are arms that came to nothing because nnxfuzz itself failed; `faults` are those
    failures by name, wherever they came up (at an arm, in drawing, in shrinking).
    `discarded` are draws that Hypothesis gave up; `skipped` programs are those known to kill the
    process that runs them.  `features` and `pairs` (two names, joined by `pair_name`) count
    programs.  `checked` are those of `known` that were shrunk to see whether they are.
    """

    programs: int = 0
    arms: int = 0
    agreed: int = 0
    unconfirmed: int = 0
    failed: int = 0
    discarded: int = 0
    skipped: int = 0
    refused: dict[str, int] = {}
    #: Arms that allowed no comparison, by cause (see `arithmetic.Cause`).
    inconclusive: dict[str, int] = {}
    #: Arms that agree, by what they warn of: a key that is handed out twice, by Python as well.
    warnings: dict[str, int] = {}
    known: dict[str, int] = {}
    faults: dict[str, int] = {}
    checked: dict[str, int] = {}
    #: Signatures that were new; the campaign counts them, since two workers may find the same.
    found: dict[str, int] = {}
    seconds: dict[str, float] = {}
    features: dict[str, int] = {}
    accepted_with: dict[str, int] = {}
    refused_with: dict[str, int] = {}
    pairs: dict[str, int] = {}

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        names = self.__struct_fields__
        return Counts(**{name: _sum(getattr(self, name), getattr(other, name)) for name in names})


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        both = {n: one.get(n, 0) + other.get(n, 0) for n in sorted(one.keys() | other.keys())}
        return {name: count for name, count in both.items() if count}
    return one + other


def pair_name(one: str, other: str) -> str:
    """The name of an unordered pair of features."""
    return " + ".join(sorted((one, other)))


def pair_names(names: Iterable[str]) -> list[str]:
    """The names of all pairs out of `names`."""
    return [f"{one} + {other}" for one, other in combinations(sorted(names), 2)]


class Statistics:
    """Counts of programs, arms and outcomes, and seconds by stage.

    `transform` is the traced run of the arm, `confirming` the one compiled by XLA.
    """

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.programs = 0
        self.draws = 0
        self.arms = 0
        self.agreed = 0
        self.unconfirmed = 0
        self.failed = 0
        self.skipped = 0
        self.refused: Counter[str] = Counter()
        self.inconclusive: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.known: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()
        self.features: Counter[str] = Counter()
        self.with_fate: dict[Fate, Counter[str]] = {"accepted": Counter(), "refused": Counter()}
        self.pairs: Counter[str] = Counter()
        self.seconds: defaultdict[Stage, float] = defaultdict(float)
        self._stages: list[Stage] = []

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Count the time spent inside under `name`; inside of another stage, under that one."""
        before = time.monotonic()
        self._stages.append(name)
        try:
            yield
        finally:
            self._stages.pop()
            if not self._stages:
                self.seconds[name] += time.monotonic() - before

    def exercised(self, names: frozenset[str], fates: set[Fate]) -> None:
        """Count a program that exercised the features and met these fates on its arms."""
        self.features.update(names)
        self.pairs.update(pair_names(names))
        for fate in fates:
            self.with_fate[fate].update(names)

    def counts(self, rest: Stage = "drawing") -> Counts:
        """The figures as data; time that no stage has had is that of `rest`."""
        spent: dict[str, float] = {str(name): value for name, value in self.seconds.items()}
        elapsed = time.monotonic() - self.started
        spent[rest] = spent.get(rest, 0.0) + max(0.0, elapsed - sum(spent.values()))
        counted: dict[str, Any] = {
            name: dict(held) if isinstance(held, Counter) else held
            for name, held in vars(self).items()
            if name in Counts.__struct_fields__
        }
        counted |= {f"{fate}_with": dict(names) for fate, names in self.with_fate.items()}
        discarded = max(0, self.draws - self.programs - self.skipped)
        return Counts(**counted | {"seconds": spent, "discarded": discarded})
