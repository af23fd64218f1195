"""nnxfuzz: a property-based fuzzer for the transforms of Flax NNX.

`nnxfuzz.plain` is what each transform means, as ordinary Python; `with nnxfuzz.plainly():` puts it
in the place of Flax's for the code within.  Neither jax nor Flax is imported before one is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnxfuzz import plain
    from nnxfuzz.plain import plainly

__version__ = "0.1.0"
__all__ = ["__version__", "plain", "plainly"]


def __getattr__(name: str) -> Any:
    """The parts that bring in jax and Flax, when they are asked for."""
    if name == "plain":
        return importlib.import_module("nnxfuzz.plain")
    if name == "plainly":
        return importlib.import_module("nnxfuzz.plain").plainly
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
