"""A primitive computed by jax itself: what numpy has no rule for.

A call costs a hundred times what numpy takes, and the first one of each shape a compilation.  What
draws random bits is a function of its key and is asked for the same ones by every arm of a case: it
is remembered.
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

Numbers = list[Any]

#: How the outputs of an equation are computed from its inputs.
Rule = Callable[[Any, Numbers], Numbers]

#: What is remembered, by its words; how many of them until all are forgotten.
_REMEMBERED = ("random_bits", "random_fold_in", "random_split", "random_seed")
_LIMIT = 4096
_known: dict[Any, Numbers] = {}


def of_keys(aval: Any) -> bool:
    """Whether an abstract value is of typed random keys, for which numpy has no dtype."""
    dtype = getattr(aval, "dtype", None)
    return dtype is not None and bool(jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key))


def bind(equation: Any, values: Numbers) -> Numbers:
    """Any primitive, through its own eager implementation."""
    if equation.primitive.name not in _REMEMBERED:
        return _bound(equation, values)
    asked = equation.primitive.name, str(equation.params), *map(_words, values)
    if asked not in _known:
        if len(_known) >= _LIMIT:
            _known.clear()
        _known[asked] = _bound(equation, values)
    return _known[asked]


def _words(value: Any) -> tuple[str, tuple[int, ...], bytes]:
    """What tells a value from others."""
    key = isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key)
    array = np.asarray(jax.random.key_data(value) if key else value)
    return str(value.dtype), array.shape, array.tobytes()


def _bound(equation: Any, values: Numbers) -> Numbers:
    found = equation.primitive.get_bind_params(equation.params)
    # jax up to 0.9 answers with the functions to call and the parameters, later with one dict.
    functions, params = found if isinstance(found, tuple) else ((), found)
    out = equation.primitive.bind(*functions, *values, **params)
    return list(out) if equation.primitive.multiple_results else [out]
