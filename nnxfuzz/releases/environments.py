"""Python environments in the user's cache folder, made with uv when they are first asked for.

An environment has what its recipe names and what nnxfuzz needs, but not nnxfuzz itself: whoever
runs something there brings the code (see `elsewhere`), so one environment serves every checkout.
Processes that want the same environment wait for the one that makes it.  A file named `ready` says
that an environment is whole; one without it was interrupted and is made anew.
"""

import contextlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import filelock
import platformdirs
import uv

from nnxfuzz import __version__
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse

#: What nnxfuzz needs in an environment beside Flax and jax.
NEEDED = (
    "msgspec",
    "hypothesis",
    "hypothesis-jsonschema",
    "click",
    "rich",
    "platformdirs",
    "packaging",
    "uv",
    "filelock",
    "pebble",
)

#: The minor version of this Python.
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"

#: How uv begins the line that says why, in newer releases and in older ones.
_CAUSES = ("cause:", "╰─▶")

#: Folders of the cache that are no environments: locks, and code that is imported first.
LOCKS, PACKAGES, COMMITS = "locks", "packages", "commits"


class Recipe(Data, frozen=True):
    """What an environment holds: packages, in uv's words, on the first of the Pythons that will do.

    `name` is its folder's, before the Python; `told` is what messages call it.
    """

    name: str
    packages: tuple[str, ...]
    pythons: tuple[str, ...]
    told: str


class Made(Data, frozen=True):
    """A folder of the cache.  `size` is on disk, where uv may share files with its own cache."""

    name: str
    whole: bool
    size: int


def default_cache() -> Path:
    """Where environments are kept between runs."""
    return Path(platformdirs.user_cache_dir("nnxfuzz")) / "releases"


# --- making ---------------------------------------------------------------------------------


def make(recipe: Recipe, cache: Path) -> Path:
    """The Python of the recipe's environment, which is made if it is not in the cache yet.

    Raises Misuse if it cannot be made: no Python for it, no package index, packages at odds.
    """
    folders = {minor: cache / f"{recipe.name}-py{minor}" for minor in recipe.pythons}
    for folder in folders.values():
        if _sufficient(folder):
            return _python(folder)
    failures = []
    for minor, folder in folders.items():
        try:
            with _alone(folder):
                _fill(folder, recipe, minor)
            return _python(folder)
        except Misuse as error:
            failures.append(error)
    raise failures[0]


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _fill(folder: Path, recipe: Recipe, minor: str) -> None:
    """Make the environment, or add what this nnxfuzz needs and an older one did not."""
    if _sufficient(folder):
        return  # another process made it while this one waited
    if _ready(folder).exists():
        _install(folder, recipe, _pinned())
    else:
        _begin(folder, recipe, minor)
    names = {*NEEDED, *_stamp(folder)[1:]}
    _ready(folder).write_text("\n".join([__version__, *sorted(names)]) + "\n")


def _begin(folder: Path, recipe: Recipe, minor: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # somebody may have been interrupted
    try:
        _uv(recipe, "venv", "--quiet", "--python", _interpreter(minor), str(folder))
        _install(folder, recipe, (*recipe.packages, *_pinned()))
    except Misuse:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _install(folder: Path, recipe: Recipe, packages: Sequence[str]) -> None:
    _uv(recipe, "pip", "install", "--quiet", "--python", str(_python(folder)), *packages)


def _ready(folder: Path) -> Path:
    return folder / "ready"


def _stamp(folder: Path) -> list[str]:
    """What the file `ready` says: the nnxfuzz that made the environment, and what it needed."""
    try:
        return _ready(folder).read_text().split()
    except OSError:
        return []


def _sufficient(folder: Path) -> bool:
    version, *names = _stamp(folder) or [""]
    return version == __version__ and set(names) >= set(NEEDED)


def _pinned() -> tuple[str, ...]:
    """The installed versions of what nnxfuzz needs, so that both sides run the same code."""
    return tuple(f"{name}=={importlib.metadata.version(name)}" for name in NEEDED)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep every other process from making or removing the environment."""
    lock = folder.parent / LOCKS / folder.name
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(lock):
            yield
    except OSError as error:
        raise Misuse(
            f"cannot write to {folder.parent}: {error.strerror or error}; make room there, "
            "or name another cache folder in XDG_CACHE_HOME"
        ) from None


# --- Pythons and uv -------------------------------------------------------------------------


def _interpreter(minor: str) -> str:
    """A Python of that minor version; where none is found, what uv is to be asked for."""
    if minor == HERE:
        return sys.executable
    return next((path for path in _candidates(minor) if _starts(path)), minor)


def _candidates(minor: str) -> Iterator[str]:
    """Where a Python may be on this machine: on the path, or kept by pyenv."""
    on_path = shutil.which(f"python{minor}")
    if on_path is not None:
        yield on_path
    pyenv = shutil.which("pyenv")
    if pyenv is not None:
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        versions = Path(root.stdout.strip()) / "versions"
        yield from map(str, sorted(versions.glob(f"{minor}.*/bin/python{minor}")))


def _starts(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def _uv(recipe: Recipe, *arguments: str) -> None:
    try:
        command = [uv.find_uv_bin(), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Misuse(f"uv does not run ({error}); run pip install --force-reinstall uv") from None
    if done.returncode != 0:
        raise Misuse(
            f"{recipe.told} cannot be installed ({_reason(done.stderr)}); "
            "check the package index, or use a release that is in the cache"
        )


def _reason(said: str) -> str:
    """The line of uv's that says most: the first cause, where it names one."""
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    for mark in (*_CAUSES, "error"):
        for line in lines:
            if line.startswith(mark):
                words = line.removeprefix(mark) if mark in _CAUSES else line
                return words.partition(", we can conclude")[0].strip()
    return lines[0] if lines else "uv said nothing"


# --- what there is --------------------------------------------------------------------------


def made(cache: Path) -> list[Made]:
    """The environments in the cache, by name, whole or not."""
    folders = sorted(cache.iterdir()) if cache.is_dir() else []
    return [
        Made(folder.name, _ready(folder).exists(), size_of(folder))
        for folder in folders
        if (folder / "bin").is_dir()
    ]


def remove(name: str, cache: Path) -> None:
    """Remove an environment; it stops being whole before anything of it goes."""
    folder = cache / name
    with _alone(folder):
        _ready(folder).unlink(missing_ok=True)
        shutil.rmtree(folder)


def remove_code(cache: Path) -> None:
    """Remove the code that went before what is installed; it is put there again when needed."""
    for name in (PACKAGES, COMMITS):
        shutil.rmtree(cache / name, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes on disk; a file with several names, as uv makes them, counts once."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # removed just now
                status = os.lstat(os.path.join(parent, name))
                found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())
