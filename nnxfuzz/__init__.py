"""nnxfuzz: the transforms of Flax NNX against what they mean in plain Python.

Importing nnxfuzz imports neither jax nor Flax; what needs them is imported when it is asked for.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nnxfuzz.checker.api import assert_same, check, checking
    from nnxfuzz.checker.report import Report

__all__ = ["Report", "__version__", "assert_same", "check", "checking"]


def __getattr__(name: str) -> Any:
    if name in ("Report", "assert_same", "check", "checking"):
        from nnxfuzz.checker import api

        return getattr(api, name)
    raise AttributeError(f"module 'nnxfuzz' has no attribute {name!r}")
