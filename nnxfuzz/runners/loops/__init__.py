"""An arm of a case, run through the transforms of `flax.nnx`.

Never imports `reference`: the two runs share the case, the builder and the body's interpreter, and
nothing else.  What is called can be exchanged (`Loops`), which is how planted bugs are run.
"""

from nnxfuzz.programs.live.jax_backend import Loops
from nnxfuzz.runners.loops.program import Program, Returned
from nnxfuzz.runners.loops.wrappers import RESTORING, call

__all__ = ["RESTORING", "Loops", "Program", "Returned", "call"]
