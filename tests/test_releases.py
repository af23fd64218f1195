"""Flax releases in environments of their own: the table, the cache, and what fails.

All but the slow test put a small script in uv's place.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import uv

import nnxfuzz
from nnxfuzz import releases
from nnxfuzz.cli.installed import OLDEST_FLAX
from nnxfuzz.errors import Misuse
from nnxfuzz.releases import RELEASES, environment, release

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
RUNS_HERE = [row for row in RELEASES if HERE in row.pythons]

pytestmark = pytest.mark.skipif(not RUNS_HERE, reason=f"no release was run on Python {HERE}")


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


# --- the table ------------------------------------------------------------------------------


def test_each_release_has_one_row_in_order() -> None:
    flax = [numbers(row.flax) for row in RELEASES]
    assert flax == sorted(set(flax))


def test_jax_never_goes_back() -> None:
    jax = [numbers(row.jax) for row in RELEASES]
    assert jax == sorted(jax)


def test_the_table_begins_with_the_oldest_release_that_is_supported() -> None:
    assert RELEASES[0].flax == OLDEST_FLAX


@pytest.mark.parametrize("row", RELEASES, ids=lambda row: row.flax)
def test_a_row_names_versions(row: releases.Release) -> None:
    assert re.fullmatch(r"0\.\d+\.\d+", row.flax)
    assert re.fullmatch(r"0\.\d+\.\d+(\.\d+)?", row.jax)
    assert row.pythons
    assert all(re.fullmatch(r"3\.1\d", python) for python in row.pythons)
    assert release(row.flax) is row


@pytest.mark.parametrize("flax", ["9.9.9", "0.12", "", "../x"])
def test_a_release_that_is_not_known_is_told(flax: str, tmp_path: Path) -> None:
    known = ", ".join(row.flax for row in RELEASES)
    for call in (release, lambda flax: environment(flax, tmp_path)):
        with pytest.raises(Misuse) as raised:
            call(flax)
        assert str(raised.value) == (
            f"flax {flax} is not a release that nnxfuzz knows; choose from {known}"
        )
    assert list(tmp_path.iterdir()) == []


# --- environments ---------------------------------------------------------------------------

#: Makes what nnxfuzz looks at of an environment, and notes how it was called.
UV = """#!/bin/sh
echo "$@" >> {log}
if [ "$1" = venv ]; then
    for folder in "$@"; do :; done  # the last argument
    mkdir -p "$folder/bin" "$folder/lib/python3/site-packages"
fi
"""

Fake = Callable[[str], Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a script in uv's place; gives the file in which `UV` notes its calls."""

    def put(script: str) -> Path:
        program, log = tmp_path / "uv", tmp_path / "log"
        program.write_text(script.format(log=log))
        program.chmod(0o755)
        monkeypatch.setattr(uv, "find_uv_bin", lambda: str(program))
        return log

    return put


def test_an_environment_is_made_once(fake: Fake, tmp_path: Path) -> None:
    log = fake(UV)
    row, cache = RUNS_HERE[-1], tmp_path / "cache"
    folder = cache / f"flax-{row.flax}-jax-{row.jax}-py{HERE}"
    assert environment(row.flax, cache) == folder / "bin" / "python"
    venv, install = log.read_text().splitlines()
    assert venv == f"venv --quiet --python {sys.executable} {folder}"
    assert install.startswith(f"pip install --quiet --python {folder}/bin/python flax=={row.flax} ")
    assert f" jax=={row.jax} jaxlib=={row.jax} msgspec==" in install
    assert environment(row.flax, cache) == folder / "bin" / "python"
    assert len(log.read_text().splitlines()) == 2


def test_an_environment_runs_this_code(fake: Fake, tmp_path: Path) -> None:
    fake(UV)
    python = environment(RUNS_HERE[-1].flax, tmp_path / "cache")
    link = python.parent.parent / "lib" / "python3" / "site-packages" / "nnxfuzz"
    assert link.resolve() == Path(nnxfuzz.__file__).resolve().parent
    link.unlink()
    link.symlink_to(tmp_path)  # as after nnxfuzz has moved
    environment(RUNS_HERE[-1].flax, tmp_path / "cache")
    assert link.resolve() == Path(nnxfuzz.__file__).resolve().parent


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'warning: slow' >&2; echo 'error: no index' >&2; exit 2", "error: no index"),
        ("echo >&2; echo 'out of luck' >&2; echo more >&2; exit 1", "out of luck"),
        ("exit 1", "uv said nothing"),
    ],
)
def test_what_uv_cannot_do_is_told(script: str, why: str, fake: Fake, tmp_path: Path) -> None:
    fake(f"#!/bin/sh\n{script}\n")
    row = RUNS_HERE[-1]
    with pytest.raises(Misuse) as raised:
        environment(row.flax, tmp_path / "cache")
    assert str(raised.value) == (
        f"flax {row.flax} with jax {row.jax} cannot be installed ({why}); "
        "check the package index, or use a release that is in the cache"
    )


def test_half_an_environment_is_made_anew(fake: Fake, tmp_path: Path) -> None:
    row, cache = RUNS_HERE[-1], tmp_path / "cache"
    fake(UV + 'if [ "$1" = pip ]; then touch "$5.half"; exit 1; fi\n')
    with pytest.raises(Misuse):
        environment(row.flax, cache)
    assert list(cache.rglob("*.half"))
    fake(UV)
    environment(row.flax, cache)
    assert not list(cache.rglob("*.half"))


def test_an_index_that_cannot_be_reached_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    row = RUNS_HERE[-1]
    with pytest.raises(Misuse) as raised:
        environment(row.flax, tmp_path / "cache")
    told = str(raised.value)
    assert told.startswith(f"flax {row.flax} with jax {row.jax} cannot be installed (")
    assert told.endswith("); check the package index, or use a release that is in the cache")
    assert "\n" not in told


@pytest.mark.slow
def test_a_release_is_really_installed(tmp_path: Path) -> None:
    row = RUNS_HERE[-1]
    python = environment(row.flax, tmp_path)
    code = "from nnxfuzz.compat import FLAX, JAX; print(FLAX, JAX)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [row.flax, row.jax]
