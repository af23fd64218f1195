"""Scripts that were saved, as files: what they say of the finding, and what they run.

Needs neither jax nor Flax.
"""

import ast
from pathlib import Path
from typing import NamedTuple

from nnxfuzz.programs.errors import Misuse

#: What tells a script of ours from another file.
MARK = "A finding of nnxfuzz check."

#: The lines between which the program's part stands.
PROGRAM, END = "# --- the program\n", 'if __name__ == "__main__":\n'


class Saved(NamedTuple):
    """A script: its whole text, what it says of the finding, and the program's part."""

    text: str
    heading: str
    program: str


def is_script(path: Path) -> bool:
    """Whether a path names a script, and no entry of a corpus."""
    return path.suffix == ".py"


def load(path: Path) -> Saved:
    """Read a script.  Raises Misuse if there is none, or it is another program."""
    try:
        text = path.read_text(encoding="utf-8")
        heading = ast.get_docstring(ast.parse(text)) or ""
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}; name another file") from None
    except (SyntaxError, ValueError):
        heading = text = ""
    if MARK not in heading or PROGRAM not in text:
        raise Misuse(
            f"{path} is no script that nnxfuzz check has saved; name one, or an entry of a corpus"
        )
    program = text.partition(PROGRAM)[2].partition(END)[0].strip("\n")
    return Saved(text, heading, program)
