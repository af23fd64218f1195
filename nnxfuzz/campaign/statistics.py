"""What a campaign counts, and where its time goes."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

Stage = Literal["drawing", "reference", "transform", "confirming", "shrinking"]


class Statistics:
    """Counts of programs, arms and outcomes, and seconds by stage.

    `transform` is the traced run of the arm, `confirming` the one compiled by XLA; what is spent
    while a finding is shrunk counts as `shrinking` only.
    """

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.programs = 0
        self.arms = 0
        self.agreed = 0
        self.unfit = 0
        self.unconfirmed = 0
        self.refused: Counter[str] = Counter()
        self.known: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.seconds: defaultdict[Stage, float] = defaultdict(float)
        self._stages: list[Stage] = []
        self._shrinking_since: float | None = None

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Count the time spent inside under `name`; inside of another stage, under that one."""
        before = time.monotonic()
        self._stages.append(name)
        try:
            yield
        finally:
            self._stages.pop()
            if not self._stages and self._shrinking_since is None:
                self.seconds[name] += time.monotonic() - before

    def shrink(self, on: bool) -> None:
        """Count everything as `shrinking` from now on, Hypothesis's part included; or stop."""
        now = time.monotonic()
        if self._shrinking_since is not None:
            self.seconds["shrinking"] += now - self._shrinking_since
        self._shrinking_since = now if on else None

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def as_data(self) -> dict[str, Any]:
        """The figures as plain JSON data."""
        elapsed = max(self.elapsed, 1e-9)
        spent: dict[str, float] = {str(name): value for name, value in self.seconds.items()}
        spent["drawing"] = max(0.0, elapsed - sum(spent.values()))
        return {
            "seconds": round(elapsed, 3),
            "programs": self.programs,
            "arms": self.arms,
            "programs_per_second": round(self.programs / elapsed, 2),
            "arms_per_second": round(self.arms / elapsed, 2),
            "agreed": self.agreed,
            "refused": dict(sorted(self.refused.items())),
            "unfit": self.unfit,
            "unconfirmed": self.unconfirmed,
            "known": dict(sorted(self.known.items())),
            "found": dict(sorted(self.found.items())),
            "seconds_by_stage": {name: round(value, 3) for name, value in spent.items()},
        }
