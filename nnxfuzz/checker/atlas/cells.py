"""The atlas of the installed release: each construct by each way, judged in each mode."""

import contextlib
from collections.abc import Iterator, Sequence

from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.api import checking
from nnxfuzz.checker.atlas.base import CONSTRUCTS, Construct
from nnxfuzz.checker.atlas.variables import Unwell
from nnxfuzz.checker.atlas.ways import WAYS
from nnxfuzz.checker.report import Report
from nnxfuzz.checker.verdicts import ORDER, Kind, Verdict
from nnxfuzz.programs.case import Data, Mode


class Cell(Data, frozen=True):
    """What one construct comes to by one way in one mode.

    `kind` and `told` are those of the verdict; `record` is the documented reason or deviation.
    A release that lacks the transform, the mode or what the construct is made of says so in `told`,
    with the kind `not judged`.
    """

    construct: str
    way: str
    mode: Mode
    kind: Kind
    told: str = ""
    record: str = ""


def cells(names: Sequence[str] = tuple(CONSTRUCTS)) -> Iterator[Cell]:
    """The cells of these constructs, in the order of the table."""
    for name in names:
        construct = CONSTRUCTS[name]
        for way in construct.ways:
            yield from row(construct, way)


def row(construct: Construct, way: str) -> Iterator[Cell]:
    """The cells of a construct by a way: one for each mode of the release."""
    transform = way.partition(",")[0]
    told = "" if hasattr(nnx, transform) else f"this release has no nnx.{transform}"
    report = Report()
    if not told:
        try:
            report = _judged(construct, way)
        except Exception as error:  # not of the call: its objects cannot be made here
            told = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    for mode in nnx_api.modes():
        verdict = _verdict(report, transform, mode) or Verdict("not judged", told)
        yield Cell(construct.name, way, mode, verdict.kind, verdict.told, verdict.record)


def _judged(construct: Construct, way: str) -> Report:
    """The report on the one call; raises what the construct raises before it."""
    program = None
    if not construct.calls:
        body, args = construct.make()
        with contextlib.suppress(Unwell):
            body(*args)  # what fails without a transform says nothing of one
        program = construct.make()
    with checking("all", max_calls=None) as report:
        try:
            if program is None:
                construct.make()
            else:
                WAYS[way](*program)
        except Exception:
            if not report.calls:
                raise
    return report


def _verdict(report: Report, transform: str, mode: Mode) -> Verdict | None:
    """What says most of the transform's calls in the mode."""
    rows = [row for row in report.rows.values() if row.transform == transform]
    found = [verdict for row in rows if (verdict := row.worst(mode)) is not None]
    return min(found, key=lambda verdict: ORDER.index(verdict.kind), default=None)
