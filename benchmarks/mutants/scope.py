"""Where mutants are made: the code of Flax that its loops consist of, or all of its transforms.

Of `iteration.py` and `extract.py` all that the three loops can reach by name, whether or not a
program of ours ever gets there; of `graphlib.py`, which serves all of NNX, the functions that
loops were seen to execute (`executed.json`, made by `mutation.py --look`).  Of the transforms, all
files of `nnx/transforms`, what those name of `extract.py`, and the same of `graphlib.py`.
"""

import ast
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mutants.files import FILES
from mutants.lines import numbered
from mutants.operators import Site, mutations
from mutants.stream import BATCH, load
from nnxfuzz import nnx_api

Where = Literal["loops", "transforms"]

LOOPS = ("scan", "while_loop", "fori_loop")
EXECUTED = Path(__file__).with_name("executed.json")

#: Programs after which no new function turned up for a long while.
_LOOKED_AT = 200

_Definition = ast.FunctionDef | ast.ClassDef


def sites(flax: Path, where: Where = "loops") -> list[Site]:
    """Every mutant of the Flax in the folder `flax`, in the order of the source."""
    reached = reachable(flax, where) | {("graphlib.py", name) for name in executed()}
    return [
        site
        for file, path in FILES.items()
        for site, _ in mutations(ast.parse((flax / path).read_text()), file)
        if _names(site.function) & {name for where, name in reached if where == file}
    ]


def sample(flax: Path, count: int, seed: int, where: Where = "loops") -> list[Site]:
    """`count` of them, drawn with a seed; so each file has its share of what can be changed."""
    everything = sites(flax, where)
    drawn = random.Random(seed).sample(everything, min(count, len(everything)))
    order = {site.id: k for k, site in enumerate(everything)}
    return sorted(drawn, key=lambda site: order[site.id])


def executed() -> list[str]:
    """The functions of graphlib.py that loops were seen to execute."""
    if not EXECUTED.exists():
        return []
    functions: list[str] = json.loads(EXECUTED.read_text())["functions"]
    return functions


def _names(function: str) -> set[str]:
    """`A.b.c` lies in `A`, in `A.b` and in `A.b.c`."""
    parts = function.split(".")
    return {".".join(parts[: k + 1]) for k in range(len(parts))}


def reachable(flax: Path, where: Where) -> set[tuple[str, str]]:
    """The functions and classes of the transforms' files and of extract.py that the loops name, or
    that any transform does, and those in turn.
    """
    own = ["iteration.py"]
    if where == "transforms":
        own = [name for name, path in FILES.items() if path.startswith("nnx/transforms/")]
    files = {name: ast.parse((flax / FILES[name]).read_text()) for name in FILES}
    defined = {
        (file, node.name): node
        for file in ("extract.py", *own)
        for node in files[file].body
        if isinstance(node, _Definition) and not _overloaded(node)
    }
    found: set[tuple[str, str]] = set()
    ahead = [("iteration.py", name) for name in LOOPS]
    if where == "transforms":
        ahead = [key for key in defined if key[0] in own]
    while ahead:
        key = ahead.pop()
        if key in defined and key not in found:
            found.add(key)
            ahead += _named(defined[key], key[0])
    return found


def _overloaded(node: _Definition) -> bool:
    return any(ast.unparse(decorator) == "tp.overload" for decorator in node.decorator_list)


def _named(node: _Definition, file: str) -> Iterator[tuple[str, str]]:
    """What a definition names: of its own file, or as `extract.x`.  Its own variables are none."""
    own = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)} - {node.name}
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Load()) if name not in own:
                yield file, name
            case ast.Attribute(value=ast.Name(id="extract"), attr=name):
                yield "extract.py", name


# --- what of graphlib.py ------------------------------------------------------------------------


def look(flax: Path, programs: Path) -> None:
    """Write down which functions of graphlib.py the first programs' loops execute."""
    lines = set[int]()
    for number in range(_LOOKED_AT // BATCH):
        for program in load(programs, number):
            runs = program.runs.items()
            lines.update(*(run.lines for arm, run in runs if arm.wrapper == "plain"))
    found = sorted(
        name
        for name, first, last in _functions(ast.parse((flax / FILES["graphlib.py"]).read_text()))
        if not lines.isdisjoint({numbered("graphlib.py", k) for k in range(first, last + 1)})
    )
    document = {"flax": nnx_api.FLAX, "programs": _LOOKED_AT, "functions": found}
    EXECUTED.write_text(json.dumps(document, indent=1) + "\n")


def _functions(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Functions and methods, with the lines of their bodies."""
    for node in tree.body:
        within = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for function in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(function, ast.FunctionDef) and not _overloaded(function):
                end = function.end_lineno or function.lineno
                yield within + function.name, function.body[0].lineno, end
