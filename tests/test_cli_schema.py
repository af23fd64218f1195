"""The schemas that `nnxfuzz schema` prints: entries and the lines of `--json` are valid by them."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import Run
from entries import INAPPLICABLE, LOST

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.shipped import shipped


def validator(run: Run, *words: str) -> Any:
    code, out, err = run("schema", *words)
    assert (code, err) == (0, "")
    return jsonschema.Draft202012Validator(json.loads(out))


def test_every_entry_is_valid(run: Run) -> None:
    valid = validator(run)
    for path in corpus.entries([shipped()]):
        valid.validate(json.loads(path.read_text()))
    wrong = json.loads(corpus.document(LOST)) | {"arms": "none"}
    (error,) = valid.iter_errors(wrong)
    assert error.json_path == "$.arms"


@pytest.mark.usefixtures("planted")
def test_every_event_is_valid(run: Run) -> None:
    run("fuzz", "--programs", 20, "--seed", 7, "--json", "e.jsonl")
    lines = Path("e.jsonl").read_text().splitlines()
    assert {json.loads(line)["is"] for line in lines} >= {"start", "finding", "end"}
    valid = validator(run, "events")
    for line in lines:
        valid.validate(json.loads(line))
    assert not valid.is_valid({"is": "finding", "path": "x"})


def test_every_line_of_a_replay_is_valid(run: Run) -> None:
    corpus.save(INAPPLICABLE, Path("corpus"))
    _, out, _ = run("replay", "--json")
    validator(run, "replay").validate(json.loads(out))


def refused(run: Run, change: dict[str, Any]) -> str:
    """What `show` says of an entry with this change."""
    Path("x.json").write_text(json.dumps(json.loads(corpus.document(LOST)) | change))
    code, out, err = run("show", "x.json")
    assert (code, out) == (2, "")
    return err.removeprefix("nnxfuzz: x.json is no corpus entry: at ").strip()


def test_a_title_is_one_line(run: Run) -> None:
    assert refused(run, {"title": "a\nb"}) == (
        "$: title 'a\\nb' has a line break; write it as `nnxfuzz schema` says"
    )


def test_a_range_holds_a_release(run: Run) -> None:
    ends = {"first_bad": {"flax": "0.12.1", "jax": "0.7.2"}}
    ends["first_good"] = {"flax": "0.12.0", "jax": "0.7.1"}
    assert refused(run, {"affected": ends}) == (
        "$.affected: first_good (0.12.0) does not come after first_bad (0.12.1); "
        "write it as `nnxfuzz schema` says"
    )
