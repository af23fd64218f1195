"""Primitives of which numpy makes bit for bit what XLA makes: arithmetic, comparisons, shapes.

A rule hands back to jax (`bind`) what the two do differently, such as a division of ints by zero.
What only nearly agrees, as sums of products do, has no rule.  `tests/test_executors.py` holds every
one of them to XLA.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnxfuzz.programs.numbers import is_float
from nnxfuzz.runners.bound import Numbers, Rule, bind


def _elementwise(function: Callable[..., Any]) -> Rule:
    def rule(equation: Any, values: Numbers) -> Numbers:
        aval = equation.outvars[0].aval
        result = np.asarray(function(*map(np.asarray, values)))
        if result.dtype != aval.dtype:
            result = result.astype(aval.dtype)
        return [result if result.shape == aval.shape else result.reshape(aval.shape)]

    return rule


def _convert(equation: Any, values: Numbers) -> Numbers:
    value, target = np.asarray(values[0]), np.dtype(equation.params["new_dtype"])
    if is_float(value.dtype) and target.kind in "iu":
        inside = target == np.int32 and bool(np.all(np.abs(value.astype(np.float64)) < 2**31))
        if not inside:
            return bind(equation, values)  # XLA clamps where C does not say
    return [value.astype(target)]


def _divide(equation: Any, values: Numbers) -> Numbers:
    value, by = map(np.asarray, values)
    plain = is_float(value.dtype) and value.shape == by.shape  # by a scalar XLA multiplies
    return _DIVIDED(equation, values) if plain else bind(equation, values)


def _remainder(equation: Any, values: Numbers) -> Numbers:
    by = np.asarray(values[1])
    whole = not is_float(by.dtype) and bool(np.all(by != 0))
    return _REMAINING(equation, values) if whole else bind(equation, values)


def _power(equation: Any, values: Numbers) -> Numbers:
    twice = equation.params["y"] == 2
    return _SQUARED(equation, values) if twice else bind(equation, values)


def _shift_right(equation: Any, values: Numbers) -> Numbers:
    value, by = map(np.asarray, values)
    inside = value.dtype.kind == "u" and bool(np.all(by < 8 * value.dtype.itemsize))
    return _SHIFTED(equation, values) if inside else bind(equation, values)


_DIVIDED = _elementwise(np.divide)
_REMAINING = _elementwise(np.fmod)
_SQUARED = _elementwise(lambda x: x * x)
_SHIFTED = _elementwise(np.right_shift)


def _select(equation: Any, values: Numbers) -> Numbers:
    if len(values) != 3 or values[0].dtype != np.bool_:
        return bind(equation, values)
    which, if_not, if_so = map(np.asarray, values)
    return [np.where(which, if_so, if_not)]


def _bitcast(equation: Any, values: Numbers) -> Numbers:
    value, target = np.asarray(values[0]), np.dtype(equation.params["new_dtype"])
    if value.dtype.itemsize != target.itemsize:
        return bind(equation, values)
    return [np.ascontiguousarray(value).view(target).reshape(value.shape)]


def _transpose(equation: Any, values: Numbers) -> Numbers:
    return [np.transpose(np.asarray(values[0]), equation.params["permutation"])]


def _concatenate(equation: Any, values: Numbers) -> Numbers:
    return [np.concatenate([np.asarray(v) for v in values], equation.params["dimension"])]


def _split(equation: Any, values: Numbers) -> Numbers:
    ends = np.cumsum(equation.params["sizes"])[:-1]
    return list(np.split(np.asarray(values[0]), ends, equation.params["axis"]))


def _broadcast(equation: Any, values: Numbers) -> Numbers:
    value, shape = np.asarray(values[0]), equation.params["shape"]
    at = equation.params["broadcast_dimensions"]
    aligned = [1] * len(shape)
    for axis, size in zip(at, value.shape, strict=True):
        aligned[axis] = size
    return [np.broadcast_to(value.reshape(aligned), shape)]


def _reshape(equation: Any, values: Numbers) -> Numbers:
    order = equation.params["dimensions"]  # asked for by a convolution under `vmap`
    return _reshaped(equation, values if order is None else [np.transpose(values[0], order)])


def _reshaped(equation: Any, values: Numbers) -> Numbers:
    return [np.asarray(values[0]).reshape(equation.outvars[0].aval.shape)]


def _same(equation: Any, values: Numbers) -> Numbers:
    return list(values)


def _reduce_sum(equation: Any, values: Numbers) -> Numbers:
    value, aval = np.asarray(values[0]), equation.outvars[0].aval
    wide = np.float64 if is_float(value.dtype) else np.int64
    total = np.sum(value.astype(wide), axis=tuple(equation.params["axes"]))
    return [np.asarray(total).astype(aval.dtype)]


def _iota(equation: Any, values: Numbers) -> Numbers:
    params = equation.params
    along = [1] * len(params["shape"])
    along[params["dimension"]] = -1
    line = np.arange(params["shape"][params["dimension"]]).reshape(along)
    return [np.broadcast_to(line, params["shape"]).astype(params["dtype"])]


PRIMITIVES: dict[str, Rule] = {
    **dict.fromkeys(("copy", "copy_p", "stop_gradient"), _same),
    **dict.fromkeys(("squeeze", "expand_dims"), _reshaped),
    "reshape": _reshape,
    "transpose": _transpose,
    "concatenate": _concatenate,
    "split": _split,
    "select_n": _select,
    "bitcast_convert_type": _bitcast,
    "convert_element_type": _convert,
    "broadcast_in_dim": _broadcast,
    "iota": _iota,
    "reduce_sum": _reduce_sum,
    "add": _elementwise(np.add),
    "sub": _elementwise(np.subtract),
    "add_any": _elementwise(np.add),
    "mul": _elementwise(np.multiply),
    "square": _SQUARED,
    "integer_pow": _power,
    "div": _divide,
    "rem": _remainder,
    "neg": _elementwise(np.negative),
    "sqrt": _elementwise(np.sqrt),
    "shift_right_logical": _shift_right,
    "lt": _elementwise(np.less),
    "le": _elementwise(np.less_equal),
    "gt": _elementwise(np.greater),
    "ge": _elementwise(np.greater_equal),
    "eq": _elementwise(np.equal),
    "ne": _elementwise(np.not_equal),
    "and": _elementwise(np.bitwise_and),
    "or": _elementwise(np.bitwise_or),
    "not": _elementwise(np.invert),
    "max": _elementwise(np.maximum),
    "min": _elementwise(np.minimum),
}
