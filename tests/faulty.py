"""`nnxfuzz` with a fault of its own: `python faulty.py body|reference|drawing ARGUMENTS...`.

Its workers import this file too, as spawned processes do with the program of their parent.  What is
broken are names of nnxfuzz, so that its own functions fail and not those of this file.
"""

import importlib
import os
import sys
from typing import Any

from nnxfuzz import cli
from nnxfuzz.oracle import arithmetic
from nnxfuzz.programs.live import jax_backend

NOTHING: dict[Any, Any] = {}

if __name__ == "__main__":
    os.environ["FAULTY"] = sys.argv.pop(1)

match os.environ["FAULTY"]:
    case "body":  # under the transform's trace, wherever a body computes something
        vars(jax_backend)["common_shape"] = NOTHING.__getitem__
    case "reference":
        vars(arithmetic)["common_shape"] = NOTHING.__getitem__
    case "drawing":  # of loops; the small programs of the beginning are drawn already
        vars(importlib.import_module("nnxfuzz.strategies.programs"))["_closure"] = None

if __name__ == "__main__":
    cli.main()
