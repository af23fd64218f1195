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
    (
        "programs.errors",
        "programs.progress",
        "programs.versions",
        "corpus.ours",
        "__version__",
        "programs.containers",
        "programs.user",
        "oracle.statics",
    ),
    ("programs.case",),
    ("programs.text", "programs.layers"),
    ("oracle.verdict", "programs.numbers", "nnx_api", "corpus.migrations", "programs.calls"),
    ("programs.program", "transforms", "corpus.looks", "oracle.stages"),
    ("plain",),
    ("programs.live.axes", "programs.live.boxes", "programs.live.layers", "programs.operations"),
    ("oracle.world", "programs.live.build", "programs.live.body", "strategies.rewiring"),
    (
        "oracle.failures",
        "oracle.observations",
        "oracle.arithmetic",
        "oracle.eager_calls",
        "programs.live.gradient",
        "programs.live.jax_backend",
    ),
    ("oracle.inner",),
    (
        "oracle.by_itself",
        "oracle.python_backend",
        "oracle.slicer",
        "oracle.unrolled",
        "runners.loops",
    ),
    ("oracle.reference", "runners"),
    ("oracle.contract", "oracle.expectation"),
    ("runners.judge", "programs.shrink", "corpus.entries", "strategies", "report.code"),
    ("checker",),
    (
        "runners.arms",
        "runners.asserting",
        "corpus.causes",
        "corpus.installed",
        "corpus.outcomes",
        "releases.environments",
        "report.whereabouts",
    ),
    (
        "runners.kinds",
        "releases.table",
        "report.script",
        "report.show",
        "report.unseen",
        "corpus.shipped",
    ),
    ("corpus.replay", "report.calls"),
    ("report.picture", "releases.targets", "report.issue", "report.atlas", "report.contract"),
    ("releases.elsewhere",),
    ("releases.matrix", "campaign"),
    ("releases.bisect", "releases.gate", "report.page"),
    ("releases.commits", "report.ci"),
    ("cli", "pytest_plugin"),
    ("__main__",),
)

#: What a part may import of ours, where that is less than its row allows.
ONLY: dict[str, set[str]] = {
    "programs.errors": set(),
    "programs.progress": set(),
    "corpus.ours": set(),
    "programs.containers": set(),
    "programs.user": set(),
    "oracle.statics": set(),
    "programs.case": {"programs.errors"},
    "programs.numbers": {"programs.case"},
    "nnx_api": {"programs.case", "programs.containers", "programs.errors", "programs.versions"},
    "plain": {"nnx_api"},
    "oracle.verdict": {"programs.case"},
    "programs.text": {"programs.case"},
    "programs.layers": {"programs.case"},
    "programs.calls": {"programs.case", "programs.layers", "programs.text"},
    "transforms": {"programs.case", "programs.calls"},
    "programs.program": {"programs.case", "programs.calls"},
    "strategies": {
        "programs.calls",
        "programs.case",
        "programs.errors",
        "strategies.rewiring",
        "transforms",
    },
    "strategies.rewiring": {"nnx_api", "oracle.verdict", "programs.errors", "programs.numbers"},
    "programs.shrink": {"programs.case"},
    "report.code": {"programs.case", "programs.layers", "programs.text", "oracle.verdict"},
    "report.script": {"programs.case", "programs.text", "report.code", "oracle.verdict"},
    "report.show": {"programs.case", "programs.text", "report.code", "oracle.verdict"},
    "report.unseen": {"oracle.stages", "oracle.verdict", "transforms"},
    "report.whereabouts": {"programs.case"},
    "report.issue": {
        "programs.case",
        "corpus.causes",
        "report.code",
        "corpus.entries",
        "corpus.outcomes",
        "report.calls",
        "report.show",
        "oracle.verdict",
        "programs.calls",
        "report.whereabouts",
    },
    "report.picture": {
        "programs.calls",
        "programs.case",
        "report.code",
        "programs.errors",
        "report.show",
        "oracle.verdict",
    },
    "corpus.migrations": set(),
    "corpus.entries": {
        "programs.case",
        "programs.calls",
        "programs.program",
        "transforms",
        "programs.errors",
        "corpus.migrations",
        "corpus.ours",
        "oracle.verdict",
        "programs.versions",
    },
    "programs.versions": set(),
    "corpus.installed": {"__version__", "nnx_api", "corpus.entries"},
    "corpus.causes": {
        "programs.calls",
        "programs.case",
        "oracle.verdict",
        "corpus.entries",
        "corpus.looks",
        "programs.errors",
    },
    "corpus.looks": {"programs.case", "oracle.verdict"},
    "corpus.outcomes": {"programs.case", "corpus.entries", "programs.versions"},
    "releases.environments": {"__version__", "programs.case", "programs.errors"},
    "oracle.contract": {
        "programs.case",
        "nnx_api",
        "plain",
        "oracle.observations",
        "oracle.verdict",
        "programs.versions",
    },
}

#: The transform's side never sees the definition of "right", nor the other way round.
TRANSFORM_SIDE = ("runners.loops", "runners")
PYTHON_SIDE = (
    "oracle.reference",
    "oracle.arithmetic",
    "oracle.eager_calls",
    "oracle.observations",
    "oracle.inner",
    "oracle.python_backend",
    "oracle.slicer",
    "oracle.unrolled",
    "oracle.expectation",
)

#: Parts that a user's pytest run or a replay loads: they must not bring in Hypothesis.
WITHOUT_STRATEGIES = (
    "pytest_plugin",
    "corpus.replay",
    "corpus.entries",
    "runners.judge",
    "report.script",
    "report.show",
    "report.issue",
)


PARTS = {part for row in ROWS for part in row}


def part_of(file: Path) -> str:
    """`campaign` for `campaign/run.py`, `oracle.world` for `oracle/world.py`."""
    dotted = list(file.relative_to(PACKAGE).with_suffix("").parts)
    return part_named([word for word in dotted if word != "__init__"])


def part_named(dotted: list[str]) -> str:
    """The part that a dotted name below `nnxfuzz` stands in: the longest that has a row."""
    for count in range(len(dotted), 0, -1):
        if ".".join(dotted[:count]) in PARTS:
            return ".".join(dotted[:count])
    return dotted[0]


FILES = {str(f.relative_to(PACKAGE)): f for f in sorted(PACKAGE.rglob("*.py"))}
#: A folder's docstring imports nothing.
FILES = {
    name: file
    for name, file in FILES.items()
    if name != "__init__.py" and (part_of(file) in PARTS or not name.endswith("__init__.py"))
}


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
    for name in imported(file, lazy):
        if name[0] == "nnxfuzz" and name[1:]:
            yield part_named(name[1:])


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


def test_the_front_has_fourteen_parts() -> None:
    there = {file.name.removesuffix(".py") for file in PACKAGE.iterdir()}
    assert there - {"__init__", "__main__", "__pycache__", "py.typed"} == {
        *("plain", "nnx_api", "programs", "strategies", "transforms", "oracle", "runners"),
        *("checker", "campaign", "corpus", "releases", "report", "cli", "pytest_plugin"),
    }


def test_every_part_has_a_row() -> None:
    known = PARTS - {"__version__"}
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
    built = ("axes", "layers", "build", "jax_backend")
    build = {f"programs.live.{name}" for name in built}
    run = {"oracle.python_backend", "runners.loops", "runners", "runners.kinds", "transforms"}
    assert users == {"nnx_api", "programs.containers", "plain", "checker"} | build | run
