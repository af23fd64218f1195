"""The atlas: what every transform does with every construct, in every mode, on this release.

A construct is a small program: objects, and a function of them.  A way is a transform with a way to
hand it those objects.  Each construct goes every way that takes it, and the checker judges the call
in every mode of the release.  `base` says what a construct is, `ways` how a transform is called,
the other files hold the constructs by topic, and `cells` runs them.
"""

from nnxfuzz.checker.atlas import (
    captures,
    gradients,
    results,
    sharing,
    streams,
    structure,
    training,
    variables,
)
from nnxfuzz.checker.atlas.base import CONSTRUCTS, Construct
from nnxfuzz.checker.atlas.cells import Cell, cells, row
from nnxfuzz.checker.atlas.ways import WAYS

#: The files of constructs, in the order of the page.
TOPICS = (sharing, structure, results, variables, captures, streams, gradients, training)

__all__ = ["CONSTRUCTS", "TOPICS", "WAYS", "Cell", "Construct", "cells", "row"]
