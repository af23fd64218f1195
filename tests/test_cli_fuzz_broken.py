"""Nothing that `nnxfuzz fuzz` has found is lost, however it ends: a full disk, Ctrl-C, a defect."""

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Planted, Run, assert_refused, events, name
from entries import LOST

from nnxfuzz.campaign import Discovery
from nnxfuzz.corpus import entries as corpus

# --- places that cannot be written ----------------------------------------------------------


@pytest.mark.parametrize(
    ("finds", "reason"),
    [("file/below", "Not a directory"), ("/proc/finds", "No such file or directory")],
)
def test_finds_that_cannot_be_saved_are_refused_at_once(
    finds: str, reason: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    sentence = f"cannot save findings in {finds}: {reason}; name another folder with --finds"
    assert_refused(run("fuzz", "--finds", finds), sentence)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("option", ["--finds", "--corpus"])
def test_a_file_is_no_folder(option: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = f"Invalid value for '{option}': Directory 'file' is a file; see nnxfuzz fuzz --help"
    assert_refused(run("fuzz", option, "file"), sentence)


@pytest.mark.parametrize(
    ("path", "reason"),
    [("none/e.jsonl", "No such file or directory"), (".", "Is a directory")],
)
def test_an_events_file_that_cannot_be_made_is_refused(path: str, reason: str, run: Run) -> None:
    sentence = (
        f"cannot write the events file {path}: {reason}; "
        "name a file in a folder that exists and can be written"
    )
    assert_refused(run("fuzz", "--json", path), sentence)


# --- the campaign breaks off ----------------------------------------------------------------


def assert_told(out: str, folder: Path) -> None:
    """What was found before it broke off is in the folder, in the table and in the list."""
    assert (folder / name(0)).exists()
    assert "│ 1 │ wrong-world fori_loop tree: bug 0 " in out
    assert f"  1  nnxfuzz replay {folder / name(0)}\n" in out
    assert "failed; what was found before is saved\n" in out


@pytest.mark.usefixtures("planted")
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")
def test_a_disk_that_is_full_loses_nothing_found_before(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the first find is saved twice, since its note says first that it is not shrunk
    saves = iter([None, None, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), None])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fsync(file: int) -> None:
        if ".state." in os.readlink(f"/proc/self/fd/{file}"):
            return
        failure = next(saves)
        if failure:
            raise failure

    monkeypatch.setattr(os, "fsync", fsync)
    code, out, err = run("fuzz", "--programs", 100, "--json", "e.jsonl")
    assert code == 1  # there are findings
    assert err == (
        f"nnxfuzz: cannot save {name(1)} in finds: No space left on device; "
        "make room there or name another folder; "
        f"the finding is kept in {tmp_path / 'nnxfuzz-finds' / name(1)}\n"
    )
    assert_told(out, Path("finds"))
    assert os.listdir(tmp_path / "nnxfuzz-finds") == [name(1)]
    *_, found, end = events(tmp_path / "e.jsonl")
    assert (end["is"], end["reason"], end["findings"]) == ("end", "failed", [found])
    assert sorted(os.listdir("finds")) == [".campaigns", name(0)]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for very few findings."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount, and not everywhere")
    yield folder
    subprocess.run(["umount", str(folder)], capture_output=True)


@pytest.mark.usefixtures("planted")
def test_a_disk_that_is_really_full_loses_nothing(
    run: Run, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code, out, err = run("fuzz", "--programs", 1000, "--finds", small)
    assert code == 1  # there are findings
    assert "No space left on device; make room there or name another folder" in err
    assert err.count("\n") == 1
    assert_told(out, small)
    saved = corpus.entries([small])
    assert all(corpus.load(path).case == LOST.case for path in saved)
    assert all(f"nnxfuzz replay {path}\n" in out for path in saved)


@pytest.mark.usefixtures("planted")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_events_that_are_lost_are_an_error(run: Run) -> None:
    code, out, err = run("fuzz", "--programs", 10, "--json", "/dev/full")
    assert code == 2
    assert out.endswith("the same search again:\n" + out.splitlines()[-1] + "\n")
    assert err == (
        "nnxfuzz: cannot write the events file /dev/full: No space left on device; "
        "make room there or name another file\n"
    )


@pytest.mark.usefixtures("planted")
def test_a_defect_loses_nothing_found_before(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    explore = Planted.explore

    def fails(self: Planted, number: int, size: int) -> Discovery | None:
        if number:
            raise AssertionError("a defect")
        return explore(self, number, size)

    monkeypatch.setattr(Planted, "explore", fails)
    code, out, err = run("fuzz", "--programs", 100)
    assert code == 3
    assert "AssertionError: a defect" in err
    assert_told(out, Path("finds"))


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(("known", "code"), [(False, 1), (True, 0)])
def test_an_interrupt_is_an_end_like_another(
    known: bool, code: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if known:
        assert run("fuzz", "--programs", 10)[0] == 1
    explore = Planted.explore

    def interrupted(self: Planted, number: int, size: int) -> Discovery | None:
        if number:
            raise KeyboardInterrupt
        return explore(self, number, size)

    monkeypatch.setattr(Planted, "explore", interrupted)
    got, out, err = run("fuzz", "--programs", 100)
    assert (got, err) == (code, "")
    assert "\ninterrupted; what was found before is saved\n" in out
    assert (f"nnxfuzz replay finds/{name(0)}\n" in out) is not known
