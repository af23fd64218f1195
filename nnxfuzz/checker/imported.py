"""Modules of the program that are imported while a function is traced: what such a module computes
for its constants is a tracer, and stays one.
"""

import sys
from collections.abc import Collection

from nnxfuzz.checker.effects import contents, with_tracers
from nnxfuzz.plain.libraries import is_library


def tracers_since(known: Collection[str]) -> tuple[str, ...]:
    """Where modules that were imported since these were known hold a tracer."""
    new = [sys.modules[name] for name in sys.modules.keys() - known if not is_library(name)]
    held = (
        (f"{module.__name__}.{name}", value)
        for module in new
        if hasattr(module, "__name__")
        for name, value in vars(module).items()
        if not name.startswith("__")
    )
    return tuple(sorted(with_tracers(contents((), held))))
