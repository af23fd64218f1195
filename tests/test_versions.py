"""Versions of Flax: release candidates, development versions and builds have their places too."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused
from entries import REFUSED
from packaging.version import InvalidVersion

from nnxfuzz import nnx_api
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus import outcomes
from nnxfuzz.corpus.entries import Affected, Sighting
from nnxfuzz.corpus.outcomes import affected
from nnxfuzz.nnx_api import installed
from nnxfuzz.oracle.contract import explanation
from nnxfuzz.oracle.observations import Evidence, observation
from nnxfuzz.oracle.verdict import Failure
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.versions import between, version
from nnxfuzz.report import script

IN_ORDER = (
    "0.8.5",
    "0.10.1",
    "0.10.10",
    "0.12.0",
    "0.12.0.1",
    "0.12.12",
    "0.12.12.post1",
    "0.12.13.dev5+g123",
    "0.12.13rc1",
    "0.12.13rc2+local",
    "0.12.13",
    "0.13.0.dev0",
    "0.13",
    "1.0",
)


@pytest.mark.parametrize(("older", "newer"), list(pairwise(IN_ORDER)))
def test_versions_are_in_order(older: str, newer: str) -> None:
    assert version(older) < version(newer)


def test_a_build_of_a_release_is_that_release() -> None:
    assert version("0.12.6+g123") == version("0.12.6") == version("0.12.6.0")


def test_what_is_no_version_is_refused() -> None:
    with pytest.raises(InvalidVersion):
        version("banana")


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        ("0.12.5", False),
        ("0.12.6.dev1", False),
        ("0.12.6rc1", False),
        ("0.12.6", True),
        ("0.12.6+g123", True),
        ("0.12.7.dev5+g123", True),
        ("0.12.7rc1", True),
        ("0.12.7", True),
        ("0.12.7+g123", True),
        ("0.12.8rc1", False),
        ("0.12.8", False),
        ("0.12.13rc1", False),
    ],
)
def test_a_range_holds_on_every_kind_of_version(found: str, holds: bool) -> None:
    assert between("0.12.6", version(found), "0.12.7") is holds
    assert between("0.12.6", version(found), None) is (holds or version(found) > version("0.12.7"))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ("0.12.13rc1", "closure-written"),
        ("0.12.13.dev5+g123", "closure-written"),
        ("0.12.8", "closure-written"),
        ("0.10.5.dev1", None),
        ("0.10.4", None),
    ],
)
def test_the_ranges_of_the_contract_hold_on_a_release_candidate(
    found: str, reason: str | None
) -> None:
    written = Evidence(seen=[observation("captured-written", "Param", ("closure", 0))])
    failure = Failure("TraceContextError", "Cannot mutate Param from a different trace level")
    assert explanation(Arm("fori_loop", "graph"), written, failure, version(found)) == reason


@pytest.mark.parametrize("found", ["0.12.13rc1", "0.12.13.dev5+g123"])
def test_what_a_release_candidate_of_flax_can_do(
    found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "FLAX", found)
    assert nnx_api.release() == version(found)
    assert installed._HAS["bare-variables"]()


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        ("0.10.2", True),
        ("0.10.3rc1", True),
        ("0.10.3", False),
        ("0.10.3+g123", False),
        ("0.12.13rc1", False),
    ],
)
def test_a_fix_holds_from_its_release_on(here: str, expected: bool) -> None:
    fixed = Affected(Sighting("0.10.1", "0.4.35"), Sighting("0.10.3", "0.4.35"))
    entry = msgspec.structs.replace(REFUSED, affected=fixed)
    assert affected(entry, Sighting(here, "0.4.35")) is expected
    assert outcomes.order(Sighting(here, "0.4.36.dev20241122")) < outcomes.order(
        Sighting(here, "0.4.36")
    )


def test_an_entry_with_something_else_for_a_version_is_refused(run: Run) -> None:
    path = corpus.save(REFUSED, Path("corpus"))
    path.write_text(path.read_text().replace('"flax": "0.10.2"', '"flax": "banana"'))
    code, out, err = run("replay", path)
    assert (code, err) == (2, "")
    assert "at $.found_with: Invalid version: 'banana'; write it as `nnxfuzz schema` says" in out


def test_a_jax_that_is_no_version_is_refused(run: Run) -> None:
    sentence = "'banana' is no version of jax; give --jax one such as 0.4.35"
    path = corpus.save(REFUSED, Path("corpus"))
    assert_refused(run("replay", path, "--flax", "0.10.2", "--jax", "banana"), sentence)


@pytest.mark.parametrize(("found", "code"), [("0.10.4", 2), ("0.10.5", 0), ("0.12.13rc1", 0)])
def test_a_script_knows_a_release_candidate(found: str, code: int) -> None:
    lines = script._needs("this needs", "0.10.5")
    program = ["import sys", "import numpy as np", "import flax", f"flax.__version__ = {found!r}"]
    done = subprocess.run([sys.executable, "-c", "\n".join([*program, *lines])], check=False)
    assert done.returncode == code


def test_a_checkout_without_a_version_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine" / "flax").mkdir(parents=True)
    (tmp_path / "mine" / "flax" / "version.py").write_text("__version__ = 'new'\n")
    (tmp_path / "mine" / "pyproject.toml").write_text("[project]\n")
    sentence = "mine/flax/version.py has 'new' for a version of flax; write one such as 0.12.0"
    path = corpus.save(REFUSED, Path("corpus"))
    assert_refused(run("replay", path, "--flax", "./mine"), sentence)
