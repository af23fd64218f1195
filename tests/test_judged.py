"""Programs that were once judged wrongly (`judged.json`): what they come to, and why."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from entries import CORPUS, may_be_of

from nnxfuzz import nnx_api
from nnxfuzz.corpus.causes import causes
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding, Refused, Verdict
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.program import Program
from nnxfuzz.programs.versions import version
from nnxfuzz.runners.kinds import has_transform, kind_of

RECORDS = causes(CORPUS)
ROWS = json.loads(Path(__file__).with_name("judged.json").read_text())


def judged(program: Any, row: dict[str, Any]) -> Verdict:
    """The verdict on a program on the arm of a row; raises Inconclusive."""
    kind = kind_of(program)
    return kind.judging(program).verdict(Arm(row["transform"], row["mode"]), kind.explores, None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_a_program_comes_to(row: dict[str, Any]) -> None:
    if not has_transform(row["transform"]) or row["mode"] not in nnx_api.modes():
        pytest.skip("this flax has no such transform or mode")
    if nnx_api.release() < version(row.get("from", "0.10.1")):
        pytest.skip("this flax refuses it for another reason")
    program: Any = msgspec.convert(row["case"], Program)
    try:
        seen = judged(program, row)
    except Inconclusive as inconclusive:
        told = f"Inconclusive: {inconclusive.cause}"
    else:
        told = type(seen).__name__ + _why(program, seen)
    assert told == row["verdict"]


@pytest.mark.skipif(not has_transform("transform_metadata"), reason="this flax has none")
def test_a_donated_array_is_told_by_xla_where_what_reads_it_is_compiled_already() -> None:
    """jax says that the array has been deleted where it traces, and XLA where it does not."""
    (row,) = (row for row in ROWS if row["what"].startswith("what a jit in a transform_metadata"))
    if nnx_api.release() < version(row.get("from", "0.10.1")):
        pytest.skip("this flax refuses it for another reason")
    told = []
    for donated in ("[]", "[0]"):
        text = json.dumps(row["case"]).replace(
            '"donate_argnums": [0]', f'"donate_argnums": {donated}'
        )
        told.append(type(judged(msgspec.convert(json.loads(text), Program), row)).__name__)
    assert told == ["Agrees", "Refused"]


def _why(program: Any, seen: Verdict) -> str:
    """The reason of a refusal, and the causes that a finding may be of."""
    match seen:
        case Refused(reason):
            return f": {reason}"
        case Finding():
            return "".join(f": {cause}" for cause in RECORDS if may_be_of(cause, program, seen))
        case _:
            return ""
