"""The limits of the case language, which are part of its format.

A case may come from a stranger, and nobody's case may ask for a terabyte or for a year: whatever
passes these limits is built and looped over in moments.  They also keep the arithmetic exact
(small integers in float32) and every path short enough to read.  `check` enforces them; the
strategies stay well below.  Raising one is compatible, lowering one is a new format.
"""

from typing import Final

#: How many rows each table of a case has at most.
ROWS: Final = {
    "variables": 32,
    "nodes": 32,
    "carry": 64,
    "closure": 16,
    "xs": 8,
    "body": 64,
    "ys": 8,
}
MAX_ENTRIES: Final = 16  # attributes of a module, items of a sequence, entries of a carry slot
MAX_PATH: Final = 16  # steps, the root included

MAX_RANK: Final = 4
MAX_DIM: Final = 64
MAX_ELEMENTS: Final = 1024  # of one array
MAX_TOTAL: Final = 65_536  # elements of the whole case
MAX_FEATURES: Final = 8  # of a layer; stated once more in the schema, by `types.Features`

MAX_NUMBER: Final = 1000  # magnitude of constants, fills, scalars and static integers
MAX_UNTIL: Final = 1_000_000  # magnitude of `until.limit`, which bounds a sum
MAX_SEED: Final = 2**31 - 1
MAX_TEXT: Final = 32  # characters of a name, a tag or a static string

MAX_BOUND: Final = 10_000  # magnitude of the loop's bounds
MAX_TRIPS: Final = 64
MAX_UNROLL: Final = 64

#: Public names that `nnx.Module` itself has in some release from 0.10.2 to 0.12.12 (the union of
#: `dir(nnx.Module)`).  An attribute of that name would hide the method.
RESERVED_NAMES: Final = frozenset(
    {
        "check_valid_context",
        "eval",
        "iter_children",
        "iter_modules",
        "perturb",
        "set_attributes",
        "sow",
        "train",
    }
)
