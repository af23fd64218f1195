"""A case made 1-minimal: no row, statement or option can be dropped without losing the finding.

Hypothesis shrinks the draws that made a case; this works on the case itself, where dropping a row
of a flat table is one step.  Every candidate is strictly smaller by `weight`, so it ends.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from nnxfuzz.programs.case import Case, CaseError, canonical, check, weight
from nnxfuzz.programs.shrink.carries import smaller_carries
from nnxfuzz.programs.shrink.fields import smaller_fields
from nnxfuzz.programs.shrink.lifting import lifted_nodes
from nnxfuzz.programs.shrink.rows import fewer_rows
from nnxfuzz.programs.shrink.scans import smaller_scans
from nnxfuzz.programs.shrink.together import smaller_together

Json = Any


class Tries:
    """How often a smaller case may still be tried.  Counted, so that a loaded machine shrinks a
    finding as far as an idle one does.
    """

    def __init__(self, count: int, ended: Callable[[], bool] = lambda: False) -> None:
        self.left = count
        self._ended = ended

    def take(self) -> None:
        """One more try."""
        self.left -= 1

    def over(self) -> bool:
        """Whether there is none left, or the search has `ended` otherwise."""
        return self.left <= 0 or self._ended()


def reduced(case: Case, shows: Callable[[Case], bool], tries: Tries) -> Case:
    """The smallest case reachable from `case` by single steps that still `shows`.

    After a step that succeeds it goes on with the steps behind it, and comes back to those before
    it at the end of the round: most of them would fail once more.
    """
    best, at = case, 0
    while True:
        steps = list(_documents(best, msgspec.to_builtins(best)))
        order = [*range(at, len(steps)), *range(min(at, len(steps)))]
        seen: set[bytes] = set()
        for at in order:
            candidate = _candidate(steps[at], best, seen)
            if candidate is None:
                continue
            if tries.over():
                return best
            tries.take()
            if shows(candidate):
                best = candidate
                break
        else:
            return best


def candidates(case: Case) -> Iterator[Case]:
    """Every well-formed case one step smaller, the largest steps first."""
    seen: set[bytes] = set()
    for smaller in _documents(case, msgspec.to_builtins(case)):
        candidate = _candidate(smaller, case, seen)
        if candidate is not None:
            yield candidate


def _candidate(document: Json, case: Case, seen: set[bytes]) -> Case | None:
    """The case in a document, if it is well formed, smaller than `case` and not `seen` yet."""
    try:
        candidate = msgspec.convert(document, Case)
        check(candidate)
    except (msgspec.ValidationError, CaseError):
        return None
    text = canonical(candidate)
    if text in seen or weight(candidate) >= weight(case):
        return None
    seen.add(text)
    return candidate


def _documents(case: Case, document: dict[str, Json]) -> Iterator[dict[str, Json]]:
    yield from fewer_rows(document)
    yield from smaller_scans(case, document)
    yield from smaller_carries(document)
    yield from lifted_nodes(case, document)
    yield from smaller_fields(document)
    yield from smaller_together(document)
