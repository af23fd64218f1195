"""What several commands need: types of option values, and output that does not get lost."""

import errno
import math
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from nnxfuzz.programs.errors import Misuse

#: Where findings are, unless an option says otherwise.
FINDS = Path("finds")

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


# --- option values --------------------------------------------------------------------------


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


class Whole(click.ParamType):  # type: ignore[type-arg]
    """A whole number from the smallest to the largest, which a campaign's state can hold."""

    name = "number"

    def __init__(self, smallest: int, largest: int = 2**63 - 1) -> None:
        self.smallest = smallest
        self.largest = largest

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        try:
            number = int(value)
        except ValueError:
            number = self.smallest - 1
        if not self.smallest <= number <= self.largest:
            shown = str(value) if len(str(value)) <= 40 else str(value)[:40] + "..."
            low = number < self.smallest
            bound = f"from {self.smallest} on" if low else f"up to {self.largest}"
            self.fail(f"{shown!r} will not do; give a whole number {bound}")
        return number


class Tolerance(click.ParamType):  # type: ignore[type-arg]
    """A finite number that is not negative."""

    name = "number"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not (number >= 0 and math.isfinite(number)):
            self.fail(f"{str(value)[:40]!r} will not do; give a number from 0 on, such as 1e-5")
        return number


class Share(click.ParamType):  # type: ignore[type-arg]
    """A share such as `5%` or `0.05`."""

    name = "share"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        if isinstance(value, float):
            return value
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is no share; give one from 0% to 100%, such as 5%")
        return share


#: Names of former releases, which users' commands and scripts still hold.
OLD_NAMES = {"gnu": "graph-frozen"}


class Several(click.ParamType):  # type: ignore[type-arg]
    """A choice out of a table of `nnxfuzz.programs.case`, by commas, kept in the table's order."""

    name = "names"

    def __init__(self, what: str, table: str) -> None:
        self.what = what
        self.table = table

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        names = self._names()
        asked = [part.strip() for part in str(value).split(",")]
        asked = [OLD_NAMES.get(part, part) for part in asked]
        for part in asked:
            if part not in names:
                self.fail(f"{part!r} is no {self.what}; choose from {', '.join(names)}")
        return tuple(name for name in names if name in asked)

    def _names(self) -> tuple[str, ...]:
        from nnxfuzz.programs import case  # not above: `--help` would wait for numpy

        names: tuple[str, ...] = getattr(case, self.table)
        return names


class SeveralTransforms(Several):
    """The same of the transforms of the registry."""

    def _names(self) -> tuple[str, ...]:
        from nnxfuzz.transforms import REGISTRY

        return tuple(REGISTRY)


def several_flax(repeated: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option `--flax` of a command that runs on as many as are named, its argument `words`."""
    told = "Run there: a release, a range such as '0.12.*', latest, a checkout of flax, a wheel; "
    told += f"{repeated} (default: the installed one)."
    return click.option("--flax", "words", multiple=True, metavar="FLAX", help=told)


def check_folder(folder: Path, option: str = "--finds") -> None:
    """Refuse a folder that cannot be written before anything is found, and leave no trace there.

    `option` is the one that names it.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"\0" * 4096)
            probe.flush()
    except OSError as error:
        raise Misuse(
            f"cannot save findings in {folder}: {error.strerror}; name another folder with {option}"
        ) from None


# --- output ---------------------------------------------------------------------------------


def program() -> str:
    """How this program was started, so that the commands it prints can be pasted."""
    as_module = Path(sys.argv[0]).parts[-2:] == ("nnxfuzz", "__main__.py")
    return "python -m nnxfuzz" if as_module else "nnxfuzz"


#: Where a command that was started with `--flax` hands on these words, so that the commands it
#: prints have them, and the commands that take them.
FLAX_WORDS = "NNXFUZZ_FLAX"
_WITH_FLAX = ("fuzz", "replay", "report", "script", "show", "shrink")


def command_line(*words: object) -> str:
    """A command of this program, quoted for a shell, on the Flax that this one runs on."""
    text = f"{program()} {shlex.join(_word(word) for word in words)}"
    flax = os.environ.get(FLAX_WORDS) if words[0] in _WITH_FLAX else None
    return f"{text} {flax}" if flax else text


def _word(word: object) -> str:
    if isinstance(word, Path) and str(word).startswith("-"):
        return f"./{word}"  # or it would be taken for an option
    return str(word)


def one_line(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.splitlines())


def say(text: str, end: bool = True) -> None:
    """Write to standard output."""
    with to_output():
        click.echo(text, nl=end)


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written before anything is run for it."""
    folder = path.absolute().parent
    if str(path) == "-" or os.access(path if path.exists() else folder, os.W_OK):
        return
    number = errno.EACCES if folder.is_dir() else errno.ENOENT
    raise Misuse(
        f"cannot write {path}: {os.strerror(number)}; name a file in a folder that can be written"
    )


def write_out(path: Path, data: bytes, told: bool = False) -> None:
    """Write to a file, or to standard output if it is `-`.  Raises Misuse if it cannot be.

    A command that prints nothing else has it `told` on standard error that the file is there.
    """
    if str(path) == "-":
        with to_output():
            click.echo(data, nl=False)
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Misuse(
            f"cannot write {path}: {error.strerror}; name a file in a folder that can be written"
        ) from None
    if told:
        click.echo(f"nnxfuzz: wrote {path}", err=True)


def count_line(counts: Iterable[tuple[str, int]]) -> str:
    """`a 1, b 2`."""
    return ", ".join(f"{name} {count}" for name, count in counts)


class Unread(Exception):
    """Who read our output has left, as `head` does; not an OSError, which click would handle."""


@contextmanager
def to_output() -> Iterator[None]:
    """Where standard output is written: a lost write is a `Misuse`, unless nobody reads it."""
    try:
        yield
    except BrokenPipeError:
        raise Unread from None
    except OSError as error:
        raise Misuse(
            f"cannot write to standard output: {error.strerror}; "
            "make room there or send it elsewhere"
        ) from None
