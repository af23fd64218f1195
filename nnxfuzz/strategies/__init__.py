"""Which cases to try: Hypothesis strategies over the case language, and over a user's arguments.

`programs()` is the one that campaigns and properties draw from; `training_programs()` are those
among them that train a model.  Everything they yield is well formed by construction; nothing is
filtered.  `rewired(make)` draws versions of a user's own arguments; it brings in jax and Flax when
an example is drawn.
"""

from nnxfuzz.strategies.programs import programs
from nnxfuzz.strategies.rewired import rewired
from nnxfuzz.strategies.training import training_programs

__all__ = ["programs", "rewired", "training_programs"]
