"""The registry: one file a transform.

Each module here but `base` has one subclass of `Transform`; `REGISTRY` has an object of each, by
name.  A new transform is a new file.
"""

import importlib
import pkgutil

from nnxfuzz.transforms.base import Draws, Fault, Transform


def _found() -> dict[str, Transform]:
    registry: dict[str, Transform] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for held in vars(module).values():
            is_row = isinstance(held, type) and issubclass(held, Transform)
            if is_row and held.__module__ == module.__name__ and hasattr(held, "name"):
                registry[held.name] = held()
    return registry


#: The transforms by name.
REGISTRY: dict[str, Transform] = _found()

__all__ = ["REGISTRY", "Draws", "Fault", "Transform"]
