"""One entry as the page tells it: drawings, program, evidence, arms, releases, script."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nnxfuzz.corpus.entries import Entry
from nnxfuzz.corpus.outcomes import BAD, GOOD, affected, range_text
from nnxfuzz.oracle.verdict import Difference, Failure, FindingKind
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import Data
from nnxfuzz.releases.table import RELEASES, sighting
from nnxfuzz.report import calls
from nnxfuzz.report.code import transform_name
from nnxfuzz.report.page.arms import Arms, arms_of
from nnxfuzz.report.page.releases import Releases
from nnxfuzz.report.page.runs import Worlds, worlds
from nnxfuzz.report.picture import (
    NO_GRAPHVIZ,
    Naming,
    Picture,
    marks_of,
    of_calls,
    of_case,
    of_world,
    svg,
)
from nnxfuzz.report.script import script
from nnxfuzz.report.show import BLAMES, arm_text, objects, program

#: What the promise asks for where a kind of finding breaks it.
ASKED: dict[FindingKind, str] = {
    "wrong-world": "the world as the plain Python loop leaves it",
    "spurious-refusal": "the world as the plain Python loop leaves it: "
    "no documented reason to refuse holds for this program",
    "internal-error": "the world as the plain Python loop leaves it, or a documented refusal",
    "poisoned-state": "after a refusal or an exception, all that the caller holds as it was "
    "before, and a process that still works",
    "crash": "a process that lives on",
    "hang": "an end in time",
}

#: The roots of a world that a drawing of the objects before the loop has too.
_BEFORE = ("caller", "inputs", "closure")


#: Whether a bug is in the newest Flax.
State = Literal["open", "not known", "mended"]


class Figure(Data, frozen=True):
    """A drawing and what stands above it."""

    caption: str
    svg: Markup


class Story(Data, frozen=True):
    """What a template needs to tell an entry; `anchor` is its place on the page
    and `name` that of its file; `state` is that on the newest Flax, `category` the class of its
    cause.  `objects` is what stands in the place of the drawings."""

    anchor: str
    name: str
    entry: Entry
    state: State
    category: str
    arm: str
    asked: str
    source: str
    objects: str
    figures: tuple[Figure, ...]
    program: Markup
    differences: tuple[Difference, ...]
    failure: Failure | None
    arms: Arms
    blame: str
    affected: str
    releases: tuple[tuple[str, str], ...]
    script: Markup
    commands: tuple[str, ...]


def story(
    anchor: str,
    path: Path,
    entry: Entry,
    category: str,
    releases: Releases,
    command: Callable[..., str],
    run: bool,
    drawn: bool = True,
) -> Story:
    """The entry of a file, whose cause is of this class; `command` words a command line, `run`
    allows to run the case, `drawn` asks for drawings.
    """
    finding = entry.evidence
    source, listed = "As the entry tells it", ""
    figures: tuple[Figure, ...] = ()
    if isinstance(entry.case, CallProgram):
        text = calls.lines(entry.case, entry.arm)
        source = _of_calls(entry.case, drawn)
        if drawn and entry.case.objects:
            picture = of_calls(entry.case, f"{entry.title}: objects")
            figures = (_figure(f"{anchor}-before", "Before the call", picture),)
        code = calls.script(entry.case, entry.arm, finding, entry.title)
    else:
        seen = worlds(entry, run and drawn)
        source = seen.source if drawn else f"Not drawn: {NO_GRAPHVIZ}"
        listed = "" if drawn else "\n".join(objects(entry.case, entry.arm))
        figures = tuple(_figures(anchor, entry, seen)) if drawn else ()
        text = program(entry.case, entry.arm)
        code = script(entry.case, entry.arm, finding, entry.title)
    return Story(
        anchor=anchor,
        name=path.name,
        entry=entry,
        state=state_of(path, entry, releases),
        category=category,
        arm=f"nnx.{arm_text(entry.arm)}",
        asked=ASKED[entry.signature.kind],
        source=source,
        objects=listed,
        figures=figures,
        program=coloured("\n".join(text)),
        differences=finding.differences,
        failure=finding.failure,
        arms=arms_of(entry.arms, entry.arm),
        blame="" if entry.blame is None else BLAMES[entry.blame].removeprefix("blame: "),
        affected=range_text(entry.affected),
        releases=tuple(releases.told(path)),
        script=coloured(code),
        commands=(command("replay", path), command("show", path), command("bisect", path)),
    )


def state_of(path: Path, entry: Entry, releases: Releases) -> State:
    """Whether the bug is in the newest Flax: as it was seen there, or else as its record says.

    What was found with another release and has no record is not known.
    """
    newest = RELEASES[-1]
    outcome = releases.of(path).get(newest.flax)
    if outcome in BAD | GOOD:
        return "open" if outcome in BAD else "mended"
    if entry.affected is None and entry.found_with.flax != newest.flax:
        return "not known"
    held = affected(entry, sighting(newest))
    return "not known" if held is None else "open" if held else "mended"


# --- drawings -------------------------------------------------------------------------------


def _of_calls(program: CallProgram, drawn: bool) -> str:
    """Where the drawing of a call program is from, or why there is none."""
    if not program.objects:
        return "The program is given no objects, so none are drawn"
    if not drawn:
        return f"Not drawn: {NO_GRAPHVIZ}"
    return "As the entry tells it; what a call program leaves behind is not drawn"


def _figures(anchor: str, entry: Entry, seen: Worlds) -> list[Figure]:
    """Before, expected and got, as far as there are worlds to draw."""
    naming = Naming()
    marks = marks_of(seen.differences)
    recorded = {} if seen.expected else {p: m for p, m in marks.items() if p[0] in _BEFORE}
    before = of_case(entry.case, entry.arm, f"{entry.title}: before", naming, recorded)
    note = ", with the parts marked that differ afterwards" if recorded else ""
    figures = [_figure(f"{anchor}-before", f"Before the loop{note}", before)]
    if seen.expected:
        expected = of_world(seen.expected, f"{entry.title}: expected", naming, marks)
        caption = f"Expected after it ({seen.wanted})"
        figures.append(_figure(f"{anchor}-expected", caption, expected))
    if seen.got:
        got = of_world(seen.got, f"{entry.title}: got", naming, marks)
        caption = f"Got after it ({transform_name(entry.arm.transform)})"
        figures.append(_figure(f"{anchor}-got", caption, got))
    return figures


def _figure(name: str, caption: str, picture: Picture) -> Figure:
    return Figure(caption, Markup(svg(picture, name, alone=False)))  # its template escapes


# --- code -----------------------------------------------------------------------------------


def coloured(code: str) -> Markup:
    """Python as HTML; its text is the code itself."""
    return Markup(highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)))
