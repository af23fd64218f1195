"""The Flax releases that nnxfuzz knows, and the jax that each runs with.

`RELEASES` is a table of facts: each row was installed and run on CPU.  What `environment` makes of
a row is kept in the user's cache folder.
"""

import fnmatch
from pathlib import Path

from nnxfuzz.corpus.entries import Sighting
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases import environments
from nnxfuzz.releases.environments import Recipe


class Release(Data, frozen=True):
    """A Flax release, the jax (and jaxlib) that it was run with, and the Pythons it was run on."""

    flax: str
    jax: str
    pythons: tuple[str, ...]


_OLD, _BOTH, _NEW = ("3.11",), ("3.11", "3.12"), ("3.12",)

RELEASES: tuple[Release, ...] = (
    Release("0.10.1", "0.4.35", _OLD),  # it has no fori_loop
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

LATEST = "latest"


def release(flax: str) -> Release:
    """The row of a release; raises Misuse for one that is not in the table."""
    for row in RELEASES:
        if row.flax == flax:
            return row
    raise _unknown(flax)


def releases(pattern: str) -> tuple[Release, ...]:
    """The rows of a release, of a range such as `0.12.*`, or of `latest`; Misuse if none."""
    if pattern == LATEST:
        return RELEASES[-1:]
    rows = tuple(row for row in RELEASES if fnmatch.fnmatchcase(row.flax, pattern))
    if not rows:
        raise _unknown(pattern)
    return rows


def _unknown(flax: str) -> Misuse:
    known = ", ".join(row.flax for row in RELEASES)
    return Misuse(
        f"flax {flax} is not a release that nnxfuzz knows; "
        f"name a range such as '0.12.*', or one of {known}"
    )


def sighting(row: Release) -> Sighting:
    """The row as entries record it."""
    return Sighting(row.flax, row.jax)


def recipe(row: Release, jax: str | None = None) -> Recipe:
    """What the release's environment holds, with the jax of its row or another."""
    pins = (f"flax=={row.flax}", *pinned(jax or row.jax))
    name = f"flax-{row.flax}-jax-{jax or row.jax}"
    return Recipe(name, pins, pythons(row, jax), f"flax {row.flax} with jax {jax or row.jax}")


def pinned(jax: str) -> tuple[str, str]:
    """jax and its library, which are of one version."""
    return f"jax=={jax}", f"jaxlib=={jax}"


def pythons(row: Release, jax: str | None) -> tuple[str, ...]:
    """What to try: the release's, this process's first; another jax may ask for any other, too."""
    own = sorted(row.pythons, key=lambda minor: minor != environments.HERE)
    others = [] if jax in (None, row.jax) else [minor for row in RELEASES for minor in row.pythons]
    return tuple(dict.fromkeys([*own, *others]))


def environment(flax: str, cache: Path | None = None) -> Path:
    """The Python of the release's environment, which is made if it is not in the cache yet.

    Raises Misuse if it cannot be made: no such release, no Python for it, no package index.
    """
    return environments.make(recipe(release(flax)), cache or environments.default_cache())
