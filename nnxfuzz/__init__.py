"""nnxfuzz: the transforms of Flax NNX against what they mean in plain Python.

- `check`, `checking`, `assert_same`: judge the calls of transforms that your own program makes.
- `plain` is what each transform means, as ordinary Python; `with plainly():` puts it in the place
  of Flax's for the code within.
- `strategies` has what Hypothesis draws: `strategies.rewired` makes versions of your arguments,
  `strategies.programs` programs around a loop, which `assert_right` judges.

Neither jax, Flax nor Hypothesis is imported before one of these is used.
"""

import importlib

TYPE_CHECKING = False  # that of typing, whose import is long enough for a Ctrl-C

if TYPE_CHECKING:
    from typing import Any

    import nnxfuzz.plain as plain
    import nnxfuzz.strategies as strategies
    from nnxfuzz.checker.api import assert_same, check, checking
    from nnxfuzz.checker.report import Report
    from nnxfuzz.plain import plainly
    from nnxfuzz.runners.asserting import assert_right

__version__ = "0.1.0"
__all__ = [
    "Report",
    "__version__",
    "assert_right",
    "assert_same",
    "check",
    "checking",
    "plain",
    "plainly",
    "strategies",
]

#: Where each name stands that brings in jax and Flax.
_PARTS = {
    "Report": "nnxfuzz.checker.report",
    "assert_right": "nnxfuzz.runners.asserting",
    "assert_same": "nnxfuzz.checker.api",
    "check": "nnxfuzz.checker.api",
    "checking": "nnxfuzz.checker.api",
    "plainly": "nnxfuzz.plain",
}


def __getattr__(name: str) -> "Any":
    """The parts that bring in jax and Flax, when they are asked for."""
    if name in ("plain", "strategies"):
        return importlib.import_module(f"nnxfuzz.{name}")
    if name in _PARTS:
        return getattr(importlib.import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The names that there are, those too that are brought in when they are asked for."""
    return sorted({*globals(), *__all__})
