"""The two kinds of generated program: a case, which is one loop, and a call program.

Whoever works with both asks `runners.kinds.kind_of`, which takes any program.  So to the type
checker a `Program` is anything; to msgspec, which reads and writes them, it is one of the two.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.programs.case import Case

if TYPE_CHECKING:
    Program: TypeAlias = Any
else:
    Program = Case | CallProgram
