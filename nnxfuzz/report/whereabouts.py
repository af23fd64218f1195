"""Where a function stands in the source of the installed Flax, found without importing it.

A report names the lines of the release at hand; those of any other release are not known.
"""

import ast
import functools
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from nnxfuzz.programs.case import Data


class Definition(Data, frozen=True):
    """A definition in Flax: its file below the package, as it is imported, and its line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def installed() -> str | None:
    """The installed release of Flax, None if there is none."""
    try:
        return importlib.metadata.version("flax")
    except importlib.metadata.PackageNotFoundError:
        return None


def located(function: str) -> Definition | None:
    """Where a function or class of `flax.nnx` is defined, by its qualified name.

    Its module may stand before it, as in `spmd.add_axis`.  A name that several definitions have
    leads nowhere.
    """
    places = _definitions()
    found = places.get(function, [])
    if not found:
        module, _, last = function.rpartition(".")
        found = [p for p in places.get(last, ()) if p.file == f"flax/nnx/{module}.py"]
    return found[0] if len(found) == 1 else None


def named_in(text: str) -> dict[str, Definition]:
    """The functions that a text names in backticks, as far as Flax has them."""
    names = dict.fromkeys(re.findall(r"`([A-Za-z_][\w.<>]*)`", text))
    found = {name: located(name.removeprefix("nnx.")) for name in names}
    return {name: place for name, place in found.items() if place is not None}


@functools.cache
def _definitions() -> dict[str, list[Definition]]:
    """Every definition in `flax.nnx` by its qualified name."""
    spec = importlib.util.find_spec("flax")
    found: dict[str, list[Definition]] = {}
    for root in (spec and spec.submodule_search_locations) or ():
        folder = Path(root)
        for file in sorted((folder / "nnx").rglob("*.py")):
            name = (folder.name / file.relative_to(folder)).as_posix()
            for qualified, line in _within(ast.parse(file.read_bytes()), ""):
                found.setdefault(qualified, []).append(Definition(name, line))
    return found


def _within(tree: ast.AST, prefix: str) -> Iterator[tuple[str, int]]:
    """The definitions in a piece of source, with their lines."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, node.lineno
            yield from _within(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node.lineno
            yield from _within(node, f"{prefix}{node.name}.<locals>.")
        else:
            yield from _within(node, prefix)
