"""Versions as numbers, so that they can be put in order.  Needs neither jax nor Flax."""

#: The first Flax release that nnxfuzz runs with.
OLDEST = "0.10.1"


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, for comparing: "0.12.0.1" is (0, 12, 0, 1)."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
