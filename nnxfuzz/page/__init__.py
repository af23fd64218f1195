"""Entries and campaigns as one HTML page that needs nothing beside itself.

The page has its style, its script and its drawings inside, and its content security policy allows
these and nothing else: it loads nothing, and what a case holds is shown and never run.  Links are
made of http and https addresses only.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nnxfuzz import __version__, compat, corpus
from nnxfuzz.causes import Category, causes, grouped
from nnxfuzz.outcomes import SIGNS, told
from nnxfuzz.page.campaigns import campaigns, span
from nnxfuzz.page.releases import Releases, releases
from nnxfuzz.page.story import Story, story
from nnxfuzz.picture import DARK, LIGHT, text_of

#: What a class of causes means.
CATEGORIES: dict[Category, str] = {
    "defect": "defect: the program keeps every documented rule",
    "silent": "silent: breaks a rule, and gets another answer",
    "internal": "internal: breaks a rule, and the refusal is an internal error",
    "unclear": "unclear: refused, and nothing documented says why",
    "resource": "resource: right, but traced again or kept in memory",
}


def page(folder: Path, seen: Releases, command: Callable[..., str], run: bool = True) -> str:
    """The page of a folder of entries, with what was seen of them on other releases.

    `command` words a command line of nnxfuzz; `run` allows to run the cases, to draw whole worlds.
    Raises Misuse if an entry cannot be read or nothing can be drawn.
    """
    found = [(path, corpus.load(path)) for path in corpus.entries([folder])]
    groups = grouped(found, causes(folder))
    ordered = [pair for group in groups for pair in group.entries]
    stories = [
        story(f"case-{k}", path, entry, seen, command, run)
        for k, (path, entry) in enumerate(ordered, 1)
    ]
    style, script = _style(), _text("page.js")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            heading=f"nnxfuzz: {folder.resolve().name}",
            source=f"Drawn with flax {compat.FLAX}, jax {compat.JAX}.",
            stories=stories,
            groups=groups,
            kinds=Counter(each.entry.signature.kind for each in stories).most_common(),
            anchors={path: f"case-{k}" for k, (path, _) in enumerate(ordered, 1)},
            categories=CATEGORIES,
            releases=seen,
            signs=SIGNS,
            campaigns=campaigns(folder),
            span=span,
            link=link,
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            version=__version__,
        )
    )


def link(address: str) -> Markup:
    """A link if the address is one of the web, else the text alone."""
    if not address.startswith(("https://", "http://")):
        return escape(address)
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)


def ticked(text: str) -> Markup:
    """The text, with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup().join(code.format(p) if k % 2 else p for k, p in enumerate(parts))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nnxfuzz.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"range": told, "ticked": ticked}
    return environment


def _style() -> str:
    return _text("page.css") + text_of(LIGHT) + text_of(DARK)


def _text(name: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


def _hash(text: str) -> str:
    """How a content security policy names a style or a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


__all__ = ["CATEGORIES", "Releases", "Story", "link", "page", "releases"]
