"""Which modules belong to Python or to a library, and which are a user's program."""

import functools
import os
import sys
from pathlib import Path
from typing import Any

#: The packages whose globals, classes and objects are no part of a user's program.
LIBRARIES = frozenset(
    {"jax", "jaxlib", "flax", "numpy", "scipy", "ml_dtypes", "optax", "chex", "orbax", "nnxfuzz"}
    | {"etils", "grain", "tensorflow", "torch", "pandas", "matplotlib", "tqdm", "rich", "absl"}
    | {"pytest", "_pytest", "pluggy", "hypothesis", "msgspec", "click", "treescope", "distrax"}
)

#: The modules of ours that stand for a user's program.
PROGRAMS = "nnxfuzz.checker.atlas."


def is_library(name: Any) -> bool:
    """Whether a module of this name belongs to Python or to a library."""
    if name is not None and not isinstance(name, str):
        return True  # what a class of Cython's has in the place of its `__module__`
    if (name or "").startswith(PROGRAMS):
        return False
    root = (name or "").partition(".")[0]
    if root not in sys.stdlib_module_names or root == "__main__":
        return root in LIBRARIES
    return _is_pythons(getattr(sys.modules.get(root), "__file__", None))


@functools.cache
def _is_pythons(file: str | None) -> bool:
    """Whether a file that has the name of a module of Python is that module: a program may have a
    `wave.py` of its own.
    """
    return file is None or Path(file).is_relative_to(Path(os.__file__).parent)


def is_library_class(kind: type) -> bool:
    """Whether a class belongs to Python or to a library.

    One that a program makes as `type("Layer", (nnx.Module,), {...})` says that it is of `abc`, the
    module whose code makes it, which has no such class.
    """
    where = kind.__module__
    if where in ("abc", "types") and vars(sys.modules[where]).get(kind.__name__) is not kind:
        return False
    return is_library(where)
