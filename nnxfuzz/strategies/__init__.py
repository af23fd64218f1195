"""Which cases to try: Hypothesis strategies over the case language.

`programs()` is the one that campaigns and properties draw from; `training_programs()` are those
among them that train a model.  Everything they yield is well formed by construction; nothing is
filtered.
"""

from nnxfuzz.strategies.programs import programs
from nnxfuzz.strategies.training import training_programs

__all__ = ["programs", "training_programs"]
