"""How the tests write and read Variables, whatever a release calls it."""

from typing import Any

from nnxfuzz import nnx_api


def write(variable: Any, value: Any) -> None:
    """Give a Variable another value."""
    nnx_api.assign(variable, value)


def bump(variable: Any) -> None:
    """Add 1 to what a Variable holds."""
    write(variable, nnx_api.read(variable) + 1)


def held(variable: Any) -> Any:
    """What a Variable holds."""
    return nnx_api.read(variable)
