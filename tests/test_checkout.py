"""Finds of a checkout of Flax: what they record, and what is told of releases by them."""

import os
import subprocess
import sys
from pathlib import Path

import flax
import msgspec
import pytest
from entries import FIXED, LOST, REFUSED, needs_tree

from nnxfuzz import nnx_api
from nnxfuzz.campaign import known_bugs
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Checkout, Sighting
from nnxfuzz.corpus.installed import RELEASE
from nnxfuzz.corpus.outcomes import affected, seen_range

MINE = Checkout("my-flax", "0123456789abcdef", True)
FOUND = msgspec.structs.replace(
    LOST,
    found_with=msgspec.structs.replace(LOST.found_with, flax=nnx_api.FLAX, checkout=MINE),
    affected=None,
)


@pytest.fixture
def flaxco(tmp_path: Path) -> Path:
    """A checkout of Flax with a commit: links to what is installed."""
    folder = tmp_path / "flaxco"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'flax'\n")
    (folder / "flax").mkdir()
    for part in Path(flax.__file__).parent.iterdir():
        (folder / "flax" / part.name).symlink_to(part)
    (folder / "flax" / "__init__.py").unlink()
    (folder / "flax" / "__init__.py").write_bytes(Path(flax.__file__).read_bytes())
    git(folder, "init", "-q")
    git(folder, "add", "pyproject.toml", "flax/__init__.py")
    git(folder, "commit", "-q", "-m", "a flax")
    git(folder, "config", "status.showUntrackedFiles", "no")
    return folder


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ["git", "-C", str(folder), *author, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def said(folder: Path, *words: object) -> tuple[int, str]:
    """A command on the Flax of that folder: exit code and standard output."""
    command = [sys.executable, "-P", "-m", "nnxfuzz", *map(str, words)]
    env = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@needs_tree
def test_what_is_found_there_records_folder_commit_and_change(flaxco: Path, tmp_path: Path) -> None:
    path = corpus.save(REFUSED, tmp_path / "finds")
    commit = git(flaxco, "rev-parse", "HEAD")
    code, out = said(flaxco, "replay", path)
    assert (code, out.splitlines()[0]) == (
        0,
        f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}; checkout flaxco at {commit[:10]}",
    )
    with (flaxco / "flax" / "__init__.py").open("a") as file:
        file.write("# changed\n")
    code, out = said(flaxco, "replay", corpus.save(FIXED, tmp_path / "finds"))
    assert out.splitlines()[2].endswith(f"; checkout flaxco at {commit[:10]}, changed passes")


@needs_tree
def test_what_a_checkout_shows_is_never_fixed_in_a_release(flaxco: Path, tmp_path: Path) -> None:
    harmless = msgspec.structs.replace(FIXED, found_with=FOUND.found_with, affected=None)
    path = corpus.save(harmless, tmp_path / "finds")
    assert said(tmp_path, "replay", path)[1].splitlines()[1].startswith("passes ")


def test_a_find_of_a_checkout_tells_nothing_of_releases() -> None:
    assert affected(FOUND, RELEASE) is None
    assert affected(FOUND, RELEASE, "other") is None
    assert affected(FOUND, RELEASE, "my-flax") is True
    assert known_bugs([FOUND], RELEASE).bugs == {}
    assert len(known_bugs([FOUND], RELEASE, "my-flax").bugs) == 1


def test_releases_that_show_it_make_its_range() -> None:
    assert seen_range(FOUND, {Sighting("0.12.0", "0.7.2"): "passes"}) == corpus.Affected(
        None, Sighting("0.12.0", "0.7.2")
    )
    bad = Sighting("0.12.0", "0.7.2")
    found = seen_range(FOUND, {bad: "still fails", Sighting("0.11.2", "0.7.1"): "passes"})
    assert found == corpus.Affected(bad, None)
