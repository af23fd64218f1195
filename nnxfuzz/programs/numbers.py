"""Arrays of a case as numbers: dtypes, the ramp that fills an array, and exactness.

numpy and jax promote and round differently, so neither run may rely on promotion: every operation
of a body states its result dtype, and this file says what that means in numpy.
"""

from typing import Any

import jax
import ml_dtypes
import numpy as np

from nnxfuzz.programs.case import Array

DTYPES: dict[str, np.dtype] = {
    "int32": np.dtype(np.int32),
    "float32": np.dtype(np.float32),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
}


def ramp(array: Array) -> np.ndarray:
    """The numpy array that an `Array` stands for."""
    dtype = DTYPES[array.dtype]
    if isinstance(array.fill, str):
        return np.full(array.shape, float(array.fill)).astype(dtype)
    size = int(np.prod(array.shape, dtype=np.int64))
    return np.arange(array.fill, array.fill + size).reshape(array.shape).astype(dtype)


def is_float(dtype: np.dtype) -> bool:
    """Whether `dtype` is a float (numpy does not count bfloat16 as one)."""
    return dtype.kind == "f" or dtype == DTYPES["bfloat16"]


def widest(array: np.ndarray) -> np.ndarray:
    """The numbers of an array in float64; complex ones in complex128."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def from_scalar(value: int | float | bool) -> np.ndarray:
    """A Python number as jax makes an array of it without x64: int32, float32 or bool."""
    match value:
        case bool():
            return np.asarray(value)
        case int():
            return np.asarray(value, np.int32)
        case float():
            return np.asarray(value, np.float32)


def is_literal(value: Any) -> bool:
    """Whether `value` is a constant of a trace as jax keeps it since 0.7.2, a number or an array
    with a dtype.  `jax.checkpoint` and `checkify` return such, which are no `jax.Array`, though jax
    takes them for one everywhere (findings/checkpoint-returns-no-array.sh).
    """
    return type(value).__module__ == "jax._src.literals"


def is_key(array: Any) -> bool:
    """Whether `array` holds typed random keys, for which numpy has no dtype."""
    dtype = getattr(array, "dtype", None)
    if dtype is None or isinstance(dtype, np.dtype):
        return False
    return bool(jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key))


def number(value: Any) -> np.ndarray:
    """An array, or a Python number, as the numpy array that jax would make of it; of random keys
    their words, in one more axis.
    """
    if isinstance(value, bool | int | float):
        return from_scalar(value)
    return np.asarray(jax.random.key_data(value) if is_key(value) else value)


def aval(value: Any) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and dtype of an array, a traced one too, or of a Python number."""
    array = value if hasattr(value, "dtype") else number(value)
    return tuple(array.shape), array.dtype
