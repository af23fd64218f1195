"""A case and an arm as Python source that a person would have written.

`Code` gives every part of the program as lines: classes, `build()`, `body`, the call of the
transform, the same loop in plain Python.  `script` makes a stand-alone program of them, `show` a
page to read.  Nothing here runs anything or imports flax.
"""

from nnxfuzz.programs.text import indented
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.loops import Code, transform_name
from nnxfuzz.report.code.names import Names
from nnxfuzz.report.code.reach import shape_of
from nnxfuzz.report.code.scene import may_raise
from nnxfuzz.report.code.wrappers import WrapperCode

__all__ = [
    "Code",
    "Lines",
    "Names",
    "WrapperCode",
    "indented",
    "may_raise",
    "shape_of",
    "transform_name",
]
