"""What a check came to: a table for people, JSON and JUnit XML for programs."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from nnxfuzz.checker.sites import Site, shown
from nnxfuzz.checker.verdicts import ORDER, Judged, Kind, Verdict
from nnxfuzz.programs.case import MODES, Mode

#: What is said below verdicts that name a record.
_RECORDS = "nnxfuzz contract RECORD says where a reason is documented, and what to do about it"

#: What two calls of a site have in common that are likely to come to the same (see `forms`).
Form = tuple[Any, ...]

#: How many forms of the arguments of one function are judged at a call site.
_FORMS = 4

#: Up to which call of a site the form of each is looked at, and of how many later ones that of one.
_ALL_LOOKED_AT, _LOOKED_AT = 100, 10

#: How many lines of evidence a report shows of one verdict.
_LINES = 5


def ending(trace: str) -> str:
    """The last line of a traceback but for the note of jax, which says what it leaves out there."""
    return _NOTE.sub("", trace).strip().splitlines()[-1]


_NOTE = re.compile("\n-{20}\nFor simplicity, JAX has removed .*")


class Row:
    """One call site: the calls that one line makes of one transform.

    `verdicts` counts, by mode, what its judged calls came to, and `used` what they came to in the
    mode in use, which may not be the same for all.
    """

    def __init__(self, site: Site, transform: str) -> None:
        self.site = site
        self.transform = transform
        self.calls = 0
        self.judged = 0
        self.let_go = 0
        #: How many calls were taken up, by mode and by what the function is, then by the form of
        #: what they are given.
        self.taken: dict[Any, Counter[Form]] = {}
        self.verdicts: dict[Mode, Counter[Verdict]] = {}
        self.used: Counter[tuple[Mode, Verdict]] = Counter()

    @property
    def name(self) -> str:
        """The transform as the program writes it; a function of jax has its module already."""
        return self.transform if "." in self.transform else f"nnx.{self.transform}"

    def takes(self, function: Any, form_of: Callable[[], Form], most: int) -> bool:
        """Whether a call is one of the first `most` of a form, one of the first forms; if so, it is
        counted.

        Of many calls the form of one in ten is looked at: that takes a fourth of an empty call.
        """
        if self.calls > max(_ALL_LOOKED_AT, most) and self.calls % _LOOKED_AT:
            return False
        taken, form = self.taken.setdefault(function, Counter()), form_of()
        if taken[form] >= most or (form not in taken and len(taken) >= _FORMS):
            return False
        taken[form] += 1
        return True

    def add(self, judged: Judged) -> None:
        """Count what a call came to."""
        self.judged += 1
        self.used[judged.mode, judged.verdicts[judged.mode]] += 1
        for mode, verdict in judged.verdicts.items():
            self.verdicts.setdefault(mode, Counter())[verdict] += 1

    def worst(self, mode: Mode) -> Verdict | None:
        """The verdict in a mode that says most."""
        found = self.verdicts.get(mode)
        return min(found, key=lambda v: ORDER.index(v.kind)) if found else None

    def by_verdict(self, modes: Iterable[Mode]) -> list[tuple[Verdict, list[Mode]]]:
        """Each verdict with the modes that have it, the one that says most first."""
        found: dict[Verdict, list[Mode]] = {}
        for mode in modes:
            for verdict in self.verdicts.get(mode, ()):
                found.setdefault(verdict, []).append(mode)
        return sorted(found.items(), key=lambda item: ORDER.index(item[0].kind))

    def warnings(self) -> dict[str, str]:
        """What the calls are warned of, which is no fault of the transform."""
        return {name: told for _, verdict in self.used for name, told in verdict.warnings}

    def findings(self) -> list[Verdict]:
        """What broke the promise in the mode in use."""
        return [verdict for _, verdict in self.used if verdict.is_finding]


class Report:
    """All call sites of a program, in the order in which they were met.

    >>> report = Report()
    >>> report.ok, report.calls
    (True, 0)
    >>> print(report)
    no call of an NNX transform was seen
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int, str], Row] = {}
        #: What went wrong in the checker itself: where, and the traceback.
        self.failures: list[tuple[Site, str]] = []
        #: The tolerance that was used, in words.
        self.tolerance = ""
        #: Where the findings were saved, or why not, a sentence each.
        self.saved: list[str] = []

    def row(self, site: Site, transform: str) -> Row:
        """The row of a call site, a new one if it is not known."""
        key = site.file, site.line, transform
        if key not in self.rows:
            self.rows[key] = Row(site, transform)
        return self.rows[key]

    def add(self, judged: Judged) -> None:
        """Take up what a call came to."""
        self.row(judged.site, judged.transform).add(judged)

    def failed(self, site: Site, trace: str) -> None:
        """Take up a failure of the checker itself."""
        self.failures.append((site, trace))

    @property
    def calls(self) -> int:
        """How many outermost calls were seen."""
        return sum(row.calls for row in self.rows.values())

    @property
    def ok(self) -> bool:
        """Whether there is no difference and no unexplained refusal in the mode in use."""
        return not self.findings

    @property
    def findings(self) -> list[tuple[Row, Verdict]]:
        """What broke the promise in the mode in use, by call site."""
        return [(row, verdict) for row in self.rows.values() for verdict in row.findings()]

    @property
    def modes(self) -> list[Mode]:
        """The modes in which some call was judged."""
        return [m for m in MODES if any(m in row.verdicts for row in self.rows.values())]

    def counts(self) -> Counter[Kind]:
        """How many calls came to what, in the mode in use."""
        counted: Counter[Kind] = Counter()
        for row in self.rows.values():
            for (_, verdict), number in row.used.items():
                counted[verdict.kind] += number
        return counted

    def met(self, kinds: Iterable[str]) -> list[str]:
        """Those of these kinds that some call came to in the mode in use, with their numbers;
        `unseen` is that there was no call.
        """
        counted: Counter[str] = Counter({k.replace(" ", "-"): n for k, n in self.counts().items()})
        counted["unseen"] = int(not self.calls)
        return ["no call" if k == "unseen" else f"{counted[k]} {k}" for k in kinds if counted[k]]

    # --- for people -------------------------------------------------------------------------

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterable[str]:
        if not self.calls:
            yield "no call of an NNX transform was seen"
        else:
            yield from self._table()
            yield from self._details()
            yield ""
            yield self._summary()
            if any(v.record for row in self.rows.values() for v, _ in row.by_verdict(self.modes)):
                yield _RECORDS
        yield from self.saved
        if self.failures:
            site, trace = self.failures[0]
            yield f"{len(self.failures)} calls could not be judged because nnxfuzz failed; please"
            yield f"report the first, at {site}: {ending(trace)}"

    def _table(self) -> Iterable[str]:
        head = ["call site", "transform", "calls", *self.modes]
        body = [
            [str(row.site), row.transform, str(row.calls), *(_cell(row, m) for m in self.modes)]
            for row in self.rows.values()
        ]
        widths = [max(len(line[k]) for line in [head, *body]) for k in range(len(head))]
        for line in [head, *body]:
            cells = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            yield "  ".join(cells).rstrip()
        if any(cell.endswith("*") for line in body for cell in line):
            yield "* in the mode that the program uses"

    def _details(self) -> Iterable[str]:
        for row in self.rows.values():
            shown: dict[tuple[str, ...], set[Mode]] = {}
            for verdict, modes in row.by_verdict(self.modes):
                if verdict.told and (verdict.kind != "same" or "raised" in verdict.aspects):
                    shown.setdefault((verdict.kind, *_block(verdict)), set()).update(modes)
            for (kind, *lines), together in shown.items():
                yield ""
                modes = [mode for mode in self.modes if mode in together]
                yield f"{row.site} {row.name}, {', '.join(modes)}: {kind}"
                yield from lines
            for name, told in row.warnings().items():
                yield ""
                yield f"{row.site} {row.name}: warning ({name})"
                yield f"  {told}"

    def _summary(self) -> str:
        counted = self.counts()
        told = ", ".join(f"{counted[kind]} {kind}" for kind in reversed(ORDER) if counted[kind])
        let_go = sum(row.let_go for row in self.rows.values())
        rest = f"; {let_go} more of the same sites were not judged (--max-calls)" if let_go else ""
        warned = Counter(name for row in self.rows.values() for name in row.warnings())
        sites = "".join(f"; {n} call sites warned of {name}" for name, n in warned.items())
        calls = "call" if self.calls == 1 else "calls"
        return f"{self.calls} {calls}: {told or 'none judged'}{rest}{sites}"

    # --- for programs -----------------------------------------------------------------------

    def json(self) -> str:
        """The report as JSON; docs/check.md lists the fields."""
        return msgspec.json.encode(self._data()).decode()

    def _data(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "calls": self.calls,
            "tolerance": self.tolerance,
            "saved": self.saved,
            "sites": [_row_data(row) for row in self.rows.values()],
            "failures": [{"site": str(site), "traceback": text} for site, text in self.failures],
        }

    def junit(self) -> bytes:
        """The report as JUnit XML: a test case for each call site and mode."""
        suite = ET.Element("testsuite", name="nnxfuzz check")
        for row in self.rows.values():
            for mode in self.modes:
                _case(suite, row, mode)
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in suite)))
        return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _cell(row: Row, mode: Mode) -> str:
    verdict = row.worst(mode)
    if verdict is None:
        return "-"
    return (
        f"{verdict.kind} *" if (mode, verdict) in row.used and verdict.is_finding else verdict.kind
    )


def _block(verdict: Verdict) -> Iterable[str]:
    """What the report says of a verdict, below the modes in which it holds."""
    yield f"  {_sentence(verdict)}"
    if verdict.is_finding:
        yield from (f"    {line}" for line in verdict.lines[1:_LINES])
    yield from (f"  {line}" for line in _way_out(verdict))


def _way_out(verdict: Verdict) -> list[str]:
    return [f"way out: {verdict.way_out}"] if verdict.way_out else []


def _sentence(verdict: Verdict) -> str:
    source = f" (documented: {verdict.record})" if verdict.record else ""
    return f"{verdict.told}{source}"


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "file": shown(row.site.file),
        "line": row.site.line,
        "text": row.site.text,
        "transform": row.transform,
        "modes_in_use": sorted({mode for mode, _ in row.used}),
        "calls": row.calls,
        "judged": row.judged,
        "let_go": row.let_go,
        "verdicts": {
            mode: [{**msgspec.to_builtins(verdict), "calls": n} for verdict, n in found.items()]
            for mode, found in row.verdicts.items()
        },
    }


def _case(suite: ET.Element, row: Row, mode: Mode) -> None:
    verdict = row.worst(mode)
    if verdict is None:
        return
    name = f"{row.site} {row.name} {mode}"
    case = ET.SubElement(suite, "testcase", classname=shown(row.site.file), name=name)
    if verdict.is_finding and (mode, verdict) in row.used:
        failure = ET.SubElement(case, "failure", message=verdict.told, type=verdict.kind)
        failure.text = "\n".join([*verdict.lines, *_way_out(verdict)])
    elif verdict.kind in ("not judged", "inconclusive"):
        ET.SubElement(case, "skipped", message=f"{verdict.kind}: {verdict.told}")
    elif verdict.kind != "same":
        out = ET.SubElement(case, "system-out")
        out.text = "\n".join([f"{verdict.kind}: {_sentence(verdict)}", *_way_out(verdict)])
