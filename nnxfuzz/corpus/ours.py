"""Whether a file is an entry, told by its size and its first bytes: other projects keep JSON of
their own, and much of it, in folders named `corpus`.
"""

import os
import re
from pathlib import Path

#: Evidence included; a larger file is no entry, and is refused before it is parsed.
MAX_ENTRY_BYTES = 4 * 1024 * 1024

#: How an entry of any format begins, and the bytes in which that shows.
_BEGINNING, _FIRST = re.compile(rb'\s*\{\s*"format"\s*:\s*\d+\s*,\s*"title"\s*:'), 256


def is_entry(path: Path) -> bool:
    """Whether the file begins as an entry does, and is no larger."""
    try:
        with path.open("rb") as file:
            small = os.fstat(file.fileno()).st_size <= MAX_ENTRY_BYTES
            return small and _BEGINNING.match(file.read(_FIRST)) is not None
    except OSError:
        return False
