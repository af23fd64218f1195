"""How the tests write and read Variables, whatever a release calls it."""

from typing import Any

from nnxfuzz import compat


def write(variable: Any, value: Any) -> None:
    """Give a Variable another value."""
    compat.assign(variable, value)


def bump(variable: Any) -> None:
    """Add 1 to what a Variable holds."""
    write(variable, compat.read(variable) + 1)


def held(variable: Any) -> Any:
    """What a Variable holds."""
    return compat.read(variable)
