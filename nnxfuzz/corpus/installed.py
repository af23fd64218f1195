"""What is installed, as entries record it: releases, or a checkout of Flax and its commit."""

import functools
import subprocess
import sys
from pathlib import Path

from nnxfuzz import __version__, nnx_api
from nnxfuzz.corpus.entries import Checkout, FoundWith, Sighting

#: The versions that are imported.
RELEASE = Sighting(nnx_api.FLAX, nnx_api.JAX)


@functools.cache
def found_with() -> FoundWith:
    """All that takes part in a finding that is made now."""
    python = ".".join(map(str, sys.version_info[:3]))
    return FoundWith(nnx_api.FLAX, nnx_api.JAX, __version__, python, checkout())


@functools.cache
def checkout() -> Checkout | None:
    """The checkout that Flax is imported from; None if it is installed."""
    folder = nnx_api.checkout()
    if folder is None:
        return None
    if _git(folder, "rev-parse", "--show-toplevel") != str(folder):
        return Checkout(folder.name)
    commit = _git(folder, "rev-parse", "HEAD")
    return Checkout(folder.name, commit, bool(_git(folder, "status", "--porcelain", "--", "flax")))


def versions_text() -> str:
    """What is installed, in words."""
    here = checkout()
    return f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}" + (f"; {here.told()}" if here else "")


def _git(folder: Path, *words: str) -> str | None:
    """What git says there; None if it says nothing, or there is no git."""
    try:
        command = ["git", "-C", str(folder), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
