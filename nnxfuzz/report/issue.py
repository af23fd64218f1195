"""A finding as the text of an upstream issue, in the form that Flax's bug template asks for.

The headings are those of `.github/ISSUE_TEMPLATE/bug_report.md` of google/flax.  The text fits on
a screen; its program needs only Flax and jax, and fails where the bug is.
"""

import platform
import textwrap

from nnxfuzz.corpus.causes import Category, Cause
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.corpus.outcomes import range_text
from nnxfuzz.oracle.verdict import Cell, Difference, FindingKind, dotted
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import MODES, TRANSFORMS, Mode, Wrapper
from nnxfuzz.programs.case.coverage import exercised
from nnxfuzz.report import calls, whereabouts
from nnxfuzz.report.code import Lines, transform_name
from nnxfuzz.report.code.imports import imports
from nnxfuzz.report.code.layout import laid_out
from nnxfuzz.report.code.short import Short, closed
from nnxfuzz.report.show import BLAMES

#: Lines of an error's text; what is below says the same in other words.
MESSAGE_LINES, MESSAGE_WIDTH = 4, 200
DIFFERENCES = 4
WIDTH = 88

#: Ingredients that nearly every program has.
DULL = ("dtype:float32", "operand:const", "update:add", "variable:Param")

COLUMNS: dict[Mode, str] = {
    "graph": "graph (default)",
    "graph-frozen": "graph_updates=False",
    "tree": "graph=False",
}

#: What a finding of each kind is called in the table of arms.
WRONG: dict[FindingKind, str] = {
    "wrong-world": "**wrong**",
    "spurious-refusal": "**refused without a reason**",
    "internal-error": "**internal error**",
    "poisoned-state": "**damage is left**",
    "crash": "**crash**",
    "hang": "**hangs**",
}

CLASSES: dict[Category, str] = {
    "defect": "the program keeps every documented rule",
    "silent": "the program breaks a documented rule, and gets another answer and no refusal",
    "internal": "the program is to be refused, but fails with an internal error",
    "unclear": "it is refused, and nothing documented says why",
    "resource": "the answer is right, but it costs more than it should",
}

#: What should have happened.  Where a refusal is as good as the answer, that is said beside.
EXPECTED: dict[FindingKind, str] = {
    "wrong-world": "What the same loop leaves in plain Python:",
    "spurious-refusal": "It runs, as the same loop does in plain Python.",
    "internal-error": "A refusal that says what is not allowed, or what plain Python comes to.",
    "poisoned-state": "Whether or not it is refused, nothing is damaged afterwards.",
    "crash": "The process lives on.",
    "hang": "It ends.",
}


def issue_text(entry: Entry, cause: Cause | None) -> str:
    """The text as Markdown; `cause` is the record of the entry's cause, if it has one."""
    sections = {
        "System information": _system(entry),
        "Problem you have encountered:": [*_problem(entry, cause), *_arms(entry)],
        "What you expected to happen:": _expected(entry, cause),
        "Logs, error messages, etc:": _logs(entry),
        "Steps to reproduce:": ["```python", *program(entry), "```"],
    }
    lines = [f"# {_title(entry)}"]
    for heading, section in sections.items():
        lines += ["", f"### {heading}", *section]
    return "\n".join(lines)


def _title(entry: Entry) -> str:
    """The entry's title; in place of one that nobody has written yet, what is wrong."""
    name, title = transform_name(entry.arm.transform), entry.title
    if title.startswith(f"{entry.signature.kind}:"):
        return _sentence(entry).rstrip(".")
    return f"{name}: {title[0].lower()}{title[1:]}"


def history(entry: Entry) -> Lines:
    """What a program says of the releases and of what is known upstream."""
    link = [f"Upstream: {entry.link}"] if entry.link else []
    return [f"Releases that fail: {range_text(entry.affected)}.", *link]


def ingredients(entry: Entry) -> Lines:
    """What a program says of what it is made of."""
    parts = [part for part in sorted(exercised(entry.case)) if not part.startswith(DULL)]
    return textwrap.wrap(f"Made of: {', '.join(parts)}.", WIDTH)


def program(entry: Entry) -> Lines:
    """The program, which fails where the bug is: with an exception or, of a call program, with the
    exit code 1.
    """
    if isinstance(entry.case, CallProgram):
        parts = entry.case, entry.arm, entry.evidence, entry.title
        return calls.script(*parts, history(entry)).splitlines()
    lines = laid_out(_program(entry).lines(forgiving=False))
    return [*imports("\n".join(lines)).splitlines(), "", *closed(lines)]


def _system(entry: Entry) -> Lines:
    found = entry.found_with
    flax = f"{found.flax} ({found.checkout.told()})" if found.checkout else found.flax
    return [
        f"- OS Platform and Distribution: {platform.system()} {platform.machine()}",
        f"- Flax, jax, jaxlib versions: flax {flax}, jax {found.jax}, jaxlib {found.jax}",
        f"- Python version: {found.python}",
        "- GPU/TPU model and memory: none, CPU",
    ]


# --- the problem ----------------------------------------------------------------------------


def _problem(entry: Entry, cause: Cause | None) -> Lines:
    lines = [_sentence(entry), "", f"- Releases: {range_text(entry.affected)}"]
    if cause is not None:
        lines.append(f"- Class: {CLASSES[_category(entry, cause)]}")
    lines.append(f"- Known upstream: {_upstream(entry, cause)}")
    if entry.blame is not None:
        lines.append(f"- {BLAMES[entry.blame].capitalize()}")
    guess = _guess(entry, cause)
    return [*lines, *([f"- Guess at the cause: {guess}"] if guess else [])]


def _category(entry: Entry, cause: Cause) -> Category:
    """The cause's, unless this entry of it shows otherwise."""
    inside = entry.signature.kind == "internal-error" and cause.category == "silent"
    return "internal" if inside else cause.category


def _sentence(entry: Entry) -> str:
    """What is wrong, in one sentence."""
    name, finding = transform_name(entry.arm.transform), entry.evidence
    around = "" if entry.arm.wrapper == "plain" else f", inside of {_wrapper(entry.arm.wrapper)},"
    failed = finding.failure
    if finding.signature.kind != "wrong-world" and failed is not None:
        first = next(iter(failed.message.splitlines()), "")
        return _cut(f"{name}{around} raises {failed.error}: {first}")
    wrong = _shown(entry)[:1]
    told = [_wrong(d, _place(entry, d)) for d in wrong] or [f"there is a {finding.signature.kind}"]
    return f"After {name}{around} {told[0]}."


def _wrong(d: Difference, place: str) -> str:
    match d.aspect:
        case "missing":
            return f"`{place}` is missing"
        case "extra":
            return f"there is `{place}`, which should not be there"
        case "tracer" if d.role == "node":
            return f"`{place}` is {d.got}: setting an attribute raises `TraceContextError`"
        case "tracer":
            return f"`{place}` holds a tracer of a trace that is over"
        case "identity":
            return f"`{place}` is {_object(d.got)}, and should be {_object(d.expected)}"
        case aspect:
            return f"the {aspect} of `{place}` is {d.got}, and should be {d.expected}"


def _object(identity: str) -> str:
    """An object by its name in a world (see `world.Walk`), in words."""
    if identity.startswith("new "):
        return "a new object"
    return f"the object passed in as `{identity.replace('caller', 'carry', 1)}`"


def _shown(entry: Entry) -> list[Difference]:
    """The first differences, without those that only tell the same of an object by its name."""
    return [d for d in entry.evidence.differences if d.path[0] != "held"][:DIFFERENCES]


def _place(entry: Entry, d: Difference) -> str:
    """Where a difference is, by the names of the program."""
    if isinstance(entry.case, CallProgram):
        return dotted(d.path if d.path[0] == "result" else d.path[1:])
    return _program(entry).place(d)


def _program(entry: Entry) -> Short:
    return Short(entry.case, entry.arm, entry.evidence, "assert")


def _upstream(entry: Entry, cause: Cause | None) -> str:
    text = cause.upstream if cause is not None else ""
    link = entry.link or (cause.link if cause is not None else None)
    if link is None:
        return text or "not looked for"
    return f"{text} ({link})" if text else link


def _guess(entry: Entry, cause: Cause | None) -> str:
    """Where it may come from, with lines where the release at hand is the one that was run."""
    failure = entry.evidence.failure
    raised = failure.function if failure is not None else ""
    parts = [cause.guess] if cause is not None and cause.guess else []
    parts += [f"the exception comes out of `{raised}`"] if raised else []
    text = "; ".join(parts)
    if whereabouts.installed() == entry.found_with.flax:
        for name, place in whereabouts.named_in(text).items():
            text = text.replace(f"`{name}`", f"`{name}` ({place})", 1)
    return text


def _wrapper(wrapper: Wrapper) -> str:
    own = {"lax": "a loop of jax.lax, written by hand", "bound": "a bound method"}
    return own.get(wrapper, f"nnx.{wrapper}")


# --- the arms -------------------------------------------------------------------------------


def _arms(entry: Entry) -> Lines:
    """The same body on the other transforms and modes, and inside of other transforms."""
    if not entry.arms:
        return []
    modes = [m for m in MODES if any(_is_plain(c) and c.arm.mode == m for c in entry.arms)]
    cells = {(c.arm.transform, c.arm.mode): _cell(c) for c in entry.arms if _is_plain(c)}
    transforms = dict.fromkeys((*TRANSFORMS, *(c.arm.transform for c in entry.arms)))
    rows = [
        f"| {t} | {' | '.join(cells.get((t, m), '-') for m in modes)} |"
        for t in transforms
        if any((t, m) in cells for m in modes)
    ]
    head = [f"| | {' | '.join(COLUMNS[m] for m in modes)} |", "| --- " * (len(modes) + 1) + "|"]
    around = _around(entry)
    called = isinstance(entry.case, CallProgram)
    told = f"The same {'program in each' if called else 'body on each transform and'} mode:"
    return ["", told, "", *head, *rows, *(["", around] if around else [])]


def _around(entry: Entry) -> str:
    """What it comes to around the arm on which it was found, in one line."""
    groups: dict[str, list[str]] = {}
    for cell in entry.arms:
        if not _is_plain(cell):
            groups.setdefault(_cell(cell), []).append(_wrapper(cell.arm.wrapper))
    arm = f"{entry.arm.transform} in mode {entry.arm.mode}"
    told = [f"{outcome} in {', '.join(names)}" for outcome, names in groups.items()]
    return f"Around {arm}: {'; '.join(told)}." if told else ""


def _is_plain(cell: Cell) -> bool:
    return cell.arm.wrapper == "plain"


def _cell(cell: Cell) -> str:
    """An outcome in a word or two."""
    if cell.outcome == "agrees":
        return "as Python"
    kind = cell.outcome.partition(" ")[0]
    return next((text for name, text in WRONG.items() if name == kind), kind.rstrip(":"))


# --- expected and actual --------------------------------------------------------------------


def _expected(entry: Entry, cause: Cause | None) -> Lines:
    finding = entry.evidence
    kind = finding.signature.kind
    loop = EXPECTED[kind]
    lines = [loop.replace("loop", "program") if isinstance(entry.case, CallProgram) else loop]
    if kind == "wrong-world":
        lines += [f"- {_right(d, _place(entry, d))}" for d in _shown(entry)]
        if cause is not None and cause.category == "silent":
            lines.append("- or a refusal, because the program breaks a documented rule")
    return lines


def _right(d: Difference, place: str) -> str:
    if d.aspect == "identity":
        return f"`{place}`: {_object(d.expected)}, got {_object(d.got)}"
    return f"`{place}`: {d.aspect} {d.expected}, got {d.got}"


def _logs(entry: Entry) -> Lines:
    failure = entry.evidence.failure
    if failure is None:
        return ["None: nothing is raised."]
    message = [_cut(line) for line in failure.message.splitlines() if line.strip()]
    more = ["..."] if len(message) > MESSAGE_LINES else []
    first, *rest = message[:MESSAGE_LINES] or [""]
    return ["```", f"{failure.error}: {first}", *rest, *more, "```"]


def _cut(line: str) -> str:
    return line if len(line) <= MESSAGE_WIDTH else line[: MESSAGE_WIDTH - 3] + "..."
