"""A picture as SVG: for a page, which has the style already, or as a file of its own.

All texts go through an autoescaping template.  The description says in words what is drawn.
"""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from nnxfuzz.report.picture.layout import LINE, MARGIN, PAD, cut, layout
from nnxfuzz.report.picture.model import Picture
from nnxfuzz.report.picture.texts import clean

#: The styles of a drawing, without and with the colours for a dark background.
LIGHT, DARK = "drawing.css", "drawing-dark.css"


def svg(picture: Picture, name: str = "drawing", dark: bool = True, alone: bool = True) -> str:
    """The picture as SVG; `name` is that of its element, `alone` if it is a file of its own.

    Raises Misuse if there is no Graphviz.
    """
    placed = layout(picture)
    style = "" if not alone else text_of(LIGHT) + (text_of(DARK) if dark else "")
    return _template().render(
        picture=picture,
        layout=placed,
        name=name,
        style=style,
        alone=alone,
        told=description(picture),
        cut=cut,
        line=LINE,
        pad=PAD,
        margin=MARGIN,
        shared=picture.shared(),
    )


def description(picture: Picture) -> str:
    """The picture in words: each box, and where the arrows of its rows lead."""
    return " ".join(f"{_told(picture, k)}." for k in range(len(picture.boxes)))


def _told(picture: Picture, number: int) -> str:
    box = picture.boxes[number]
    rows = []
    for row in box.rows:
        held = row.text if row.target is None else f"to {picture.boxes[row.target].title}"
        differs = f" (differs: {', '.join(row.marks)})" if row.marks else ""
        rows.append(f"{row.name} {held}{differs}".strip())
    differs = f", differs: {', '.join(box.marks)}" if box.marks else ""
    told = ", ".join(filter(None, (box.title, box.note))) + differs
    return f"{told}: {'; '.join(rows)}" if rows else told


def text_of(name: str) -> str:
    """A file of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=clean,
    )
    return environment.from_string(text_of("drawing.svg.j2"))
