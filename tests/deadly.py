"""`nnxfuzz` on a Flax that kills or never ends: `python deadly.py crash|hang ARGUMENTS...`.

Its workers import this file too, as spawned processes do with the program of their parent.
"""

import os
import signal
import sys
import time
from typing import Any

from nnxfuzz import cli, nnx_api

_REAL = nnx_api.transforms()


def fori_loop(lower: Any, upper: Any, *rest: Any, **options: Any) -> Any:
    """Flax's own, except for loops of one trip (the canary makes three)."""
    if isinstance(lower, int) and upper - lower == 1:
        if os.environ["DEADLY"] == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        while True:
            time.sleep(0.01)
    return _REAL["fori_loop"](lower, upper, *rest, **options)


nnx_api.transforms = lambda: _REAL | {"fori_loop": fori_loop}

if __name__ == "__main__":
    os.environ["DEADLY"] = sys.argv.pop(1)
    cli.main()
