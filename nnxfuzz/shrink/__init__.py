"""A case made 1-minimal: no row, statement or option can be dropped without losing the finding.

Hypothesis shrinks the draws that made a case; this works on the case itself, where dropping a row
of a flat table is one step.  Every candidate is strictly smaller by `weight`, so it ends.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from nnxfuzz.case import Case, CaseError, canonical, check
from nnxfuzz.shrink.carries import smaller_carries
from nnxfuzz.shrink.fields import smaller_fields
from nnxfuzz.shrink.lifting import lifted_nodes
from nnxfuzz.shrink.rows import fewer_rows
from nnxfuzz.shrink.scans import smaller_scans

Json = Any


def reduced(case: Case, shows: Callable[[Case], bool], over: Callable[[], bool]) -> Case:
    """The smallest case reachable from `case` by single steps that still `shows`."""
    best = case
    progress = True
    while progress and not over():
        progress = False
        for candidate in candidates(best):
            if over():
                break
            if shows(candidate):
                best, progress = candidate, True
                break
    return best


def candidates(case: Case) -> Iterator[Case]:
    """Every well-formed case one step smaller, the largest steps first."""
    document = msgspec.to_builtins(case)
    own = weight(case)
    seen: set[bytes] = set()
    for smaller in _documents(case, document):
        try:
            candidate = msgspec.convert(smaller, Case)
            check(candidate)
        except (msgspec.ValidationError, CaseError):
            continue
        text = canonical(candidate)
        if text not in seen and weight(candidate) < own:
            seen.add(text)
            yield candidate


def weight(case: Case) -> tuple[int, bytes]:
    """The one total order of "smaller": the length of the canonical JSON, then the text."""
    text = canonical(case)
    return len(text), text


def _documents(case: Case, document: dict[str, Json]) -> Iterator[dict[str, Json]]:
    yield from fewer_rows(document)
    yield from smaller_scans(case, document)
    yield from smaller_carries(document)
    yield from lifted_nodes(case, document)
    yield from smaller_fields(document)
