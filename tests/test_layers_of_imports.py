"""The layers: each module of nnxfuzz imports at most what its row of `LAYERS` allows.

Read off the source.  Imports inside of functions count, except where a test asks what importing a
part brings in.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nnxfuzz

PACKAGE = Path(nnxfuzz.__file__).parent

#: From the bottom up.  A part may import the parts of the rows above its own, and itself.
ROWS: tuple[tuple[str, ...], ...] = (
    ("errors", "versions", "__version__", "containers", "user", "statics"),
    ("case",),
    ("verdict", "numbers", "compat", "migrations"),
    ("plain",),
    ("boxes", "layers", "operations"),
    ("world", "build", "body"),
    ("failures", "observations", "arithmetic", "calls", "gradient", "machine"),
    ("library", "slices", "unrolled", "transforms"),
    ("reference", "executors"),
    ("contract", "expectation"),
    ("judge", "shrink", "corpus", "strategies", "code"),
    ("checker",),
    ("arms", "causes", "outcomes", "environments", "whereabouts"),
    ("replay", "releases", "script", "show"),
    ("picture", "targets", "issue"),
    ("elsewhere",),
    ("matrix", "campaign"),
    ("bisect", "page"),
    ("commits",),
    ("cli", "pytest_plugin"),
    ("__main__",),
)

#: What a part may import of ours, where that is less than its row allows.
ONLY: dict[str, set[str]] = {
    "errors": set(),
    "containers": set(),
    "user": set(),
    "statics": set(),
    "case": {"errors"},
    "numbers": {"case"},
    "compat": {"case", "containers", "errors", "versions"},
    "plain": {"compat"},
    "verdict": {"case"},
    "strategies": {"case"},
    "shrink": {"case"},
    "code": {"case", "verdict"},
    "script": {"case", "code", "verdict"},
    "show": {"case", "code", "verdict"},
    "whereabouts": {"case"},
    "issue": {"case", "causes", "code", "corpus", "outcomes", "show", "verdict", "whereabouts"},
    "picture": {"case", "code", "errors", "show", "verdict"},
    "migrations": set(),
    "corpus": {"case", "errors", "migrations", "verdict", "versions"},
    "versions": set(),
    "causes": {"case", "corpus", "errors"},
    "outcomes": {"case", "corpus", "versions"},
    "environments": {"__version__", "case", "errors"},
    "contract": {"case", "compat", "observations", "verdict", "versions"},
}

#: The transform's side never sees the definition of "right", nor the other way round.
TRANSFORM_SIDE = ("transforms", "executors")
PYTHON_SIDE = (
    "reference",
    "arithmetic",
    "calls",
    "observations",
    "library",
    "slices",
    "unrolled",
    "expectation",
)

#: Parts that a user's pytest run or a replay loads: they must not bring in Hypothesis.
WITHOUT_STRATEGIES = ("pytest_plugin", "replay", "corpus", "judge", "script", "show", "issue")


def part_of(file: Path) -> str:
    """`campaign` for `campaign/run.py`, `judge` for `judge.py`."""
    first = file.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


FILES = {str(f.relative_to(PACKAGE)): f for f in sorted(PACKAGE.rglob("*.py"))}
FILES.pop("__init__.py")


def imported(file: Path, lazy: bool = True) -> Iterator[list[str]]:
    """The dotted names that a file imports; without `lazy`, those of its top level only."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree) if lazy else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}".split(".") for alias in node.names)


def imports(file: Path, lazy: bool = True) -> Iterator[str]:
    """The parts of nnxfuzz that a file imports."""
    yield from (name[1] for name in imported(file, lazy) if name[0] == "nnxfuzz" and name[1:])


def closure(part: str) -> set[str]:
    """The parts that importing `part` imports, directly or not."""
    seen: set[str] = set()
    left = [part]
    while left:
        here = left.pop()
        for file in FILES.values():
            if part_of(file) == here:
                new = set(imports(file, lazy=False)) - seen
                seen |= new
                left += new
    return seen


def rank(part: str) -> int:
    return next(k for k, row in enumerate(ROWS) if part in row)


def test_every_part_has_a_row() -> None:
    known = {part for row in ROWS for part in row} - {"__version__"}
    assert {part_of(file) for file in FILES.values()} == known


@pytest.mark.parametrize("name", FILES)
def test_a_module_imports_only_from_the_rows_above_its_own(name: str) -> None:
    part = part_of(FILES[name])
    others = set(imports(FILES[name])) - {part}
    assert {other for other in others if rank(other) >= rank(part)} == set()
    assert others <= ONLY.get(part, others)


@pytest.mark.parametrize("part", TRANSFORM_SIDE)
def test_the_transform_never_imports_the_definition_of_right(part: str) -> None:
    assert closure(part).isdisjoint(PYTHON_SIDE)


@pytest.mark.parametrize("part", PYTHON_SIDE)
def test_the_definition_of_right_never_imports_a_transform(part: str) -> None:
    assert closure(part).isdisjoint(TRANSFORM_SIDE)


@pytest.mark.parametrize("part", WITHOUT_STRATEGIES)
def test_replaying_and_printing_need_no_strategies(part: str) -> None:
    assert closure(part).isdisjoint({"strategies", "campaign"})


def test_only_the_parts_that_handle_live_objects_import_flax() -> None:
    users = {part_of(f) for f in FILES.values() for name in imported(f) if name[0] == "flax"}
    build = {"layers", "build", "library", "machine", "transforms", "executors"}
    assert users == {"compat", "containers", "plain", "checker"} | build
