"""The error of `checkify`, in a form that can be compared.

jax numbers its checks anew in each trace, and keeps where they were made (`next_code` and
`traceback_info` in jax/_src/checkify.py).  So of an error what it says is compared.
"""

import re
from typing import Any

import jax
from jax.experimental import checkify

#: What jax puts before a message where a function is mapped.  A plain run maps nothing.
_MAPPED = re.compile(r"^(at mapped index [\d, ]+: )+")

#: A float in a message, which may be off by a rounding.
_FLOAT = re.compile(r"\d+\.\d*(e[+-]?\d+)?")


def is_error(value: Any) -> bool:
    """Whether it is an error of `checkify` that can be read."""
    if not isinstance(value, checkify.Error):
        return False
    leaves = jax.tree.leaves(value)
    return all(isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer) for x in leaves)


def says(error: Any) -> str:
    """The first line of what an error says; "" if no check failed."""
    told = (error.get() or "").split("\n")[0]
    return _FLOAT.sub(lambda found: f"{float(found[0]):.3g}", _MAPPED.sub("", told))
