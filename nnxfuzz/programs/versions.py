"""Versions of Flax and jax in their order (PEP 440).  Needs neither jax nor Flax."""

import functools

from packaging.version import Version

#: The first Flax release that nnxfuzz runs with.
OLDEST = "0.10.1"


@functools.cache
def version(text: str) -> Version:
    """A version for comparing: `0.12.13rc1` is newer than `0.12.12` and older than `0.12.13`.

    A local label (`+g123`) says who built it and not what it is, so it is left out.  Raises
    packaging.version.InvalidVersion, a ValueError.
    """
    return Version(Version(text).public)


def between(since: str, found: Version, until: str | None) -> bool:
    """Whether a version is in a range; both ends belong to it, and None is no end."""
    return version(since) <= found and (until is None or found <= version(until))
