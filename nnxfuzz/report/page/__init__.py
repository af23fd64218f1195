"""Entries and campaigns as one HTML page that needs nothing beside itself.

The page has its style, its script and its drawings inside, and its content security policy allows
these and nothing else: it loads nothing, and what a case holds is shown and never run.  Links are
made of http and https addresses only.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nnxfuzz import __version__
from nnxfuzz.checker.verdicts import FINDINGS
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus import installed
from nnxfuzz.corpus.causes import Category, causes, grouped
from nnxfuzz.corpus.outcomes import SIGNS, range_text
from nnxfuzz.oracle.verdict import dotted
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.table import RELEASES
from nnxfuzz.report.page.campaigns import campaigns, span
from nnxfuzz.report.page.entry import State, Story, coloured, state_of, story
from nnxfuzz.report.page.releases import Releases, releases
from nnxfuzz.report.picture import DARK, LIGHT, clean, text_of

#: What a class of causes means.
CATEGORIES: dict[Category, str] = {
    "defect": "defect: the program keeps every documented rule",
    "silent": "silent: breaks a rule, and gets another answer",
    "internal": "internal: breaks a rule, and the refusal is an internal error",
    "unclear": "unclear: refused, and nothing documented says why",
    "resource": "resource: right, but traced again or kept in memory",
}

#: The class of what has no cause yet, and the states in the order of the page.
NO_CLASS, STATES = "not looked into", get_args(State)

#: How what a call of a transform comes to is coloured, by the kind of its verdict.
SIGNS_OF_VERDICTS: dict[str, str] = {
    "same": "agrees",
    "deviates": "refused",
    "refused": "refused",
    "inconclusive": "inconclusive",
    **dict.fromkeys(FINDINGS, "finding"),
}

#: Differences of an entry, and letters of a value or a message, that are shown.
MOST_ROWS, MOST_LETTERS = 40, 3000


def page(
    folder: Path,
    seen: Releases,
    command: Callable[..., str],
    run: bool = True,
    drawn: bool = True,
    tell: Callable[[str], None] = lambda text: None,
) -> str:
    """The page of a folder of entries, or of one, with what became of them on other releases.

    `command` words a command line of nnxfuzz; `run` allows to run the cases, to draw whole worlds,
    and without `drawn` the objects are told as text.  `tell` hears how far it is.
    What cannot be read is listed.  Raises Misuse if nothing can be drawn, or if `folder` is a file
    that cannot be read.
    """
    found, unread = _read(folder)
    groups = grouped(found, causes(folder if folder.is_dir() else folder.parent))
    told = [
        (g.cause.category if g.cause else NO_CLASS, path, entry)
        for g in groups
        for path, entry in g.entries
    ]
    ordered = sorted(told, key=lambda each: STATES.index(state_of(each[1], each[2], seen)))
    anchors = {path: f"case-{k}" for k, (_, path, _) in enumerate(ordered, 1)}
    stories = []
    for number, (category, path, entry) in enumerate(ordered, 1):
        tell(f"{'runs' if run else 'draws'} entry {number} of {len(ordered)}: {path}")
        stories.append(story(anchors[path], path, entry, category, seen, command, run, drawn))
    template = environment().get_template("page.html.j2")
    return template.render(
        heading=f"nnxfuzz: {folder.resolve().name}",
        unread=unread,
        stories=stories,
        groups=groups,
        states=[(s, n) for s in STATES if (n := sum(each.state == s for each in stories))],
        options=_options(stories),
        kinds=Counter(each.entry.signature.kind for each in stories).most_common(),
        anchors=anchors,
        releases=seen,
        campaigns=campaigns(folder),
    )


def _options(stories: Sequence[Story]) -> list[tuple[str, list[str]]]:
    """What the findings can be filtered by, and the values of each."""
    found: dict[str, list[str]] = {
        "state": [each.state for each in stories],
        "class": [each.category for each in stories],
        "kind": [each.entry.signature.kind for each in stories],
        "transform": [each.entry.arm.transform for each in stories],
        "mode": [each.entry.arm.mode for each in stories],
    }
    return [(name, sorted(set(values))) for name, values in found.items()]


def _read(folder: Path) -> tuple[list[tuple[Path, corpus.Entry]], list[str]]:
    """The entries of a folder, and what is wrong with its other files."""
    found, unread = [], []
    for path in corpus.entries([folder]):
        try:
            found.append((path, corpus.load(path)))
        except Misuse as error:
            if not folder.is_dir():
                raise
            unread.append(str(error))
    return found, unread


def link(address: str) -> Markup:
    """A link if the address is one of the web, else the text alone."""
    if not address.startswith(("https://", "http://")):
        return escape(address)
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)


def cut(text: str) -> str:
    """The text as far as it is shown."""
    return text if len(text) <= MOST_LETTERS else text[:MOST_LETTERS] + " [...]"


def ticked(text: str) -> Markup:
    """The text, with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup().join(code.format(p) if k % 2 else p for k, p in enumerate(parts))


def environment() -> Environment:
    """The templates, with what each page has: its style, its script, its policy."""
    environment = Environment(
        loader=PackageLoader("nnxfuzz.report.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=clean,
    )
    environment.filters |= {"range": range_text, "ticked": ticked, "dotted": dotted, "cut": cut}
    environment.filters["python"] = coloured
    style, script = _style(), _text("page.js")
    environment.globals |= {
        "categories": CATEGORIES,
        "link": link,
        "most_rows": MOST_ROWS,
        "newest": RELEASES[-1].flax,
        "script": script,
        "script_hash": _hash(script),
        "signs": SIGNS,
        "source": f"Drawn with {installed.versions_text()}.",
        "span": span,
        "style": style,
        "style_hash": _hash(style),
        "version": __version__,
    }
    return environment


def _style() -> str:
    return _text("page.css") + text_of(LIGHT) + text_of(DARK)


def _text(name: str) -> str:
    """A file of the folder of templates."""
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a content security policy names a style or a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


__all__ = ["MOST_LETTERS", "MOST_ROWS", "Releases", "Story", "link", "page", "releases", "ticked"]
