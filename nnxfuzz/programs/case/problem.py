"""What is wrong with a case, as data (`Problem`) and as an exception (`CaseError`).

Apart from the rules because several files of rules report in the same words.  The values quoted
are cut short: a message must stay readable, and must not fail, whatever a document holds.
"""

import functools
import re

from nnxfuzz.programs.case.types import Data
from nnxfuzz.programs.errors import Misuse

SHOWN = 60  # characters of a value that a message quotes


class Problem(Data, frozen=True):
    """One broken rule: its number, the JSON path, what is wrong there, and what to do."""

    rule: int
    path: str
    reason: str
    remedy: str


class CaseError(Misuse):
    """A case breaks a rule of the case language: correct the JSON at `path` as `remedy` says.

    Rule 0 is that the document is JSON and has the shape of the schema; the others stand in the
    box of `nnxfuzz.programs.case.check`.
    """

    def __init__(self, path: str, reason: str, remedy: str, rule: int) -> None:
        super().__init__(path, reason, remedy, rule)  # as `args`, so that it can be pickled
        self.path = path
        self.reason = reason
        self.remedy = remedy
        self.rule = rule

    def __str__(self) -> str:
        return f"ill-formed case at {self.path}: {self.reason}; {self.remedy} (rule W{self.rule})"


def shown(value: object) -> str:
    """The value as a message quotes it: ASCII, and cut when long."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"  # CPython refuses to print huge ones
    text = ascii(value[:SHOWN]) if isinstance(value, str) else ascii(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def member(path: str, key: str) -> str:
    """The JSON path of the member `key` of the object at `path`."""
    return f"{path}.{key}" if key.isascii() and key.isidentifier() else f"{path}[{shown(key)}]"


@functools.lru_cache(maxsize=4096)  # worlds ask for the same few names all the time
def place_name(path: tuple[str | int, ...]) -> str:
    """A path of the program as Python would write it: `carry[0].a.p`."""
    if not path:
        return "the empty path"
    steps = [f"[{shown(s)}]" if isinstance(s, int) else member("", s) for s in path[1:]]
    return f"{path[0]}" + "".join(steps)


_STEP = re.compile(r"\.?([A-Za-z_]\w*)|\[(\d+)\]|\['([^']*)'\]")


def path_named(name: str) -> tuple[str | int, ...]:
    """The path that has a name (`place_name`)."""
    found = _STEP.findall(name)
    return tuple(int(number) if number else word or key for word, number, key in found)
