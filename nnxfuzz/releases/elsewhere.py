"""This nnxfuzz in another environment: its command line in a child process there.

The child imports this very code, and nothing else of this process's path: neither the current
folder (which may be a checkout of Flax) nor this environment's packages.
"""

import contextlib
import hashlib
import os
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nnxfuzz
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases import environments
from nnxfuzz.releases.targets import Target


class Installation(Data, frozen=True):
    """A Python with a Flax; the packages of `overlays` are imported instead of its own."""

    python: str
    overlays: tuple[str, ...] = ()


def prepare(target: Target, cache: Path) -> Installation:
    """The target's environment, made if need be; Misuse if none of its recipes can be made."""
    failures = []
    for recipe in target.recipes:
        try:
            python = environments.make(recipe, cache)
        except Misuse as error:
            failures.append(error)
        else:
            return Installation(str(python), (target.overlay,) if target.overlay else ())
    raise failures[0]


def start(
    place: Installation, words: Sequence[str], cache: Path, **options: Any
) -> subprocess.Popen[str]:
    """`nnxfuzz WORDS` there.  `-P` keeps the current folder off the path."""
    command = [place.python, "-P", "-m", "nnxfuzz", *words]
    return subprocess.Popen(command, text=True, env=environ(place, cache), **options)


def environ(place: Installation, cache: Path) -> dict[str, str]:
    """The variables of a process there: our code, on the CPU that its jax was installed for."""
    packages = (*place.overlays, str(Path(nnxfuzz.__file__).resolve().parent))
    path = os.pathsep.join(str(_alone(Path(package), cache)) for package in packages)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    return kept | {"PYTHONPATH": path, "JAX_PLATFORMS": "cpu"}


def _alone(package: Path, cache: Path) -> Path:
    """A folder to import the package from that has nothing else in it."""
    folder = cache / environments.PACKAGES / hashlib.sha256(str(package).encode()).hexdigest()[:12]
    link = folder / package.name
    if not link.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / uuid.uuid4().hex
        temporary.symlink_to(package, target_is_directory=True)
        with contextlib.suppress(FileExistsError):
            temporary.replace(link)  # another process may have put the same there
    return folder


def call(place: Installation, words: Sequence[str], cache: Path) -> int:
    """Run a command there in this terminal; its exit code.  Ctrl-C is the child's to handle."""
    with start(place, words, cache) as child:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return child.wait()
