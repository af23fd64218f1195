"""What several commands need: durations, comma lists, and a usable Flax."""

import importlib.metadata
import re
from typing import Any

import click

from nnxfuzz.errors import Misuse

OLDEST_FLAX = "0.10.2"

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A time span such as `90`, `60s`, `5m`, `1h30m` or `2d`, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        if isinstance(value, int | float):
            return float(value)
        parts = re.findall(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value))
        text = "".join(number + unit for number, unit in parts)
        if not parts or text != re.sub(r"\s", "", str(value)):
            self.fail(f"{value!r} is no time span; write one such as 90, 60s, 5m or 1h30m")
        seconds = sum(float(number) * _UNITS[unit or "s"] for number, unit in parts)
        if seconds <= 0:
            self.fail(f"{value!r} is no time to work in; give at least one second, as in 60s")
        return seconds


class Several(click.ParamType):  # type: ignore[type-arg]
    """A comma-separated choice out of a table of names, kept in the table's order."""

    name = "names"

    def __init__(self, what: str, names: tuple[str, ...]) -> None:
        self.what = what
        self.names = names

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        asked = [part.strip() for part in str(value).split(",")]
        for part in asked:
            if part not in self.names:
                self.fail(f"{part!r} is no {self.what}; choose from {', '.join(self.names)}")
        return tuple(name for name in self.names if name in asked)


def require_flax() -> None:
    """Make sure that a supported Flax is importable, and quiet it.

    Raises Misuse if Flax is absent, too old or does not import.
    """
    remedy = f"run pip install 'flax>={OLDEST_FLAX}'"
    try:
        version = importlib.metadata.version("flax")
    except importlib.metadata.PackageNotFoundError:
        raise Misuse(f"flax is not installed in this Python; {remedy}") from None
    if _numbers(version) < _numbers(OLDEST_FLAX):
        raise Misuse(f"flax {version} is too old to have all of nnx's loops; {remedy}")
    try:
        from nnxfuzz import compat
    except ImportError as error:
        raise Misuse(f"flax {version} does not import ({error}); {remedy}") from None
    compat.quiet()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
