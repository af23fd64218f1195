"""Entries are written whole or not at all, and whatever else lies there is a clear `Misuse`."""

import errno
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Affected, Entry, FoundWith, Sighting
from nnxfuzz.oracle.failures import failure_of
from nnxfuzz.oracle.verdict import Difference, Failure, Finding, Signature
from nnxfuzz.programs.case import (
    Arm,
    Case,
    Module,
    NodeSlot,
    ScalarSlot,
    TupleSlot,
)
from nnxfuzz.programs.errors import Misuse

ARM = Arm("fori_loop", "graph")
SIGNATURE = Signature("spurious-refusal", "fori_loop", "graph", "ValueError in fori_loop")
ENTRY = Entry(
    format=corpus.FORMAT,
    title="Two distinct modules in the carry (#4436)",
    case=Case(nodes=(Module(), Module()), carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1))),
    arm=ARM,
    signature=SIGNATURE,
    evidence=Finding(
        ARM,
        SIGNATURE,
        (Difference(("result", 0, "p"), "variable", "value", "1", "é"),),
        Failure("ValueError", "structure\nmismatch", "fori_loop"),
    ),
    found_with=FoundWith("0.10.2", "0.4.35", "0.1.0", "3.11.7"),
    affected=Affected(Sighting("0.10.2", "0.4.35"), Sighting("0.10.3", "0.5.0")),
    link="https://github.com/google/flax/issues/4436",
    note="seen first by hand",
)
NAME = "two-distinct-modules-in-the-carry-4436-fori-loop-graph-a1f172b5.json"


def altered(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The entry's document after a change to it."""
    raw = json.loads(corpus.document(ENTRY))
    change(raw)
    return json.dumps(raw).encode()


def refusal(path: Path) -> str:
    with pytest.raises(Misuse) as raised:
        corpus.load(path)
    return str(raised.value)


def failing(code: int) -> Callable[..., None]:
    """A call that the system refuses."""

    def call(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Two Modules, #4436!", "two-modules-4436"),
        ("  ../../etc/passwd\0", "etc-passwd"),
        ("é", "untitled"),
        ("", "untitled"),
        ("word " * 20, "-".join(["word"] * 9)),
        ("x" * 100, "x" * 48),
    ],
)
def test_a_slug_is_safe_and_short(title: str, name: str) -> None:
    assert corpus.slug(title) == name


def test_a_file_is_named_after_title_arm_and_case() -> None:
    assert corpus.file_name(ENTRY) == NAME


def test_one_case_on_several_arms_has_several_files(tmp_path: Path) -> None:
    arms = [Arm(t, m) for t in ("fori_loop", "scan") for m in ("graph", "tree")]
    arms += [Arm("scan", "graph", wrapper) for wrapper in ("jit", "eval_shape")]
    entries = [msgspec.structs.replace(ENTRY, arm=arm) for arm in arms]
    names = {corpus.save(entry, tmp_path).name for entry in entries}
    assert len(names) == 6
    assert NAME.replace("fori-loop-graph", "scan-graph-eval-shape") in names


# --- saving ---------------------------------------------------------------------------------


def test_an_entry_survives_the_way_through_a_file(tmp_path: Path) -> None:
    path = corpus.save(ENTRY, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / NAME
    assert corpus.load(path) == ENTRY
    assert os.listdir(path.parent) == [NAME]
    assert path.read_text().startswith(
        f'{{\n  "format": {corpus.FORMAT},\n  "title": "Two distinct'
    )


def test_a_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    mode = (tmp_path / "other").stat().st_mode
    assert corpus.save(ENTRY, tmp_path).stat().st_mode == mode


def test_saving_twice_changes_nothing(tmp_path: Path) -> None:
    before = corpus.save(ENTRY, tmp_path).stat()
    again = msgspec.json.decode(msgspec.json.encode(ENTRY), type=Entry)  # equal, not identical
    after = corpus.save(again, tmp_path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_changed_entry_replaces_the_old_one(tmp_path: Path) -> None:
    corpus.save(ENTRY, tmp_path)
    path = corpus.save(msgspec.structs.replace(ENTRY, note="more"), tmp_path)
    assert corpus.load(path).note == "more"
    assert os.listdir(tmp_path) == [NAME]


def test_an_ill_formed_case_is_not_saved(tmp_path: Path) -> None:
    bad = msgspec.structs.replace(ENTRY, case=Case(carry=(ScalarSlot(float("nan")),)))
    with pytest.raises(Misuse, match="nan is out of range"):
        corpus.save(bad, tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_could_not_be_loaded_is_not_saved(tmp_path: Path) -> None:
    bad = msgspec.structs.replace(ENTRY, note="x" * corpus.MAX_ENTRY_BYTES)
    with pytest.raises(Misuse, match="bytes and 4194304 are allowed; shorten its evidence"):
        corpus.save(bad, tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("owner", "call"), [(os, "fsync"), (Path, "replace")])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, call: str
) -> None:
    path = corpus.save(ENTRY, tmp_path)
    old = path.read_bytes()
    monkeypatch.setattr(owner, call, failing(errno.ENOSPC))
    with pytest.raises(Misuse) as raised:
        corpus.save(msgspec.structs.replace(ENTRY, note="more"), tmp_path)
    assert str(raised.value) == (
        f"cannot save {NAME} in {tmp_path}: No space left on device; "
        "make room there or name another folder"
    )
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == [NAME]


def test_an_interrupted_save_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        corpus.save(ENTRY, tmp_path)
    assert os.listdir(tmp_path) == []


def test_the_data_is_on_the_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append(os.listdir(tmp_path)))
    corpus.save(ENTRY, tmp_path)
    [(temporary,)] = seen
    assert temporary.startswith(f".{NAME}.")
    assert temporary.endswith(".tmp")


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a tmpfs with the given options, where the test may do so."""
    folder = tmp_path / "mounted"
    folder.mkdir()

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("only root may mount, and not everywhere")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True)


def test_a_disk_that_is_really_full(mounted: Callable[[str], Path]) -> None:
    folder = mounted("size=16k")
    corpus.save(ENTRY, folder)
    with pytest.raises(Misuse, match=f"in {folder}: No space left on device; make room there"):
        corpus.save(msgspec.structs.replace(ENTRY, title="more", note="x" * 30_000), folder)
    assert os.listdir(folder) == [NAME]
    assert corpus.load(folder / NAME) == ENTRY


def test_a_disk_that_is_read_only(mounted: Callable[[str], Path]) -> None:
    with pytest.raises(Misuse, match="Read-only file system; make room there or name another"):
        corpus.save(ENTRY, mounted("ro"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):  # for root too
        with pytest.raises(Misuse) as raised:
            corpus.save(ENTRY, folder)
        assert str(raised.value).startswith(f"cannot save {NAME} in {folder}: ")


# --- loading --------------------------------------------------------------------------------

SCHEMA = "write it as `nnxfuzz schema` says"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "$: it is no JSON, Expecting value at line 1, column 1; correct the text there"),
        (b"\x89PNG\r\n", "$: byte 0 is no UTF-8; write the file as UTF-8"),
        (
            b"\0" * 100,
            "$: it is no JSON, Expecting value at line 1, column 1; correct the text there",
        ),
        (b"[]", f"$: Expected `object`, got `array`; {SCHEMA}"),
        (b"{}", '$.format: it is missing or no integer; write "format": 4'),
        (b'{"format":true}', '$.format: it is missing or no integer; write "format": 4'),
        (b'{"format":0}', '$.format: no nnxfuzz has written format 0; write "format": 4'),
        (
            b'{"format":-9999999999}',
            '$.format: no nnxfuzz has written format -9999999999; write "format": 4',
        ),
        (
            b'{"format":5,"new":1}',
            "$.format: format 5 was written by a newer nnxfuzz; "
            "upgrade nnxfuzz, this one reads up to 4",
        ),
        (b"x" * (corpus.MAX_ENTRY_BYTES + 2), "$: it has more than 4194304 bytes; make it smaller"),
        (
            altered(lambda raw: raw["case"]["carry"][1].update(node=7)),
            "$.case.carry[1].node: there is no row 7 in nodes; "
            "nodes has rows 0 to 1, so name one of them or add one",
        ),
        (
            altered(lambda raw: raw.update(typo=1)),
            f"$: Object contains unknown field `typo`; {SCHEMA}",
        ),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "entry.json"
    path.write_bytes(data)
    assert refusal(path) == f"{path} is no corpus entry: at {sentence}"


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = corpus.document(ENTRY).rstrip()
    path = tmp_path / "entry.json"
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        assert refusal(path).startswith(f"{path} is no corpus entry: at $: it is no JSON, ")


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opened, it would block
    for path in (tmp_path, tmp_path / "missing", tmp_path / "pipe"):
        assert refusal(path) == f"{path} is no file; name a corpus entry (*.json)"


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = corpus.save(ENTRY, tmp_path)

    # As root, permissions would not hold.
    monkeypatch.setattr(Path, "open", failing(errno.EACCES))
    assert refusal(path) == f"cannot read {path}: Permission denied; check that you may read it"


# --- folders --------------------------------------------------------------------------------


def test_a_folder_stands_for_its_entries_in_order(tmp_path: Path) -> None:
    for name in (
        "b.json",
        "a.json",
        "sub/c.json",
        "notes.txt",
        ".a.json.1.tmp",
        "folder.json/d.json",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = ["a.json", "b.json", "folder.json/d.json", "sub/c.json"]
    assert corpus.entries([tmp_path]) == [tmp_path / name for name in names]
    assert corpus.entries([tmp_path / "notes.txt", tmp_path / "b.json", tmp_path / "b.json"]) == [
        tmp_path / "notes.txt",
        tmp_path / "b.json",
    ]


def test_a_missing_path_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none"
    with pytest.raises(Misuse) as raised:
        corpus.entries([path])
    assert str(raised.value) == (f"{path} does not exist; name a corpus entry or a folder of them")


def test_entries_that_cannot_be_read_are_told_beside_the_others(tmp_path: Path) -> None:
    other = Signature("wrong-world", "scan", "tree", "result variable value")
    corpus.save(ENTRY, tmp_path)
    second = msgspec.structs.replace(ENTRY, title="Other", arm=Arm("scan", "tree"), signature=other)
    corpus.save(second, tmp_path / "sub")
    (tmp_path / "broken.json").write_bytes(b"{")
    found, unread = corpus.readable([tmp_path])
    assert {entry.signature for entry in found} == {SIGNATURE, other}
    assert [str(error).partition(" ")[0] for error in unread] == [str(tmp_path / "broken.json")]
    assert corpus.readable([tmp_path / "none"]) == ([], [])


def test_a_signature_of_another_arm_is_refused(tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(ENTRY, arm=Arm("scan", "tree"))
    path = corpus.save(wrong, tmp_path)
    with pytest.raises(Misuse) as raised:
        corpus.load(path)
    assert str(raised.value) == (
        f"{path} is no corpus entry: at $.signature: '{SIGNATURE}' is no signature of its arm; "
        "restore the file from version control"
    )


def test_a_message_names_no_folder_of_the_machine() -> None:
    told = "function loop at /home/me/.cache/x/nnxfuzz/runners/a.py:76 traced by /opt/jax/_src/b.py"
    link = "see https://github.com/google/flax/issues/1"
    message = failure_of(ValueError(f"{told}, {link}")).message
    plain = "function loop at nnxfuzz/runners/a.py:76 traced by jax/_src/b.py"
    assert message == f"{plain}, {link}"


def test_no_entry_names_a_folder_of_the_machine() -> None:
    for path in Path(__file__).parent.parent.joinpath("corpus").iterdir():
        assert not re.search(r"(?<![\w:/.])/(home|root|tmp|work|usr|opt)/", path.read_text()), path
