"""Documents of older formats are brought up to today's, one format after another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from entries import LOST, REFUSED

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.migrations import MIGRATIONS
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    CallStyle,
    Case,
    Const,
    Form,
    Index,
    Input,
    Loop,
    OfArray,
    Output,
    Read,
    TupleSlot,
    Update,
)
from nnxfuzz.programs.errors import Misuse

#: An entry as format 1 wrote it, never to be changed: `xs`, `ys` and the operand `input`.
FORMAT_1 = b"""{
  "format": 1,
  "title": "Scan over two arrays",
  "case": {
    "carry": [
      {"is": "tuple", "items": [1, 2]},
      {"is": "array", "array": {"shape": [2]}},
      {"is": "array", "array": {"dtype": "int32"}}
    ],
    "loop": {"upper": 3, "reverse": true},
    "xs": [{"shape": [3, 2], "fill": 1}, {"dtype": "int32", "shape": [3]}],
    "body": [
      {"is": "update", "at": ["carry", 0], "operand": {"is": "input", "x": 0}},
      {"is": "update", "at": ["carry", 1], "operand": {"is": "input", "x": 0, "total": true}},
      {"is": "update", "at": ["carry", 1], "operand": {"is": "const", "value": 2}}
    ],
    "ys": [{"is": "input", "x": 1}, {"is": "index"}]
  },
  "arm": {"transform": "scan"},
  "signature": {
    "kind": "wrong-world", "transform": "scan", "mode": "graph", "where": "ys array value"
  },
  "evidence": {
    "is": "finding",
    "arm": {"transform": "scan"},
    "signature": {
      "kind": "wrong-world", "transform": "scan", "mode": "graph", "where": "ys array value"
    }
  },
  "found_with": {"flax": "0.12.8", "jax": "0.9.1", "nnxfuzz": "0.1.0", "python": "3.11.7"},
  "affected": null,
  "link": null,
  "note": ""
}"""


def test_the_xs_of_format_1_are_inputs_passed_as_one_tuple(tmp_path: Path) -> None:
    path = tmp_path / "entry.json"
    path.write_bytes(FORMAT_1)
    entry = corpus.load(path)
    assert entry.format == corpus.FORMAT
    assert entry.arm == Arm("scan", "graph", "plain")
    assert entry.case == Case(
        carry=(TupleSlot((1, 2)), ArraySlot(Array(shape=(2,))), ArraySlot(Array("int32"))),
        loop=Loop(0, 3, reverse=True),
        inputs=(
            Input(OfArray(Array("float32", (3, 2), 1)), 0),
            Input(OfArray(Array("int32", (3,))), 0),
        ),
        form=Form(packed=True),
        body=(
            Update(("carry", 0), operand=Read(("inputs", 0))),
            Update(("carry", 1), operand=Read(("inputs", 0), total=True)),
            Update(("carry", 1), operand=Const(2)),
        ),
        ys=(Output(Read(("inputs", 1))), Output(Index())),
    )


@pytest.mark.parametrize(
    ("case", "packed"),
    [
        ({}, False),
        ({"ys": []}, False),
        ({"xs": []}, False),
        ({"xs": [{"shape": [1]}]}, True),
        ({"ys": [{"is": "index"}]}, True),
    ],
)
def test_only_what_passed_or_returned_a_tuple_is_packed(case: dict[str, Any], packed: bool) -> None:
    migrated = MIGRATIONS[1]({"case": case})["case"]
    assert migrated.get("form", {}).get("packed", False) == packed


def test_a_loaded_entry_of_an_older_format_is_saved_as_todays(tmp_path: Path) -> None:
    path = tmp_path / "entry.json"
    path.write_bytes(FORMAT_1)
    saved = corpus.save(corpus.load(path), tmp_path / "new")
    assert json.loads(saved.read_bytes())["format"] == corpus.FORMAT
    assert corpus.load(saved) == corpus.load(path)


def test_an_entry_of_format_2_does_not_say_where_it_shows(tmp_path: Path) -> None:
    raw = json.loads(corpus.document(REFUSED)) | {"format": 2}
    for name in ("arms", "blame", "cause"):
        del raw[name]
    path = tmp_path / "entry.json"
    path.write_text(json.dumps(raw))
    assert corpus.load(path) == REFUSED


def test_an_entry_of_format_3_has_older_names_of_mode_and_call_style(tmp_path: Path) -> None:
    raw = json.loads(corpus.document(LOST).replace(b'"tree"', b'"gnu"')) | {"format": 3}
    raw["case"]["manner"] = {"body": "partial"}
    path = tmp_path / "entry.json"
    path.write_text(json.dumps(raw | {"note": "lost in (gnu), with argnums"}))
    loaded = corpus.load(path)
    assert loaded.arm == Arm("fori_loop", "graph-frozen")
    assert loaded.signature.mode == "graph-frozen"
    assert loaded.note == "lost in (graph-frozen), with argnums"
    partial = CallStyle(body="partial")
    assert loaded.case == msgspec.structs.replace(LOST.case, call_style=partial)


# --- the way there --------------------------------------------------------------------------


def altered(change: Callable[[dict[str, Any]], object]) -> bytes:
    """An entry's document after a change to it."""
    raw = json.loads(corpus.document(REFUSED))
    change(raw)
    return json.dumps(raw).encode()


def refusal(path: Path) -> str:
    with pytest.raises(Misuse) as raised:
        corpus.load(path)
    return str(raised.value)


def test_an_older_format_is_brought_up_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MIGRATIONS, -1, lambda raw: raw | {"headline": raw.pop("name")})
    monkeypatch.setitem(MIGRATIONS, 0, lambda raw: raw | {"title": raw.pop("headline")})
    path = tmp_path / "old.json"
    path.write_bytes(altered(lambda raw: raw.update(format=-1, name=raw.pop("title"))))
    assert corpus.load(path) == REFUSED


def test_an_older_entry_that_is_broken_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MIGRATIONS, 0, lambda raw: raw | {"title": raw["headline"]})
    path = tmp_path / "old.json"
    path.write_bytes(b'{"format":0}')
    assert refusal(path) == (
        f"{path} is no corpus entry: at $: it is no entry of format 0 (KeyError: \"'headline'\"); "
        "restore the file from version control"
    )
