"""Which cases to try: Hypothesis strategies over the case language.

`programs()` is the one that campaigns and properties draw from.  Everything it yields is well
formed by construction; nothing is filtered.
"""

from nnxfuzz.strategies.programs import programs

__all__ = ["programs"]
