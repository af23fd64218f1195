"""What a `--flax` on the command line stands for: releases, a checkout of Flax, or a wheel.

A release runs with the jax of its row.  A checkout runs with the jax of the release whose version
it carries or, if that will not install beside what it asks for, of the latest one; its Python
files are used where they are, so an edit counts at once and nothing is built.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from nnxfuzz.corpus.entries import Sighting
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.versions import version
from nnxfuzz.releases.environments import Recipe
from nnxfuzz.releases.table import (
    LATEST,
    RELEASES,
    Release,
    pinned,
    pythons,
    recipe,
    releases,
    sighting,
)

#: Words that are releases even where a folder is named so.
_NAMES = {LATEST, *(row.flax for row in RELEASES)}


class Target(Data, frozen=True):
    """Somewhere to run: the first of the recipes that can be made, and what goes before it.

    `release` is None where nothing was released.  `overlay` is a package that is imported instead
    of the environment's.  `base` is the release to compare it with: that whose version a checkout
    or a wheel carries, or the one before a release; None if there is none.
    """

    label: str
    recipes: tuple[Recipe, ...]
    release: Sighting | None = None
    overlay: str | None = None
    base: str | None = None


def targets(words: Sequence[str], jax: str | None = None) -> list[Target]:
    """The targets that the words name, each once, in the order of the words."""
    return list(dict.fromkeys(target for word in words for target in _targets(word, jax)))


def of_release(row: Release, jax: str | None = None) -> Target:
    """A release with its own jax, or with another.  Raises Misuse if that is no version."""
    if jax is None or jax == row.jax:
        return Target(row.flax, (recipe(row),), sighting(row), base=_before(row))
    try:
        other = Sighting(row.flax, jax)
    except InvalidVersion:
        raise Misuse(f"{jax!r} is no version of jax; give --jax one such as {row.jax}") from None
    return Target(f"{row.flax} jax {jax}", (recipe(row, jax),), other, base=_before(row))


def _before(row: Release) -> str | None:
    at = RELEASES.index(row)
    return RELEASES[at - 1].flax if at else None


def _targets(word: str, jax: str | None) -> list[Target]:
    path = Path(word).expanduser()
    if path.is_dir() and word not in _NAMES:
        return [_checkout(path, jax)]
    if path.suffix == ".whl":
        return [_wheel(path, jax)]
    if len(path.parts) > 1:
        raise Misuse(f"{word} does not exist; name a flax release, a checkout or a wheel")
    return [of_release(row, jax) for row in releases(word)]


def _checkout(path: Path, jax: str | None) -> Target:
    package, project = path / "flax", path / "pyproject.toml"
    if not (package / "version.py").is_file() or not project.is_file():
        raise Misuse(
            f"{path} is no checkout of flax; name a folder with flax/version.py and pyproject.toml"
        )
    found = re.search(r"""__version__ = ['"](.+)['"]""", (package / "version.py").read_text())
    rows = _rows(found[1] if found else "", package / "version.py")
    packages = (f"flax=={rows[0].flax}", "-r", str(project.absolute()))
    name, told = f"flax-checkout-{_key(project)}", f"what {path} asks for"
    recipes = _recipes(name, told, packages, rows, jax)
    overlay = str(package.absolute())
    return Target(path.absolute().name, recipes, overlay=overlay, base=rows[0].flax)


def _wheel(path: Path, jax: str | None) -> Target:
    name = path.name.split("-")
    if not path.is_file() or name[0] != "flax" or len(name) < 5:
        raise Misuse(
            f"{path} is no wheel of flax; name a file such as flax-0.12.0-py3-none-any.whl"
        )
    packages, rows = (str(path.absolute()),), _rows(name[1], path)
    recipes = _recipes(f"flax-wheel-{_key(path)}", str(path), packages, rows, jax)
    return Target(f"{name[1]} wheel", recipes, base=rows[0].flax)


def _rows(text: str, place: Path) -> list[Release]:
    """The release of that version, or the one before it, and the latest.  Raises Misuse.

    What comes before a release (`0.12.0.dev1`) asks for the jax of that release.
    """
    try:
        found = Version(version(text).base_version)
    except InvalidVersion:
        raise Misuse(
            f"{place} has {text!r} for a version of flax; write one such as 0.12.0"
        ) from None
    before = [row for row in RELEASES if version(row.flax) <= found]
    return list(dict.fromkeys([*before[-1:], RELEASES[-1]]))


def _recipes(
    name: str, told: str, packages: tuple[str, ...], rows: Sequence[Release], jax: str | None
) -> tuple[Recipe, ...]:
    """One for each jax to be tried."""
    return tuple(
        Recipe(
            f"{name}-jax-{jax or row.jax}",
            (*packages, *pinned(jax or row.jax)),
            pythons(row, jax),
            f"{told} with jax {jax or row.jax}",
        )
        for row in (rows[:1] if jax else rows)
    )


def _key(path: Path) -> str:
    """A name for the file as it is now."""
    text = f"{path.absolute()} {path.stat().st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]
