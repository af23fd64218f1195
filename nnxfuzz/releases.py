"""Flax releases in environments of their own, so that one installation can try them all.

An environment is made once with uv, in the user's cache folder, with the jax that the release runs
with; nnxfuzz itself is linked into it, so what runs there is always this code.  `RELEASES` is the
table of what runs with what, each row installed and run on CPU.
"""

import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs
import uv

import nnxfuzz
from nnxfuzz.case import Data
from nnxfuzz.errors import Misuse

#: What nnxfuzz needs in an environment beside Flax and jax.
_NEEDED = ("msgspec", "hypothesis", "hypothesis-jsonschema", "click", "rich", "platformdirs", "uv")


class Release(Data, frozen=True):
    """A Flax release, the jax (and jaxlib) that it was run with, and the Pythons it was run on."""

    flax: str
    jax: str
    pythons: tuple[str, ...]


_OLD, _BOTH, _NEW = ("3.11",), ("3.11", "3.12"), ("3.12",)

RELEASES: tuple[Release, ...] = (
    Release("0.10.2", "0.4.35", _OLD),
    Release("0.10.3", "0.5.0", _OLD),
    Release("0.10.4", "0.5.1", _OLD),
    Release("0.10.5", "0.5.3", _OLD),
    Release("0.10.6", "0.6.0", _OLD),
    Release("0.10.7", "0.6.2", _OLD),
    Release("0.11.0", "0.7.0", _OLD),
    Release("0.11.1", "0.7.0", _OLD),
    Release("0.11.2", "0.7.1", _OLD),
    Release("0.12.0", "0.7.2", _OLD),
    Release("0.12.1", "0.8.1", _OLD),
    Release("0.12.2", "0.8.2", _OLD),
    Release("0.12.3", "0.8.3", _OLD),
    Release("0.12.4", "0.9.0", _OLD),
    Release("0.12.5", "0.9.1", _OLD),
    Release("0.12.6", "0.9.2", _OLD),
    Release("0.12.7", "0.10.0", _NEW),
    Release("0.12.8", "0.10.2", _BOTH),
    Release("0.12.9", "0.11.1", _NEW),
    Release("0.12.10", "0.11.1", _NEW),
    Release("0.12.11", "0.11.1", _NEW),
    Release("0.12.12", "0.12.0.1", _NEW),
)


def release(flax: str) -> Release:
    """The row of a release; raises Misuse for one that is not in the table."""
    for row in RELEASES:
        if row.flax == flax:
            return row
    known = ", ".join(row.flax for row in RELEASES)
    raise Misuse(f"flax {flax} is not a release that nnxfuzz knows; choose from {known}")


def environment(flax: str, cache: Path | None = None) -> Path:
    """The Python of the release's environment, which is made if it is not in the cache yet.

    Raises Misuse if it cannot be made: no such release, no Python for it, no package index.
    """
    row = release(flax)
    python = _interpreter(row)
    folder = (cache or default_cache()) / f"flax-{row.flax}-jax-{row.jax}-py{python[0]}"
    binary = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        packages = (f"flax=={row.flax}", f"jax=={row.jax}", f"jaxlib=={row.jax}", *_pinned())
        _uv(row, "venv", "--quiet", "--python", python[1], str(folder))
        _uv(row, "pip", "install", "--quiet", "--python", str(binary), *packages)
        ready.touch()
    _link(folder)
    return binary


def default_cache() -> Path:
    """Where environments are kept between runs."""
    return Path(platformdirs.user_cache_dir("nnxfuzz")) / "releases"


def _pinned() -> tuple[str, ...]:
    """The installed versions of what nnxfuzz needs, so that both sides run the same code."""
    return tuple(f"{name}=={importlib.metadata.version(name)}" for name in _NEEDED)


def _interpreter(row: Release) -> tuple[str, str]:
    """A Python that has the release: its minor version, and what uv is to be asked for."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if here in row.pythons:
        return here, sys.executable
    for minor in row.pythons:
        for candidate in _installed(minor):
            return minor, candidate
    return row.pythons[0], row.pythons[0]


def _installed(minor: str) -> list[str]:
    """Pythons of a minor version on this machine that start: on the path, or kept by pyenv."""
    found = [shutil.which(f"python{minor}") or ""]
    pyenv = shutil.which("pyenv")
    if pyenv is not None:
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        versions = Path(root.stdout.strip()) / "versions"
        found += [str(path) for path in sorted(versions.glob(f"{minor}.*/bin/python{minor}"))]
    return [path for path in found if path and _starts(path)]


def _starts(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def _uv(row: Release, *arguments: str) -> None:
    try:
        command = [uv.find_uv_bin(), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Misuse(f"uv does not run ({error}); run pip install --force-reinstall uv") from None
    if done.returncode != 0:
        why = _first_error(done.stderr.splitlines())
        raise Misuse(
            f"flax {row.flax} with jax {row.jax} cannot be installed ({why}); "
            "check the package index, or use a release that is in the cache"
        )


def _first_error(lines: Sequence[str]) -> str:
    said = [line.strip() for line in lines if line.strip()]
    errors = [line for line in said if line.startswith("error")]
    return (errors or said or ["uv said nothing"])[0]


def _link(folder: Path) -> None:
    """Let the environment import this nnxfuzz."""
    package = Path(nnxfuzz.__file__).resolve().parent
    (site,) = (folder / "lib").glob("python*/site-packages")
    link = site / "nnxfuzz"
    if link.is_symlink() and link.resolve() == package:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(package, target_is_directory=True)
