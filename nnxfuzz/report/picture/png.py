"""A picture as PNG, for where SVG is not shown."""

from nnxfuzz.programs.errors import Misuse
from nnxfuzz.report.picture.model import Picture
from nnxfuzz.report.picture.svg import svg

#: Pixels of the image for one of the drawing.
ZOOM = 2

_FONT = "DejaVu Sans Mono"
_EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>'
_LETTER = _EMPTY[:-2] + f'><text y="18" font-family="{_FONT}, monospace">M</text></svg>'


def png(picture: Picture) -> bytes:
    """The picture as PNG, on white.  Raises Misuse if what it needs is not installed."""
    try:
        import resvg_py
    except ImportError:
        raise Misuse("a PNG needs resvg-py; run pip install 'nnxfuzz[report]'") from None
    if resvg_py.svg_to_bytes(_LETTER) == resvg_py.svg_to_bytes(_EMPTY):
        raise Misuse(
            "there is no font to draw a PNG with; install one, such as Debian's fonts-dejavu-core"
        )
    return bytes(resvg_py.svg_to_bytes(svg(picture, dark=False), zoom=ZOOM, background="#ffffff"))
