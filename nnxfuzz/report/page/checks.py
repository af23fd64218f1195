"""The report of a check as a page: the call sites, what each came to in each mode, the evidence."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from nnxfuzz.checker.verdicts import FINDINGS, ORDER
from nnxfuzz.programs.case import MODES, Data, Mode
from nnxfuzz.report.page import SIGNS_OF_VERDICTS, environment


class Cell(Data, frozen=True):
    """What the calls of a site came to in a mode; the kind that says most."""

    kind: str
    sign: str = ""
    used: bool = False


class Told(Data, frozen=True):
    """A verdict, and the modes that have it."""

    modes: str
    kind: str
    told: str
    lines: tuple[str, ...] = ()
    record: str = ""
    way_out: str = ""


class Site(Data, frozen=True):
    """A call site; `verdicts` are those of which there is something to say, and `worst` is the kind
    that says most in the modes in use.
    """

    anchor: str
    place: str
    name: str
    text: str
    calls: int
    cells: tuple[Cell, ...]
    verdicts: tuple[Told, ...]
    worst: str

    @property
    def wrong(self) -> bool:
        return self.worst in FINDINGS


def check_page(report: Mapping[str, Any], program: str) -> str:
    """The page of a report, as `Report.json` has it, on a program."""
    there = {mode for site in report["sites"] for mode in site["verdicts"]}
    modes = [mode for mode in MODES if mode in there]
    sites = [_site(k, site, modes) for k, site in enumerate(report["sites"], 1)]
    return (
        environment()
        .get_template("check.html.j2")
        .render(
            heading=f"nnxfuzz check: {program}",
            told=_told(report),
            modes=modes,
            sites=sites,
            options=[
                ("transform", sorted({site.name for site in sites})),
                ("verdict", [kind for kind in ORDER if kind in {site.worst for site in sites}]),
            ],
            saved=report["saved"],
            failures=report["failures"],
            tolerance=report["tolerance"],
        )
    )


def _told(report: Mapping[str, Any]) -> str:
    counted: Counter[str] = Counter()
    for site in report["sites"]:
        for mode in site["modes_in_use"]:
            for verdict in site["verdicts"].get(mode, ()):
                counted[verdict["kind"]] += verdict["calls"]
    listed = ", ".join(f"{counted[kind]} {kind}" for kind in ORDER if counted[kind])
    calls = report["calls"]
    return f"{calls} {'call' if calls == 1 else 'calls'}: {listed or 'none judged'}."


def _site(number: int, site: Mapping[str, Any], modes: list[Mode]) -> Site:
    transform = site["transform"]
    return Site(
        f"site-{number}",
        f"{site['file']}:{site['line']}",
        transform if "." in transform else f"nnx.{transform}",
        site["text"],
        site["calls"],
        tuple(_cell(site, mode) for mode in modes),
        tuple(_verdicts(site, modes)),
        _worst(site),
    )


def _worst(site: Mapping[str, Any]) -> str:
    used = [site["verdicts"].get(mode, ()) for mode in site["modes_in_use"]]
    kinds = [verdict["kind"] for verdicts in used for verdict in verdicts]
    return min(kinds, key=ORDER.index, default="not judged")


def _cell(site: Mapping[str, Any], mode: str) -> Cell:
    found = [verdict["kind"] for verdict in site["verdicts"].get(mode, ())]
    if not found:
        return Cell("not judged")
    kind = min(found, key=ORDER.index)
    return Cell(kind, SIGNS_OF_VERDICTS.get(kind, ""), mode in site["modes_in_use"])


def _verdicts(site: Mapping[str, Any], modes: list[Mode]) -> list[Told]:
    """Each verdict once, with its modes, the one that says most first."""
    found: dict[Told, list[str]] = {}
    for mode in modes:
        for verdict in site["verdicts"].get(mode, ()):
            if verdict["kind"] != "same" and verdict.get("told"):
                lines = tuple(verdict.get("lines", ()))
                record, way_out = verdict.get("record", ""), verdict.get("way_out", "")
                told = Told("", verdict["kind"], verdict["told"], lines, record, way_out)
                found.setdefault(told, []).append(mode)
    ordered = sorted(found.items(), key=lambda item: ORDER.index(item[0].kind))
    return [
        Told(", ".join(where), t.kind, t.told, t.lines, t.record, t.way_out) for t, where in ordered
    ]
