"""The case language: one program as plain data, every name of it.

Every table is flat and refers to other tables by index, so sharing and cycles are plain to see,
JSON Schema needs no recursion, and dropping a row is a shrink.  `objects` has what a program works
on, `statements` its body, `program` the loop and the whole, `arms` the ways to run it.  They are
only data: `check` says which cases are well formed, `codec` reads and writes JSON, and everything
that runs a case lives outside this package.

Example: google/flax #4436, two distinct modules carried through a loop that only returns them::

    Case(
        nodes=(Module(), Module()),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
        loop=Loop(0, 1),
    )
"""

from nnxfuzz.programs.case.arms import *
from nnxfuzz.programs.case.base import *
from nnxfuzz.programs.case.objects import *
from nnxfuzz.programs.case.program import *
from nnxfuzz.programs.case.statements import *
