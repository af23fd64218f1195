"""A case, or a world, as a drawing of its object graph in which sharing is plain to see.

`of_case`, `of_calls` and `of_world` make pictures, which are data (`model`); `layout` has Graphviz
place the boxes, and `svg` and `png` write them.  Nothing here runs a case.
"""

from nnxfuzz.report.picture.layout import NO_GRAPHVIZ
from nnxfuzz.report.picture.model import Box, Marks, Picture, Row, marks_of
from nnxfuzz.report.picture.naming import Naming
from nnxfuzz.report.picture.of_case import of_calls, of_case
from nnxfuzz.report.picture.of_world import of_world
from nnxfuzz.report.picture.png import png
from nnxfuzz.report.picture.svg import DARK, LIGHT, svg, text_of
from nnxfuzz.report.picture.texts import clean

__all__ = [
    "DARK",
    "LIGHT",
    "NO_GRAPHVIZ",
    "Box",
    "Marks",
    "Naming",
    "Picture",
    "Row",
    "clean",
    "marks_of",
    "of_calls",
    "of_case",
    "of_world",
    "png",
    "svg",
    "text_of",
]
