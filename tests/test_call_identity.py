"""The script of a call program asks whether an object is the one that should stand there."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from commands import python

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import Difference, Finding, Signature
from nnxfuzz.programs.case import Arm, path_named, place_name
from nnxfuzz.programs.program import Program
from nnxfuzz.report.calls import script

ROWS = json.loads(Path(__file__).with_name("judged.json").read_text())

#: Flax copies `m0.kernel`, and `m2.n` is the copy.
COPIED = next(row["case"] for row in ROWS if row["what"].startswith("grad copies a Variable"))

AT = ("caller", "m2", "n")
OLD, NEW, OTHER = "closure.m0.kernel", "new caller.m2.n", "new caller.m0.kernel"


@pytest.mark.skipif("graph-frozen" not in nnx_api.modes(), reason="as the newer releases copy")
@pytest.mark.parametrize(
    ("expected", "got", "shows"),
    [(OLD, NEW, True), (NEW, OLD, False), (OTHER, NEW, True), (NEW, OTHER, False)],
)
def test_it_tells_another_object(tmp_path: Path, expected: str, got: str, shows: bool) -> None:
    program: Any = msgspec.convert(COPIED, Program)
    arm = Arm("grad", "graph")  # type: ignore[arg-type]
    signature = Signature("wrong-world", "grad", "graph", "caller variable identity")
    difference = Difference(AT, "variable", "identity", expected, got)
    path = tmp_path / "bug.py"
    path.write_text(script(program, arm, Finding(arm, signature, (difference,)), "A copy"))
    done = python(path, cwd=tmp_path)
    assert (done.returncode, "m2.n is another object" in done.stdout) == (int(shows), shows)


@pytest.mark.parametrize(
    "path", [("caller",), ("closure", "m0", "a"), ("result", 0, "b", 1, "a b")]
)
def test_a_name_leads_back_to_its_path(path: tuple[str | int, ...]) -> None:
    assert path_named(place_name(path)) == path
